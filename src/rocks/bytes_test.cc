#include "rocks/bytes.h"

#include <gtest/gtest.h>

namespace lvp::rocks {
namespace {

using namespace std::string_literals;

TEST(RocksBytes, IntegersAreBigEndian) {
  std::string out;
  append_u32(out, 0x01020304);
  append_u64(out, 0xfffefdfcfbfaf9f8);
  EXPECT_EQ(out, "\x01\x02\x03\x04\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"s);
  EXPECT_EQ(u32_at(out, 0), 0x01020304u);
  EXPECT_EQ(u64_at(out, 4), 0xfffefdfcfbfaf9f8u);
}

TEST(RocksBytes, EndOfPrefix) {
  EXPECT_EQ(end_of_prefix("ab"), "ac");
  EXPECT_EQ(end_of_prefix("a\xff\xff"), "b");
  EXPECT_EQ(end_of_prefix("\x7f"), "\x80");
  EXPECT_EQ(end_of_prefix("\xff"), "");
  EXPECT_EQ(end_of_prefix("a\0"s), "a\x01");
}

}  // namespace
}  // namespace lvp::rocks
