#include "collect/rate_limit.h"

#include <gtest/gtest.h>

namespace lvp::collect {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp start = from_ms(1735689600000);

int admitted(RateLimit& limit, std::string_view key, Timestamp now, int requests) {
  int passed = 0;
  for (int i = 0; i < requests; ++i) passed += limit.admit(key, now) ? 1 : 0;
  return passed;
}

TEST(RateLimit, AdmitsABurstAndThenARate) {
  RateLimit limit(2, 5, 10);
  struct Row {
    Duration at;
    int passed;
  };
  const Row rows[] = {{0ms, 5},    {499ms, 0}, {500ms, 1},   {1500ms, 2}, {1999ms, 0},
                      {2000ms, 1}, {1h, 5},    {1h - 1s, 0}, {1h, 2}};
  for (const Row& row : rows)
    EXPECT_EQ(admitted(limit, "a", start + row.at, 10), row.passed) << row.at.count();
}

TEST(RateLimit, RefusedRequestsCostNothing) {
  RateLimit limit(1, 1, 10);
  for (int ms = 0; ms < 3000; ++ms)
    EXPECT_EQ(limit.admit("a", start + Duration(ms)), ms % 1000 == 0) << ms;
}

TEST(RateLimit, KeysDoNotShare) {
  RateLimit limit(1, 2, 10);
  EXPECT_EQ(admitted(limit, "a", start, 3), 2);
  EXPECT_EQ(admitted(limit, "b", start, 3), 2);
  EXPECT_EQ(admitted(limit, "", start, 3), 2);
  EXPECT_EQ(limit.size(), 3u);
}

TEST(RateLimit, ForgetsTheKeyThatWasLongestNotAskedFor) {
  RateLimit limit(1, 1, 2);
  EXPECT_TRUE(limit.admit("a", start));
  EXPECT_TRUE(limit.admit("b", start));
  EXPECT_FALSE(limit.admit("a", start));  // now b is the oldest
  EXPECT_TRUE(limit.admit("c", start));
  EXPECT_EQ(limit.size(), 2u);
  EXPECT_FALSE(limit.admit("a", start));
  EXPECT_TRUE(limit.admit("b", start));  // forgotten, so new
  EXPECT_EQ(limit.size(), 2u);
}

}  // namespace
}  // namespace lvp::collect
