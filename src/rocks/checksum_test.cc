#include "rocks/checksum.h"

#include <gtest/gtest.h>

#include <dlfcn.h>

#include <numeric>
#include <string>

namespace lvp::rocks {
namespace {

std::uint32_t checksum(std::string_view bytes) {
  return rocksdb::crc32c::Extend(0, bytes.data(), bytes.size());
}

// RFC 3720, appendix B.4, whose bytes are in the order of the wire.
TEST(RocksChecksum, IsThatOfTheStandard) {
  std::string rising(32, '\0');
  std::iota(rising.begin(), rising.end(), '\0');
  const std::string falling(rising.rbegin(), rising.rend());
  EXPECT_EQ(checksum(std::string(32, '\0')), 0x8a9136aaU);
  EXPECT_EQ(checksum(std::string(32, '\xff')), 0x62a8ab43U);
  EXPECT_EQ(checksum(rising), 0x46dd794eU);
  EXPECT_EQ(checksum(falling), 0x113fdb5cU);
  EXPECT_EQ(checksum(""), 0U);
}

TEST(RocksChecksum, GoesOnWhereItStopped) {
  std::string bytes(1000, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  for (const std::size_t at : {0U, 1U, 7U, 8U, 999U, 1000U}) {
    EXPECT_EQ(rocksdb::crc32c::Extend(checksum(bytes.substr(0, at)), bytes.data() + at,
                                      bytes.size() - at),
              checksum(bytes))
        << at;
  }
}

// What the loader finds for the calls of the library.
TEST(RocksChecksum, IsTheOneThatRocksDbUses) {
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "_ZN7rocksdb6crc32c6ExtendEjPKcm"),
            reinterpret_cast<void*>(&rocksdb::crc32c::Extend));
}

}  // namespace
}  // namespace lvp::rocks
