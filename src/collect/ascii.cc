#include "collect/ascii.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace lvp::collect {
namespace {

bool is_ascii_byte(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

template <std::size_t count>
bool are_ascii_words(const char* bytes) {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  std::array<std::uint64_t, count> words;
  std::memcpy(words.data(), bytes, sizeof words);
  std::uint64_t any = 0;
  for (const std::uint64_t word : words) any |= word;
  return (any & high_bits) == 0;
}

}  // namespace

std::size_t ascii_prefix(std::string_view bytes) {
  constexpr std::size_t word = 8;
  std::size_t at = 0;
  while (bytes.size() - at >= 4 * word && are_ascii_words<4>(bytes.data() + at)) at += 4 * word;
  while (bytes.size() - at >= word && are_ascii_words<1>(bytes.data() + at)) at += word;
  while (at < bytes.size() && is_ascii_byte(bytes[at])) ++at;
  return at;
}

bool is_utf8_text(std::string_view bytes) {
  for (;;) {
    bytes.remove_prefix(ascii_prefix(bytes));
    if (bytes.empty()) return true;
    // A run of bytes that are not ASCII begins and ends with a character.
    const auto end = std::ranges::find_if(bytes, is_ascii_byte);
    const auto run = static_cast<std::size_t>(end - bytes.begin());
    if (!is_utf8(bytes.substr(0, run))) return false;
    bytes.remove_prefix(run);
  }
}

}  // namespace lvp::collect
