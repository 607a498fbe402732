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

}  // namespace

std::size_t ascii_prefix(std::string_view bytes) {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  std::size_t at = 0;
  for (std::uint64_t word; at + sizeof word <= bytes.size(); at += sizeof word) {
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if ((word & high_bits) != 0) break;
  }
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
