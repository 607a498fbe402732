// Waiting between attempts: each wait twice as long as the one before, up to a limit, and over at
// once when a stop is requested.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "base/time.h"

namespace lvp {

class Backoff {
 public:
  Backoff(Duration first, Duration most) : first_(first), most_(most), next_(first) {}

  Duration next() {
    const Duration wait = next_;
    next_ = std::min(next_ * 2, most_);
    return wait;
  }

  void reset() { next_ = first_; }

 private:
  Duration first_;
  Duration most_;
  Duration next_;
};

/// Returns after `wait`, or as soon as `stop` is requested.
inline void sleep(Duration wait, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, wait, [] { return false; });
}

}  // namespace lvp
