// The profile stage on real streams, under a clock that the test moves: who is gone and when (P6),
// what a failed commit and a restart leave behind (P2), both modes.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engines.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "stages/stages.h"
#include "wire/update.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;
using profile::State;

// A unit whose commit fails as often as it is told.
class FailingUnit final : public UnitOfWork {
 public:
  explicit FailingUnit(int& failures) {
    before([&failures]() -> Status {
      if (failures == 0) return {};
      --failures;
      return unavailable("disk full");
    });
  }
};

class ProfileStage : public testing::TestWithParam<EngineCase> {
 protected:
  ProfileStage() : engine_(GetParam().make()) {
    upstream_.caught_up = true;
    settings_.settle = 0s;
    start();
  }

  // As after a crash: nothing but streams and store is left.
  void restart(Duration settle = 0s) {
    stage_.reset();
    reader_.reset();
    settings_.settle = settle;
    start();
  }

  void start() {
    reader_ = must(engine_->stream("media").reader("profile"));
    if (!media_) {
      media_ = must(engine_->stream("media").writer());
      updates_ = must(engine_->stream("updates").writer());
      bad_ = must(engine_->stream("bad").writer());
    }
    stage_ = must(stages::make_profile_stage({*reader_,
                                              *updates_,
                                              *bad_,
                                              engine_->store(),
                                              [this]() -> std::unique_ptr<UnitOfWork> {
                                                if (failures_ > 0)
                                                  return std::make_unique<FailingUnit>(failures_);
                                                return engine_->unit();
                                              },
                                              engine_->clock,
                                              {&upstream_},
                                              progress_},
                                             settings_));
  }

  // A play or ping of a player that pings every 5 s, so that it may be silent for 3 · 5 + 15 s.
  void send(std::string_view kind, std::string_view viewer = "v", std::string_view ad_id = "0") {
    const std::string now = iso_text(engine_->clock.now());
    const std::string id = "e" + std::to_string(++sent_);
    append(R"({"collector_tstamp":")" + now + R"(","event_id":")" + id + R"(","event_name":")" +
           std::string(kind) + R"(_event","viewer_id":")" + std::string(viewer) +
           R"(","adsClicked":0,"adsSkipped":0,"adId":)" + std::string(ad_id) +
           R"(,"video_ts":1,"event_vendor":"com.snowplowanalytics.snowplow.media","device_key":")" +
           std::string(viewer) + R"(","domain_userid":")" + std::string(viewer) +
           R"(","dvce_created_tstamp":")" + now + R"(","dvce_sent_tstamp":")" + now +
           R"(","player":{"currentTime":1,"paused":false,"ended":false},)" +
           R"("session":{"mediaSessionId":"s","pingInterval":5}})");
  }

  void append(std::string value) {
    const auto unit = engine_->unit();
    must(media_->append(*unit, {{"v", std::move(value)}}));
    must(unit->commit());
  }

  Status step() {
    const auto handled = stage_->step(0ms);
    return handled ? Status() : std::unexpected(handled.error());
  }

  void step_at(Duration after_previous) {
    engine_->clock.advance(after_previous);
    must(step());
  }

  std::vector<Update> updates() {
    std::vector<Update> all;
    const auto batch = must(engine_->stream("updates").read("0", "", 10'000));
    for (const stream::Record& record : batch.records)
      all.push_back(must(decode_update(record.value)));
    return all;
  }

  profile::Profile newest() {
    profile::Profile profile;
    for (const Update& update : updates()) {
      if (update.kind == UpdateKind::profile)
        profile = must(profile::decode_profile(update.payload));
    }
    return profile;
  }
  State state() { return newest().plays.at(0).state(); }

  std::unique_ptr<Engine> engine_;
  stages::Progress upstream_;
  stages::Progress progress_;
  stages::ProfileSettings settings_;
  int failures_ = 0;
  int sent_ = 0;
  std::unique_ptr<stream::Writer> media_, updates_, bad_;
  std::unique_ptr<stream::Reader> reader_;
  std::unique_ptr<stages::Stage> stage_;
};

TEST_P(ProfileStage, AViewerWhoVanishesIsGoneWhenTheTableSaysSo) {
  send("play");
  step_at(0s);
  EXPECT_EQ(state(), State::playing);
  step_at(29'999ms);
  EXPECT_EQ(state(), State::playing);
  step_at(1ms);
  EXPECT_EQ(state(), State::left);
  step_at(1h);
  EXPECT_EQ(updates().size(), 2u) << "and that is said once";
}

TEST_P(ProfileStage, NobodyIsGoneWhileThePipelineLags) {
  send("play");
  step_at(0s);
  upstream_.caught_up = false;
  step_at(1s);
  step_at(10min);
  EXPECT_EQ(state(), State::playing);
  EXPECT_EQ(updates().back().kind, UpdateKind::clock);
  EXPECT_EQ(updates().back().payload, clock_stands);

  // It has caught up: the ping that was under way is read before time goes on.
  send("ping");
  upstream_.caught_up = true;
  must(step());
  EXPECT_EQ(state(), State::playing);
  EXPECT_EQ(updates().size(), 4u);  // play, stands, runs, ping
  std::vector<std::string> clocks;
  for (const Update& update : updates()) {
    if (update.kind == UpdateKind::clock) clocks.push_back(update.payload);
  }
  EXPECT_EQ(clocks, (std::vector<std::string>{std::string(clock_stands), std::string(clock_runs)}));
  step_at(30s);
  EXPECT_EQ(state(), State::left);
}

TEST_P(ProfileStage, AfterARestartTrackersGetTimeToComeBack) {
  send("play");
  step_at(0s);
  engine_->clock.advance(10min);  // nobody was there to listen
  restart(60s);
  step_at(59s);
  EXPECT_EQ(state(), State::playing);
  step_at(1s);
  EXPECT_EQ(state(), State::left);
}

TEST_P(ProfileStage, ATimerSurvivesARestart) {
  send("play");
  step_at(0s);
  step_at(20s);
  restart();
  step_at(9'999ms);
  EXPECT_EQ(state(), State::playing);
  step_at(1ms);
  EXPECT_EQ(state(), State::left);
}

TEST_P(ProfileStage, AStepThatFailsIsDoneAgainAndCountsOnce) {
  send("play");
  step_at(0s);
  engine_->clock.advance(1s);
  send("play");
  failures_ = 3;
  for (int i = 0; i < 3; ++i) {
    const Status failed = step();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Error::Code::unavailable);
    EXPECT_EQ(newest().plays.at(0).session.play_events, 1);
  }
  must(step());
  EXPECT_EQ(newest().plays.at(0).session.play_events, 2);
  EXPECT_EQ(newest().version, 2u);
  EXPECT_EQ(updates().size(), 2u);
}

TEST_P(ProfileStage, WhatWasReadTwiceCountsOnce) {
  const std::string twice =
      R"({"collector_tstamp":"2026-01-01T00:00:00Z","event_id":"e","event_name":"play_event",)"
      R"("viewer_id":"v","domain_userid":"v"})";
  append(twice);
  append(twice);
  step_at(0s);
  EXPECT_EQ(newest().plays.at(0).session.play_events, 1);
  EXPECT_EQ(newest().version, 1u);
}

TEST_P(ProfileStage, WhatIsNoMediaRecordGoesToBadWithItsBytes) {
  append("no media");
  send("play");
  step_at(0s);
  EXPECT_EQ(state(), State::playing);
  const auto bad = must(engine_->stream("bad").read("0", "", 10));
  ASSERT_EQ(bad.records.size(), 1u);
  EXPECT_NE(bad.records[0].value.find("no media"), std::string_view::npos);
  EXPECT_NE(bad.records[0].value.find("generic_error"), std::string_view::npos);
}

TEST_P(ProfileStage, ExactModeTellsTheAcceleratorsStatuses) {
  settings_.mode = stages::Mode::exact;
  restart();
  send("play");
  send("ping");
  send("pause");
  send("pause", "v", R"("a825644f")");  // its Java cannot read that id
  send("play");
  step_at(0s);
  restart();
  send("ping");  // the accelerator would start anew; we remember
  send("ad_break_start");
  step_at(0s);
  std::string statuses;
  for (const Update& update : updates()) {
    if (update.kind != UpdateKind::status) continue;
    const std::size_t at = update.payload.find(R"("status":)");
    ASSERT_NE(at, std::string::npos);
    statuses += update.payload.substr(at + 9);
  }
  EXPECT_EQ(statuses, R"("WATCHING_VIDEO"}"PAUSED_VIDEO"}"WATCHING_VIDEO"}"WATCHING_AD"})");
}

INSTANTIATE_TEST_SUITE_P(Engines, ProfileStage, testing::Values(memory_case, rocks_case),
                         case_name);

}  // namespace
}  // namespace lvp::tests
