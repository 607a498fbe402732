// Tracker parameters are text; these turn one into the text of a column, by the rules of Snowplow
// Enrich 6 (docs/compatibility-enrich.md), which are Java's: what Integer.parseInt, BigDecimal and
// String.length accept and print.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace lvp::enrich {

/// The column's text, where "" is null, or why there is none, in the words that bad rows carry.
using Converted = std::expected<std::string, std::string>;

/// Safe for a tab-separated line: a tab becomes four spaces, other ASCII controls are dropped.
std::string clean(std::string_view text);
/// The same, in place of what `out` was.
void set_clean(std::string& out, std::string_view text);
/// Replaces each invalid sequence by U+FFFD, as Java does; nearly free for ASCII.
void make_utf8(std::string& bytes);
/// As the User-Agent header is cleaned: CR and LF dropped, a tab becomes four spaces.
std::string clean_user_agent(std::string_view text);

/// "pv" → "page_view" and so on.
Converted event_from_code(std::string_view code);
Converted platform(std::string_view text);
/// 32 bits, optional sign. The word null in any case is null.
Converted integer(std::string_view text);
/// Prints as BigDecimal does: trailing zeros kept, scientific only below 1E-6. Numbers that would
/// need more than a thousand zeros are refused.
Converted decimal(std::string_view text);
Converted boolean(std::string_view text);  ///< exactly 1 or 0
Converted uuid(std::string_view text);     ///< 8-4-4-4-12 digits of either case, to lower case
/// Milliseconds since 1970 → "2024-11-16 13:33:29.170"; years 0 to 9999.
Converted timestamp(std::string_view ms);

/// "1200x800" → "1200", "800".
std::expected<std::pair<std::string, std::string>, std::string> dimensions(std::string_view text);

/// What stands before the first comma, pipe or space, cleaned. Not checked to be an address.
std::string first_address(std::string_view text);

/// The canonical form of what java.util.UUID.fromString accepts, short groups included.
std::optional<std::string> java_uuid(std::string_view text);

/// The point in time as a column, or, as the error, as the text it would have had outside of years
/// 0 to 9999: "37179-09-17 07:18:31.111".
Converted column_time(std::int64_t ms);

}  // namespace lvp::enrich
