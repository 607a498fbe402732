#include "stream/batch.h"

#include <gtest/gtest.h>

namespace lvp::stream {
namespace {

TEST(StreamBatch, OffsetsSortAsNumbersDo) {
  EXPECT_EQ(offset_text(0), "00000000000000000000");
  EXPECT_EQ(offset_text(907), "00000000000000000907");
  EXPECT_EQ(offset_text(18446744073709551615u), "18446744073709551615");
  EXPECT_LT(Offset(), offset_text(0));
  EXPECT_LT(offset_text(99), offset_text(100));
}

TEST(StreamBatch, TheNumberBehindAnOffset) {
  EXPECT_EQ(number_after(""), 0u);
  EXPECT_EQ(number_after("00000000000000000000"), 1u);
  EXPECT_EQ(number_after("00000000000000000041"), 42u);
  for (const char* wrong :
       {"0", "0000000000000000004x", "-0000000000000000041", "000000000000000000041",
        "99999999999999999999", "18446744073709551615"}) {
    EXPECT_FALSE(number_after(wrong)) << wrong;
  }
}

TEST(StreamBatch, PartitionsByName) {
  EXPECT_EQ(partition_number("3", 4), 3u);
  for (const char* wrong : {"4", "", "-1", "1 ", "x", "99999999999"}) {
    EXPECT_FALSE(partition_number(wrong, 4)) << wrong;
  }
}

// FNV-1a of "a" and "foobar": published test vectors of the algorithm (64 bits).
TEST(StreamBatch, AKeyKeepsItsPartition) {
  EXPECT_EQ(partition_of("a", 1024), 0xaf63dc4c8601ec8cu % 1024);
  EXPECT_EQ(partition_of("foobar", 7), 0x85944171f73967e8u % 7);
  EXPECT_EQ(partition_of("", 5), 0xcbf29ce484222325u % 5);
}

TEST(StreamBatch, IsBoundedInBytesButTakesOneRecordOfAnySize) {
  BatchBuilder builder;
  EXPECT_TRUE(builder.takes(batch_bytes_max + 1));
  builder.add("key", std::string(batch_bytes_max - 4, 'v'), 7, from_ms(1));
  EXPECT_TRUE(builder.takes(1));
  EXPECT_FALSE(builder.takes(2));
  EXPECT_EQ(builder.size(), 1u);
  const Batch batch = std::move(builder).finish(2, false);
  ASSERT_EQ(batch.records.size(), 1u);
  EXPECT_EQ(batch.records[0].key, "key");
  EXPECT_EQ(batch.records[0].value.size(), batch_bytes_max - 4);
  EXPECT_EQ(batch.end(), (Position{"2", offset_text(7)}));
  EXPECT_FALSE(batch.caught_up);
}

}  // namespace
}  // namespace lvp::stream
