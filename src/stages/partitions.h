// The profile stage where several processes share the partitions of `media`: one profile stage for
// each partition that this process has, with tables of its own.
//
//   media partition p ──► profile stage p ──► updates, bad
//                            ⇅ tables p ═══► changelog, partition p
//
// A partition that comes has its copy of the changelog brought up to date (copies.h) before
// anything of it is folded; one that goes takes its stage along. A step that fails leaves it open
// whether its unit was written, so that partition is restored, too: the changelog knows. Everybody
// else goes on meanwhile: a step works on one partition.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "stages/copies.h"
#include "stages/stages.h"
#include "stream/stream.h"

namespace lvp::stages {

struct PartitionsPorts {
  stream::Reader& media;
  stream::Writer& updates;
  stream::Writer& bad;
  stream::Stream& changelog;  ///< with the partitions of `media`
  Copies& copies;
  /// Appends to a partition of the changelog.
  std::function<Result<std::unique_ptr<stream::Writer>>(const std::string& partition)> changes_of;
  /// Units that change nothing once the partition is somebody else's.
  std::function<std::unique_ptr<UnitOfWork>(const std::string& partition)> new_unit;
  const Clock& clock;
  Metrics& metrics;
  std::vector<const Progress*> upstream;
  Progress& progress;
  /// Nothing is read before that: then this process becomes a member that shares the partitions.
  /// Nothing: at once.
  const std::atomic<bool>* may_begin = nullptr;
};

/// `settings` hold for each partition; `memory_bytes_max` is shared out among them.
std::unique_ptr<Stage> make_partitions_stage(PartitionsPorts ports, ProfileSettings settings,
                                             std::size_t partitions);

}  // namespace lvp::stages
