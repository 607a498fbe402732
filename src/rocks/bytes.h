// Integers in keys and values: big-endian, so that keys sort as the numbers do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"

namespace lvp::rocks {

template <class T>
void append_big_endian(std::string& out, T value) {
  for (std::size_t i = sizeof(T); i-- > 0;) out += static_cast<char>((value >> (8 * i)) & 0xff);
}
inline void append_u32(std::string& out, std::uint32_t value) {
  append_big_endian(out, value);
}
inline void append_u64(std::string& out, std::uint64_t value) {
  append_big_endian(out, value);
}

/// The integer whose bytes start at `at`, which the caller has checked to lie within `bytes`.
template <class T>
T big_endian_at(std::string_view bytes, std::size_t at) {
  LVP_CHECK(at + sizeof(T) <= bytes.size());
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>((value << 8) | static_cast<unsigned char>(bytes[at + i]));
  }
  return value;
}
inline std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  return big_endian_at<std::uint32_t>(bytes, at);
}
inline std::uint64_t u64_at(std::string_view bytes, std::size_t at) {
  return big_endian_at<std::uint64_t>(bytes, at);
}

/// The least key above all that start with `prefix`: the end of a scan. "" if there is none.
inline std::string end_of_prefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace lvp::rocks
