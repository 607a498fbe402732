#include "profile/accelerator.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "profile/notation.h"

namespace lvp::profile {
namespace {

Cause cause(double video_ts = 0, std::string ad_id = "") {
  Cause c;
  c.event_id = "d9fd8a15-3548-4b9f-b0ea-a919eea71925";
  c.event_name = "ad_break_start_event";
  c.collected = from_ms(1731764048349);
  c.video_ts = video_ts;
  c.ad_id = std::move(ad_id);
  return c;
}

// Source: the sample message of the accelerator's documentation.
TEST(Accelerator, MessageIsSpelledAsTheOriginal) {
  EXPECT_EQ(
      message("143f9cb9-3db9-4e99-8d67-c8aea075d190", cause(29.926184), Status::watching_ad),
      R"({"viewer_id":"143f9cb9-3db9-4e99-8d67-c8aea075d190","collector_tstamp":"2024-11-16T13:34:08.349Z",)"
      R"("event_id":"d9fd8a15-3548-4b9f-b0ea-a919eea71925","event_name":"ad_break_start_event",)"
      R"("video_ts":29.926184,"adsClicked":0,"adsSkipped":0,"adId":0,"status":"WATCHING_AD"})");
}

std::string part(const std::string& message, std::string_view key) {
  const std::string start = '"' + std::string(key) + "\":";
  const auto begin = message.find(start) + start.size();
  return message.substr(begin, message.find(',', begin) - begin);
}

TEST(Accelerator, AdIdIsANumberWhereAJavaIntCanHoldIt) {
  const struct {
    std::string ad_id;
    std::string_view json;
  } cases[] = {{"", "0"},
               {"288", "288"},
               {"2147483647", "2147483647"},
               {"2147483648", R"("2147483648")"},
               {"-1", "-1"},
               {"a825644f", R"("a825644f")"},
               {"12a", R"("12a")"},
               {"say \"hi\"", R"("say \"hi\"")"}};
  for (const auto& c : cases)
    EXPECT_EQ(part(message("v", cause(0, c.ad_id), Status::paused_video), "adId"), c.json);
}

// Source: java.lang.Double.toString.
TEST(Accelerator, PositionIsSpelledAsJavaDoes) {
  const struct {
    double value;
    std::string_view text;
  } cases[] = {{0, "0.0"},
               {5, "5.0"},
               {0.112652, "0.112652"},
               {67.502404, "67.502404"},
               {0.001, "0.001"},
               {0.0005, "5.0E-4"},
               {9999999, "9999999.0"},
               {1e7, "1.0E7"},
               {1.7e9, "1.7E9"},
               {1700000000.5, "1.7000000005E9"}};
  for (const auto& c : cases)
    EXPECT_EQ(part(message("v", cause(c.value), Status::paused_video), "video_ts"), c.text);
}

// ---- Mapped ----

Transition transition(State state, double second) {
  Transition t{state, notation::at(second), {}};
  t.cause.event_id = std::string(name_of(state)) + std::to_string(second);
  return t;
}

using Timeline = std::vector<Transition>;

std::string published(const Timeline& before, const Timeline& after) {
  std::string text;
  for (const StatusChange& change : status_changes(before, after)) {
    text += std::string(text.empty() ? "" : " ") + "WPAC"[static_cast<std::size_t>(change.status)];
  }
  return text;
}

TEST(Accelerator, PublishesWhatTheTimelineAdds) {
  using enum State;
  const Transition play0 = transition(playing, 0);
  const Transition pause10 = transition(paused, 10);
  const Transition play20 = transition(playing, 20);
  const struct {
    std::string_view why;
    Timeline before;
    Timeline after;
    std::string_view expected;
  } cases[] = {
      {"a session not seen so far", {}, {play0, pause10}, "W P"},
      {"one more", {play0}, {play0, pause10}, "P"},
      {"nothing new", {play0, pause10}, {play0, pause10}, ""},
      {"the same status in other words", {play0}, {play0, transition(buffering, 5)}, ""},
      {"no time", {play0}, {play0, transition(paused, 5), transition(playing_ad, 5)}, "A"},
      {"left, and back", {play0}, {play0, transition(left, 105), transition(playing, 300)}, ""},
      {"a past that was unknown", {play0}, {transition(ready, -5), play0}, ""},
      {"the past changed, the present did not", {play0, play20}, {play0, pause10, play20}, "P W"},
      {"what was told last is not so", {play0, pause10}, {play0}, "W"},
      {"another present", {play0, pause10}, {play0, transition(playing_ad, 9)}, "A"},
  };
  for (const auto& c : cases) EXPECT_EQ(published(c.before, c.after), c.expected) << c.why;
}

TEST(Accelerator, WhatFellOffAFullTimelineIsNoChange) {
  Timeline before;
  for (std::size_t i = 0; i < timeline_max; ++i) {
    before.push_back(transition(i % 2 ? State::paused : State::playing, double(i)));
  }
  Timeline after(before.begin() + 1, before.end());
  after.push_back(transition(State::playing_ad, 1000));
  EXPECT_EQ(published(before, after), "A");
}

// ---- Exact ----

// Source: the table of the accelerator's machine. W watching, P paused, A ad, C completed.
TEST(Accelerator, ExactModeFollowsTheTable) {
  constexpr std::string_view letters = "WPAC";
  const struct {
    std::string_view event;
    std::string_view next;  // from W, P, A, C
  } rows[] = {{"play", "WWAC"},
              {"pause", "PPAC"},
              {"ping", "WPAC"},
              {"end", "CPCC"},
              {"ad_break_start", "APAC"},
              {"ad_break_end", "WPWC"},
              {"ad_break_something_else", "WPAC"}};
  for (const auto& row : rows) {
    for (std::size_t from = 0; from < letters.size(); ++from) {
      ExactViewer viewer{static_cast<Status>(from)};
      MediaEvent event;
      event.event_name = std::string(row.event) + "_event";
      const auto told = exact(viewer, event);
      EXPECT_EQ(letters[static_cast<std::size_t>(*viewer.status)], row.next[from])
          << letters[from] << row.event;
      EXPECT_EQ(told.has_value(), row.next[from] != letters[from]);
    }
  }
}

TEST(Accelerator, ExactModeTellsTheFirstStatusEvenOfAPing) {
  ExactViewer viewer;
  MediaEvent ping;
  ping.event_name = "ping_event";
  EXPECT_EQ(exact(viewer, ping), Status::watching_video);
  EXPECT_EQ(exact(viewer, ping), std::nullopt);
}

TEST(Accelerator, ExactModeSeesOnlyWhatPassesTheFilter) {
  for (const std::string_view name : {"ready_event", "ad_start_event", "seek_end_event", "play",
                                      "replay_event", "play_event2", "ad_break"}) {
    ExactViewer viewer;
    MediaEvent event;
    event.event_name = name;
    EXPECT_EQ(exact(viewer, event), std::nullopt) << name;
    EXPECT_EQ(viewer, ExactViewer()) << name;
  }
}

// S91.
TEST(Accelerator, ExactModeDropsAnEventWhoseAdIdIsNoInt) {
  ExactViewer viewer{Status::watching_video};
  MediaEvent pause = notation::read("30 pause@30p br=b1 ad=a825644f")[0];
  pause.ad_id_numeric = false;
  EXPECT_EQ(exact(viewer, pause), std::nullopt);
  EXPECT_EQ(viewer.status, Status::watching_video);
}

}  // namespace
}  // namespace lvp::profile
