// Query strings: "e=pv&p=web", percent-encoded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvp {

struct FormField {
  std::string name;
  std::optional<std::string> value;  ///< absent in "a", empty in "a="

  bool operator==(const FormField&) const = default;
};

/// Decodes as Enrich does: pairs separated by '&' or ';', the first '=' splits, '+' is a space,
/// invalid UTF-8 becomes U+FFFD, pairs without a name are dropped, all after a raw '#' is ignored.
std::vector<FormField> parse_form(std::string_view query);

/// True if Java's URI parser would take the query: no raw space, quote, angle or curly bracket,
/// backslash, caret, backtick, pipe or control, and each '%' followed by two hexadecimal digits.
bool is_java_uri_query(std::string_view query);

/// "%41+b" → "A b" with plus_is_space, else "A+b". Invalid escapes stay as they are.
std::string percent_decode(std::string_view text, bool plus_is_space);

}  // namespace lvp
