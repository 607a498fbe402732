// Records that were appended together, kept as one value: records of one stream resemble each
// other, so together they take a fraction of their bytes, and every byte that is not written saves
// a checksum, a copy and a share of the disk.
//
//   chunk  = version:u8=2 appended_at:i64 end_bytes:u64 own_bytes:u32 records:u32 body
//   body   = packed:u8 size:u32 content            content: LZ4 block of `size` bytes if packed
//   content = ( key_size:u32 value_size:u32 key value ){records}
//
// Integers big-endian. `own_bytes` is what the records count for, `end_bytes` what all records of
// the partition count for up to and including these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "stream/stream.h"

namespace lvp::stream {

inline constexpr std::size_t chunk_bytes_max = 256 << 10;  ///< unpacked; one record may be more
inline constexpr std::uint64_t record_overhead = 40;  ///< what a record counts beside its bytes

/// The `content` of a chunk, for whoever reads its records.
using Content = std::shared_ptr<const std::string>;

/// A chunk that has no place in its partition yet.
struct LooseChunk {
  std::string body;
  Content content;
  std::uint32_t records = 0;
  std::uint32_t own_bytes = 0;
};

/// The entries in chunks of at most chunk_bytes_max, in their order.
std::vector<LooseChunk> make_chunks(std::span<const Entry* const> entries);

/// What stands before the body.
std::string chunk_head(const LooseChunk& chunk, Timestamp appended_at, std::uint64_t end_bytes);

/// A stored chunk, seen from outside. Views the value.
struct Chunk {
  Timestamp appended_at;
  std::uint64_t end_bytes = 0;
  std::uint32_t own_bytes = 0;
  std::uint32_t records = 0;
  std::string_view body;

  std::uint64_t bytes_before() const { return end_bytes - own_bytes; }
};

/// Nothing if the bytes are no chunk.
std::optional<Chunk> decode_chunk(std::string_view value);

/// Nothing if the body is damaged, as far as can be seen without its records.
Content unpack(const Chunk& chunk);

struct Item {
  std::string_view key;
  std::string_view value;
};

/// Puts the records, which view `content`, into `items` in place of what is there. False unless it
/// consists of so many.
bool read_items(std::string_view content, std::uint32_t records, std::vector<Item>& items);

}  // namespace lvp::stream
