// The bridge with a user's configuration: messages of a stream through a chain of transformations
// to a target. What is filtered and what fails goes to targets of its own.
//
// Order is kept: results leave in the order of their records whatever the number of workers, a
// batch is sent when the one before was taken, and what must be tried again is tried before what
// follows. A position is committed with what its records became: once where the targets are streams
// of the same engine, at least once where they are elsewhere.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "bridge/batching.h"
#include "bridge/chain.h"
#include "bridge/http_target.h"
#include "stages/stage.h"
#include "stream/stream.h"

namespace lvp::stages {

// ---- Targets ----

struct Outgoing {
  bridge::Message message;
  Timestamp created;      ///< when its record was appended
  Timestamp pulled;       ///< when it was read
  Timestamp transformed;  ///< the epoch if nothing transforms
};

/// Belongs to one thread.
class BridgeTarget {
 public:
  virtual ~BridgeTarget() = default;
  virtual const bridge::Batching& batching() const = 0;
  /// Whether it wants the message alone, in a batch of its own.
  virtual bool wants_alone(const bridge::Message&) const { return false; }
  /// Gives it messages, in order. Streams take part in `unit`; what is elsewhere has them when this
  /// returns. It may take as long as the target's own limit says.
  virtual bridge::Delivery send(std::span<const Outgoing> messages, UnitOfWork& unit) = 0;
};

/// The messages become records with their keys. `writer` outlives it.
std::unique_ptr<BridgeTarget> make_stream_target(stream::Writer& writer);
/// Takes everything and does nothing.
std::unique_ptr<BridgeTarget> make_silent_target(const bridge::Batching& batching);
/// A line each on standard output: the data, or Snowbridge's text with key and times.
std::unique_ptr<BridgeTarget> make_stdout_target(bool data_only, const bridge::Batching& batching);
std::unique_ptr<BridgeTarget> make_http_target(bridge::HttpSettings settings, const Clock& clock);

// ---- The stage ----

struct BridgePorts {
  stream::Reader& in;
  NewUnitOfWork new_unit;
  const Clock& clock;
  Metrics& metrics;
  Progress& progress;
};

struct BridgeSettings {
  std::string name;                   ///< "bridge", or a name of its own
  std::vector<bridge::Chain> chains;  ///< the same for each worker; at least one
  std::unique_ptr<BridgeTarget> target;
  std::unique_ptr<BridgeTarget> filter_target;
  std::unique_ptr<BridgeTarget> failure_target;
  bridge::FailureFormat failure_format = bridge::FailureFormat::snowplow;
  bridge::Retry transient{Duration(1000), 5};
  bridge::Retry setup{Duration(20000), 5};
  bridge::Retry throttle{Duration(10000), 5};
  /// Whether attempts end: step() then fails with Error::invalid. Else they go on, and what waits
  /// stays in the stream.
  bool gives_up = false;
};

/// step() fails with Error::unavailable while a target does not take messages, and with
/// Error::invalid when a target says it never will.
std::unique_ptr<Stage> make_bridge_stage(BridgePorts ports, BridgeSettings settings);

}  // namespace lvp::stages
