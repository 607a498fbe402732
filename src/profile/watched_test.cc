#include "profile/watched.h"

#include <gtest/gtest.h>

namespace lvp::profile {
namespace {

using Intervals = std::vector<Interval>;

TEST(Watched, JoinsWhatTouchesOrOverlaps) {
  Watched watched;
  watched.add(0, 10);
  watched.add(20, 30);
  EXPECT_EQ(watched.intervals(), (Intervals{{0, 10}, {20, 30}}));
  watched.add(10, 12);
  EXPECT_EQ(watched.intervals(), (Intervals{{0, 12}, {20, 30}}));
  watched.add(5, 25);
  EXPECT_EQ(watched.intervals(), (Intervals{{0, 30}}));
  watched.add(-5, -1);
  EXPECT_EQ(watched.intervals(), (Intervals{{-5, -1}, {0, 30}}));
  EXPECT_EQ(watched.seconds(), 34);
}

TEST(Watched, IgnoresEmptyIntervals) {
  Watched watched;
  watched.add(5, 5);
  watched.add(6, 5);
  EXPECT_TRUE(watched.intervals().empty());
}

TEST(Watched, StaysBoundedByClosingTheSmallestGap) {
  Watched watched;
  for (std::size_t i = 0; i < Watched::intervals_max; ++i)
    watched.add(double(i) * 10, double(i) * 10 + 1);
  EXPECT_EQ(watched.intervals().size(), Watched::intervals_max);
  watched.add(3, 4);  // two seconds after the first interval, nine everywhere else
  EXPECT_EQ(watched.intervals().size(), Watched::intervals_max);
  EXPECT_EQ(watched.intervals().front(), (Interval{0, 4}));
}

}  // namespace
}  // namespace lvp::profile
