// A stage: one thin shell around a pure room, and the loop that drives it.
//
// A stage reads a stream, hands its records to a pure room and commits what came out together with
// the position it reached. It owns no thread and never waits longer than it is told; tests call
// step() between the faults they inject, the program calls run().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lvp::stages {

/// Belongs to one thread.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual std::string_view name() const = 0;

  /// Handles what is there, waiting up to `wait` for it; says how many records that was. After an
  /// error nothing was done, and the next call does it again.
  virtual Result<std::size_t> step(Duration wait) = 0;
};

/// How a stage is doing, for others to read: metrics, /readyz, and the profile stage, which
/// declares nobody gone while those before it lag. Thread-safe.
struct Progress {
  std::atomic<bool> caught_up = false;     ///< the last step found nothing more to read
  std::atomic<std::uint64_t> records = 0;  ///< handled since start
  std::atomic<bool> failing = false;       ///< the last step failed and will be tried again
  const bool is_vital = true;              ///< while it fails the program is not ready
};

/// Steps until `stop` is requested. Waits out what will pass (unavailable, conflict); returns what
/// will not (corrupt, invalid).
Status run(Stage& stage, Progress& progress, const std::stop_token& stop);

}  // namespace lvp::stages
