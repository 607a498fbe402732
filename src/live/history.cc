#include "live/history.h"

namespace lvp::live {

void History::add(Timestamp now, const Counts& counts) {
  const Timestamp at = std::chrono::floor<std::chrono::seconds>(now);
  if (!points_.empty() && at < points_.back().at) return;
  if (points_.empty() || points_.back().at < at) points_.push_back({.at = at, .counts = {}});
  points_.back().counts = counts;
  while (points_.front().at <= at - kept) points_.pop_front();
}

}  // namespace lvp::live
