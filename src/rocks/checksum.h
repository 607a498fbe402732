// The checksum of each record of a log, and of each byte that RocksDB writes to one.
//
// Debian builds RocksDB for any processor, so it computes CRC-32C from a table, though nearly all
// have instructions for it. A program's function of a name takes the place of a shared library's,
// so we define RocksDB's with the same meaning.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rocksdb::crc32c {

/// The CRC-32C (RFC 3720) of what has the checksum `crc`, followed by these bytes.
std::uint32_t Extend(std::uint32_t crc, const char* bytes, std::size_t size);

}  // namespace rocksdb::crc32c
