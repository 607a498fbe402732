#include "stream/recent.h"

#include <gtest/gtest.h>

#include <string>

namespace lvp::stream {
namespace {

PlacedChunk chunk(std::uint64_t first, std::uint32_t records, std::size_t bytes) {
  return {first, records, {}, std::make_shared<const std::string>(bytes, 'x')};
}

std::vector<std::uint64_t> firsts(const std::vector<PlacedChunk>& chunks) {
  std::vector<std::uint64_t> numbers;
  for (const PlacedChunk& one : chunks) numbers.push_back(one.first);
  return numbers;
}

using Firsts = std::vector<std::uint64_t>;

TEST(Recent, FindsTheChunksOfARange) {
  Recent recent(1000);
  EXPECT_EQ(firsts(recent.find(0, 1)), Firsts());
  recent.add(chunk(5, 3, 10));
  recent.add(chunk(8, 1, 10));
  recent.add(chunk(9, 2, 10));
  EXPECT_EQ(firsts(recent.find(4, 11)), Firsts());
  EXPECT_EQ(firsts(recent.find(5, 11)), (Firsts{5, 8, 9}));
  EXPECT_EQ(firsts(recent.find(7, 8)), (Firsts{5}));
  EXPECT_EQ(firsts(recent.find(7, 9)), (Firsts{5, 8}));
  EXPECT_EQ(firsts(recent.find(8, 11)), (Firsts{8, 9}));
  EXPECT_EQ(firsts(recent.find(10, 11)), (Firsts{9}));
  EXPECT_EQ(firsts(recent.find(11, 12)), Firsts());
}

TEST(Recent, LetsGoOfTheOldestForWantOfRoom) {
  Recent recent(100);
  recent.add(chunk(0, 1, 50));
  recent.add(chunk(1, 1, 50));
  EXPECT_EQ(firsts(recent.find(0, 2)), (Firsts{0, 1}));
  recent.add(chunk(2, 1, 1));
  EXPECT_EQ(firsts(recent.find(0, 3)), Firsts());
  EXPECT_EQ(firsts(recent.find(1, 3)), (Firsts{1, 2}));
  recent.add(chunk(3, 1, 101));
  EXPECT_EQ(firsts(recent.find(3, 4)), Firsts());
  recent.add(chunk(4, 1, 100));
  EXPECT_EQ(firsts(recent.find(4, 5)), (Firsts{4}));
}

TEST(Recent, LetsGoOfWhatAllHaveRead) {
  Recent recent(100);
  recent.add(chunk(0, 2, 50));
  recent.add(chunk(2, 2, 50));
  recent.forget_before(1);
  EXPECT_EQ(firsts(recent.find(0, 4)), (Firsts{0, 2}));
  recent.forget_before(2);
  EXPECT_EQ(firsts(recent.find(0, 4)), Firsts());
  EXPECT_EQ(firsts(recent.find(2, 4)), (Firsts{2}));
  recent.add(chunk(4, 1, 50));
  EXPECT_EQ(firsts(recent.find(2, 5)), (Firsts{2, 4}));
}

}  // namespace
}  // namespace lvp::stream
