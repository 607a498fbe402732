// The counts of the last quarter of an hour, second by second, for the chart.
//
// It starts empty with the process: what was before is not remembered.
#pragma once

#include <chrono>
#include <deque>

#include "base/time.h"
#include "live/counts.h"

namespace lvp::live {

class History {
 public:
  static constexpr Duration kept = std::chrono::minutes(15);  ///< so at most 900 points

  struct Point {
    Timestamp at;  ///< start of its second
    Counts counts;

    bool operator==(const Point&) const = default;
  };

  /// Sets the point of the second that `now` is in, and drops what is too old. A time before the
  /// newest point's second changes nothing.
  void add(Timestamp now, const Counts& counts);

  /// Oldest first, at most one a second; a second in which nothing was added has none.
  const std::deque<Point>& points() const { return points_; }

 private:
  std::deque<Point> points_;
};

}  // namespace lvp::live
