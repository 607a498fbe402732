// The acceptance scenarios from S70 on that a session alone can show: who it is, where its clock
// stands, whether somebody is there, what it counts for. docs/scenarios.md says where the others
// are.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "profile/accelerator.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "profile/fold.h"
#include "profile/history.h"
#include "profile/metrics.h"
#include "profile/notation.h"

namespace lvp::profile {
namespace {

using notation::at;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Device device_of(const std::vector<MediaEvent>& events) {
  Device device;
  for (const MediaEvent& e : events) apply(device, e, e.collected);
  return device;
}

Device device_of(std::string_view events) {
  return device_of(notation::read(events));
}

const Session& session(const Device& device, std::size_t play = 0) {
  return device.profile.plays.at(play).session;
}

std::string states(const Session& s) {
  std::string text;
  for (const Transition& t : s.timeline) {
    text += fmt::format("{}{}@{}", text.empty() ? "" : " > ", name_of(t.state),
                        to_seconds(t.at - notation::base));
  }
  return text;
}

// Whatever the order of arrival, as long as nothing leaves the window.
void expect_same_in_any_order(std::vector<MediaEvent> events) {
  const std::string in_order = encode(device_of(events).profile);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::ranges::shuffle(events, std::mt19937(seed));
    ASSERT_EQ(encode(device_of(events).profile), in_order) << "seed " << seed;
  }
}

MediaEvent lifecycle(std::string_view name, double second) {
  MediaEvent event;
  event.event_id = fmt::format("{} {}", name, second);
  event.event_name = name;
  event.kind = MediaKind::foreign;
  event.created = event.collected = event.sent.emplace(at(second));
  event.device_key = event.viewer = "viewer";
  event.tracker = "ios-6.0.0";
  event.fingerprint = fnv1a(event.event_id);
  return event;
}

// ---- Clocks ----

// The device is an hour fast, and is put right at 45 s.
TEST(Acceptance, S76TheClockIsSetBackInMidSession) {
  constexpr std::string_view text =
      "0 play@0 dur=600 clock=3600; 30 ping@30 L=30 clock=3600; 60 ping@60 L=60; "
      "70 pause@70p L=70; 90 play@70 L=70; 120 ping@100 L=100";
  const Device device = device_of(text);
  const Session& s = session(device);
  EXPECT_EQ(device.profile.plays.size(), 1u);
  EXPECT_EQ(s.clock_changes, 1);
  EXPECT_EQ(s.play_time, seconds(100));
  EXPECT_EQ(s.paused_time, seconds(20));
  EXPECT_EQ(s.runs[0].watched.seconds(), 100);
  EXPECT_EQ(s.resumes, 0);
  EXPECT_EQ(states(s), "PLAYING@3600 > PAUSED@3670 > PLAYING@3690") << "by the clock it began with";
  EXPECT_EQ(device.profile.wall(s, s.timeline[0].at), at(0));
  EXPECT_EQ(device.profile.wall(s, s.last), at(120));
  EXPECT_EQ(deadline(device.profile), at(225));
  expect_same_in_any_order(notation::read(text));
}

TEST(Acceptance, S76TheClockIsSetForwardsInMidSession) {
  constexpr std::string_view text =
      "0 play@0 dur=600 clock=-86400; 30 ping@30 L=30 clock=-86400; 60 ping@60 L=60; "
      "90 ping@90 L=90";
  const Device device = device_of(text);
  const Session& s = session(device);
  EXPECT_EQ(states(s), "PLAYING@-86400");
  EXPECT_EQ(s.play_time, seconds(90));
  EXPECT_EQ(device.profile.wall(s, s.last), at(90));
  EXPECT_EQ(deadline(device.profile), at(195));
  expect_same_in_any_order(notation::read(text));
}

// Also where its place is behind what was folded away, and without what the tracker counts.
TEST(Acceptance, S76TheClockIsSetBackAfterTheWindow) {
  const Device device = device_of(
      "0 play@0 P=300 clock=3600; 300 ping@300 clock=3600; 600 ping@600 clock=3600; "
      "900 ping@900; 1200 ping@1200; 1500 ping@1500; 1800 ping@1800");
  EXPECT_EQ(device.profile.late, 0u);
  EXPECT_EQ(session(device).play_time, seconds(1800));
  EXPECT_EQ(session(device).clock_changes, 1);
}

TEST(Acceptance, S76APlayFromBeforeTheClockWasSetKeepsItsWallTimes) {
  const Device device =
      device_of("A:0 play@0 clock=3600; A:10 end@10e dur=10 clock=3600; B:60 play@0");
  ASSERT_EQ(device.profile.plays.size(), 2u);
  for (const Play& play : device.profile.plays) {
    EXPECT_EQ(device.profile.wall(play.session, play.session.first), at(play.id == "A" ? 0 : 60));
  }
}

TEST(Acceptance, S77AnEventCreatedAfterItWasSentIsSuspect) {
  MediaEvent play = notation::read("10800 play@0")[0];
  play.sent = play.collected = at(0);
  const Device device = device_of({play});
  EXPECT_TRUE(device.profile.plays[0].clock_suspect);
  EXPECT_EQ(device.profile.plays[0].state(), State::playing);
  EXPECT_EQ(deadline(device.profile), at(105)) << "collected then, so it happened by then";
  EXPECT_FALSE(device_of("0 play@0").profile.plays[0].clock_suspect);
}

// ---- Identity ----

// As they come from the bridge.
MediaEvent media(std::string_view ids, std::string_view rest) {
  json::Parser parser;
  const std::string record =
      R"({"collector_tstamp":"2026-01-01T00:00:00Z","event_id":"e","event_name":"play_event",)"
      R"("event_vendor":"com.snowplowanalytics.snowplow.media",)"
      R"("dvce_created_tstamp":"2026-01-01T00:00:00Z",)" +
      std::string(ids) + std::string(rest) + "}";
  auto event = decode_media_event(record, parser);
  EXPECT_TRUE(event) << record;
  return event ? *event : MediaEvent();
}

constexpr std::string_view media_session =
    R"(,"player":{"currentTime":0,"paused":false,"ended":false},"session":{"mediaSessionId":"youtube"})";

TEST(Acceptance, S82AConstantSessionIdOnTwoDevicesIsTwoSessions) {
  const MediaEvent a = media(R"("domain_userid":"d1")", media_session);
  const MediaEvent b = media(R"("domain_userid":"d2")", media_session);
  EXPECT_NE(a.device_key, b.device_key);
  EXPECT_NE(a.viewer, b.viewer);
  EXPECT_EQ(device_of({a}).profile.plays[0].id, "youtube");
  EXPECT_EQ(device_of({b}).profile.plays[0].id, "youtube");
}

TEST(Acceptance, S84AnAnonymousPhoneIsAViewer) {
  const MediaEvent event =
      media(R"("client_session":{"userId":"c1","sessionIndex":1})", media_session);
  EXPECT_EQ(event.device_key, "c1");
  EXPECT_EQ(event.viewer, "c1");
  EXPECT_EQ(session(device_of({event})).viewer, "c1");
}

TEST(Acceptance, S85NilIdsMergeNobody) {
  constexpr std::string_view nil = "00000000-0000-0000-0000-000000000000";
  const auto anonymous = [&](std::string_view play) {
    return media(
        fmt::format(R"("network_userid":"{}","client_session":{{"userId":"{}"}})", nil, nil),
        fmt::format(R"(,"session":{{"mediaSessionId":"{}"}})", play));
  };
  EXPECT_EQ(anonymous("m1").viewer, "m1");
  EXPECT_EQ(anonymous("m1").device_key, "m1");
  EXPECT_NE(anonymous("m1").viewer, anonymous("m2").viewer);
  EXPECT_NE(anonymous("m1").device_key, anonymous("m2").device_key);
}

TEST(Acceptance, S81ALoginLinksTheViewers) {
  constexpr std::string_view text =
      "0 play@0 user=d1; 10 ping@10; 20 ping@20; 30 ping@30; 40 ping@40; 50 ping@50 user=u1; "
      "60 ping@60";
  const Device device = device_of(text);
  ASSERT_EQ(device.profile.plays.size(), 1u);
  EXPECT_EQ(session(device).viewer, "u1");
  EXPECT_EQ(session(device).viewer_before, "d1");
  EXPECT_EQ(session(device).play_events, 1);
  const std::vector<Identity> viewers{{"d1", at(0), at(40)}, {"u1", at(50), at(60)}};
  EXPECT_EQ(device.profile.viewers, viewers);
  expect_same_in_any_order(notation::read(text));
}

TEST(Acceptance, S86AProgrammeChangeIsAnotherContentRun) {
  std::string text = "0 play@1000 label=A live";
  for (int second = 30; second <= 900; second += 30) {
    text +=
        fmt::format("; {} ping@{} label={} live", second, 1000 + second, second <= 600 ? "A" : "B");
  }
  const Device device = device_of(text);
  ASSERT_EQ(device.profile.plays.size(), 1u);
  const auto& runs = session(device).runs;
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].label, "A");
  EXPECT_EQ(runs[1].label, "B");
  // The change came some time between the last event of the one and the first of the other.
  EXPECT_EQ(runs[0].play_time, seconds(630));
  EXPECT_EQ(runs[1].play_time, seconds(270));
  EXPECT_EQ(session(device).play_time, seconds(900));
}

TEST(Acceptance, S89AnEventOfTheFirstPluginsIsOfItsKind) {
  const MediaEvent pause = media(
      R"("domain_userid":"d","event_name":"pause_event")",
      R"(,"player":{"currentTime":9,"duration":null,"ended":false,"loop":false,"muted":false,"paused":true,"playbackRate":1,"volume":100})");
  MediaEvent play = notation::read("0 play@0")[0];
  EXPECT_EQ(play.kind, MediaKind::play);
  EXPECT_TRUE(pause.player->paused);
  EXPECT_EQ(pause.player->duration, std::nullopt);
}

// ---- Presence ----

// What was learnt from so many plays that had time to ping.
PingHabits habits_without_pings(MediaEvent event, std::uint32_t plays) {
  PingHabits habits;
  for (std::uint32_t i = 0; i < plays; ++i) habits.learn(event);
  for (int later = 0; later < 2; ++later) {
    event.collected += PingHabits::ripening;
    habits.learn(event);  // too young to count
  }
  return habits;
}

TEST(Acceptance, S93APlayerThatNeverPingsIsNotGone) {
  const std::vector<MediaEvent> events = notation::read("0 play@0 dur=1200; 900 pause@900p");
  const PingHabits habits = habits_without_pings(events[0], PingHabits::plays_min);
  Device device;
  apply(device, events[0], at(0), {}, habits);
  EXPECT_FALSE(expire(device, at(899)));
  EXPECT_TRUE(is_pingless(session(device)));
  EXPECT_EQ(deadline(device.profile), at(1260)) << "the rest of the content, and a minute";
  apply(device, events[1], at(900), {}, habits);
  EXPECT_EQ(states(session(device)), "PLAYING@0 > PAUSED@900");
  EXPECT_EQ(session(device).play_time, seconds(900));
}

TEST(Acceptance, S93ThePatienceWithPinglessPlayersIsBounded) {
  for (const auto& [text, patience] : {std::pair{"0 play@5000 live", hours(4)},
                                       {"0 play@0", hours(4)},
                                       {"0 play@0 dur=1e9", hours(4)}}) {
    const MediaEvent play = notation::read(text)[0];
    Device device;
    apply(device, play, at(0), {}, habits_without_pings(play, PingHabits::plays_min));
    EXPECT_EQ(deadline(device.profile), at(0) + patience) << text;
  }
}

TEST(Acceptance, S93OnePingProvesThatItPings) {
  const std::vector<MediaEvent> events = notation::read("0 play@0 dur=1200; 30 ping@30");
  const PingHabits habits = habits_without_pings(events[0], PingHabits::plays_min);
  Device device;
  for (const MediaEvent& e : events) apply(device, e, e.collected, {}, habits);
  EXPECT_EQ(deadline(device.profile), at(135));
}

TEST(Acceptance, S93AKindOfPlayerIsPinglessWhenFewerThanOnePlayInAHundredPings) {
  const std::vector<MediaEvent> events = notation::read("0 play@0; 30 ping@30");
  EXPECT_FALSE(habits_without_pings(events[0], PingHabits::plays_min - 1).pingless(events[0]));
  PingHabits habits = habits_without_pings(events[0], 100);
  EXPECT_TRUE(habits.pingless(events[0]));
  EXPECT_TRUE(habits.learn(events[1])) << "the verdict changed";
  EXPECT_FALSE(habits.pingless(events[0]));
  MediaEvent other = events[0];
  other.app_id = "another";
  EXPECT_FALSE(habits_without_pings(events[0], 100).pingless(other));
}

TEST(Acceptance, S93PlaysThatBeganJustNowProveNothing) {
  MediaEvent play = notation::read("0 play@0")[0];
  MediaEvent ping = notation::read("30 ping@30")[0];
  const Timestamp kick_off = play.collected;
  PingHabits habits;
  for (int i = 0; i < 1000; ++i) {
    play.collected = kick_off + std::chrono::milliseconds(10 * i);
    EXPECT_FALSE(habits.learn(play));
  }
  for (int i = 0; i < 1000; ++i) {
    ping.collected = kick_off + seconds(30) + std::chrono::milliseconds(10 * i);
    EXPECT_FALSE(habits.learn(ping));
  }
  for (int minute = 1; minute < 5; ++minute) {
    play.collected = kick_off + minute * PingHabits::ripening;
    EXPECT_FALSE(habits.learn(play));
  }
  EXPECT_FALSE(habits.pingless(play));
}

TEST(Acceptance, S93PlaysOfPlayersThatPingSeldomNeedLongerToProveAnything) {
  MediaEvent play = notation::read("0 play@0")[0];
  play.session.emplace().ping_interval_s = 900;
  const Timestamp began = play.collected;
  PingHabits habits;
  for (int minute = 0; minute < 15; ++minute) {
    play.collected = began + std::chrono::minutes(minute);
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(habits.learn(play)) << minute;
  }
  play.collected = began + std::chrono::minutes(15);
  EXPECT_FALSE(habits.learn(play)) << "those that began with the first have had the time";
  play.collected = began + std::chrono::minutes(30);
  EXPECT_TRUE(habits.learn(play));
}

TEST(Acceptance, S107AnAppInTheBackgroundIsLeftAfterTwoMinutes) {
  std::vector<MediaEvent> events = notation::read("0 play@0 dur=600; 30 ping@30; 40 pause@40p");
  events.push_back(lifecycle("application_background", 50));
  Device device = device_of(events);
  EXPECT_EQ(deadline(device.profile), at(170));
  EXPECT_TRUE(expire(device, at(170)));
  EXPECT_EQ(states(session(device)), "PLAYING@0 > PAUSED@40 > LEFT@170");
  expect_same_in_any_order(events);

  events.push_back(lifecycle("application_foreground", 60));
  device = device_of(events);
  EXPECT_EQ(deadline(device.profile), at(60) + minutes(30));
  expect_same_in_any_order(events);
}

TEST(Acceptance, S107APictureInPictureAndSoundGoOnInTheBackground) {
  for (const bool audio : {false, true}) {
    std::vector<MediaEvent> events = notation::read("0 play@0 dur=600 P=60; 30 ping@30");
    for (MediaEvent& e : events) {
      e.player->picture_in_picture = !audio;
      e.player->media_type = audio ? "audio" : "video";
    }
    events.push_back(lifecycle("application_background", 50));
    const Device device = device_of(events);
    EXPECT_EQ(deadline(device.profile), at(50 + 3 * 60 + 15));
    EXPECT_EQ(session(device).play_time, seconds(50));
  }
}

TEST(Acceptance, S107TheBackgroundRevivesNobody) {
  std::vector<MediaEvent> events = notation::read("0 play@0; 30 ping@30");
  events.push_back(lifecycle("application_background", 500));
  const Device device = device_of(events);
  EXPECT_EQ(states(session(device)), "PLAYING@0 > LEFT@135");
  EXPECT_EQ(session(device).resumes, 0);
}

TEST(Acceptance, S115AnIdleTabIsReadyForHalfAnHour) {
  Device device = device_of("0 ready@0p; 30 ping@0p");
  EXPECT_FALSE(expire(device, at(1829)));
  EXPECT_EQ(device.profile.plays[0].state(), State::ready);
  EXPECT_TRUE(expire(device, at(3600)));
  EXPECT_EQ(states(session(device)), "READY@0 > LEFT@1830");
  EXPECT_FALSE(is_play(session(device)));
}

// ---- Metrics ----

TEST(Acceptance, S100HowMuchOfTheAudienceIsLeftAtEachSecond) {
  const Device device = device_of(
      "A:0 play@0 dur=100; A:30 ping@30; A:60 ping@60; A:90 ping@90; A:100 end@100e; "
      "B:200 play@0 dur=100; B:230 ping@30; B:250 pause@50p; "
      "C:300 play@0 dur=100; C:320 seek_start@20; C:320 seek_end@60 n=1; C:350 ping@90; C:360 "
      "end@100e");
  const auto retained = [&](double second) {
    int plays = 0;
    for (const Play& play : device.profile.plays)
      plays += play.session.runs.back().watched.covers(second);
    return plays;
  };
  EXPECT_EQ(retained(10), 3);
  EXPECT_EQ(retained(30), 2);
  EXPECT_EQ(retained(55), 1);
  EXPECT_EQ(retained(80), 2);
  double watched = 0;
  int complete = 0;
  for (const Play& play : device.profile.plays) {
    watched += play.session.runs.back().watched.seconds();
    complete += is_complete_play(play.session.runs.back());
  }
  EXPECT_EQ(watched / 3, 70);
  EXPECT_EQ(complete, 1);
}

TEST(Acceptance, S101OnlyTheHighestBoundaryThatAPercentReachesCounts) {
  const Session s =
      session(device_of("0 play@0 dur=100; 60 percent_progress@60; 61 seek_end@79; "
                        "62 percent_progress@80; 70 ping@88"));
  constexpr int boundaries[] = {10, 25, 50, 75};
  EXPECT_EQ(percents_reached(s, boundaries), (std::vector<int>{50, 75}));
  EXPECT_EQ(retention_rate(s, boundaries), 0.50);
}

TEST(Acceptance, S102AnEndIsAHundredPercent) {
  const Session s = session(device_of("0 play@0 dur=60; 60 end@60e"));
  EXPECT_EQ(percents_reached(s), (std::vector<int>{100}));
  EXPECT_EQ(retention_rate(s), 1.0);
  const Session sought = session(device_of("0 play@0 dur=60; 10 seek_end@50; 20 end@60e"));
  EXPECT_EQ(percents_reached(sought), (std::vector<int>{100}));
  EXPECT_EQ(retention_rate(sought), 0);
}

TEST(Acceptance, S103APlayIsValidAboveThirtySeconds) {
  EXPECT_FALSE(is_valid_play(session(device_of("0 play@0 L=30"))));
  EXPECT_TRUE(is_valid_play(session(device_of("0 play@0 L=30.001"))));
  EXPECT_FALSE(is_valid_play(session(device_of("0 play@0; 30 ping@30"))));
  EXPECT_TRUE(is_valid_play(session(device_of("0 play@0; 30.001 ping@30"))));
  EXPECT_FALSE(is_valid_play(session(device_of("0 ping@0 L=40")))) << "nobody pressed play";
}

TEST(Acceptance, S104APlayIsCompleteFromNinetyNinePercent) {
  const struct {
    double watched;
    bool complete;
    double percent;
  } cases[] = {{98, false, 98}, {99, true, 99}, {101, true, 100}};
  for (const auto& c : cases) {
    ContentRun run;
    run.duration_s = 100;
    run.watched.add(0, c.watched);
    EXPECT_EQ(is_complete_play(run), c.complete) << c.watched;
    EXPECT_EQ(watched_percent(run), c.percent);
  }
  EXPECT_FALSE(is_complete_play(ContentRun()));
  EXPECT_EQ(watched_percent(ContentRun()), std::nullopt);
}

TEST(Acceptance, S106TheSameAdTwiceInABreakIsTwoImpressionsAndOneView) {
  const Device device = device_of(
      "0 play@0 dur=600; 30 ad_break_start@30 br=b1; 30 ad_start@30 br=b1 ad=a1 addur=5; "
      "35 ad_complete@30p br=b1 ad=a1; 35 ad_start@30p br=b1 ad=a1 n=1 addur=5; "
      "40 ad_complete@30p br=b1 ad=a1 n=2; 40.1 ad_break_end@30p br=b1 n=3");
  EXPECT_EQ(session(device).impressions, 2);
  EXPECT_EQ(ad_views(session(device)), 1);
}

TEST(Acceptance, FiguresSayWhereTheyComeFrom) {
  using enum Sourced::Source;
  const Session with = session(device_of("0 play@0; 30 ping@30 L=29.8"));
  EXPECT_EQ(play_time_s(with), (Sourced{29.8, tracker}));
  const Session without = session(device_of("0 play@0; 30 ping@30"));
  EXPECT_EQ(play_time_s(without), (Sourced{30, engine}));
  Session skipped = without;  // what lay between was skipped, and counts as watched
  skipped.tracker_figures.content_watched_s = 506;
  EXPECT_EQ(content_watched_s(skipped), (Sourced{30, engine}));
  skipped.tracker_figures.content_watched_s = 31;
  EXPECT_EQ(content_watched_s(skipped), (Sourced{31, tracker}));
}

// ---- History ----

TEST(Acceptance, S70AnOfflineDownloadIsBookedOnTheDayItWasWatched) {
  std::vector<MediaEvent> events =
      notation::read("0 play@0 dur=60 label=Bugs; 30 ping@30; 60 end@60e");
  for (MediaEvent& e : events) e.collected = e.sent.emplace(at(2 * 86400));
  std::ranges::reverse(events);
  const Device device = device_of(events);
  EXPECT_TRUE(device.profile.plays[0].historic);
  const History history = history_of(device.profile);
  ASSERT_EQ(history.days.size(), 1u);
  EXPECT_EQ(history.days[0].day, 20043);  // 2024-11-16
  EXPECT_EQ(history.days[0].plays, 1);
  EXPECT_EQ(history.days[0].completions, 1);
  EXPECT_EQ(history.days[0].play_time, seconds(60));
  EXPECT_EQ(history.days[0].watched_s, 60);
  ASSERT_EQ(history.contents.size(), 1u);
  EXPECT_EQ(history.contents[0].content, "Bugs");
  EXPECT_EQ(history.contents[0].percent, 100);
  EXPECT_EQ(history.contents[0].completions, 1);
  EXPECT_EQ(history.contents[0].last, at(60));
}

TEST(Acceptance, PlaysThatAreNoLongerKeptStayInTheHistory) {
  std::string text;
  for (std::size_t i = 0; i < plays_max + 10; ++i) {
    text += fmt::format("{}s{}:{} play@0 dur=10 label=c{}; s{}:{} end@10e", i ? "; " : "", i,
                        i * 1000, i % 3, i, i * 1000 + 10);
  }
  Device device = device_of(text);
  EXPECT_EQ(device.profile.plays.size(), plays_max);
  EXPECT_EQ(device.profile.history.days[0].plays, 10);
  const History history = history_of(device.profile);
  int plays = 0;
  for (const ContentTotals& totals : history.contents) plays += totals.plays;
  EXPECT_EQ(plays, static_cast<int>(plays_max) + 10);

  // Three days later nothing of them can come any more.
  const MediaEvent later = notation::read("Z:400000 play@0 label=c0")[0];
  apply(device, later, later.collected);
  EXPECT_EQ(device.profile.plays.size(), 1u);
  plays = 0;
  for (const ContentTotals& totals : history_of(device.profile).contents) plays += totals.plays;
  EXPECT_EQ(plays, static_cast<int>(plays_max) + 11);
}

}  // namespace
}  // namespace lvp::profile
