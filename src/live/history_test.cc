#include "live/history.h"

#include <gtest/gtest.h>

#include "live/made_up.h"

namespace lvp::live {
namespace {

using made_up::at;

Counts watching(std::uint64_t viewers) {
  return {.viewers = viewers, .watching = viewers, .streams = viewers, .states = {}};
}

TEST(History, KeepsTheNewestCountsOfEachSecond) {
  History history;
  history.add(at(1.2), watching(1));
  history.add(at(1.9), watching(2));
  history.add(at(4), watching(3));
  history.add(at(3.9), watching(4));  // the clock went back
  const std::deque<History::Point> expected{{at(1), watching(2)}, {at(4), watching(3)}};
  EXPECT_EQ(history.points(), expected);
}

TEST(History, KeepsAQuarterOfAnHour) {
  History history;
  for (int second = 0; second < 2000; ++second) history.add(at(second), watching(0));
  EXPECT_EQ(history.points().size(), 900u);
  EXPECT_EQ(history.points().front().at, at(1100));
  EXPECT_EQ(history.points().back().at, at(1999));
  history.add(at(10'000), watching(0));
  EXPECT_EQ(history.points().size(), 1u);
}

}  // namespace
}  // namespace lvp::live
