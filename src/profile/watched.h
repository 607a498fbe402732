// Which parts of a content were watched: a set of half-open intervals of content time, in seconds.
#pragma once

#include <vector>

namespace lvp::profile {

struct Interval {
  double begin;
  double end;  ///< not included

  bool operator==(const Interval&) const = default;
};

/// Intervals that neither touch nor overlap, in order. Bounded: when there are too many, the two
/// with the smallest gap between them become one.
class Watched {
 public:
  static constexpr std::size_t intervals_max = 128;

  /// Adds [begin, end). Does nothing if it is empty.
  void add(double begin, double end);

  bool covers(double second) const;

  /// Seconds of content seen at least once.
  double seconds() const;

  const std::vector<Interval>& intervals() const { return intervals_; }
  std::vector<Interval>& intervals() { return intervals_; }  ///< for the codec

  bool operator==(const Watched&) const = default;

 private:
  std::vector<Interval> intervals_;
};

}  // namespace lvp::profile
