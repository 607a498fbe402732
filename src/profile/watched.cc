#include "profile/watched.h"

#include <algorithm>
#include <cstddef>

namespace lvp::profile {

void Watched::add(double begin, double end) {
  if (!(begin < end)) return;
  const auto first = std::ranges::lower_bound(intervals_, begin, {}, &Interval::end);
  auto last = first;
  for (; last != intervals_.end() && last->begin <= end; ++last) {
    begin = std::min(begin, last->begin);
    end = std::max(end, last->end);
  }
  intervals_.insert(intervals_.erase(first, last), Interval{begin, end});

  if (intervals_.size() <= intervals_max) return;
  std::size_t closest = 1;
  const auto gap = [&](std::size_t i) { return intervals_[i].begin - intervals_[i - 1].end; };
  for (std::size_t i = 2; i < intervals_.size(); ++i) {
    if (gap(i) < gap(closest)) closest = i;
  }
  intervals_[closest - 1].end = intervals_[closest].end;
  intervals_.erase(intervals_.begin() + static_cast<std::ptrdiff_t>(closest));
}

bool Watched::covers(double second) const {
  return std::ranges::any_of(intervals_, [second](const Interval& interval) {
    return interval.begin <= second && second < interval.end;
  });
}

double Watched::seconds() const {
  double sum = 0;
  for (const Interval& interval : intervals_) sum += interval.end - interval.begin;
  return sum;
}

}  // namespace lvp::profile
