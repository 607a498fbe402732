#include "profile/device.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "profile/codec.h"
#include "profile/notation.h"
#include "profile/plays.h"

namespace lvp::profile {
namespace {

using notation::at;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

MediaEvent event(std::string_view text) {
  return notation::read(text)[0];
}

void feed(Device& device, std::string_view events, const Limits& limits = {}) {
  for (const MediaEvent& e : notation::read(events)) apply(device, e, e.collected, limits);
}

Device device_of(std::string_view events) {
  Device device;
  feed(device, events);
  return device;
}

const Session& session(const Device& device, std::size_t play = 0) {
  return device.profile.plays.at(play).session;
}

// ---- Duplicates ----

// S73.
TEST(Device, ARetryCountsOnceAndTheEarliestCopyIsKept) {
  MediaEvent play = event("0 play@0");
  MediaEvent retry = play;
  retry.sent = at(8);
  retry.collected = at(9);

  Device first_first;
  EXPECT_EQ(apply(first_first, play, at(9)), Verdict::applied);
  EXPECT_EQ(apply(first_first, retry, at(9)), Verdict::duplicate);
  Device retry_first;
  EXPECT_EQ(apply(retry_first, retry, at(9)), Verdict::applied);
  EXPECT_EQ(apply(retry_first, play, at(9)), Verdict::duplicate);

  for (const Device* device : {&first_first, &retry_first}) {
    EXPECT_EQ(device->profile.duplicates, 1u);
    EXPECT_EQ(device->profile.version, 1u);
    EXPECT_EQ(session(*device).play_events, 1);
    EXPECT_EQ(session(*device).timeline[0].cause.collected, at(0));
  }
  EXPECT_EQ(encode(first_first), encode(retry_first));
}

TEST(Device, AnEventWithTheEightFieldsAloneIsAlsoKnownAgain) {
  MediaEvent play = event("0 play@0");
  play.created.reset();
  play.sent.reset();
  play.player.reset();
  play.session.reset();
  MediaEvent retry = play;
  retry.collected = at(5);
  Device device;
  apply(device, retry, at(5));
  EXPECT_EQ(apply(device, play, at(5)), Verdict::duplicate);
  EXPECT_EQ(session(device).first, at(0));
  EXPECT_EQ(session(device).play_events, 1);
}

TEST(Device, ADuplicateMakesNobodyLeave) {
  Device device = device_of("A:0 play@0; B:1 play@0");
  MediaEvent copy = event("A:0 play@0");
  copy.collected = copy.sent.emplace(at(500));
  EXPECT_EQ(apply(device, copy, at(500)), Verdict::duplicate);
  EXPECT_EQ(device.profile.plays[1].state(), State::playing);
  EXPECT_TRUE(expire(device, at(500)));  // so that it is published

  const std::vector<Play> gone = device.profile.plays;
  copy.collected = copy.sent.emplace(at(-1));
  EXPECT_EQ(apply(device, copy, at(500)), Verdict::duplicate);
  EXPECT_EQ(device.profile.plays[0].state(), State::left);
  EXPECT_EQ(session(device, 0).timeline[0].cause.collected, at(-1));
}

// S74.
TEST(Device, AnIdThatIsUsedAgainIsAnotherEvent) {
  Device device = device_of("0 play@0");
  MediaEvent other = event("5 play@5");
  other.event_id = event("0 play@0").event_id;
  EXPECT_EQ(apply(device, other, at(5)), Verdict::applied);
  EXPECT_EQ(device.profile.reused_ids, 1u);
  EXPECT_EQ(device.profile.duplicates, 0u);
  EXPECT_EQ(session(device).play_events, 2);
}

// S96.
TEST(Device, ReadingAllAgainChangesNothingButTheCountOfDuplicates) {
  const std::string_view events = "0 play@0; 30 ping@30; 40 pause@40p; 50 play@40; 80 ping@70";
  Device device = device_of(events);
  const Device before = device;
  for (const MediaEvent& e : notation::read(events))
    EXPECT_EQ(apply(device, e, at(80)), Verdict::duplicate);
  EXPECT_EQ(device.profile.duplicates, 5u);
  device.profile.duplicates = 0;
  EXPECT_EQ(device, before);
}

TEST(Device, RemembersABoundedNumberOfIds) {
  Limits limits;
  limits.ids_max = 10;
  Device device;
  for (int i = 0; i < 50; ++i) feed(device, fmt::format("{} ping@{}", i, i), limits);
  EXPECT_EQ(device.seen.size(), 10u);
  EXPECT_EQ(apply(device, event("45 ping@45"), at(50), limits), Verdict::duplicate);
}

TEST(Device, ForgetsIdsOfEventsThatWouldBeDead) {
  Device device = device_of("0 play@0");
  feed(device, "300000 play@0");
  EXPECT_EQ(device.seen.size(), 1u);
}

// ---- Lateness ----

TEST(Device, AnEventInsideTheWindowIsPutInItsPlace) {
  const Device device = device_of("0 play@0; 20 play@10 !20.1; 10 pause@10p !500");
  EXPECT_EQ(session(device).pauses, 1);
  EXPECT_EQ(session(device).timeline[1].at, at(10));
  EXPECT_EQ(device.profile.late, 0u);
}

TEST(Device, AnEventWhosePlaceWasFoldedAwayIsMerged) {
  Device device =
      device_of("0 play@0 P=300; 300 ping@300; 600 ping@600; 900 ping@900; 1200 ping@1200");
  const State before = device.profile.plays[0].state();
  const auto timeline = session(device).timeline;
  MediaEvent late = event("200 error@200 n=3");
  late.collected = late.sent.emplace(at(1210));
  EXPECT_EQ(apply(device, late, at(1210)), Verdict::late);
  EXPECT_EQ(device.profile.late, 1u);
  EXPECT_EQ(device.profile.version, 6u);
  EXPECT_EQ(device.profile.plays[0].state(), before);
  EXPECT_EQ(session(device).timeline, timeline);
  EXPECT_EQ(session(device).errors, 1);
  EXPECT_EQ(session(device).tracker_figures.ads, 3);

  // Not lost when the window is folded again.
  feed(device, "1215 ping@1215; 1211 ping@1211 !1216");
  EXPECT_EQ(session(device).errors, 1);
  EXPECT_EQ(session(device).tracker_figures.ads, 3);
  EXPECT_EQ(apply(device, late, at(1216)), Verdict::duplicate);
}

// S71.
TEST(Device, ALatePingAddsToThePlayThatWasLeft) {
  Device device;
  MediaEvent ping = event("1800 ping@1800");
  ping.session->time_played_s = 1800;
  apply(device, ping, at(1800));
  EXPECT_TRUE(expire(device, at(1800 + 7200)));
  const std::uint64_t version = device.profile.version;

  MediaEvent late = event("1830 ping@1830");
  late.session->time_played_s = 1830;
  late.collected = at(1830 + 90 * 60);
  late.sent = late.collected;
  apply(device, late, at(1800 + 7200));
  EXPECT_EQ(session(device).tracker_figures.time_played_s, 1830);
  EXPECT_EQ(device.profile.plays[0].state(), State::left);
  EXPECT_FALSE(device.profile.plays[0].historic);
  EXPECT_EQ(device.profile.version, version + 1);
}

// S72.
TEST(Device, AnEventOlderThanThreeDaysIsDead) {
  Device device = device_of("0 play@0; 300000 play@0");
  const std::vector<Play> plays = device.profile.plays;
  const std::uint64_t version = device.profile.version;
  MediaEvent old = event("10 ping@10");
  old.collected = old.sent.emplace(at(10 + 80 * 3600));
  EXPECT_EQ(apply(device, old, at(300'000)), Verdict::dead);
  EXPECT_EQ(device.profile.dead, 1u);
  EXPECT_EQ(device.profile.plays, plays);
  EXPECT_EQ(device.profile.version, version);
}

// S70: forty events of a download, watched six hours ago, arrive newest first in one request.
TEST(Device, ASessionThatWasOverBeforeItArrivedIsHistory) {
  std::vector<MediaEvent> events = notation::read("0 play@0 dur=1170");
  for (int i = 1; i < 39; ++i) {
    events.push_back(event(fmt::format("{} ping@{} dur=1170", i * 30, i * 30)));
  }
  events.push_back(event("1170 end@1170e dur=1170"));
  for (MediaEvent& e : events) e.collected = e.sent.emplace(at(6 * 3600));
  std::ranges::reverse(events);

  Device device;
  for (const MediaEvent& e : events) {
    EXPECT_EQ(apply(device, e, at(6 * 3600)), Verdict::late);
    EXPECT_EQ(device.profile.plays[0].state(), State::left);
    EXPECT_TRUE(device.profile.plays[0].historic);
  }
  EXPECT_EQ(session(device).completions, 1);
  EXPECT_EQ(session(device).play_time, seconds(1170));
  EXPECT_EQ(session(device).runs[0].watched.seconds(), 1170);
  EXPECT_EQ(session(device).first, at(0));
  EXPECT_EQ(deadline(device.profile), std::nullopt);
}

// S108.
TEST(Device, ANetworkGapLeavesNoTrace) {
  std::string live = "0 play@0; 30 ping@30";
  std::vector<MediaEvent> gap;
  for (int second = 60; second <= 330; second += 30) {
    gap.push_back(event(fmt::format("{} ping@{} !331", second, second)));
  }
  Device device = device_of(live);
  EXPECT_TRUE(expire(device, at(200)));
  EXPECT_EQ(device.profile.plays[0].state(), State::left);
  EXPECT_EQ(session(device).timeline.back().at, at(135));

  std::ranges::reverse(gap);
  apply(device, gap[0], at(331));
  EXPECT_EQ(device.profile.plays[0].state(), State::playing);
  for (std::size_t i = 1; i < gap.size(); ++i) apply(device, gap[i], at(331));
  EXPECT_EQ(device.profile.plays[0].state(), State::playing);
  EXPECT_EQ(session(device).timeline.size(), 1u);
  EXPECT_EQ(session(device).resumes, 0);
  EXPECT_EQ(session(device).play_time, seconds(330));
}

TEST(Device, KeepsABoundedWindow) {
  Limits limits;
  limits.window_events_max = 8;
  Device device;
  for (int i = 0; i < 100; ++i) feed(device, fmt::format("{} ping@{}", i, i), limits);
  EXPECT_EQ(device.windows[0].events.size(), 8u);
  EXPECT_EQ(device.windows[0].checkpoint.last, at(91));
  EXPECT_EQ(session(device).play_time, seconds(99));
}

TEST(Device, FoldsAwayWhatIsOlderThanTheWindow) {
  Device device = device_of("0 play@0; 30 ping@30");
  feed(device, "Z:700 play@0");
  EXPECT_TRUE(device.windows[0].events.empty());
  EXPECT_EQ(device.windows[0].checkpoint.last, at(30));
  EXPECT_EQ(device.windows[1].events.size(), 1u);
}

// ---- Time ----

TEST(Device, IsLeftAtItsDeadlineAndNotBefore) {
  Device device = device_of("0 play@0; 30 ping@30");
  EXPECT_EQ(deadline(device.profile), at(135));
  EXPECT_FALSE(expire(device, at(134.999)));
  EXPECT_EQ(device.profile.version, 2u);
  EXPECT_TRUE(expire(device, at(135)));
  EXPECT_EQ(device.profile.version, 3u);
  EXPECT_EQ(device.profile.plays[0].state(), State::left);
  EXPECT_EQ(session(device).timeline.back().at, at(135));
  EXPECT_EQ(deadline(device.profile), std::nullopt);
  EXPECT_FALSE(expire(device, at(1000)));
}

TEST(Device, AnEventRevivesThePlayThatWasLeft) {
  Device device = device_of("0 play@0; 30 ping@30");
  expire(device, at(200));
  feed(device, "300 play@30");
  EXPECT_EQ(device.profile.plays[0].state(), State::playing);
  EXPECT_EQ(session(device).resumes, 1);
  ASSERT_EQ(session(device).timeline.size(), 3u);
  EXPECT_EQ(session(device).timeline[1].state, State::left);
  EXPECT_EQ(session(device).timeline[1].at, at(135));
}

TEST(Device, TheEarliestDeadlineOfAllPlaysCounts) {
  const Device device = device_of("A:0 play@0; A:10 pause@10p; B:12 play@0; B:20 play@8 P=5");
  EXPECT_EQ(deadline(device.profile), at(20 + 30));
}

// S75: a clock three hours fast.
TEST(Device, AClockThatIsWrongIsCorrected) {
  Device device;
  MediaEvent play = event("10800 play@0");
  play.sent = *play.created + Duration(50);
  play.collected = at(0.1);
  apply(device, play, at(0.1));
  EXPECT_EQ(device.profile.clock_offset, Duration(50) - hours(3));
  EXPECT_EQ(device.profile.plays[0].state(), State::playing);
  EXPECT_EQ(deadline(device.profile), at(105.05));
}

TEST(Device, TheQuickestOfTheLastTwentyRequestsTellsTheOffset) {
  std::vector<MediaEvent> events;
  for (int i = 0; i < 30; ++i) {
    MediaEvent ping = event(fmt::format("{} ping@{}", i, i));
    ping.collected = *ping.sent + Duration(i == 5 ? 10 : i == 20 ? 40 : 100);
    events.push_back(ping);
  }
  Device device;
  for (const MediaEvent& e : events) apply(device, e, e.collected);
  EXPECT_EQ(device.posts.size(), posts_max);
  EXPECT_EQ(device.profile.clock_offset, Duration(40));
  Device reversed;
  std::ranges::reverse(events);
  for (const MediaEvent& e : events) apply(reversed, e, e.collected);
  EXPECT_EQ(encode(reversed), encode(device));
}

TEST(Device, WithoutASentTimeTheCreatedTimeStandsIn) {
  MediaEvent play = event("0 play@0 !2");
  play.sent.reset();
  Device device;
  apply(device, play, at(2));
  EXPECT_EQ(device.profile.clock_offset, seconds(2));
  MediaEvent bare = event("5 ping@5");
  bare.created.reset();
  bare.sent.reset();
  Device other;
  apply(other, bare, at(5));
  EXPECT_EQ(other.profile.clock_offset, Duration(0));
}

// S77: created after it was sent. It cannot have happened after it arrived.
TEST(Device, NothingHappensInTheFuture) {
  MediaEvent play = event("10800 play@0");
  play.sent = play.collected = at(0);
  Device device;
  apply(device, play, at(0));
  EXPECT_EQ(deadline(device.profile), at(105));
}

// ---- Order ----

// S79.
TEST(Device, EventsOfOneMillisecondFollowTheTrackersCounters) {
  for (const std::string_view events :
       {"0 play@0; 30 ad_break_start@30 br=b1; 30.1 ad_start@30p br=b1 ad=a1 n=1; "
        "33.278 ad_complete@30p br=b1 ad=a1 n=1; 33.278 ad_start@30p br=b1 ad=a2 n=2",
        "0 play@0; 30 ad_break_start@30 br=b1; 30.1 ad_start@30p br=b1 ad=a1 n=1; "
        "33.278 ad_start@30p br=b1 ad=a2 n=2; 33.278 ad_complete@30p br=b1 ad=a1 n=1"}) {
    const Device device = device_of(events);
    EXPECT_EQ(session(device).impressions, 2);
    EXPECT_EQ(session(device).ads_completed, 1);
    ASSERT_EQ(session(device).ads.size(), 1u);
    EXPECT_EQ(session(device).ads[0].id, "a1");
    EXPECT_EQ(session(device).ad->id, "a2");
  }
}

TEST(Device, NumbersBeatTheClockUnlessAnEventHasNone) {
  const auto numbered = [](std::string_view text, int index) {
    MediaEvent e = event(text);
    e.client_session = ClientSession{"c1", 1, index};
    return e;
  };
  Device device;
  apply(device, numbered("10 play@0", 1), at(10));
  apply(device, numbered("9 pause@5p", 2), at(10));  // the clock was set
  EXPECT_EQ(device.profile.plays[0].state(), State::paused);
  apply(device, event("10.5 ping@0"), at(11));  // by the clock: pause, play, ping
  EXPECT_EQ(device.profile.plays[0].state(), State::playing);
}

// P3: whatever the disorder, as long as it is inside the window.
TEST(Device, DisorderInsideTheWindowLeavesNoTrace) {
  constexpr std::string_view kinds[] = {
      "play",         "pause",         "ping",        "seek_start", "seek_end",
      "buffer_start", "buffer_end",    "error",       "end",        "ready",
      "ad_start",     "ad_quartile50", "ad_complete", "ad_pause",   "ping"};
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const auto up_to = [&](std::size_t n) { return static_cast<int>(random() % (n + 1)); };
    std::vector<MediaEvent> events;
    double second = 0;
    for (int i = 0; i < 120; ++i) {
      second += up_to(40) == 0 ? 200 : up_to(20);
      const std::string_view kind = kinds[static_cast<std::size_t>(up_to(std::size(kinds) - 1))];
      std::string text = fmt::format("{}:{} {}@{}{} dur=900", up_to(3) ? "A" : "B", second, kind,
                                     up_to(900), up_to(2) ? "" : "p");
      if (kind.starts_with("ad_")) text += " ad=a1 br=b1";
      events.push_back(event(text));
      if (up_to(10) == 0) {
        MediaEvent copy = events.back();
        copy.collected += seconds(up_to(60));
        copy.sent = copy.collected;
        events.push_back(copy);
      }
    }
    events.push_back(event(fmt::format("A:{} ping@0", second + 61)));
    std::ranges::stable_sort(events, {}, &MediaEvent::collected);
    const auto fold = [&](const std::vector<MediaEvent>& arrivals) {
      Device device;
      for (const MediaEvent& e : arrivals) apply(device, e, e.collected);
      return device;
    };
    const Device in_order = fold(events);

    // No event is delayed by more than 8 minutes.
    std::vector<std::pair<Timestamp, std::size_t>> order;
    for (std::size_t i = 0; i < events.size(); ++i) {
      order.emplace_back(events[i].collected + seconds(up_to(480)), i);
    }
    std::ranges::sort(order);
    std::vector<MediaEvent> arrivals;
    for (const auto& [time, i] : order) arrivals.push_back(events[i]);
    const Device disordered = fold(arrivals);
    ASSERT_EQ(encode(disordered.profile), encode(in_order.profile)) << "seed " << seed;
    ASSERT_EQ(encode(disordered), encode(in_order)) << "seed " << seed;
  }
}

// ---- Plays ----

// S81.
TEST(Device, ALoginMovesTheSessionToAnotherViewer) {
  std::vector<MediaEvent> events =
      notation::read("0 play@0; 10 ping@10; 20 ping@20; 30 ping@30; 40 ping@40");
  for (std::size_t i = 3; i < events.size(); ++i) events[i].viewer = "u1";
  Device device;
  for (const MediaEvent& e : events) apply(device, e, e.collected);
  ASSERT_EQ(device.profile.plays.size(), 1u);
  EXPECT_EQ(session(device).viewer, "u1");
  Device reversed;
  std::ranges::reverse(events);
  for (const MediaEvent& e : events) apply(reversed, e, e.collected);
  EXPECT_EQ(session(reversed).viewer, "u1");
}

// S83.
TEST(Device, TheSameIdWithAnotherStartIsAnotherPlay) {
  Device device;
  MediaEvent first = event("0 ping@0");
  first.session->time_played_s = 300;
  apply(device, first, at(0));
  MediaEvent second = event("100 ping@0");
  second.session->started_at = at(90);
  second.session->time_played_s = 40;
  apply(device, second, at(100));
  ASSERT_EQ(device.profile.plays.size(), 2u);
  EXPECT_EQ(session(device, 0).tracker_figures.time_played_s, 300);
  EXPECT_EQ(session(device, 1).tracker_figures.time_played_s, 40);
}

// S87.
TEST(Device, WithoutASessionThePageAndTheContentMakeThePlay) {
  Device device;
  for (const auto& [text, page, label] : {std::tuple{"0 play@0", "p1", "A"},
                                          {"1 play@0", "p1", "B"},
                                          {"2 play@0", "p2", "A"},
                                          {"3 ping@3", "p1", "A"}}) {
    MediaEvent e = event(text);
    e.session.reset();
    e.page_view_id = page;
    e.player->label = label;
    apply(device, e, e.collected);
  }
  ASSERT_EQ(device.profile.plays.size(), 3u);
  EXPECT_EQ(device.profile.plays[0].id, "p1/A");
  EXPECT_EQ(session(device, 0).last, at(3));
}

TEST(Device, PlaysAreInTheOrderInWhichTheyBegan) {
  const Device device = device_of("A:10 play@0; B:5 play@0 !12; C:7 play@0 !13; A:2 ready@0p !14");
  std::string ids;
  for (const Play& play : device.profile.plays) ids += play.id;
  EXPECT_EQ(ids, "ABC");
  EXPECT_EQ(device.windows[0].events.size(), 2u);
  EXPECT_EQ(device.windows[1].events[0].event_id, "B:5 play@0 !12");
}

TEST(Device, DropsThePlayThatWasLeftFirst) {
  Device device;
  feed(device, "paused:0 play@0; paused:1 pause@1p; gone:2 play@0; gone:3 end@9e dur=9");
  for (std::size_t i = 2; i <= plays_max; ++i)
    feed(device, fmt::format("s{}:{} play@0", i, 400 + i));
  EXPECT_EQ(device.profile.plays.size(), plays_max);
  EXPECT_EQ(device.windows.size(), plays_max);
  EXPECT_EQ(device.profile.plays[0].id, "paused");
  EXPECT_EQ(device.profile.plays[1].id, "s2");
}

// S88.
TEST(Device, AForeignEventIsCountedOnly) {
  Device device = device_of("0 play@0");
  MediaEvent foreign = event("5 pause@5p");
  foreign.kind = MediaKind::foreign;
  EXPECT_EQ(apply(device, foreign, at(5)), Verdict::foreign);
  EXPECT_EQ(device.profile.foreign, 1u);
  EXPECT_EQ(device.profile.plays[0].state(), State::playing);
}

// S95: state that was stored in mid-ad goes on where it was.
TEST(Device, GoesOnFromItsStoredForm) {
  Device device =
      device_of("0 play@0; 30 ad_break_start@30 br=b1; 30.1 ad_start@30p br=b1 ad=a1 addur=30");
  auto restored = decode_device(encode(device));
  ASSERT_TRUE(restored);
  for (Device* d : {&device, &*restored})
    feed(*d, "40 ping@30p br=b1 ad=a1; 60 ad_complete@30p br=b1 ad=a1");
  EXPECT_EQ(*restored, device);
  EXPECT_EQ(device.profile.plays[0].state(), State::playing_ad);
  EXPECT_EQ(session(device).ads_completed, 1);
}

}  // namespace
}  // namespace lvp::profile
