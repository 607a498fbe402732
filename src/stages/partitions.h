// The profile stage where several processes share the partitions of `media`: one profile stage for
// each partition that this process has, with tables of its own.
//
//   media partition p ──► profile stage p ──► updates, bad
//                            ⇅ tables p ═══► changelog, partition p
//
// A partition that comes is restored from its changelog before anything of it is folded; one that
// goes takes its stage along. A step that fails leaves it open whether its unit was written, so
// that partition is restored, too: the changelog knows. Everybody else goes on meanwhile: a step
// works on one partition.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "stages/stages.h"
#include "store/store.h"
#include "stream/stream.h"

namespace lvp::stages {

/// Where the tables of one partition are.
struct PartitionState {
  stream::Stream& changelog;
  std::string partition;                    ///< of the changelog
  std::unique_ptr<stream::Writer> changes;  ///< appends to it
  std::unique_ptr<store::Store> copy;       ///< empty
  NewUnitOfWork copy_unit;
};

struct PartitionsPorts {
  stream::Reader& media;
  stream::Writer& updates;
  stream::Writer& bad;
  /// Called when a partition of `media` has come.
  std::function<Result<PartitionState>(const std::string& partition)> state_of;
  /// Units that change nothing once the partition is somebody else's.
  std::function<std::unique_ptr<UnitOfWork>(const std::string& partition)> new_unit;
  const Clock& clock;
  Metrics& metrics;
  std::vector<const Progress*> upstream;
  Progress& progress;
};

/// `settings` hold for each partition; `memory_bytes_max` is shared out among them.
std::unique_ptr<Stage> make_partitions_stage(PartitionsPorts ports, ProfileSettings settings,
                                             std::size_t partitions);

}  // namespace lvp::stages
