// For tests: writes databases in MaxMind's format (MaxMind DB File Format Specification, version
// 2.0), as small as they can be: IPv4, records of 24 bits.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvp::enrich {

/// Encoded values of the data section.
namespace mmdb {

inline std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

// Sizes up to 284 are enough here.
inline std::string control(int type, std::size_t size) {
  const bool is_long = size >= 29;
  std::string out(1, static_cast<char>(static_cast<std::size_t>(type <= 7 ? type << 5 : 0) |
                                       (is_long ? std::size_t{29} : size)));
  if (type > 7) out += static_cast<char>(type - 7);
  if (is_long) out += static_cast<char>(size - 29);
  return out;
}

inline std::string text(std::string_view value) {
  return control(2, value.size()).append(value);
}

inline std::string real(double value) {
  return control(3, 8) + big_endian(std::bit_cast<std::uint64_t>(value), 8);
}

inline std::string uint16(std::uint16_t value) {
  return control(5, 2) + big_endian(value, 2);
}

inline std::string uint32(std::uint32_t value) {
  return control(6, 4) + big_endian(value, 4);
}

inline std::string uint64(std::uint64_t value) {
  return control(9, 8) + big_endian(value, 8);
}

inline std::string list(const std::vector<std::string>& values) {
  std::string out = control(11, values.size());
  for (const std::string& value : values) out += value;
  return out;
}

inline std::string map(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = control(7, members.size());
  for (const auto& [key, value] : members) out += text(key) + value;
  return out;
}

/// A database in which the network of these leading bits has this record.
inline std::string database(std::uint32_t network, int bits, const std::string& record) {
  constexpr std::size_t separator_bytes = 16;
  const auto nodes = static_cast<std::uint32_t>(bits);
  std::string out;
  for (int bit = 0; bit < bits; ++bit) {
    const bool is_last = bit + 1 == bits;
    const std::uint32_t next =
        is_last ? nodes + separator_bytes : static_cast<std::uint32_t>(bit + 1);
    const bool goes_right = (network >> (31 - bit) & 1) != 0;
    out += big_endian(goes_right ? nodes : next, 3) + big_endian(goes_right ? next : nodes, 3);
  }
  out += std::string(separator_bytes, '\0') + record + "\xab\xcd\xefMaxMind.com";
  return out + map({{"node_count", uint32(nodes)},
                    {"record_size", uint16(24)},
                    {"ip_version", uint16(4)},
                    {"database_type", text("Test")},
                    {"languages", list({text("en")})},
                    {"binary_format_major_version", uint16(2)},
                    {"binary_format_minor_version", uint16(0)},
                    {"build_epoch", uint64(1)},
                    {"description", map({})}});
}

}  // namespace mmdb
}  // namespace lvp::enrich
