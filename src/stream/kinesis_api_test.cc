#include "stream/kinesis_api.h"

#include <gtest/gtest.h>

namespace lvp::stream {
namespace {

TEST(KinesisApi, KeysArePartitionKeysAsTheyAreWhereKinesisTakesThem) {
  for (const std::string& key :
       {std::string("a"), std::string("6c7f-é"), std::string(256, 'x'), std::string("lv")}) {
    EXPECT_EQ(partition_key_of(key, 7), key);
    EXPECT_EQ(key_of(key), key);
  }
}

TEST(KinesisApi, OtherKeysComeBackAsTheyWere) {
  for (const std::string& key : {std::string("\xff\x00z", 3), std::string("lvp:"),
                                 std::string("lvp:.1"), std::string("lvp:#a")}) {
    const std::string partition_key = partition_key_of(key, 7);
    EXPECT_TRUE(partition_key.starts_with("lvp:")) << partition_key;
    EXPECT_EQ(key_of(partition_key), key);
  }
  EXPECT_EQ(partition_key_of("\xff", 7), "lvp:/w==");
}

TEST(KinesisApi, RecordsWithoutAKeyAreSpread) {
  EXPECT_EQ(partition_key_of("", 7), "lvp:.7");
  EXPECT_EQ(partition_key_of("", 255), "lvp:.ff");
  EXPECT_EQ(key_of("lvp:.ff"), "");
}

TEST(KinesisApi, ALongKeyKeepsToOnePartitionKey) {
  for (const std::string& key : {std::string(257, 'x'), std::string(400, '\xff')}) {
    const std::string partition_key = partition_key_of(key, 7);
    EXPECT_EQ(partition_key, partition_key_of(key, 8));
    EXPECT_EQ(partition_key.size(), 21u);
    EXPECT_EQ(key_of(partition_key), partition_key);
    EXPECT_NE(partition_key, partition_key_of(key + "x", 7));
  }
}

TEST(KinesisApi, OffsetsSortAsSequenceNumbersDo) {
  const std::string sequence = "49590338271490256608559692538361571095921575989136588898";
  EXPECT_EQ(kinesis_offset(sequence), sequence + "000000");
  EXPECT_EQ(kinesis_offset("12", 3), std::string(54, '0') + "12" + "000003");
  EXPECT_LT(kinesis_offset("9", 999'999), kinesis_offset("10"));
  EXPECT_EQ(sequence_number_of(kinesis_offset(sequence, 5)), sequence);
  EXPECT_EQ(sequence_number_of(kinesis_offset("12")), "12");
  EXPECT_EQ(sequence_number_of(kinesis_offset("0")), "0");
  for (const std::string& other :
       {std::string(), std::string("7"), std::string(20, '0'), std::string(61, '0') + "x"}) {
    EXPECT_EQ(sequence_number_of(other), std::nullopt);
  }
}

}  // namespace
}  // namespace lvp::stream
