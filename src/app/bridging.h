// Bridges from Snowbridge configuration files: what the file's sources and targets stand for in
// this program, and the stage that comes of it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "stages/stage.h"
#include "stream/stream.h"

namespace lvp::app {

enum class BridgeRole {
  /// Makes the records of `media`. The source is `enriched`, brokers and stdout as target stand for
  /// `media`, as failure target for `bad`.
  media,
  /// Reads beside the pipeline: the source is `enriched` unless it is a stream, stdout and brokers
  /// as failure target stand for `bad`.
  forward,
  /// Runs alone: what the file says, from standard input if it says nothing.
  command,
};

struct BridgePlan {
  std::string name{};   ///< of the stage, in log and metrics
  std::string group{};  ///< of the source's readers
  std::string file{};
  BridgeRole role = BridgeRole::forward;
  std::size_t workers = 1;
};

/// What a bridge runs on. All of it outlives the bridge.
struct BridgeWorld {
  std::function<Result<std::unique_ptr<stream::Reader>>(const std::string& stream,
                                                        const std::string& group)>
      reader;
  std::function<Result<stream::Writer*>(const std::string& stream)> writer;
  NewUnitOfWork new_unit;
  const Clock& clock;
  Metrics& metrics;
  stages::Progress& progress;
  std::function<void()> on_end = [] {};  ///< standard input has ended and all is done
};

struct Bridging {
  std::unique_ptr<stream::Reader> in;
  std::unique_ptr<stages::Stage> stage;
};

/// Error::invalid as "file:line: block: what", also for a source or target that is not there.
Result<Bridging> make_bridging(const BridgePlan& plan, const BridgeWorld& world);

}  // namespace lvp::app
