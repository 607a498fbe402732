// Whether stages in other processes keep up, as far as their groups' positions tell: for the
// profile stage, which declares nobody gone while those before it lag.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "stages/stage.h"

namespace lvp::stages {

/// How far a group has read a stream; each the sum over the partitions of offsets that only grow,
/// or the moment in milliseconds up to which it has read, and now.
struct ReadingPlace {
  std::uint64_t read = 0;
  std::uint64_t end = 0;
};

/// A group that reads a stream, elsewhere.
struct Watched {
  std::string name;                             ///< of the stage
  std::function<Result<ReadingPlace>()> place;  ///< Error::unavailable if nobody can say
  bool is_time = false;                         ///< places are moments, not offsets
};

struct WatchSettings {
  Duration every = std::chrono::milliseconds(500);
  /// Under load there is always something that was not read yet: a group keeps up if it has read
  /// what was there so long ago.
  Duration patience = std::chrono::seconds(2);
};

/// Sets caught_up of `progress`: all groups keep up, and are known to. Tells their lag as a metric.
/// A step never fails: while nobody can say, nobody keeps up.
std::unique_ptr<Stage> make_upstream_stage(std::vector<Watched> groups, const Clock& clock,
                                           Metrics& metrics, Progress& progress,
                                           const WatchSettings& settings = {});

}  // namespace lvp::stages
