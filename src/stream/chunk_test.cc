#include "stream/chunk.h"

#include <gtest/gtest.h>

#include "stream/batch.h"

namespace lvp::stream {
namespace {

std::vector<const Entry*> pointers(const std::vector<Entry>& entries) {
  std::vector<const Entry*> all;
  for (const Entry& entry : entries) all.push_back(&entry);
  return all;
}

std::string stored(const LooseChunk& chunk) {
  return chunk_head(chunk, from_ms(1'735'689'600'000), 1'000'000) + chunk.body;
}

bool is_whole(const Chunk& chunk) {
  const Content content = unpack(chunk);
  std::vector<Item> items;
  return content && read_items(*content, chunk.records, items);
}

// Bytes that do not shrink.
std::string noise(std::size_t size) {
  std::string bytes;
  std::uint64_t state = 1;
  while (bytes.size() < size) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    bytes += static_cast<char>(state >> 56);
  }
  return bytes;
}

TEST(Chunk, GivesTheRecordsBackInTheirOrder) {
  const std::vector<Entry> entries{
      {"a", std::string(1000, 'x')}, {"", ""}, {"key", noise(1000)}, {std::string(1, '\0'), "v"}};
  const auto chunks = make_chunks(pointers(entries));
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0].records, 4u);
  EXPECT_EQ(chunks[0].own_bytes, 1001 + 0 + 1003 + 2 + 4 * record_overhead);

  const std::string value = stored(chunks[0]);
  EXPECT_LT(value.size(), 1300u);
  const auto chunk = decode_chunk(value);
  ASSERT_TRUE(chunk);
  EXPECT_EQ(chunk->appended_at, from_ms(1'735'689'600'000));
  EXPECT_EQ(chunk->end_bytes, 1'000'000u);
  EXPECT_EQ(chunk->bytes_before(), 1'000'000u - chunks[0].own_bytes);
  const Content content = unpack(*chunk);
  ASSERT_TRUE(content);
  EXPECT_EQ(*content, *chunks[0].content);
  std::vector<Item> items;
  ASSERT_TRUE(read_items(*content, chunk->records, items));
  ASSERT_EQ(items.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(items[i].key, entries[i].key) << i;
    EXPECT_EQ(items[i].value, entries[i].value) << i;
  }
}

TEST(Chunk, WhatDoesNotShrinkIsKeptAsItIs) {
  const std::vector<Entry> entries{{"k", noise(10'000)}};
  const auto chunks = make_chunks(pointers(entries));
  ASSERT_EQ(chunks.size(), 1u);
  EXPECT_EQ(chunks[0].body.size(), 10'000u + 1 + 8 + 5);
}

TEST(Chunk, IsOfABoundedSizeUnlessOneRecordIsLarger) {
  std::vector<Entry> entries(10, Entry{"k", noise(chunk_bytes_max / 4)});
  entries.push_back({"k", noise(record_bytes_max - 1)});
  entries.push_back({"k", "v"});
  std::vector<std::uint32_t> records;
  for (const LooseChunk& chunk : make_chunks(pointers(entries))) {
    records.push_back(chunk.records);
    const std::string value = stored(chunk);
    EXPECT_TRUE(is_whole(*decode_chunk(value)));
  }
  EXPECT_EQ(records, (std::vector<std::uint32_t>{3, 3, 3, 1, 1, 1}));
}

TEST(Chunk, DamageIsNoticed) {
  const std::vector<Entry> entries{{"key", std::string(500, 'x')}, {"other", "value"}};
  const std::string value = stored(make_chunks(pointers(entries))[0]);
  for (std::size_t size = 0; size < value.size(); ++size) {
    const auto chunk = decode_chunk(std::string_view(value).substr(0, size));
    EXPECT_FALSE(chunk && is_whole(*chunk)) << size;
  }
  std::string other = value;
  other[0] = 1;  // a version that is not ours
  EXPECT_FALSE(decode_chunk(other));
  other = value;
  other[24] = 3;  // more records than there are
  EXPECT_FALSE(is_whole(*decode_chunk(other)));
  other[24] = 1;
  EXPECT_FALSE(is_whole(*decode_chunk(other)));
  other = value;
  other[26] = '\x7f';  // a size that nothing has
  EXPECT_FALSE(is_whole(*decode_chunk(other)));
}

}  // namespace
}  // namespace lvp::stream
