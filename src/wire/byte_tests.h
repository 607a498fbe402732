// Whether any byte of a text is of a kind, sixteen bytes at a time.
//
// Loops over bytes that stop at the first hit are what compilers do not vectorise, and an event's
// texts are searched half a dozen times on their way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lvp {

/// Sixteen bytes; `bytes == 'x'` and its like give a Hits.
using Bytes [[gnu::vector_size(16)]] = unsigned char;
/// Not zero at the bytes that were hit.
using Hits = decltype(Bytes{} == 1);

/// The highest bit of each byte, that of the first one lowest.
template <class Sixteen>
unsigned mask_of(const Sixteen& bytes) {
  static_assert(sizeof(bytes) == sizeof(Bytes));
#ifdef __SSE2__
  using Signed [[gnu::vector_size(16)]] = char;
  Signed same;
  std::memcpy(&same, &bytes, sizeof(same));
  return static_cast<unsigned>(__builtin_ia32_pmovmskb128(same));
#else
  unsigned mask = 0;
  for (unsigned i = 0; i < sizeof(bytes); ++i)
    mask |= static_cast<unsigned>(static_cast<unsigned char>(bytes[i]) >> 7) << i;
  return mask;
#endif
}

namespace byte_tests {

// Types of their own, unlike functions, so that any_byte is compiled for each.
inline constexpr auto not_ascii = [](Bytes bytes) -> Hits { return bytes >= 0x80; };
/// ASCII's control characters, U+007F included.
inline constexpr auto control = [](Bytes bytes) -> Hits {
  return (bytes < 0x20) | (bytes == 0x7f);
};

}  // namespace byte_tests

/// Whether `kind` hits a byte of the text.
template <class Kind>
bool any_byte(std::string_view text, Kind kind) {
  constexpr std::size_t width = sizeof(Bytes);
  Bytes bytes;
  Hits hits{};
  if (text.size() >= width) {
    std::size_t at = 0;
    for (; at + 4 * width < text.size(); at += 4 * width) {
      Bytes four[4];
      std::memcpy(&four, text.data() + at, 4 * width);
      hits |= kind(four[0]) | kind(four[1]) | kind(four[2]) | kind(four[3]);
    }
    for (; at + width < text.size(); at += width) {
      std::memcpy(&bytes, text.data() + at, width);
      hits |= kind(bytes);
    }
    std::memcpy(&bytes, text.data() + text.size() - width, width);
  } else if (!text.empty()) {
    bytes = Bytes{} + static_cast<unsigned char>(text.front());  // the rest is more of the first
    std::memcpy(&bytes, text.data(), text.size());
  } else {
    return false;
  }
  hits |= kind(bytes);
  std::uint64_t halves[2];
  std::memcpy(halves, &hits, sizeof(hits));
  return (halves[0] | halves[1]) != 0;
}

}  // namespace lvp
