// The golden sample: 47 media events that the accelerator's own demo page sent, and what they
// amount to.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "profile/accelerator.h"
#include "profile/codec.h"
#include "profile/device.h"

namespace lvp::profile {
namespace {

using enum MediaKind;

// Source: micro.1.tsv of the accelerator's repository, in the order of the file, which is the
// reverse of the device's order within a request. Times in milliseconds since the media session
// started.
struct Row {
  int number;
  int created;
  int sent;
  int collected;
  MediaKind kind;
  double position;
  bool paused;
  int percent;
  std::string_view ad;
  std::string_view ad_break;
  double break_position;
  double time_played;
  double time_paused;
  double time_spent_ads;
  double content_watched;
  int ads;
  int ads_clicked;
  int ads_skipped;
  int ad_breaks;
};

constexpr Row rows[] = {
    // clang-format off
    { 3,   5838,   5838,   5894, play, 0, false, 0, "", "", 0, 0, 0, 0, 1, 0, 0, 0, 0},
    { 4,   6014,   6860,   6870, pause, 0.112652, true, 0, "288", "287", 0, 0.175, 0, 0, 1, 1, 0, 0, 1},
    { 5,   6012,   6860,   6870, ad_start, 0, false, 0, "288", "287", 0, 0.175, 0, 0, 1, 1, 0, 0, 1},
    { 6,   6011,   6860,   6870, ad_break_start, 0, false, 0, "", "287", 0, 0.174, 0, 0, 1, 0, 0, 0, 1},
    { 7,   8001,   8067,   8079, ad_quartile, 0.112652, true, 50, "288", "287", 0, 0.175, 0, 1.988, 1, 1, 0, 0, 1},
    { 8,   7006,   8067,   8079, ad_quartile, 0.112652, true, 25, "288", "287", 0, 0.175, 0, 0.994, 1, 1, 0, 0, 1},
    { 9,   9007,   9008,   9022, ad_quartile, 0.112652, true, 75, "288", "287", 0, 0.175, 0, 2.995, 1, 1, 0, 0, 1},
    {10,  10002,  10003,  10054, ad_start, 0.112652, true, 0, "278", "287", 0, 0.175, 0, 3.99, 1, 2, 0, 0, 1},
    {11,  10002,  10003,  10054, ad_complete, 0.112652, true, 0, "288", "287", 0, 0.175, 0, 3.99, 1, 1, 0, 0, 1},
    {13,  12011,  12012,  12065, ad_quartile, 0.112652, true, 25, "278", "287", 0, 0.175, 0, 5.999, 1, 2, 0, 0, 1},
    {14,  13008,  13008,  13066, ad_quartile, 0.112652, true, 50, "278", "287", 0, 0.175, 0, 6.996, 1, 2, 0, 0, 1},
    {15,  14006,  14006,  14054, ad_quartile, 0.112652, true, 75, "278", "287", 0, 0.175, 0, 7.994, 1, 2, 0, 0, 1},
    {16,  15006,  15006,  15063, ad_break_end, 0.112652, true, 0, "", "287", 0, 0.175, 0.001, 8.993, 1, 2, 0, 0, 1},
    {17,  15005,  15006,  15063, ad_complete, 0.112652, true, 0, "278", "287", 0, 0.175, 0, 8.993, 1, 2, 0, 0, 1},
    {19,  15008,  15318,  15325, play, 0.16254, false, 0, "", "", 0, 0.175, 0.003, 8.993, 1, 2, 0, 0, 1},
    {22,  30007,  30007,  30062, ping, 15.0301, false, 0, "", "", 0, 15.174, 0.003, 8.993, 16, 2, 0, 0, 1},
    {26,  45017,  45018,  45073, ad_start, 29.926184, false, 0, "293", "292", 29.926184, 30.184, 0.003, 8.993, 30, 3, 0, 0, 2},
    {27,  45016,  45018,  45073, ad_break_start, 29.926184, false, 0, "", "292", 29.926184, 30.183, 0.003, 8.993, 30, 2, 0, 0, 2},
    {28,  45020,  45084,  45132, pause, 30.120879, true, 0, "293", "292", 29.926184, 30.184, 0.003, 8.993, 30, 3, 0, 0, 2},
    {30,  47000,  47001,  47054, ad_quartile, 30.120879, true, 25, "293", "292", 29.926184, 30.184, 0.003, 10.976, 30, 3, 0, 0, 2},
    {31,  48012,  48012,  48063, ad_quartile, 30.120879, true, 50, "293", "292", 29.926184, 30.184, 0.003, 11.988, 30, 3, 0, 0, 2},
    {32,  48204,  48205,  48252, ad_click, 30.120879, true, 0, "293", "292", 29.926184, 30.184, 0.003, 12.18, 30, 3, 1, 0, 2},
    {33,  49009,  49010,  49033, ad_quartile, 30.120879, true, 75, "293", "292", 29.926184, 30.184, 0.003, 12.985, 30, 3, 1, 0, 2},
    {34,  50016,  50017,  50072, ad_start, 30.120879, true, 0, "292", "292", 29.926184, 30.184, 0.003, 13.992, 30, 4, 1, 0, 2},
    {35,  50016,  50017,  50072, ad_complete, 30.120879, true, 0, "293", "292", 29.926184, 30.184, 0.003, 13.992, 30, 3, 1, 0, 2},
    {37,  52005,  52006,  52052, ad_quartile, 30.120879, true, 25, "292", "292", 29.926184, 30.184, 0.003, 15.981, 30, 4, 1, 0, 2},
    {38,  53001,  53002,  53052, ad_quartile, 30.120879, true, 50, "292", "292", 29.926184, 30.184, 0.003, 16.977, 30, 4, 1, 0, 2},
    {39,  54000,  54001,  54053, ad_quartile, 30.120879, true, 75, "292", "292", 29.926184, 30.184, 0.003, 17.976, 30, 4, 1, 0, 2},
    {40,  54438,  54439,  54492, ad_break_end, 30.120879, true, 0, "", "292", 29.926184, 30.184, 0.004, 18.413, 30, 4, 1, 1, 2},
    {41,  54437,  54439,  54492, ad_skip, 30.120879, true, 0, "292", "292", 29.926184, 30.184, 0.003, 18.413, 30, 4, 1, 1, 2},
    {42,  54441,  54758,  54763, play, 30.185941, false, 0, "", "", 0, 30.184, 0.007, 18.413, 31, 4, 1, 1, 2},
    {44,  60011,  60012,  60062, ping, 35.425666, false, 0, "", "", 0, 35.754, 0.007, 18.413, 36, 4, 1, 1, 2},
    {50,  85009,  85010,  85063, ad_start, 60.674818, false, 0, "285", "285", 60.674818, 60.752, 0.007, 18.413, 61, 5, 1, 1, 3},
    {51,  85009,  85010,  85063, ad_break_start, 60.674818, false, 0, "", "285", 60.674818, 60.752, 0.007, 18.413, 61, 4, 1, 1, 3},
    {53,  85012,  85076,  85122, pause, 60.69049, true, 0, "285", "285", 60.674818, 60.752, 0.007, 18.413, 61, 5, 1, 1, 3},
    {54,  86003,  86004,  86052, ad_quartile, 60.69049, true, 25, "285", "285", 60.674818, 60.752, 0.007, 19.407, 61, 5, 1, 1, 3},
    {55,  87015,  87015,  87062, ad_quartile, 60.69049, true, 50, "285", "285", 60.674818, 60.752, 0.007, 20.419, 61, 5, 1, 1, 3},
    {56,  87880,  87880,  87932, ad_start, 60.69049, true, 0, "156", "285", 60.674818, 60.752, 0.007, 21.284, 61, 6, 1, 2, 3},
    {57,  87880,  87880,  87932, ad_skip, 60.69049, true, 0, "285", "285", 60.674818, 60.752, 0.007, 21.284, 61, 5, 1, 2, 3},
    {58,  88016,  88016,  88061, ad_quartile, 60.69049, true, 25, "156", "285", 60.674818, 60.752, 0.007, 21.42, 61, 6, 1, 2, 3},
    {59,  89011,  89011,  89063, ad_quartile, 60.69049, true, 50, "156", "285", 60.674818, 60.752, 0.007, 22.415, 61, 6, 1, 2, 3},
    {60,  89651,  89652,  89702, ad_break_end, 60.69049, true, 0, "", "285", 60.674818, 60.752, 0.008, 23.054, 61, 6, 1, 3, 3},
    {61,  89650,  89652,  89702, ad_skip, 60.69049, true, 0, "156", "285", 60.674818, 60.752, 0.007, 23.054, 61, 6, 1, 3, 3},
    {62,  89655,  89709,  89761, play, 60.758767, false, 0, "", "", 0, 60.752, 0.012, 23.054, 61, 6, 1, 3, 3},
    {63,  90001,  90001,  90052, ping, 60.960138, false, 0, "", "", 0, 61.098, 0.012, 23.054, 61, 6, 1, 3, 3},
    {66,  96447,  96448,  96502, pause, 67.502404, true, 0, "", "", 0, 67.544, 0.012, 23.054, 68, 6, 1, 3, 3},
    {71, 120012, 120013, 120062, ping, 67.502404, true, 0, "", "", 0, 67.544, 23.577, 23.054, 68, 6, 1, 3, 3},
    // clang-format on
};

constexpr Timestamp started = from_ms(1'731'764'003'276);  // 2024-11-16T13:33:23.276Z
constexpr std::string_view viewer = "143f9cb9-3db9-4e99-8d67-c8aea075d190";

Timestamp at(int ms) {
  return started + Duration(ms);
}

std::string_view event_name(MediaKind kind) {
  switch (kind) {
    case play:
      return "play_event";
    case pause:
      return "pause_event";
    case ping:
      return "ping_event";
    case ad_break_start:
      return "ad_break_start_event";
    case ad_break_end:
      return "ad_break_end_event";
    case ad_start:
      return "ad_start_event";
    case ad_quartile:
      return "ad_quartile_event";
    case ad_complete:
      return "ad_complete_event";
    case ad_skip:
      return "ad_skip_event";
    case ad_click:
      return "ad_click_event";
    default:
      return "";
  }
}

MediaEvent event_of(const Row& row) {
  MediaEvent event;
  event.event_id = fmt::format("row {}", row.number);
  event.event_name = event_name(row.kind);
  event.kind = row.kind;
  event.created = at(row.created);
  event.sent = at(row.sent);
  event.collected = at(row.collected);
  event.device_key = event.viewer = event.accelerator_viewer = viewer;
  event.tracker = "js-4.0.1";
  event.platform = "web";
  Player& player = event.player.emplace();
  player.position = row.position;
  player.paused = row.paused;
  player.duration = 596.474195;
  player.rate = 1;
  player.label = "Bugs Bunny";
  player.player_type = "html5";
  MediaSession& session = event.session.emplace();
  session.id = "e3a82b1d-e44e-4bbf-a797-672b4e879af3";
  session.started_at = started;
  session.time_played_s = row.time_played;
  session.time_paused_s = row.time_paused;
  session.time_spent_ads_s = row.time_spent_ads;
  session.content_watched_s = row.content_watched;
  session.ads = row.ads;
  session.ads_clicked = row.ads_clicked;
  session.ads_skipped = row.ads_skipped;
  session.ad_breaks = row.ad_breaks;
  if (!row.ad.empty()) {
    event.ad.emplace().id = event.ad_id = row.ad;
    event.ad->duration_s = 4;
  }
  if (!row.ad_break.empty()) {
    event.ad_break.emplace().id = row.ad_break;
    event.ad_break->start_time_s = row.break_position;
  }
  if (row.kind == ad_quartile) event.percent_progress = row.percent;
  event.ads_clicked = row.ads_clicked;
  event.ads_skipped = row.ads_skipped;
  event.video_ts = row.position;
  event.fingerprint = static_cast<std::uint64_t>(row.number);
  return event;
}

std::vector<MediaEvent> file_order() {
  std::vector<MediaEvent> events;
  for (const Row& row : rows) events.push_back(event_of(row));
  return events;
}

Device fold(const std::vector<MediaEvent>& events) {
  Device device;
  for (const MediaEvent& event : events) apply(device, event, event.collected);
  return device;
}

std::string text(const Cause& cause, Status status) {
  return fmt::format("{} {} {} {} {}/{} ad {}", cause.event_id, cause.event_name, name_of(status),
                     cause.video_ts, cause.ads_clicked, cause.ads_skipped,
                     cause.ad_id.empty() ? "0" : cause.ad_id);
}

using Lines = std::vector<std::string>;

Lines exact_updates(const std::vector<MediaEvent>& events) {
  Lines updates;
  ExactViewer state;
  for (const MediaEvent& event : events) {
    if (const auto status = exact(state, event)) updates.push_back(text(cause_of(event), *status));
  }
  return updates;
}

// In the device's order.
const Lines eight_updates{
    "row 3 play_event WATCHING_VIDEO 0 0/0 ad 0",
    "row 6 ad_break_start_event WATCHING_AD 0 0/0 ad 0",
    "row 16 ad_break_end_event WATCHING_VIDEO 0.112652 0/0 ad 0",
    "row 27 ad_break_start_event WATCHING_AD 29.926184 0/0 ad 0",
    "row 40 ad_break_end_event WATCHING_VIDEO 30.120879 1/1 ad 0",
    "row 51 ad_break_start_event WATCHING_AD 60.674818 1/1 ad 0",
    "row 60 ad_break_end_event WATCHING_VIDEO 60.69049 1/3 ad 0",
    "row 66 pause_event PAUSED_VIDEO 67.502404 1/3 ad 0",
};

TEST(GoldenSample, HasTheStatesOfAppendixA) {
  const Device device = fold(file_order());
  ASSERT_EQ(device.profile.plays.size(), 1u);
  Lines states;
  for (const Transition& t : device.profile.plays[0].session.timeline) {
    states.push_back(
        fmt::format("{} {} {}", iso_text(t.at).substr(11, 12), t.cause.event_id, name_of(t.state)));
  }
  EXPECT_EQ(states, (Lines{"13:33:29.114 row 3 PLAYING", "13:33:29.287 row 6 PLAYING_AD",
                           "13:33:38.282 row 16 PLAYING", "13:34:08.292 row 27 PLAYING_AD",
                           "13:34:17.714 row 40 PLAYING", "13:34:48.285 row 51 PLAYING_AD",
                           "13:34:52.927 row 60 PLAYING", "13:34:59.723 row 66 PAUSED"}));
}

TEST(GoldenSample, MappedModePublishesTheEightUpdates) {
  const Device device = fold(file_order());
  Lines updates;
  for (const StatusChange& change : status_changes({}, device.profile.plays[0].session.timeline)) {
    updates.push_back(text(change.cause, change.status));
  }
  EXPECT_EQ(updates, eight_updates);
}

// Whatever the order of arrival did to the past, what mapped mode says last is what holds.
TEST(GoldenSample, MappedModeEndsWithTheStatusThatHoldsInAnyOrder) {
  std::vector<MediaEvent> events = file_order();
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::ranges::shuffle(events, std::mt19937(seed));
    Device device;
    std::vector<Transition> before;
    std::optional<Status> told;
    for (const MediaEvent& event : events) {
      apply(device, event, event.collected);
      const auto& after = device.profile.plays[0].session.timeline;
      for (const StatusChange& change : status_changes(before, after)) {
        EXPECT_NE(told, change.status) << "seed " << seed;
        told = change.status;
      }
      ASSERT_EQ(told, status_of(after.back().state)) << "seed " << seed;
      before = after;
    }
  }
}

TEST(GoldenSample, ExactModeInFileOrderLosesTheFirstBreak) {
  EXPECT_EQ(exact_updates(file_order()),
            (Lines{
                "row 3 play_event WATCHING_VIDEO 0 0/0 ad 0",
                "row 4 pause_event PAUSED_VIDEO 0.112652 0/0 ad 288",
                "row 19 play_event WATCHING_VIDEO 0.16254 0/0 ad 0",
                "row 27 ad_break_start_event WATCHING_AD 29.926184 0/0 ad 0",
                "row 40 ad_break_end_event WATCHING_VIDEO 30.120879 1/1 ad 0",
                "row 51 ad_break_start_event WATCHING_AD 60.674818 1/1 ad 0",
                "row 60 ad_break_end_event WATCHING_VIDEO 60.69049 1/3 ad 0",
                "row 66 pause_event PAUSED_VIDEO 67.502404 1/3 ad 0",
            }));
}

TEST(GoldenSample, ExactModeInDeviceOrderPublishesTheEightUpdates) {
  std::vector<MediaEvent> events = file_order();
  std::ranges::reverse(events);  // so that ties are in their order
  std::ranges::stable_sort(events, {}, &MediaEvent::created);
  EXPECT_EQ(exact_updates(events), eight_updates);
}

TEST(GoldenSample, ExactModeSortedByDerivedTimeLosesTheOtherBreaks) {
  std::vector<MediaEvent> events = file_order();
  std::ranges::stable_sort(
      events, {}, [](const MediaEvent& e) { return e.collected - (*e.sent - *e.created); });
  const Lines updates = exact_updates(events);
  for (const std::string_view row :
       {"row 28 pause", "row 42 play", "row 53 pause", "row 62 play"}) {
    EXPECT_TRUE(std::ranges::any_of(updates, [&](const auto& u) { return u.starts_with(row); }))
        << row;
  }
  for (const std::string_view row : {"row 27 ", "row 51 "}) {
    EXPECT_TRUE(std::ranges::none_of(updates, [&](const auto& u) { return u.starts_with(row); }))
        << row;
  }
}

TEST(GoldenSample, HasTheAdOutcomesOfAppendixA) {
  const Device device = fold(file_order());
  Lines ads;
  for (const AdView& ad : device.profile.plays[0].session.ads) {
    ads.push_back(fmt::format("{}/{} q{} {}, clicks {}", ad.break_id, ad.id, ad.quartile,
                              name_of(ad.outcome), ad.clicks));
  }
  EXPECT_EQ(ads, (Lines{"287/288 q100 complete, clicks 0", "287/278 q100 complete, clicks 0",
                        "292/293 q100 complete, clicks 1", "292/292 q75 skip, clicks 0",
                        "285/285 q50 skip, clicks 0", "285/156 q50 skip, clicks 0"}));
}

TEST(GoldenSample, HasTheFiguresOfAppendixA) {
  const Device device = fold(file_order());
  const Session& s = device.profile.plays[0].session;
  EXPECT_EQ(s.ad_time, Duration(23'054));
  EXPECT_EQ(s.play_time, Duration(67'550));
  EXPECT_EQ(s.paused_time, Duration(23'565));
  EXPECT_NEAR(s.runs.back().watched.seconds(), 67.18, 0.005);
  EXPECT_EQ(s.startup, Startup::known);
  EXPECT_EQ(s.startup_time, Duration(60));
  EXPECT_EQ(s.tracker_figures.time_spent_ads_s, 23.054);
  EXPECT_EQ(s.tracker_figures.time_played_s, 67.544);
  EXPECT_EQ(s.tracker_figures.time_paused_s, 23.577);
  EXPECT_EQ(s.tracker_figures.content_watched_s, 68);
  EXPECT_EQ(s.play_events, 4);
  EXPECT_EQ(s.pauses, 1);
  EXPECT_EQ(s.ad_breaks, 3);
  EXPECT_EQ(s.impressions, 6);
  EXPECT_EQ(s.ads_completed, 3);
  EXPECT_EQ(s.ads_skipped, 3);
  EXPECT_EQ(s.ad_clicks, 1);
  EXPECT_EQ(s.seeks, 0);
  EXPECT_EQ(s.stalls, 0);
  EXPECT_EQ(device.profile.version, 47u);
}

// S80.
TEST(GoldenSample, IsTheSameInTwoHundredOrdersOfArrival) {
  std::vector<MediaEvent> events = file_order();
  const std::string expected = encode(fold(events));
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::ranges::shuffle(events, std::mt19937(seed));
    ASSERT_EQ(encode(fold(events)), expected) << "seed " << seed;
  }
}

// S78: by derived time the pause would come before the break.
TEST(GoldenSample, ThePauseOfABreakIsNoPause) {
  const std::vector<MediaEvent> events = file_order();
  const Device device = fold(events);
  for (const Transition& t : device.profile.plays[0].session.timeline)
    EXPECT_NE(t.cause.event_id, "row 28");
}

}  // namespace
}  // namespace lvp::profile
