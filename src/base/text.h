// Small text operations that several formats share. All treat text as bytes of UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lvp {

/// For equal_ignoring_case(), of texts of one length.
bool same_letters(std::string_view a, std::string_view b);

/// Case-insensitive comparison of ASCII letters; other bytes compare as they are. Most texts that
/// differ are told apart here: by their lengths, or by a first letter.
inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  constexpr int case_bit = 0x20;
  if (a.size() != b.size()) return false;
  return a.empty() || (((a[0] ^ b[0]) & ~case_bit) == 0 && same_letters(a, b));
}
std::string ascii_lower(std::string_view text);
/// Without leading and trailing spaces and tabs.
std::string_view trim(std::string_view text);
/// The parts between separators, empty ones included: "a,,b" has three.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Whole text is a decimal integer of type T, with an optional '-'.
std::optional<std::int64_t> parse_int64(std::string_view text);

/// Valid UTF-8 as it is; each invalid sequence replaced by U+FFFD, as Java and Go decoders do.
std::string repaired_utf8(std::string_view bytes);
bool is_utf8(std::string_view bytes);

/// Appends one code point, which is none of a surrogate pair's.
void append_utf8(std::string& out, char32_t code);

/// The same as repaired_utf8() in UTF-16, and back; half a surrogate pair becomes U+FFFD.
std::u16string to_utf16(std::string_view bytes);
std::string to_utf8(std::u16string_view units);

/// Number of code points in valid UTF-8.
std::size_t code_points(std::string_view utf8);
/// Number of UTF-16 units of valid UTF-8, which is Java's String.length.
std::size_t utf16_units(std::string_view utf8);
/// The longest prefix of at most `units_max` UTF-16 units.
std::string_view utf16_prefix(std::string_view utf8, std::size_t units_max);

/// FNV-1a, 64 bits: stable across machines and versions, so it may be stored.
std::uint64_t fnv1a(std::string_view bytes, std::uint64_t seed = 14695981039346656037ull);

}  // namespace lvp
