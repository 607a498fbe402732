#include "base/latency_histogram.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(LatencyHistogram, PercentilesAreAtMostOnePercentTooHigh) {
  LatencyHistogram histogram;
  for (int i = 1; i <= 10'000; ++i) histogram.add(std::chrono::microseconds(i));
  for (const double share : {0.01, 0.5, 0.99, 0.999}) {
    EXPECT_GE(histogram.percentile_ms(share), 10 * share);
    EXPECT_LE(histogram.percentile_ms(share), 10 * share * 1.01);
  }
  EXPECT_EQ(histogram.max_ms(), 10);
  EXPECT_EQ(LatencyHistogram().percentile_ms(0.99), 0);
}

}  // namespace
}  // namespace lvp
