// When which device is to be looked at.
//
// Sixteen bytes a timer, in buckets of a second. Nothing is ever cancelled: a timer that fires for
// nothing finds so when it looks, and is set again. So the caller sets one only where none fires
// earlier.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/time.h"

namespace lvp::stages {

struct Timer {
  Timestamp at;
  std::uint64_t device = 0;  ///< hash of its key
};

class Timers {
 public:
  void set(const Timer& timer) {
    buckets_[std::chrono::floor<std::chrono::seconds>(timer.at)].push_back(timer);
    ++size_;
  }

  /// Removes and returns up to `timers_max` that are due by `now`, by the second in order of time.
  std::vector<Timer> take_due(Timestamp now, std::size_t timers_max) {
    std::vector<Timer> due;
    while (!buckets_.empty() && due.size() < timers_max) {
      const auto bucket = buckets_.begin();
      if (bucket->first > now) break;
      take_from(bucket->second, now, timers_max, due);
      if (!bucket->second.empty()) break;
      buckets_.erase(bucket);
    }
    size_ -= due.size();
    return due;
  }

  std::size_t size() const { return size_; }
  /// About: vectors grow ahead of what they hold.
  std::size_t bytes() const { return size_ * sizeof(Timer) * 3 / 2; }

 private:
  using Bucket = std::vector<Timer>;

  static void take_from(Bucket& bucket, Timestamp now, std::size_t timers_max,
                        std::vector<Timer>& due) {
    const auto later = std::partition(bucket.begin(), bucket.end(),
                                      [&](const Timer& timer) { return timer.at > now; });
    const auto taken = std::min<std::ptrdiff_t>(
        bucket.end() - later, static_cast<std::ptrdiff_t>(timers_max - due.size()));
    due.insert(due.end(), bucket.end() - taken, bucket.end());
    bucket.erase(bucket.end() - taken, bucket.end());
  }

  std::map<std::chrono::sys_seconds, Bucket> buckets_;
  std::size_t size_ = 0;
};

}  // namespace lvp::stages
