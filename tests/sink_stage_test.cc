// The sink stage on memory streams and memory tables.
#include "stages/sink.h"

#include <gtest/gtest.h>

#include "profile/accelerator.h"
#include "profile/codec.h"
#include "stages/sink_items.h"
#include "store/external_memory.h"
#include "stream/memory.h"
#include "tests/engines.h"
#include "wire/update.h"

namespace lvp::tests {
namespace {

using stages::Mode;
using store::Outcome;

constexpr Duration no_wait{};

profile::Play play_of(const std::string& id, const std::string& viewer) {
  profile::Play play;
  play.id = id;
  play.session.any = true;
  play.session.started = true;
  play.session.paused = false;
  play.session.viewer = viewer;
  play.session.platform = "web";
  play.session.first = play.session.last = from_ms(1'700'000'000'000);
  play.session.play_time = Duration(1'500);
  play.session.runs.push_back({"Film", {}, play.session.first, {}, {}});
  return play;
}

profile::Profile profile_of(const std::string& device, std::uint64_t version,
                            std::vector<std::string> viewers) {
  profile::Profile profile;
  profile.device = device;
  profile.version = version;
  for (const std::string& viewer : viewers) {
    profile.plays.push_back(play_of("play of " + viewer, viewer));
    profile.viewers.push_back({viewer, from_ms(1), from_ms(2)});
  }
  return profile;
}

class SinkStageTest : public testing::Test {
 protected:
  void publish(const profile::Profile& profile) {
    append(profile.device, {UpdateKind::profile, "0", "1", profile::encode(profile)});
  }
  void append(const std::string& key, const Update& update) { append_raw(key, encode(update)); }
  void append_raw(const std::string& key, std::string value) {
    const auto unit = engine_.unit();
    must(updates_writer_->append(*unit, {{key, std::move(value)}}));
    must(unit->commit());
  }

  std::unique_ptr<stages::Stage> make(Mode mode = Mode::mapped) {
    stages::SinkSettings settings;
    settings.mode = mode;
    return stages::make_sink_stage({.updates = *reader_,
                                    .bad = *bad_writer_,
                                    .events = &events_,
                                    .profiles = &profiles_,
                                    .new_unit = [this] { return engine_.unit(); },
                                    .clock = clock_,
                                    .metrics = metrics_,
                                    .progress = progress_},
                                   settings);
  }
  // A sink that begins behind what was committed, as after a restart.
  std::unique_ptr<stages::Stage> restart() {
    reader_ = must(updates_->reader("sink"));
    return make();
  }
  // Everything again from the beginning.
  std::unique_ptr<stages::Stage> replay() {
    reader_ = must(updates_->reader("sink again"));
    return make();
  }

  std::string state(const std::string& viewer, const std::string& device) {
    const auto found = profiles_.items().find({viewer, device});
    if (found == profiles_.items().end()) return "(none)";
    return store::field({found->first, found->second}, "version")->text;
  }
  std::size_t bad_records() {
    std::size_t records = 0;
    for (const stream::Extent& extent : must(bad_->extents())) records += extent.records;
    return records;
  }

  MemoryEngine engine_;
  ManualClock clock_;
  Metrics metrics_;
  stages::Progress progress_{.is_vital = false};
  const std::unique_ptr<stream::Stream> updates_ =
      stream::make_memory_stream("updates", {}, clock_);
  const std::unique_ptr<stream::Stream> bad_ = stream::make_memory_stream("bad", {}, clock_);
  const std::unique_ptr<stream::Writer> updates_writer_ = must(updates_->writer());
  const std::unique_ptr<stream::Writer> bad_writer_ = must(bad_->writer());
  std::unique_ptr<stream::Reader> reader_ = must(updates_->reader("sink"));
  store::MemoryTable events_{stages::events_shape("video_events")};
  store::MemoryTable profiles_{stages::profiles_shape("profiles")};
};

TEST_F(SinkStageTest, WritesTheNewestOfManyUpdatesOnly) {
  for (std::uint64_t version = 1; version <= 100; ++version)
    publish(profile_of("tv", version, {"ann"}));
  EXPECT_EQ(must(make()->step(no_wait)), 100u);
  EXPECT_EQ(state("ann", "tv"), "100");
  EXPECT_EQ(profiles_.written, 2u);  // the viewer's and the device's
}

TEST_F(SinkStageTest, WhatAProfileSaysIsInItsItem) {
  publish(profile_of("tv", 7, {"ann"}));
  must(make()->step(no_wait));
  const store::Item item{{"ann", "tv"}, profiles_.items().at({"ann", "tv"})};
  const auto text = [&](std::string_view name) {
    const store::Value* value = store::field(item, name);
    return value == nullptr ? "(none)" : value->text;
  };
  EXPECT_EQ(text("version"), "7");
  EXPECT_EQ(text("state"), "PLAYING");
  EXPECT_EQ(text("status"), "WATCHING_VIDEO");
  EXPECT_EQ(text("content"), "Film");
  EXPECT_EQ(text("last_event"), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(text("plays"), "1");
  EXPECT_EQ(text("open_plays"), "1");
  EXPECT_EQ(text("play_time_s"), "1.5");
  EXPECT_EQ(text("position_s"), "(none)");
}

TEST_F(SinkStageTest, APlayThatMovedToAnotherViewerTakesItsItemAlong) {
  const auto stage = make();
  publish(profile_of("tv", 1, {"tv"}));
  must(stage->step(no_wait));
  publish(profile_of("tv", 2, {"ann"}));
  must(stage->step(no_wait));
  EXPECT_EQ(state("tv", "tv"), "(none)");
  EXPECT_EQ(state("ann", "tv"), "2");
}

TEST_F(SinkStageTest, AForgottenViewerIsGoneAlsoAfterARestart) {
  publish(profile_of("tv", 1, {"ann", "bob"}));
  must(make()->step(no_wait));
  publish(profile_of("tv", 2, {"bob"}));
  must(restart()->step(no_wait));
  EXPECT_EQ(state("ann", "tv"), "(none)");
  EXPECT_EQ(state("bob", "tv"), "2");
  publish(profile_of("tv", 3, {}));
  must(restart()->step(no_wait));
  EXPECT_TRUE(profiles_.items().empty());
}

TEST_F(SinkStageTest, ReplaysLeaveTheSameTables) {
  const auto stage = make();
  publish(profile_of("tv", 1, {"tv"}));
  must(stage->step(no_wait));
  publish(profile_of("tv", 2, {"ann"}));
  publish(profile_of("pc", 9, {"ann"}));
  must(stage->step(no_wait));
  const auto profiles = profiles_.items();
  const auto events = events_.items();
  must(replay()->step(no_wait));
  EXPECT_EQ(profiles_.items(), profiles);
  EXPECT_EQ(events_.items(), events);
}

TEST_F(SinkStageTest, AnOutageLosesNothingAndCommitsNothing) {
  profiles_.away = true;
  publish(profile_of("tv", 1, {"ann"}));
  const auto stage = make();
  for (int i = 0; i < 3; ++i) {
    const auto failed = stage->step(no_wait);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Error::Code::unavailable);
  }
  profiles_.away = false;
  must(restart()->step(no_wait));  // another process goes on from the position
  EXPECT_EQ(state("ann", "tv"), "1");
}

TEST_F(SinkStageTest, AThrottledTableGetsEachItemOnceAndThePositionWaits) {
  for (int i = 0; i < 60; ++i)
    publish(profile_of("d" + std::to_string(i), 1, {"v" + std::to_string(i)}));
  std::size_t allowed = 0;
  profiles_.fate = [&](const store::Change&) {
    if (allowed == 0) return Outcome{Outcome::Kind::throttled, "too fast"};
    --allowed;
    return Outcome();
  };
  const auto stage = make();
  int waits = 0;
  Result<std::size_t> handled = std::size_t{0};
  do {
    allowed = 10;
    handled = stage->step(no_wait);
    if (!handled) {
      ASSERT_EQ(handled.error().code, Error::Code::unavailable);
      ASSERT_LT(++waits, 100);
    }
  } while (!handled);
  EXPECT_EQ(*handled, 60u);
  EXPECT_GE(waits, 11);
  EXPECT_EQ(profiles_.written, 120u);
}

TEST_F(SinkStageTest, ARefusedItemGoesToBadAndHoldsUpNoOther) {
  profiles_.fate = [](const store::Change& change) {
    return change.item.key.partition == "ann" ? Outcome{Outcome::Kind::refused, "too large"}
                                              : Outcome();
  };
  publish(profile_of("tv", 1, {"ann"}));
  publish(profile_of("pc", 1, {"bob"}));
  EXPECT_EQ(must(make()->step(no_wait)), 2u);
  EXPECT_EQ(state("bob", "pc"), "1");
  EXPECT_EQ(bad_records(), 1u);
  const auto batch = must(bad_->read("0", "", 10));
  EXPECT_NE(batch.records.at(0).value.find("too large"), std::string_view::npos);
}

TEST_F(SinkStageTest, AnUpdateThatMakesNoSenseGoesToBad) {
  append_raw("tv", "no update");
  publish(profile_of("pc", 1, {"bob"}));
  EXPECT_EQ(must(make()->step(no_wait)), 2u);
  EXPECT_EQ(bad_records(), 1u);
  EXPECT_EQ(state("bob", "pc"), "1");
}

TEST_F(SinkStageTest, AnExactStatusIsTheAcceleratorsItem) {
  // Source of names and types: the accelerator's table, docs/sink.md.
  append("tv", {UpdateKind::status, "0", "1",
                R"({"viewer_id":"143f9cb9","collector_tstamp":"2024-11-16T13:34:08.349Z",)"
                R"("event_id":"d9fd8a15","event_name":"ad_break_start_event","video_ts":29.926184,)"
                R"("adsClicked":0,"adsSkipped":2,"adId":0,"status":"WATCHING_AD"})"});
  must(make(Mode::exact)->step(no_wait));
  const std::vector<store::Field> expected{{"adId", {store::ValueType::number, "0"}},
                                           {"adsClicked", {store::ValueType::number, "0"}},
                                           {"adsSkipped", {store::ValueType::number, "2"}},
                                           {"video_ts", {store::ValueType::number, "29.926184"}},
                                           {"status", {store::ValueType::text, "WATCHING_AD"}}};
  ASSERT_EQ(events_.items().size(), 1u);
  EXPECT_EQ(events_.items().begin()->first,
            (store::ItemKey{"143f9cb9", "2024-11-16T13:34:08.349Z"}));
  EXPECT_EQ(events_.items().begin()->second, expected);
}

TEST_F(SinkStageTest, InMappedModeEachStatusOfTheTimelineIsAnItem) {
  profile::Profile profile = profile_of("tv", 1, {"ann"});
  const auto transition = [&](profile::State state, std::int64_t ms, const std::string& event) {
    profile::Transition t;
    t.state = state;
    t.at = from_ms(1'700'000'000'000 + ms);
    t.cause.event_id = t.cause.event_name = event;
    t.cause.collected = t.at;
    profile.plays[0].session.timeline.push_back(t);
  };
  transition(profile::State::paused, 0, "pause_event");
  transition(profile::State::playing, 250, "play_event");
  publish(profile);
  must(make()->step(no_wait));
  std::vector<std::string> statuses;
  for (const auto& [key, fields] : events_.items())
    statuses.push_back(key.sort + " " + store::field({key, fields}, "status")->text);
  EXPECT_EQ(statuses, (std::vector<std::string>{"2023-11-14T22:13:20.250Z WATCHING_VIDEO",
                                                "2023-11-14T22:13:20Z PAUSED_VIDEO"}));
}

}  // namespace
}  // namespace lvp::tests
