#include "profile/stream_time.h"

#include <gtest/gtest.h>

namespace lvp::profile {
namespace {

TEST(StreamTime, IsThatOfThePartitionFurthestBehind) {
  StreamTime time;
  EXPECT_EQ(time.now(), std::nullopt);
  time.read("0", from_ms(1000));
  EXPECT_EQ(time.now(), from_ms(1000));
  time.read("1", from_ms(400));
  EXPECT_EQ(time.now(), from_ms(400));
  time.read("1", from_ms(2000));
  EXPECT_EQ(time.now(), from_ms(1000));
  EXPECT_EQ(time.in("0"), from_ms(1000));
  EXPECT_EQ(time.in("1"), from_ms(2000));
}

TEST(StreamTime, NeverGoesBack) {
  StreamTime time;
  time.read("0", from_ms(1000));
  time.read("0", from_ms(900));
  EXPECT_EQ(time.now(), from_ms(1000));
  time.caught_up(from_ms(800));
  EXPECT_EQ(time.now(), from_ms(1000));
}

TEST(StreamTime, GoesOnWithTheWallClockWhileNothingWaits) {
  StreamTime time;
  time.caught_up(from_ms(500));
  EXPECT_EQ(time.now(), from_ms(500));
  time.read("0", from_ms(600));
  time.read("1", from_ms(700));
  time.caught_up(from_ms(5000));
  EXPECT_EQ(time.now(), from_ms(5000));
  EXPECT_EQ(time.in("2"), from_ms(5000));
}

}  // namespace
}  // namespace lvp::profile
