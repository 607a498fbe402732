#include "base/backoff.h"

#include <gtest/gtest.h>

#include <chrono>

namespace lvp {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToTheMost) {
  Backoff backoff(10ms, 50ms);
  EXPECT_EQ(backoff.next(), 10ms);
  EXPECT_EQ(backoff.next(), 20ms);
  EXPECT_EQ(backoff.next(), 40ms);
  EXPECT_EQ(backoff.next(), 50ms);
  EXPECT_EQ(backoff.next(), 50ms);
  backoff.reset();
  EXPECT_EQ(backoff.next(), 10ms);
}

TEST(Sleep, ReturnsAtOnceWhenStopIsRequested) {
  std::stop_source stop;
  stop.request_stop();
  const Timestamp before = system_clock().now();
  sleep(1h, stop.get_token());
  EXPECT_LT(system_clock().now() - before, 1min);
}

}  // namespace
}  // namespace lvp
