// Keeps the copies of a changelog up to date that no owner in this process has, so that it can take
// over any partition at once.
//
//   changelog ──► standby ──► copies (copies.h)
//
// It reads all of the changelog, whoever writes it, and lets each copy have its records. The copy
// of an owner is left alone; when it comes back it is read on from where it was taken, aside.
#pragma once

#include <atomic>
#include <memory>

#include "base/time.h"
#include "stages/copies.h"
#include "stages/stage.h"
#include "stream/stream.h"

namespace lvp::stages {

struct StandbyPorts {
  stream::Reader& changes;  ///< a follower of the changelog, from its beginning
  stream::Stream& changelog;
  Copies& copies;
  const Clock& clock;
  Progress& progress;
  /// Set once every copy has been up to date.
  std::atomic<bool>& is_warm;
};

std::unique_ptr<Stage> make_standby_stage(StandbyPorts ports);

}  // namespace lvp::stages
