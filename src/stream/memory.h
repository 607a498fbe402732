// A stream that lives in memory: for tests and simulation, where one process is the whole world.
//
// Units of any kind may write to it. Appended records are seen, and positions moved, right after
// the unit's atomic part was written: all of a unit's or none, but each at its own moment. A
// position is not given to another member while its unit commits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "stream/stream.h"

namespace lvp::stream {

struct MemoryOptions {
  std::uint32_t partitions = 1;  ///< 1 to 1024
  // Above either, the oldest records that every group has passed make room; if there is none, an
  // append fails with Error::unavailable. A record counts its key and value.
  std::uint64_t records_max = 1'000'000;
  std::uint64_t bytes_max = 256 << 20;
};

/// `clock` dates the records and outlives the stream; the stream outlives its readers and writers.
std::unique_ptr<Stream> make_memory_stream(std::string name, const MemoryOptions& options,
                                           const Clock& clock);

}  // namespace lvp::stream
