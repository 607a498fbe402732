// What events add that came too late for their place: the same, whatever order they come in.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "profile/device.h"
#include "profile/fold.h"
#include "profile/notation.h"

namespace lvp::profile {
namespace {

using notation::at;
using std::chrono::seconds;

// A session that is far beyond what is merged into it.
Session present(std::string_view events) {
  Session session;
  for (const MediaEvent& event : notation::read(events)) apply(session, event);
  return session;
}

// Merges the events in every order, or in many; all must give the same.
Session merged(Session session, std::string_view text) {
  std::vector<MediaEvent> events = notation::read(text);
  std::ranges::sort(events, {}, &MediaEvent::event_id);
  std::optional<Session> first;
  int orders = 0;
  do {
    Session result = session;
    for (const MediaEvent& event : events) merge(result, event);
    if (!first) first = result;
    EXPECT_EQ(result, *first) << "order " << orders;
  } while (std::ranges::next_permutation(events, {}, &MediaEvent::event_id).found &&
           ++orders < 120);
  return first.value_or(session);
}

constexpr std::string_view played = "0 play@0 dur=6000 P=30; 4000 ping@4000; 4030 ping@4030";

TEST(Late, AnAdGetsTheOutcomeThatWasMissing) {
  const Session session = present(
      "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1; "
      "60 ad_break_end@30p br=b1; 61 play@30");
  ASSERT_EQ(session.ads[0].outcome, AdOutcome::unknown);
  const Session after = merged(session,
                               "45 ad_complete@30p br=b1 ad=a1; 38 ad_quartile50@30p br=b1 ad=a1; "
                               "40 ad_click@30p br=b1 ad=a1");
  ASSERT_EQ(after.ads.size(), 1u);
  EXPECT_EQ(after.ads[0].outcome, AdOutcome::complete);
  EXPECT_EQ(after.ads[0].quartile, 100);
  EXPECT_EQ(after.ads[0].clicks, 1);
  EXPECT_EQ(after.impressions, 1);
  EXPECT_EQ(after.ads_completed, 1);
  EXPECT_EQ(after.ad_clicks, 1);
  EXPECT_EQ(state_of(after), state_of(session));
  EXPECT_EQ(after.timeline, session.timeline);
}

TEST(Late, AWholeAdIsOneImpressionInAnyOrder) {
  const Session after =
      merged(present(played),
             "1000 ad_start@900p br=b1 ad=a1; 1005 ad_quartile25@900p br=b1 ad=a1; "
             "1020 ad_complete@900p br=b1 ad=a1");
  EXPECT_EQ(after.impressions, 1);
  EXPECT_EQ(after.ads_completed, 1);
  EXPECT_EQ(after.ad_time, seconds(20));
  ASSERT_EQ(after.ads.size(), 1u);
  EXPECT_EQ(after.ads[0].since, at(1000));
  EXPECT_FALSE(after.ads[0].inferred);
}

TEST(Late, AnEndWithoutAStartIsAnInferredImpression) {
  const Session after = merged(present(played), "1020 ad_skip@900p br=b1 ad=a1");
  EXPECT_EQ(after.impressions, 1);
  EXPECT_EQ(after.ads_skipped, 1);
  ASSERT_EQ(after.ads.size(), 1u);
  EXPECT_TRUE(after.ads[0].inferred);
}

TEST(Late, AnOutcomeThatIsKnownStays) {
  const Session session = present(
      "0 play@0 dur=600; 30 ad_start@30 ad=a1; 45 ad_skip@30p ad=a1; 46 play@30; 60 ping@44");
  const Session after = merged(session, "40 ad_complete@30p ad=a1");
  EXPECT_EQ(after.ads[0].outcome, AdOutcome::skip);
  EXPECT_EQ(after.ads_completed, 0);
}

TEST(Late, TheSameAdAnHourLaterIsAnotherOne) {
  const Session after = merged(
      present("0 play@0; 10 ad_start@10 ad=a1; 20 ad_break_start@10 br=x; 21 ad_break_end@10 "
              "br=x; 22 play@10; 9000 ping@8000"),
      "5000 ad_complete@4000p ad=a1");
  EXPECT_EQ(after.impressions, 2);
  EXPECT_EQ(after.ads[0].outcome, AdOutcome::unknown);
  EXPECT_EQ(after.ads[1].outcome, AdOutcome::complete);
}

TEST(Late, KeepsABoundedNumberOfAds) {
  Session session = present(played);
  for (std::size_t i = 0; i < 3 * ads_max; ++i) {
    const std::string text = std::to_string(1000 + i) + " ad_skip@900p ad=a" + std::to_string(i);
    merge(session, notation::read(text)[0]);
  }
  EXPECT_EQ(session.ads.size(), ads_max);
  EXPECT_EQ(session.ads.back().id, "a47");
  EXPECT_EQ(session.impressions, 48);
}

TEST(Late, WhatFollowedEachOtherWasWatched) {
  const Session before = present(played);
  const Session after = merged(
      before, "1000 ping@500; 1030 ping@530; 1060 ping@560; 1090 pause@590p; 2000 ping@1500");
  ASSERT_EQ(after.runs.size(), 1u);
  std::vector<Interval> expected = before.runs[0].watched.intervals();
  const Interval late{500, 590};
  expected.insert(std::ranges::lower_bound(expected, late.begin, {}, &Interval::begin), late);
  EXPECT_EQ(after.runs[0].watched.intervals(), expected);
}

TEST(Late, NothingIsWatchedAcrossAJumpAPauseOrASilence) {
  const Session before = present(played);
  for (const std::string_view text :
       {"1000 ping@500; 1030 ping@700", "1000 ping@500p; 1030 ping@530",
        "1000 ping@500; 1100 ping@600", "1000 ad_quartile25@500 ad=a; 1030 ping@530"}) {
    EXPECT_EQ(merged(before, text).runs[0].watched, before.runs[0].watched) << text;
  }
}

TEST(Late, CountsAndPercentsOnlyRise) {
  const Session after = merged(present("0 play@0 dur=6000; 4000 ping@4000"),
                               "100 play@50; 200 error@60; 300 quality_change@70; 400 "
                               "percent_progress@3000 dur=6000; 500 end@6000e");
  EXPECT_EQ(after.play_events, 2);
  EXPECT_EQ(after.errors, 1);
  EXPECT_EQ(after.quality_changes, 1);
  EXPECT_EQ(after.completions, 1);
  EXPECT_EQ(after.percents, (std::vector<int>{50, 100}));
  EXPECT_EQ(state_of(after), State::playing);
}

}  // namespace
}  // namespace lvp::profile
