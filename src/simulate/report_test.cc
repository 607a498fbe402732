#include "simulate/report.h"

#include <gtest/gtest.h>

#include "simulate/comparison.h"
#include "wire/json.h"

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;

// ---- What the API says beside what is true ----

Expected expected() {
  Expected e;
  e.answer = {.state = State::paused, .logged_in = false, .settled = true};
  e.tally = {.plays = 2,
             .pauses = 1,
             .stalls = 0,
             .seeks = 1,
             .completions = 1,
             .ad_breaks = 1,
             .impressions = 2,
             .ads_completed = 1,
             .ads_skipped = 1,
             .ad_clicks = 0};
  e.figures.played = 12'345ms;
  e.figures.paused = 1s;
  e.figures.ads = 2;
  e.figures.ad_breaks = 1;
  e.viewer = "v";
  e.newest_play = "p2";
  return e;
}

// As docs/formats/profile.md has it, as far as it is compared. Two plays: figures are summed.
constexpr std::string_view good =
    R"({"viewer":"d","state":"PAUSED","sessions":[
      {"play":"p2","viewer":"v","figures":{
        "engine":{"plays":1,"pauses":1,"stalls":0,"seeks":1,"completions":0,"ad_breaks":1,
                  "impressions":2,"ads_completed":1,"ads_skipped":1,"ad_clicks":0},
        "tracker":{"play_s":12.345,"paused_s":1,"ad_s":0,"ad_breaks":1,"ads":2}}},
      {"play":"p1","viewer":"v","figures":{
        "engine":{"plays":1,"completions":1},"tracker":{"play_s":99,"paused_s":0,"ad_s":0}}}]})";

Difference compared(std::string text, const Expected& e) {
  json::Parser parser;
  return compare(*parser.parse(text), e);
}

std::string with(std::string_view from, std::string_view to) {
  std::string text(good);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Comparison, FindsNothingWhereAllIsWell) {
  const Difference difference = compared(std::string(good), expected());
  EXPECT_EQ(difference.words, "");
  EXPECT_FALSE(difference.wrong_state);
}

TEST(Comparison, FindsWhatIsWrong) {
  const struct {
    std::string_view from, to;
    std::uint64_t lost, doubled;
    bool wrong_state;
    std::string_view words;
  } rows[] = {
      {R"("PAUSED")", R"("PLAYING")", 0, 0, true, "state PLAYING instead of PAUSED"},
      {R"("viewer":"v")", R"("viewer":"x")", 0, 0, true, "viewer x instead of v"},
      {R"("plays":1)", R"("plays":2)", 0, 1, false, "plays 3 instead of 2"},
      {R"("impressions":2)", R"("impressions":0)", 2, 0, false, "impressions 0 instead of 2"},
      {R"("seeks":1)", R"("seeks":0)", 1, 0, false, "seeks 0 instead of 1"},
      {R"("ads":2)", R"("ads":1)", 1, 0, false, "tracker's ads 1 instead of 2"},
      {R"("play_s":12.345)", R"("play_s":11.345)", 1, 0, false,
       "tracker's time of the newest event 12.345 instead of 13.345"},
  };
  for (const auto& row : rows) {
    const Difference difference = compared(with(row.from, row.to), expected());
    EXPECT_EQ(difference.lost, row.lost) << row.words;
    EXPECT_EQ(difference.doubled, row.doubled) << row.words;
    EXPECT_EQ(difference.wrong_state, row.wrong_state) << row.words;
    EXPECT_EQ(difference.words, row.words);
  }
}

TEST(Comparison, AViewerNobodyKnowsHasLostEverything) {
  const Difference difference = compared(R"({"error":"there is no viewer"})", expected());
  EXPECT_TRUE(difference.wrong_state);
  EXPECT_GE(difference.lost, 9u);
}

TEST(Comparison, AnUnsettledStateIsNotJudged) {
  Expected e = expected();
  e.answer.settled = false;
  EXPECT_FALSE(compared(with(R"("PAUSED")", R"("PLAYING")"), e).wrong_state);
}

// ---- What streams hold ----

TEST(Written, CountsWhatAStreamHasLetGo) {
  const struct {
    std::string_view stream;
    std::uint64_t records;
    bool exact;
  } rows[] = {
      {R"([])", 0, true},
      {R"([{"first":"","last":"","records":0,"exact":true}])", 0, true},
      {R"([{"first":"00000000000000000000","last":"00000000000000000009","records":10,"exact":true}])",
       10, true},
      {R"([{"first":"00000000000000000070","last":"00000000000000000099","records":30,"exact":true}])",
       100, true},
      {R"([{"first":"70","last":"99","records":30,"exact":false},
           {"first":"0","last":"4","records":5,"exact":true}])",
       35, false},
  };
  for (const auto& row : rows) {
    json::Parser parser;
    const Written written = written_to(*parser.parse(row.stream));
    EXPECT_EQ(written.records, row.records) << row.stream;
    EXPECT_EQ(written.exact, row.exact) << row.stream;
  }
}

// ---- Bounds ----

// As it is when all is well.
Report sound() {
  Report report;
  report.took = 10s;
  report.traffic.acknowledged = 100;
  Verification v;
  v.raw = {100, 100, 100};
  v.enriched = v.media = {120, 120, 120};
  v.concurrency.add(50, 49, 51);
  v.live.compared = v.end.compared = 50;
  v.update.add(20ms);
  v.caught_up_after = 1s;
  report.verification = v;
  return report;
}

TEST(Report, IsNotBrokenWhereAllIsWell) {
  EXPECT_TRUE(broken(sound(), {}).empty());
  EXPECT_TRUE(broken(sound(), {.concurrency_error = 0, .update_p99 = 25ms}).empty());
  EXPECT_TRUE(broken(Report{}, {}).empty());
}

TEST(Report, EveryBoundCanBreak) {
  using Spoil = void (*)(Report&);
  const struct {
    std::string_view what;
    Spoil spoil;
  } rows[] = {
      {"given up", [](Report& r) { r.traffic.given_up = 1; }},
      {"raw lost", [](Report& r) { r.verification->raw.found = 99; }},
      {"enriched lost", [](Report& r) { r.verification->enriched.found = 119; }},
      {"media lost", [](Report& r) { r.verification->media.found = 119; }},
      {"raw doubled", [](Report& r) { r.verification->raw.found = 101; }},
      {"enriched doubled", [](Report& r) { r.verification->enriched.found = 121; }},
      {"media doubled", [](Report& r) { r.verification->media.found = 121; }},
      {"bad", [](Report& r) { r.verification->bad.found = 1; }},
      {"figures lost", [](Report& r) { r.verification->figures_lost = 1; }},
      {"figures doubled", [](Report& r) { r.verification->figures_doubled = 1; }},
      {"live", [](Report& r) { r.verification->live.wrong = 1; }},
      {"end", [](Report& r) { r.verification->end.wrong = 1; }},
      {"counts", [](Report& r) { r.verification->wrong_counts = 1; }},
      {"concurrency", [](Report& r) { r.verification->concurrency.add(60, 49, 51); }},
      {"no samples", [](Report& r) { r.verification->concurrency = {}; }},
      {"slow", [](Report& r) { r.verification->update.add(30ms); }},
      {"unseen", [](Report& r) { r.verification->unseen = 1; }},
      {"not caught up", [](Report& r) { r.verification->caught_up_after.reset(); }},
  };
  for (const auto& row : rows) {
    Report report = sound();
    row.spoil(report);
    EXPECT_EQ(broken(report, {.concurrency_error = 0.001, .update_p99 = 25ms}).size(), 1u)
        << row.what;
  }
}

TEST(Report, WhatIsNotKnownToHaveArrivedIsNeitherLostNorDoubled) {
  const struct {
    Count count;
    std::uint64_t lost, doubled;
  } rows[] = {
      {{10, 12, 9}, 1, 0}, {{10, 12, 10}, 0, 0}, {{10, 12, 12}, 0, 0}, {{10, 12, 14}, 0, 2}};
  for (const auto& row : rows) {
    EXPECT_EQ(row.count.lost(), row.lost);
    EXPECT_EQ(row.count.doubled(), row.doubled);
  }
}

TEST(Report, ConcurrencyIsRightWithinWhatMayBeShown) {
  const struct {
    std::uint32_t shown;
    double error;
  } rows[] = {{100, 0}, {95, 0}, {90, 0}, {80, 0.1}, {110, 0.1}};
  for (const auto& row : rows) {
    Concurrency concurrency;
    concurrency.add(row.shown, 90, 100);
    EXPECT_DOUBLE_EQ(concurrency.error_max, row.error) << row.shown;
  }
}

TEST(Report, IsOneLineOfJson) {
  json::Parser parser;
  Report report = sound();
  report.verification->media.found = 119;
  const std::string line = json_line(report, {});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto root = parser.parse(line);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["lost"].integer(), 1);
  EXPECT_EQ((*root)["doubled"].integer(), 0);
  EXPECT_EQ((*root)["broken"].size(), 1u);
}

}  // namespace
}  // namespace lvp::simulate
