// The profile stage on real streams, under a clock that the test moves: who is gone and when (P6),
// what a failed commit and a restart leave behind (P2), both modes.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engines.h"
#include "media_record.h"
#include "noting_reader.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "profile/storage.h"
#include "stages/stages.h"
#include "stages/tables.h"
#include "wire/forget_request.h"
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
  explicit ProfileStage(std::uint32_t partitions = 1)
      : engine_(GetParam().make()), partitions_(partitions) {
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
    reader_ = must(engine_->stream("media", partitions_).reader("profile"));
    noting_.emplace(*reader_, waited_);
    if (!media_) {
      media_ = must(engine_->stream("media").writer());
      updates_ = must(engine_->stream("updates").writer());
      bad_ = must(engine_->stream("bad").writer());
    }
    stage_ = must(stages::make_profile_stage({*noting_,
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
    append(record(kind, viewer, ad_id));
  }

  std::string record(std::string_view kind, std::string_view viewer = "v",
                     std::string_view ad_id = "0") {
    return media_record({.kind = kind,
                         .viewer = viewer,
                         .event_id = "e" + std::to_string(++sent_),
                         .ad_id = ad_id,
                         .at = engine_->clock.now()});
  }

  void append(std::string value, std::string key = "v") {
    const auto unit = engine_->unit();
    must(media_->append(*unit, {{std::move(key), std::move(value)}}));
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

  // What is stored of the viewer.
  std::vector<profile::Profile> stored(std::string_view viewer) {
    const stages::Tables tables = must(stages::open_tables(engine_->store()));
    return must(stages::find_profiles(tables, viewer));
  }

  stages::Forgetting forgetting(std::string_view viewer) {
    return must(stages::forgetting(must(stages::open_tables(engine_->store())), viewer));
  }

  void ask_to_forget(std::string_view viewer) {
    const auto unit = engine_->unit();
    const stages::Tables tables = must(stages::open_tables(engine_->store()));
    must(stages::ask_to_forget(tables, *unit, viewer, engine_->clock.now()));
    must(unit->commit());
  }

  // Every name and every byte that is stored of anybody.
  std::string all_stored() {
    std::string all;
    for (const char* name : {"devices", "pieces", "contexts", "names", "journal", "viewers"}) {
      const auto table = must(engine_->store().table(name));
      must(table->scan("", [&](std::string_view key, std::string_view value) -> Status {
        all.append(key).append(value);
        return {};
      }));
    }
    return all;
  }

  std::unique_ptr<Engine> engine_;
  std::uint32_t partitions_;
  stages::Progress upstream_;
  stages::Progress progress_;
  stages::ProfileSettings settings_;
  int failures_ = 0;
  int sent_ = 0;
  std::unique_ptr<stream::Writer> media_, updates_, bad_;
  std::unique_ptr<stream::Reader> reader_;
  Duration waited_{};
  std::optional<NotingReader> noting_;
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

// Thousands are due at once after a lag; a step takes two thousand.
TEST_P(ProfileStage, WhileMoreAreDueItDoesNotWaitForRecords) {
  constexpr int viewers = 2'001;
  std::vector<stream::Entry> plays;
  for (int i = 0; i < viewers; ++i) {
    const std::string viewer = "v" + std::to_string(i);
    plays.push_back({viewer, record("play", viewer)});
  }
  const auto unit = engine_->unit();
  must(media_->append(*unit, std::move(plays)));
  must(unit->commit());
  while (must(stage_->step(0ms)) > 0) continue;

  const auto gone = [this] {
    const std::vector<Update> all = updates();
    return std::ranges::count_if(all, [](const Update& update) {
      return update.kind == UpdateKind::profile &&
             must(profile::decode_profile(update.payload)).plays.at(0).state() == State::left;
    });
  };
  engine_->clock.advance(1min);
  must(stage_->step(70ms));
  EXPECT_EQ(waited_, 70ms);
  EXPECT_EQ(gone(), viewers - 1);
  must(stage_->step(70ms));
  EXPECT_EQ(waited_, 0ms);
  EXPECT_EQ(gone(), viewers);
  must(stage_->step(70ms));
  EXPECT_EQ(waited_, 70ms);
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

// A viewer who only watches is told after a while; until then the journal keeps what happened.
TEST_P(ProfileStage, QuietEventsAreKeptAtOnceAndToldAfterAWhile) {
  settings_.told_after = 5s;
  restart();
  send("play");
  send("ping");  // the first says that this player pings, which is news
  step_at(0s);
  for (int i = 0; i < 3; ++i) {
    engine_->clock.advance(1s);
    send("ping");
    must(step());
  }
  EXPECT_EQ(newest().version, 2u);
  EXPECT_EQ(stored("v").at(0).version, 2u);
  restart();  // nothing is lost
  must(step());
  EXPECT_EQ(newest().version, 5u) << "play, four pings";
  EXPECT_EQ(stored("v").at(0).version, 5u);

  engine_->clock.advance(1s);
  send("ping");
  must(step());
  EXPECT_EQ(newest().version, 5u);
  step_at(settings_.told_after);  // silence is no reason to wait for ever
  EXPECT_EQ(newest().version, 6u);
  step_at(settings_.told_after_max);
  EXPECT_EQ(stored("v").at(0).version, 7u) << "play, five pings, and gone";
}

// What people see does not wait with the row, and is not said twice.
TEST_P(ProfileStage, WhileItLagsNewsIsShownAtOnceAndStoredLater) {
  const auto pause_in_a_large_batch = [this](std::string_view viewer = "v") {
    std::vector<stream::Entry> events;
    for (int i = 0; i < 499; ++i) {
      const std::string other = "other" + std::to_string(i);
      events.push_back({other, record("play", other)});
    }
    events.push_back({std::string(viewer), record("pause", viewer)});
    const auto unit = engine_->unit();
    must(media_->append(*unit, std::move(events)));
    must(unit->commit());
    must(step());
  };
  const auto told = [this](std::uint64_t version) {
    const std::vector<Update> all = updates();
    return std::ranges::count_if(all, [&](const Update& update) {
      if (update.kind != UpdateKind::profile) return false;
      const auto profile = must(profile::decode_profile(update.payload));
      return profile.device == "v" && profile.version == version;
    });
  };
  send("play");
  step_at(0s);
  engine_->clock.advance(1s);
  pause_in_a_large_batch();
  EXPECT_EQ(state(), State::paused);
  EXPECT_EQ(stored("v").at(0).plays.at(0).state(), State::playing);
  EXPECT_FALSE(progress_.caught_up);

  step_at(99ms);
  EXPECT_EQ(stored("v").at(0).version, 1u);
  step_at(1ms);
  EXPECT_EQ(stored("v").at(0).plays.at(0).state(), State::paused);
  EXPECT_EQ(told(2), 1);
  must(step());
  EXPECT_TRUE(progress_.caught_up);

  engine_->clock.advance(1s);
  send("play");
  step_at(1s);
  pause_in_a_large_batch();
  EXPECT_EQ(stored("v").at(0).version, 3u);
  restart();  // the first step tells who was not, for the board knows the rows alone
  must(step());
  EXPECT_EQ(stored("v").at(0).version, 4u);
  EXPECT_EQ(stored("v").at(0).plays.at(0).state(), State::paused);
  EXPECT_EQ(told(4), 2);

  engine_->clock.advance(1s);
  send("play");
  step_at(1s);
  pause_in_a_large_batch();
  engine_->clock.advance(settings_.told_after_max - 1ms);
  pause_in_a_large_batch("w");
  EXPECT_EQ(stored("v").at(0).version, 5u);
  engine_->clock.advance(1ms);
  pause_in_a_large_batch("w");  // it lags all the time
  EXPECT_EQ(stored("v").at(0).version, 6u);
  EXPECT_EQ(stored("v").at(0).plays.at(0).state(), State::paused);
  EXPECT_EQ(told(6), 1);
}

// Thousands have waited long enough at once after a lag; a step tells four thousand.
TEST_P(ProfileStage, WhileMoreAreToBeToldItDoesNotWaitForRecords) {
  settings_.told_after = 5s;
  restart();
  constexpr int viewers = 4'001;
  std::vector<stream::Entry> events;
  for (const std::string_view kind : {"play", "ping", "ping"}) {  // the last of them is quiet
    for (int i = 0; i < viewers; ++i) {
      const std::string viewer = "v" + std::to_string(i);
      events.push_back({viewer, record(kind, viewer)});
    }
    const auto unit = engine_->unit();
    must(media_->append(*unit, std::exchange(events, {})));
    must(unit->commit());
    while (must(stage_->step(0ms)) > 0) continue;
    engine_->clock.advance(1ms);
  }

  const stages::Tables tables = must(stages::open_tables(engine_->store()));
  const auto told = [&] {
    int count = 0;
    must(tables.devices->scan("", [&](std::string_view, std::string_view row) -> Status {
      if (profile::version_of(row) == 3) ++count;
      return {};
    }));
    return count;
  };
  EXPECT_EQ(told(), 0);
  engine_->clock.advance(5s);
  must(stage_->step(70ms));
  EXPECT_EQ(waited_, 70ms);
  EXPECT_EQ(told(), viewers - 1);
  must(stage_->step(70ms));
  EXPECT_EQ(waited_, 0ms);
  EXPECT_EQ(told(), viewers);
  must(stage_->step(70ms));
  EXPECT_EQ(waited_, 70ms);
}

TEST_P(ProfileStage, ForgetsAViewerWhenARecordAsksForIt) {
  send("play", "alice");
  send("play", "bob");
  step_at(0s);
  append(encode(ForgetRequest{"alice", engine_->clock.now()}), std::string(forget_request_key));
  step_at(1s);
  step_at(1s);
  EXPECT_EQ(forgetting("alice"), stages::Forgetting::done);
  EXPECT_TRUE(stored("alice").empty());
  EXPECT_EQ(stored("bob").size(), 1u);

  append("{}", std::string(forget_request_key));
  step_at(1s);
  EXPECT_EQ(must(engine_->stream("bad").extents())[0].records, 1u);
}

TEST_P(ProfileStage, AForgottenViewerIsGoneAndStaysGone) {
  send("play", "alice");
  send("play", "bob");
  step_at(0s);
  engine_->clock.advance(1s);
  const std::string late = record("ping", "alice");
  send("ping", "alice");
  step_at(0s);
  const std::uint64_t version = stored("alice").at(0).version;

  ask_to_forget("alice");
  EXPECT_EQ(forgetting("alice"), stages::Forgetting::waiting);
  step_at(1s);
  EXPECT_EQ(forgetting("alice"), stages::Forgetting::done);
  EXPECT_TRUE(stored("alice").empty());
  EXPECT_EQ(stored("bob").size(), 1u);
  EXPECT_TRUE(newest().plays.empty()) << "and whoever shows it is told";
  EXPECT_GT(newest().version, version);

  for (int i = 0; i < 2; ++i) {  // what was under way comes to nothing, before a restart and after
    append(late);
    step_at(1s);
    EXPECT_TRUE(stored("alice").empty());
    restart();
  }
  step_at(settings_.told_after_max);
  step_at(0s);
  step_at(0s);
  EXPECT_EQ(all_stored().find("alice"), std::string::npos);
  EXPECT_NE(all_stored().find("bob"), std::string::npos);
}

TEST_P(ProfileStage, AForgottenViewerWhoComesBackIsNew) {
  send("play", "alice");
  step_at(0s);
  send("pause", "alice");
  step_at(1s);
  ask_to_forget("alice");
  step_at(1s);
  const std::uint64_t version = newest().version;
  engine_->clock.advance(1s);
  send("play", "alice");
  step_at(0s);
  const std::vector<profile::Profile> back = stored("alice");
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].plays.at(0).session.play_events, 1);
  EXPECT_EQ(back[0].plays.at(0).session.pauses, 0);
  EXPECT_GT(back[0].version, version) << "or boards would take it for old";
}

TEST_P(ProfileStage, AMarkOfWhoWasForgottenGoesOnceNothingCanCome) {
  ask_to_forget("alice");
  step_at(0s);
  EXPECT_EQ(forgetting("alice"), stages::Forgetting::done);
  step_at(72h);
  EXPECT_EQ(forgetting("alice"), stages::Forgetting::done);
  step_at(25h);
  EXPECT_EQ(forgetting("alice"), stages::Forgetting::never_asked);
}

TEST_P(ProfileStage, WhatDoesNotFitInMemoryIsReadAgain) {
  settings_.memory_bytes_max = 64 << 10;  // about a hundred devices
  settings_.settle = 0s;
  restart();
  constexpr int viewers = 1000;
  for (const std::string_view kind : {"play", "ping", "ping"}) {
    for (int i = 0; i < viewers; ++i) send(kind, "v" + std::to_string(i));
    for (int i = 0; i < 6; ++i) must(step());
    engine_->clock.advance(5s);
  }
  step_at(30s);
  must(step());
  for (int i = 0; i < viewers; ++i) {
    const auto profiles = stored("v" + std::to_string(i));
    ASSERT_EQ(profiles.size(), 1u) << i;
    EXPECT_EQ(profiles[0].plays.at(0).state(), State::left) << i;
    EXPECT_EQ(profiles[0].version, 4u) << i;
  }
}

// S97: whoever wrote to the stream had other keys.
class ManyPartitions : public ProfileStage {
 protected:
  ManyPartitions() : ProfileStage(8) {}
};

TEST_P(ManyPartitions, EventsOfOneViewerMayBeInAnyOfThem) {
  for (int i = 0; i < 24; ++i) {
    append(record(i % 3 == 1 ? "pause" : "play"), "k" + std::to_string(i));
    engine_->clock.advance(1s);
  }
  for (int i = 0; i < 16; ++i) must(step());
  step_at(30s);
  const std::vector<profile::Profile> profiles = stored("v");
  const profile::Session& session = profiles.at(0).plays.at(0).session;
  EXPECT_EQ(session.play_events, 16);
  EXPECT_EQ(session.pauses, 8);
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

INSTANTIATE_TEST_SUITE_P(Engines, ManyPartitions, testing::Values(memory_case, rocks_case),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Engines, ProfileStage, testing::Values(memory_case, rocks_case),
                         case_name);

}  // namespace
}  // namespace lvp::tests
