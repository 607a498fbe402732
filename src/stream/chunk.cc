#include "stream/chunk.h"

#include <lz4.h>

#include <memory>

#include "rocks/bytes.h"
#include "stream/batch.h"

namespace lvp::stream {
namespace {

using rocks::append_u32;
using rocks::append_u64;
using rocks::u32_at;
using rocks::u64_at;

constexpr char version = 2;
constexpr std::size_t head_bytes = 25;
constexpr std::size_t body_head_bytes = 5;
constexpr std::size_t sizes_bytes = 8;            // of a record's key and value
constexpr std::size_t worth_packing_bytes = 256;  // less hardly shrinks
// LZ4's "acceleration": requests of trackers take half the time of 1, and a twentieth more bytes.
constexpr int packing_haste = 8;

std::size_t size_of(const Entry& entry) {
  return sizes_bytes + entry.key.size() + entry.value.size();
}

// As LZ4_compress_fast() but for clearing the 16 KiB of its table each time, which costs as much as
// a small chunk itself: those that this thread wrote before are told apart by their places.
int compress(std::string_view content, char* to, std::size_t room) {
  thread_local const std::unique_ptr<LZ4_stream_t, decltype(&LZ4_freeStream)> stream(
      LZ4_createStream(), &LZ4_freeStream);
  LZ4_resetStream_fast(stream.get());
  return LZ4_compress_fast_continue(stream.get(), content.data(), to,
                                    static_cast<int>(content.size()), static_cast<int>(room),
                                    packing_haste);
}

// The content as an LZ4 block behind the room for its head; empty if it would not shrink.
std::string packed(std::string_view content) {
  const int size = static_cast<int>(content.size());
  std::string body;
  body.resize_and_overwrite(
      body_head_bytes + static_cast<std::size_t>(LZ4_compressBound(size)),
      [&](char* to, std::size_t room) {
        const int bytes = compress(content, to + body_head_bytes, room - body_head_bytes);
        return bytes > 0 && bytes < size ? body_head_bytes + static_cast<std::size_t>(bytes) : 0;
      });
  return body;
}

std::string pack(std::string_view content) {
  std::string head(1, '\0');
  append_u32(head, static_cast<std::uint32_t>(content.size()));
  if (content.size() >= worth_packing_bytes) {
    std::string body = packed(content);
    if (!body.empty()) {
      head[0] = 1;
      head.copy(body.data(), body_head_bytes);
      return body;
    }
  }
  return head.append(content);
}

}  // namespace

std::vector<LooseChunk> make_chunks(std::span<const Entry* const> entries) {
  std::vector<LooseChunk> chunks;
  while (!entries.empty()) {
    LooseChunk chunk;
    std::size_t bytes = 0;
    while (chunk.records < entries.size() &&
           (bytes == 0 || bytes + size_of(*entries[chunk.records]) <= chunk_bytes_max))
      bytes += size_of(*entries[chunk.records++]);
    std::string content;
    content.reserve(bytes);
    for (const Entry* entry : entries.first(chunk.records)) {
      append_u32(content, static_cast<std::uint32_t>(entry->key.size()));
      append_u32(content, static_cast<std::uint32_t>(entry->value.size()));
      content += entry->key;
      content += entry->value;
    }
    chunk.own_bytes = static_cast<std::uint32_t>(bytes - chunk.records * sizes_bytes +
                                                 chunk.records * record_overhead);
    chunk.body = pack(content);
    chunk.content = std::make_shared<const std::string>(std::move(content));
    entries = entries.subspan(chunk.records);
    chunks.push_back(std::move(chunk));
  }
  return chunks;
}

std::string chunk_head(const LooseChunk& chunk, Timestamp appended_at, std::uint64_t end_bytes) {
  std::string head(1, version);
  head.reserve(head_bytes);
  append_u64(head, static_cast<std::uint64_t>(to_ms(appended_at)));
  append_u64(head, end_bytes);
  append_u32(head, chunk.own_bytes);
  append_u32(head, chunk.records);
  return head;
}

std::optional<Chunk> decode_chunk(std::string_view value) {
  if (value.size() < head_bytes + body_head_bytes || value[0] != version) return std::nullopt;
  return Chunk{from_ms(static_cast<std::int64_t>(u64_at(value, 1))), u64_at(value, 9),
               u32_at(value, 17), u32_at(value, 21), value.substr(head_bytes)};
}

Content unpack(const Chunk& chunk) {
  const bool packed = chunk.body[0] != '\0';
  const std::size_t size = u32_at(chunk.body, 1);
  const std::string_view stored = chunk.body.substr(body_head_bytes);
  if (!packed) {
    if (stored.size() != size) return nullptr;
    return std::make_shared<const std::string>(stored);
  }
  // A record's limit bounds what can have been written.
  if (size > record_bytes_max + sizes_bytes) return nullptr;
  std::string content;
  content.resize_and_overwrite(size, [&](char* to, std::size_t) {
    const int unpacked = LZ4_decompress_safe(stored.data(), to, static_cast<int>(stored.size()),
                                             static_cast<int>(size));
    return unpacked == static_cast<int>(size) ? size : 0;
  });
  if (content.size() != size) return nullptr;
  return std::make_shared<const std::string>(std::move(content));
}

bool read_items(std::string_view content, std::uint32_t records, std::vector<Item>& items) {
  items.clear();
  for (std::uint32_t i = 0; i < records; ++i) {
    if (content.size() < sizes_bytes) return false;
    const std::size_t key_bytes = u32_at(content, 0);
    const std::size_t value_bytes = u32_at(content, 4);
    content.remove_prefix(sizes_bytes);
    if (content.size() < key_bytes || content.size() - key_bytes < value_bytes) return false;
    items.push_back({content.substr(0, key_bytes), content.substr(key_bytes, value_bytes)});
    content.remove_prefix(key_bytes + value_bytes);
  }
  return content.empty();
}

}  // namespace lvp::stream
