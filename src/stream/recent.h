// The newest records of a partition as they were appended: who follows close behind, as stages do,
// takes them from here and need not look for, copy and unpack what has just been packed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "stream/chunk.h"

namespace lvp::stream {

/// A chunk in its place. Its records are those from `first` on.
struct PlacedChunk {
  std::uint64_t first = 0;
  std::uint32_t records = 0;
  Timestamp appended_at;
  Content content;

  std::uint64_t end() const { return first + records; }
};

/// Thread-safe.
class Recent {
 public:
  /// Holds contents of at most `bytes_max`.
  explicit Recent(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Behind what was added before, without a gap. Lets go of the oldest where there is no room.
  void add(PlacedChunk chunk);
  /// Lets go of what has no record from `offset` on.
  void forget_before(std::uint64_t offset);

  /// The chunks that hold the records from `from` up to, not including, `until`; none if the first
  /// of these is not here.
  std::vector<PlacedChunk> find(std::uint64_t from, std::uint64_t until) const;

 private:
  void drop_oldest() REQUIRES(mutex_);

  const std::size_t bytes_max_;
  mutable Mutex mutex_;
  std::deque<PlacedChunk> chunks_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lvp::stream
