// The profile stage whose partitions come and go, on real streams: what one process folded another
// one continues (P2), and a stale owner changes nothing.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "engines.h"
#include "media_record.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "stages/changelog.h"
#include "stages/partitions.h"
#include "stages/stages.h"
#include "wire/forget_request.h"
#include "wire/update.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t partitions = 4;

// A process that folds what it is given of `media`. Destroyed, it is dead: it wrote nothing more.
class Process {
 public:
  explicit Process(Engine& engine) : engine_(engine) {
    upstream_.caught_up = true;
    reader_ = must(engine.stream("media", partitions).reader("profile"));
    updates_ = must(engine.stream("updates").writer());
    bad_ = must(engine.stream("bad").writer());
    stages::ProfileSettings settings;
    settings.settle = 0s;
    stage_ = stages::make_partitions_stage(
        {*reader_,
         *updates_,
         *bad_,
         [this](const std::string& partition) { return state_of(partition); },
         [this](const std::string&) -> std::unique_ptr<UnitOfWork> {
           auto unit = engine_.unit();
           if (failures_ > 0 && failures_-- > 0)
             unit->before([]() -> Status { return unavailable("broker away"); });
           return unit;
         },
         engine.clock,
         metrics_,
         {&upstream_},
         progress_},
        settings, partitions);
  }

  // Until it has nothing more to do.
  void run() {
    for (int idle = 0; idle < 3;) {
      engine_.clock.advance(250ms);
      const auto handled = stage_->step(0ms);
      if (!handled) errors_.push_back(handled.error());
      idle = handled && *handled == 0 ? idle + 1 : 0;
    }
  }

  std::size_t shares() const { return reader_->shares().size(); }
  const std::vector<Error>& errors() const { return errors_; }
  bool caught_up() const { return progress_.caught_up; }
  void fail(int commits) { failures_ = commits; }
  int copies() const { return copies_; }

 private:
  Result<stages::PartitionState> state_of(const std::string& partition) {
    ++copies_;
    stream::Stream& changelog = engine_.stream("state-" + partition);
    LVP_TRY(auto changes, changelog.writer());
    return stages::PartitionState{changelog, "0", std::move(changes), store::make_memory_store(),
                                  [] { return std::make_unique<UnitOfWork>(); }};
  }

  Engine& engine_;
  Metrics metrics_;
  stages::Progress upstream_;
  stages::Progress progress_;
  int failures_ = 0;
  int copies_ = 0;
  std::vector<Error> errors_;
  std::unique_ptr<stream::Reader> reader_;
  std::unique_ptr<stream::Writer> updates_, bad_;
  std::unique_ptr<stages::Stage> stage_;
};

class PartitionsStage : public testing::TestWithParam<EngineCase> {
 protected:
  void send(std::string_view kind, int viewers) {
    engine_->clock.advance(1s);
    const auto writer = must(engine_->stream("media", partitions).writer());
    const auto unit = engine_->unit();
    for (int v = 0; v < viewers; ++v) {
      const std::string viewer = "viewer" + std::to_string(v);
      must(writer->append(*unit, {{viewer, media_record({.kind = kind,
                                                         .viewer = viewer,
                                                         .event_id = "e" + std::to_string(++sent_),
                                                         .at = engine_->clock.now()})}}));
    }
    must(unit->commit());
  }

  std::vector<Update> updates() {
    std::vector<Update> all;
    for (const auto& record : must(engine_->stream("updates").read("0", "", 10'000)).records)
      all.push_back(must(decode_update(record.value)));
    return all;
  }

  // The newest profile of each device.
  std::map<std::string, profile::Profile> profiles() {
    std::map<std::string, profile::Profile> newest;
    for (const Update& update : updates()) {
      if (update.kind != UpdateKind::profile) continue;
      profile::Profile profile = must(profile::decode_profile(update.payload));
      profile::Profile& known = newest[profile.device];
      EXPECT_GT(profile.version, known.version) << "versions only grow";
      known = std::move(profile);
    }
    return newest;
  }

  // That each event of each viewer counts once.
  void expect_events(int viewers, int plays, int pauses) {
    const auto all = profiles();
    EXPECT_EQ(all.size(), static_cast<std::size_t>(viewers));
    for (const auto& [device, profile] : all)
      EXPECT_EQ(
          std::pair(profile.plays.at(0).session.play_events, profile.plays.at(0).session.pauses),
          std::pair(plays, pauses))
          << device;
  }

  std::unique_ptr<Engine> engine_ = GetParam().make();
  int sent_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Engines, PartitionsStage, testing::Values(memory_case, rocks_case),
                         case_name);

TEST_P(PartitionsStage, FoldsEveryPartition) {
  Process one(*engine_);
  send("play", 20);
  send("pause", 20);
  one.run();
  expect_events(20, 1, 1);
  EXPECT_EQ(one.copies(), 4);
  EXPECT_TRUE(one.caught_up());
}

TEST_P(PartitionsStage, GoesOnWhereADeadProcessWas) {
  send("play", 20);
  {
    Process one(*engine_);
    one.run();
  }
  send("pause", 20);
  Process two(*engine_);
  two.run();
  expect_events(20, 1, 1);
}

TEST_P(PartitionsStage, SharesPartitionsAsProcessesComeAndGo) {
  auto one = std::make_unique<Process>(*engine_);
  send("play", 20);
  one->run();
  auto two = std::make_unique<Process>(*engine_);
  send("pause", 20);
  two->run();
  one->run();
  EXPECT_EQ(one->shares() + two->shares(), 4u);
  EXPECT_GE(two->copies(), 1);
  expect_events(20, 1, 1);

  one.reset();
  send("play", 20);
  two->run();
  EXPECT_EQ(two->shares(), 4u);
  expect_events(20, 2, 1);
  EXPECT_TRUE(two->errors().empty());
}

// It may have been written or not: nobody knows, so the changelog is asked.
TEST_P(PartitionsStage, RestoresAPartitionWhoseStepFailed) {
  Process one(*engine_);
  send("play", 20);
  one.run();
  const int before = one.copies();
  one.fail(1);
  send("pause", 20);
  one.run();
  EXPECT_EQ(one.errors().size(), 1u);
  EXPECT_EQ(one.copies(), before + 1);
  expect_events(20, 1, 1);
}

TEST_P(PartitionsStage, DeclaresGoneWhoVanishedWhoeverOwnsThemNow) {
  {
    Process one(*engine_);
    send("play", 20);
    one.run();
  }
  Process two(*engine_);
  two.run();
  engine_->clock.advance(1min);
  two.run();
  for (const auto& [device, profile] : profiles())
    EXPECT_EQ(profile.plays.at(0).state(), profile::State::left) << device;
}

TEST_P(PartitionsStage, TellsTheClockOfEachPartitionWhenItComes) {
  Process one(*engine_);
  one.run();
  std::map<std::string, std::string> clocks;
  for (const auto& record : must(engine_->stream("updates").read("0", "", 100)).records) {
    const Update update = must(decode_update(record.value));
    if (update.kind == UpdateKind::clock) clocks[std::string(record.key)] = update.payload;
  }
  std::map<std::string, std::string> expected;
  for (const char* partition : {"0", "1", "2", "3"})
    expected[std::string(clock_key) + partition] = clock_runs;
  EXPECT_EQ(clocks, expected);
}

// ---- The changelog ----

TEST_P(PartitionsStage, AChangelogMakesTheSameTablesAgain) {
  const auto copy = store::make_memory_store();
  const NewUnitOfWork copy_unit = [] { return std::make_unique<UnitOfWork>(); };
  const auto changes = must(engine_->stream("changes").writer());
  stages::ChangelogStore store(*copy, *changes, copy_unit);
  const auto table = must(store.table("a"));
  const auto other = must(store.table("b"));
  const auto change = [&](const auto& make) {
    const auto unit = engine_->unit();
    make(*unit);
    must(unit->commit());
  };
  change([&](UnitOfWork& unit) {
    must(table->put(unit, "x", "1"));
    must(table->put(unit, "y", ""));
    must(other->put(unit, "x", "2"));
    must(other->put(unit, std::string("\0k", 2), "3"));
  });
  EXPECT_EQ(must(table->get("y")), "");
  change([&](UnitOfWork& unit) {
    must(table->erase(unit, "x"));
    must(other->put(unit, "x", "4"));
  });
  {
    const auto dropped = engine_->unit();
    must(table->put(*dropped, "z", "never"));
  }
  EXPECT_EQ(must(table->get("x")), std::nullopt);
  EXPECT_EQ(must(table->get("z")), std::nullopt);

  const auto again = store::make_memory_store();
  const auto restored = must(stages::restore(*again, copy_unit, engine_->stream("changes"), "0",
                                             [](const stages::Restored&) { return Status(); }));
  EXPECT_EQ(restored.records, 6u);
  const auto value = [&](const char* name, std::string_view key) {
    return must(must(again->table(name))->get(key));
  };
  EXPECT_EQ(value("a", "x"), std::nullopt);
  EXPECT_EQ(value("a", "y"), "");
  EXPECT_EQ(value("b", "x"), "4");
  EXPECT_EQ(value("b", std::string_view("\0k", 2)), "3");
}

TEST_P(PartitionsStage, AChangelogWithSomethingElseInItIsCorrupt) {
  const auto unit = engine_->unit();
  must(must(engine_->stream("changes").writer())->append(*unit, {{"no table", "\1v"}}));
  must(unit->commit());
  const auto copy = store::make_memory_store();
  const auto restored = stages::restore(
      *copy, [] { return std::make_unique<UnitOfWork>(); }, engine_->stream("changes"), "0",
      [](const stages::Restored&) { return Status(); });
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Error::Code::corrupt);
}

}  // namespace
}  // namespace lvp::tests
