#include "simulate/truth.h"

#include <gtest/gtest.h>

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;

constexpr Duration settle = 1s;

Event event(Duration at, MediaKind kind, State state, Duration patience, std::uint32_t play = 0) {
  Event made;
  made.at = at;
  made.kind = kind;
  made.state = state;
  made.patience = patience;
  made.play = play;
  made.moves = kind != MediaKind::ping;
  return made;
}

// Hand-made lives with pings of 10 s, told at once; the answers are those of
// docs/state-machine.md#patience.
class TruthTest : public testing::Test {
 protected:
  void tell(const Event& event) {
    truth.made(0, {&event, 1});
    truth.acknowledged(0, {&event, 1}, event.at);
  }
  Truth truth{1, settle};
};

TEST_F(TruthTest, NobodyIsThereBeforeTheFirstEvent) {
  EXPECT_EQ(truth.of(0, 5s).state, State::left);
  EXPECT_TRUE(truth.of(0, 5s).settled);
  EXPECT_EQ(truth.watching(5s).most, 0u);
}

TEST_F(TruthTest, AStateHoldsUntilTheNext) {
  tell(event(10s, MediaKind::play, State::playing, 45s));
  tell(event(20s, MediaKind::pause, State::paused, 30min));
  EXPECT_EQ(truth.of(0, 22s).state, State::paused);
  EXPECT_EQ(truth.of(0, 20min).state, State::paused);
  EXPECT_TRUE(truth.of(0, 20min).settled);
}

TEST_F(TruthTest, WhoPlaysAndFallsSilentIsGoneAfterThreePingsAndFifteenSeconds) {
  tell(event(10s, MediaKind::play, State::playing, 45s));
  tell(event(20s, MediaKind::ping, State::playing, 45s));
  const struct {
    Duration now;
    State state;
    bool settled;
    std::uint32_t least, most;  // watching
  } rows[] = {
      {22s, State::playing, true, 1, 1}, {64s, State::playing, true, 1, 1},
      {65s, State::left, false, 0, 1},   {65'999ms, State::left, false, 0, 1},
      {66s, State::left, true, 0, 0},    {1h, State::left, true, 0, 0},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(truth.of(0, row.now).state, row.state) << row.now.count();
    EXPECT_EQ(truth.of(0, row.now).settled, row.settled) << row.now.count();
    EXPECT_EQ(truth.watching(row.now).least, row.least) << row.now.count();
    EXPECT_EQ(truth.watching(row.now).most, row.most) << row.now.count();
  }
}

TEST_F(TruthTest, WhoStartedAnotherContentFallsBackToTheOneThatEnded) {
  tell(event(0s, MediaKind::play, State::playing, 45s));
  tell(event(10s, MediaKind::end, State::ended, 5min));
  tell(event(20s, MediaKind::play, State::playing, 45s, 1));
  EXPECT_EQ(truth.of(0, 30s).state, State::playing);
  EXPECT_EQ(truth.of(0, 100s).state, State::ended);  // until 310 s
  EXPECT_EQ(truth.of(0, 309s).state, State::ended);
  EXPECT_EQ(truth.of(0, 311s).state, State::left);
}

TEST_F(TruthTest, IsNotSettledUntilTheMoveIsKnownAndShown) {
  tell(event(0s, MediaKind::play, State::playing, 45s));
  const Event pause = event(10s, MediaKind::pause, State::paused, 30min);
  truth.made(0, {&pause, 1});
  EXPECT_FALSE(truth.of(0, 13s).settled);
  EXPECT_EQ(truth.watching(13s).least, 0u);
  EXPECT_EQ(truth.watching(13s).most, 1u);
  truth.acknowledged(0, {&pause, 1}, 14s);
  EXPECT_FALSE(truth.of(0, 14'999ms).settled);
  EXPECT_TRUE(truth.of(0, 15s).settled);
  EXPECT_EQ(truth.watching(15s).most, 0u);
}

TEST_F(TruthTest, APingUnderWayLeavesNoDoubt) {
  tell(event(0s, MediaKind::play, State::playing, 45s));
  const Event ping = event(10s, MediaKind::ping, State::playing, 45s);
  truth.made(0, {&ping, 1});
  EXPECT_TRUE(truth.of(0, 20s).settled);
  EXPECT_EQ(truth.of(0, 45s).state, State::left);  // nobody has heard of it
  truth.acknowledged(0, {&ping, 1}, 50s);
  EXPECT_EQ(truth.of(0, 54s).state, State::playing);
  EXPECT_EQ(truth.of(0, 56s).state, State::left);
}

TEST_F(TruthTest, BetweenTwoStatesOfWatchingNobodyIsUncounted) {
  tell(event(0s, MediaKind::play, State::playing, 45s));
  const Event stall = event(10s, MediaKind::buffer_start, State::buffering, 5min);
  truth.made(0, {&stall, 1});
  EXPECT_FALSE(truth.of(0, 11s).settled);
  EXPECT_EQ(truth.watching(11s).least, 1u);
  EXPECT_EQ(truth.watching(11s).most, 1u);
}

TEST_F(TruthTest, WhatMayHaveBeenLostIsNeverSettledAgain) {
  tell(event(0s, MediaKind::play, State::playing, 45s));
  truth.doubt(0);
  EXPECT_FALSE(truth.of(0, 30s).settled);
  EXPECT_EQ(truth.watching(30s).least, 0u);
  EXPECT_EQ(truth.watching(30s).most, 1u);
}

// docs/state-machine.md#what-an-event-does: which events a profile counts, and when.
TEST_F(TruthTest, CountsWhatAProfileCounts) {
  Event for_ad = event(3s, MediaKind::pause, State::playing_ad, 3min);
  for_ad.ad_break.number = 1;
  Event at_end = event(9s, MediaKind::pause, State::ended, 5min);
  at_end.ended = at_end.completes = true;
  Event end = event(9s, MediaKind::end, State::ended, 5min);
  end.ended = true;
  for (const Event& e : {event(0s, MediaKind::ready, State::ready, 30min),
                         event(0s, MediaKind::play, State::playing, 45s),
                         event(1s, MediaKind::pause, State::paused, 30min),
                         event(2s, MediaKind::play, State::playing, 45s),
                         event(3s, MediaKind::ad_break_start, State::playing_ad, 3min), for_ad,
                         event(3s, MediaKind::ad_start, State::playing_ad, 45s),
                         event(4s, MediaKind::ad_click, State::playing_ad, 45s),
                         event(4s, MediaKind::ad_skip, State::playing_ad, 3min),
                         event(4s, MediaKind::ad_start, State::playing_ad, 45s),
                         event(5s, MediaKind::ad_complete, State::playing_ad, 3min),
                         event(5s, MediaKind::ad_break_end, State::playing, 45s),
                         event(6s, MediaKind::buffer_start, State::buffering, 5min),
                         event(7s, MediaKind::buffer_end, State::playing, 45s),
                         event(8s, MediaKind::seek_end, State::playing, 45s), at_end, end})
    tell(e);
  const Tally expected{.plays = 2,
                       .pauses = 1,
                       .stalls = 1,
                       .seeks = 1,
                       .completions = 1,
                       .ad_breaks = 1,
                       .impressions = 2,
                       .ads_completed = 1,
                       .ads_skipped = 1,
                       .ad_clicks = 1};
  EXPECT_EQ(truth.tally(0), expected);
}

}  // namespace
}  // namespace lvp::simulate
