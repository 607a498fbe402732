#include "collect/ascii.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace lvp::collect {
namespace {

bool is_ascii_byte(char c) {
  return static_cast<unsigned char>(c) < 0x80;
}

constexpr std::size_t word = sizeof(std::uint64_t);

std::uint64_t word_at(const char* bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes, word);
  return value;
}

bool are_ascii(std::uint64_t bytes) {
  return (bytes & 0x8080'8080'8080'8080) == 0;
}

bool are_ascii_words(const char* bytes) {  // four
  return are_ascii((word_at(bytes) | word_at(bytes + word)) |
                   (word_at(bytes + 2 * word) | word_at(bytes + 3 * word)));
}

}  // namespace

std::size_t ascii_prefix(std::string_view bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= 4 * word && are_ascii_words(bytes.data() + at)) at += 4 * word;
  while (bytes.size() - at >= word && are_ascii(word_at(bytes.data() + at))) at += word;
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
