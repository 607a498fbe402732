#include "stream/kinesis_aggregate.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace lvp::stream {
namespace {

using Records = std::vector<std::pair<std::string, std::string>>;

std::string bytes(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// Made by hand from the description, with Python's hashlib for the checksum: two keys, a hash key,
// three records, the last with a tag.
constexpr std::string_view three =
    "f3899ac20a056b65792d610a056b65792d62120531323334351a09080010001a036f6e651a0408011a001a1008001a"
    "05"
    "746872656522050a03746167ffe2988c339c4080cf6158c83e52745e";

bool apart(const std::string& data, Records& records) {
  return take_apart(data, [&](std::string_view key, std::string_view value) {
    records.emplace_back(key, value);
  });
}

TEST(KinesisAggregate, GivesItsRecordsInOrder) {
  Records records;
  EXPECT_TRUE(apart(bytes(three), records));
  EXPECT_EQ(records, (Records{{"key-a", "one"}, {"key-b", ""}, {"key-a", "three"}}));
}

TEST(KinesisAggregate, WhatIsNoneIsLeftWhole) {
  std::vector<std::string> others = {
      "",
      bytes("f3899ac2"),
      "a plain record, longer than a checksum",
      // A record whose key is not in the table; a record that is cut off.
      bytes("f3899ac20a016b1a0508011a0178dec98deb4c769d3c9dcc9d721ea0ff8c"),
      bytes("f3899ac20a016b1a7f78436ccf6d1a9103f43886afed9e17bec8"),
      bytes(three) + "x",
  };
  for (std::size_t i = 0; i < bytes(three).size(); ++i) {
    std::string flipped = bytes(three);
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    others.push_back(flipped);
    others.push_back(bytes(three).substr(0, i));
  }
  for (const std::string& other : others) {
    Records records;
    EXPECT_FALSE(apart(other, records));
    EXPECT_TRUE(records.empty());
  }
}

}  // namespace
}  // namespace lvp::stream
