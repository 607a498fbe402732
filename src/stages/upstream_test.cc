#include "stages/upstream.h"

#include <gtest/gtest.h>

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;

class SetClock final : public Clock {
 public:
  Timestamp now() const override { return at; }
  Timestamp at = from_ms(1'700'000'000'000);
};

class Upstream : public testing::Test {
 protected:
  bool keeps_up_after(Duration pause) {
    clock_.at += pause;
    EXPECT_TRUE(stage_->step(0ms));
    return progress_.caught_up;
  }

  SetClock clock_;
  Metrics metrics_;
  Progress progress_;
  Result<ReadingPlace> enrich_ = ReadingPlace{0, 0};
  Result<ReadingPlace> bridge_ = ReadingPlace{0, 0};
  std::unique_ptr<Stage> stage_ = make_upstream_stage(
      {{"enrich", [this] { return enrich_; }}, {"bridge", [this] { return bridge_; }}}, clock_,
      metrics_, progress_, {.every = 500ms, .patience = 2s});
};

TEST_F(Upstream, KeepsUpWhileEveryGroupHasReadWhatIsTwoSecondsOld) {
  EXPECT_TRUE(keeps_up_after(1s)) << "there is nothing";
  enrich_ = ReadingPlace{0, 10};
  EXPECT_TRUE(keeps_up_after(1s)) << "that came just now";
  enrich_ = ReadingPlace{10, 20};
  EXPECT_TRUE(keeps_up_after(1s));
  EXPECT_TRUE(keeps_up_after(1s));
  EXPECT_FALSE(keeps_up_after(1s)) << "20 was there two seconds ago, and 10 are read";
  enrich_ = ReadingPlace{20, 30};
  EXPECT_TRUE(keeps_up_after(1s));
  bridge_ = ReadingPlace{0, 1};
  EXPECT_TRUE(keeps_up_after(1s));
  EXPECT_FALSE(keeps_up_after(3s)) << "any group counts";
}

TEST_F(Upstream, WhatWasThereBeforeItLookedMustBeRead) {
  enrich_ = ReadingPlace{5, 10};
  EXPECT_FALSE(keeps_up_after(1s));
  enrich_ = ReadingPlace{10, 12};
  EXPECT_TRUE(keeps_up_after(1s));
}

TEST_F(Upstream, WhoIsNotHeardOfDoesNotKeepUp) {
  EXPECT_TRUE(keeps_up_after(1s));
  bridge_ = unavailable("no broker");
  EXPECT_FALSE(keeps_up_after(1s));
  bridge_ = ReadingPlace{0, 0};
  EXPECT_TRUE(keeps_up_after(1s));
}

TEST_F(Upstream, LooksNotMoreOftenThanItIsTold) {
  EXPECT_TRUE(keeps_up_after(1s));
  bridge_ = unavailable("no broker");
  EXPECT_TRUE(keeps_up_after(499ms));
  EXPECT_FALSE(keeps_up_after(1ms));
}

}  // namespace
}  // namespace lvp::stages
