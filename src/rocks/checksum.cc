#include "rocks/checksum.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <climits>

namespace rocksdb::crc32c {

std::uint32_t Extend(std::uint32_t crc, const char* bytes, std::size_t size) {
  // ISA-L neither changes the bytes nor inverts the register.
  auto* at = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes));
  std::uint32_t register_bits = ~crc;
  while (size > 0) {
    const int part = static_cast<int>(std::min<std::size_t>(size, INT_MAX));
    register_bits = crc32_iscsi(at, part, register_bits);
    at += part;
    size -= static_cast<std::size_t>(part);
  }
  return ~register_bits;
}

}  // namespace rocksdb::crc32c
