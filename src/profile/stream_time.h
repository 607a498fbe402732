// What time it is in a stream: the clock by which viewers count as gone.
//
// Silence proves that a viewer left only if word of the viewer would have got through. So time is
// that of the newest event read, partition by partition, and the partition that is furthest behind
// decides. Only while nothing at all waits to be read does time go on with the wall clock.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace lvp::profile {

/// Never goes back.
class StreamTime {
 public:
  /// An event that was collected then has been read from the partition.
  void read(std::string_view partition, Timestamp collected) {
    auto place = partitions_.find(partition);
    if (place == partitions_.end()) place = partitions_.emplace(partition, collected).first;
    place->second = std::max(place->second, collected);
  }

  /// Everything that was collected up to `wall` has been read, from all partitions.
  void caught_up(Timestamp wall) {
    caught_up_ = std::max(caught_up_, wall);
    for (auto& [partition, time] : partitions_) time = std::max(time, wall);
  }

  /// The newest time in the partition.
  Timestamp in(std::string_view partition) const {
    const auto place = partitions_.find(partition);
    return place == partitions_.end() ? caught_up_ : place->second;
  }

  /// The time up to which everything has been read; nothing before the first event or pause.
  std::optional<Timestamp> now() const {
    if (partitions_.empty())
      return caught_up_ == Timestamp() ? std::nullopt : std::optional(caught_up_);
    const auto behind = std::ranges::min_element(
        partitions_, {}, [](const auto& partition) { return partition.second; });
    return behind->second;
  }

 private:
  std::map<std::string, Timestamp, std::less<>> partitions_;
  Timestamp caught_up_;
};

}  // namespace lvp::profile
