// The end of a bounded wait, on the clock that never jumps.
#pragma once

#include <chrono>

#include "base/time.h"

namespace lvp {

class Deadline {
 public:
  explicit Deadline(Duration wait) : end_(std::chrono::steady_clock::now() + wait) {}

  /// Rounded up to whole milliseconds, so that who waits for it does not spin; zero once it is
  /// over.
  Duration left() const {
    const auto left = std::chrono::ceil<Duration>(end_ - std::chrono::steady_clock::now());
    return left > Duration::zero() ? left : Duration::zero();
  }

 private:
  std::chrono::steady_clock::time_point end_;
};

}  // namespace lvp
