// Finding the text that needs no care: most of what trackers send is ASCII.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lvp::collect {

/// Number of bytes before the first that is not ASCII.
std::size_t ascii_prefix(std::string_view bytes);

/// All of them are: for short texts, by words of which the last two may overlap.
inline bool is_ascii(std::string_view bytes) {
  std::uint64_t any = 0;
  std::uint64_t word = 0;
  if (bytes.size() < sizeof word) {
    for (const char c : bytes) any |= static_cast<unsigned char>(c);
    return (any & 0x80) == 0;
  }
  const std::size_t last = bytes.size() - sizeof word;
  for (std::size_t at = 0; at < last; at += sizeof word) {
    std::memcpy(&word, bytes.data() + at, sizeof word);
    any |= word;
  }
  std::memcpy(&word, bytes.data() + last, sizeof word);
  return ((any | word) & 0x8080'8080'8080'8080) == 0;
}

/// The same as is_utf8(), at the speed of ascii_prefix() where the text is ASCII.
bool is_utf8_text(std::string_view bytes);

}  // namespace lvp::collect
