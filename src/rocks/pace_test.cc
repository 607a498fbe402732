#include "rocks/pace.h"

#include <gtest/gtest.h>

namespace lvp::rocks {
namespace {

constexpr std::int64_t mib = 1 << 20;

class RocksAllowance : public testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(take(mib), Duration(0)) << "what was saved up"; }

  Duration take(std::int64_t bytes) { return allowance_.take(bytes, now_); }

  Allowance allowance_;
  Allowance::Time now_ = Allowance::Time(std::chrono::hours(1));
};

// 1 MiB at 128 KiB a millisecond.
constexpr Duration portion_time(8);

TEST_F(RocksAllowance, APortionWaitsUntilItIsEarned) {
  EXPECT_EQ(take(mib), portion_time);
}

TEST_F(RocksAllowance, ThoseWhoComeLaterWaitBehind) {
  take(mib);
  EXPECT_EQ(take(mib), 2 * portion_time);
}

TEST_F(RocksAllowance, TimeEarns) {
  now_ += Duration(3);
  EXPECT_EQ(take(mib), portion_time - Duration(3));
}

TEST_F(RocksAllowance, NoMoreThanAPortionIsSavedUp) {
  now_ += std::chrono::hours(24 * 365);
  EXPECT_EQ(take(2 * mib), portion_time);
}

TEST_F(RocksAllowance, WhatIsLoggedEarnsItsFiles) {
  allowance_.add_log(mib / Allowance::bytes_per_log_byte);
  EXPECT_EQ(take(mib), Duration(0));
}

TEST_F(RocksAllowance, ADebtIsPaidByWhatIsLogged) {
  take(4 * mib);
  allowance_.add_log(4 * mib / Allowance::bytes_per_log_byte);
  EXPECT_EQ(take(mib), portion_time);
}

// The longest that can be: both of RocksDB's threads with a portion each.
TEST_F(RocksAllowance, NobodyWaitsLongerThanWhatWasAskedForTakes) {
  for (int i = 0; i < 1000; ++i) {
    now_ += take(mib);
    EXPECT_LE(take(mib), 2 * portion_time);
    now_ += portion_time;
  }
}

}  // namespace
}  // namespace lvp::rocks
