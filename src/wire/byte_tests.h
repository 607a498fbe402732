// Whether any byte of a text is of a kind, eight bytes at a time.
//
// A kind is a function of a 64-bit word that is not zero exactly if one of the word's bytes is of
// the kind. Texts shorter than a word are filled up with 'a'.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lvp {

namespace byte_tests {

inline constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
inline constexpr std::uint64_t highs = 0x8080'8080'8080'8080;

constexpr std::uint64_t not_ascii(std::uint64_t word) {
  return word & highs;
}
/// `limit` is at most 128.
constexpr std::uint64_t below(std::uint64_t word, std::uint8_t limit) {
  return (word - ones * limit) & ~word & highs;
}
constexpr std::uint64_t equal(std::uint64_t word, std::uint8_t byte) {
  return below(word ^ ones * byte, 1);
}
/// ASCII's control characters, U+007F included.
constexpr std::uint64_t control(std::uint64_t word) {
  return below(word, 0x20) | equal(word, 0x7f);
}

}  // namespace byte_tests

/// Whether `kind` is met anywhere in the text.
template <class Kind>
bool any_byte(std::string_view text, Kind kind) {
  constexpr std::size_t width = sizeof(std::uint64_t);
  std::uint64_t word = byte_tests::ones * 'a';
  if (text.empty()) return false;
  if (text.size() < width) {
    std::memcpy(&word, text.data(), text.size());
    return kind(word) != 0;
  }
  for (std::size_t at = 0; at + width <= text.size(); at += width) {
    std::memcpy(&word, text.data() + at, width);
    if (kind(word) != 0) return true;
  }
  std::memcpy(&word, text.data() + text.size() - width, width);
  return kind(word) != 0;
}

}  // namespace lvp
