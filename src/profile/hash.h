// A fast hash of texts and numbers: the same on every machine, stored, and good against nobody.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace lvp::profile {

class Hash {
 public:
  void add(std::uint64_t value) {
    state_ = (state_ ^ value) * 0x9e3779b97f4a7c15u;
    state_ ^= state_ >> 32;
  }

  /// Eight bytes at a time, the lowest first.
  void add(std::string_view text) {
    add(text.size());
    for (; text.size() >= 8; text.remove_prefix(8)) add(word(text, 8));
    add(word(text, text.size()));
  }

  std::uint64_t value() const { return state_; }

 private:
  static std::uint64_t word(std::string_view text, std::size_t bytes) {
    std::uint64_t made = 0;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&made, text.data(), bytes);
    } else {
      for (std::size_t i = bytes; i-- > 0;) made = made << 8 | static_cast<unsigned char>(text[i]);
    }
    return made;
  }

  std::uint64_t state_ = 0x2545f4914f6cdd1du;
};

}  // namespace lvp::profile
