// The profile stage whose partitions come and go, on real streams: what one process folded another
// one continues (P2), and a stale owner changes nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engines.h"
#include "media_record.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "stages/changelog.h"
#include "stages/copies.h"
#include "stages/partitions.h"
#include "stages/stages.h"
#include "stages/standby.h"
#include "wire/forget_request.h"
#include "wire/update.h"

namespace lvp::tests {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t partitions = 4;

// The changelog as if one stream had these partitions, whatever their keys say: each is a stream of
// its own. Counts what is read of single partitions.
class Changelog final : public stream::Stream {
 public:
  explicit Changelog(Engine& engine) {
    for (std::uint32_t p = 0; p < partitions; ++p)
      streams_.push_back(&engine.stream("state-" + std::to_string(p)));
  }

  Result<std::unique_ptr<stream::Reader>> reader(std::string_view) override {
    return invalid("the changelog has no groups");
  }
  Result<std::unique_ptr<stream::Reader>> follower() override {
    return std::make_unique<Follower>(streams_);
  }
  Result<std::unique_ptr<stream::Writer>> writer() override { return invalid("whose?"); }
  Result<std::unique_ptr<stream::Writer>> writer_to(const std::string& partition) {
    return streams_.at(std::stoul(partition))->writer();
  }
  Result<stream::Batch> read(std::string_view partition, const stream::Offset& after,
                             std::size_t records_max) override {
    auto batch = streams_.at(std::stoul(std::string(partition)))->read("0", after, records_max);
    if (batch) records_read += batch->records.size();
    return batch;
  }
  Result<std::vector<stream::Extent>> extents() override {
    std::vector<stream::Extent> all;
    for (std::size_t p = 0; p < streams_.size(); ++p) {
      all.push_back(must(streams_[p]->extents()).at(0));
      all.back().partition = std::to_string(p);
    }
    return all;
  }

  std::size_t records_read = 0;

 private:
  class Follower final : public stream::Reader {
   public:
    explicit Follower(const std::vector<stream::Stream*>& streams) {
      for (stream::Stream* const stream : streams) readers_.push_back(must(stream->follower()));
    }
    Result<stream::Batch> poll(std::size_t records_max, Duration) override {
      for (std::size_t p = 0; p < readers_.size(); ++p) {
        stream::Batch batch = must(readers_[p]->poll(records_max, 0ms));
        if (batch.records.empty()) continue;
        batch.partition = std::to_string(p);
        return batch;
      }
      return stream::Batch{};
    }
    Status commit(UnitOfWork& unit, const stream::Position& position) override {
      return readers_.at(std::stoul(position.partition))->commit(unit, {"0", position.offset});
    }
    std::vector<stream::Share> shares() const override { return {}; }
    bool caught_up(std::string_view) const override { return true; }

   private:
    std::vector<std::unique_ptr<stream::Reader>> readers_;
  };

  std::vector<stream::Stream*> streams_;
};

enum class Standby { off, on };

// A process that folds what it is given of `media`. Destroyed, it is dead: it wrote nothing more.
class Process {
 public:
  explicit Process(Engine& engine, Standby standby = Standby::off)
      : engine_(engine), changelog_(engine) {
    upstream_.caught_up = true;
    reader_ = must(engine.stream("media", partitions).reader("profile"));
    updates_ = must(engine.stream("updates").writer());
    bad_ = must(engine.stream("bad").writer());
    if (standby == Standby::on) {
      follower_ = must(changelog_.follower());
      standby_ = stages::make_standby_stage(
          {*follower_, changelog_, copies_, engine.clock, standby_progress_, is_warm_});
    }
    stages::ProfileSettings settings;
    settings.settle = 0s;
    stage_ = stages::make_partitions_stage(
        {*reader_,
         *updates_,
         *bad_,
         changelog_,
         copies_,
         [this](const std::string& partition) { return changelog_.writer_to(partition); },
         [this](const std::string&) { return failing(engine_.unit(), failures_, "broker away"); },
         engine.clock,
         metrics_,
         {&upstream_},
         progress_,
         standby_ ? &is_warm_ : nullptr},
        settings, partitions);
  }

  // Until it has nothing more to do.
  void run() {
    for (int idle = 0; idle < 3;) {
      engine_.clock.advance(250ms);
      const std::size_t followed = standby_ ? must(standby_->step(0ms)) : 0;
      const auto handled = fold();
      idle = handled && *handled + followed == 0 ? idle + 1 : 0;
    }
  }

  Result<std::size_t> fold() {
    auto handled = stage_->step(0ms);
    if (!handled) errors_.push_back(handled.error());
    return handled;
  }

  /// Reads what is there of the changelog and folds nothing.
  void only_follow() {
    while (must(standby_->step(0ms)) > 0) {
    }
  }

  std::size_t shares() const { return reader_->shares().size(); }
  const std::vector<Error>& errors() const { return errors_; }
  /// As the metric says.
  int partitions_told() const {
    const std::string all = metrics_.text();
    const std::string name = "\nlvp_profile_partitions ";
    return std::stoi(all.substr(all.find(name) + name.size()));
  }
  bool caught_up() const { return progress_.caught_up; }
  void fail(int commits) { failures_ = commits; }
  void fail_copies(int commits) { copy_failures_ = commits; }
  /// Copies that were made, empty.
  int copies_made() const { return copies_made_; }
  /// Records of the changelog that were not followed, but read when somebody needed them.
  std::size_t records_read() const { return changelog_.records_read; }

 private:
  // Fails as often as `failures` says.
  static std::unique_ptr<UnitOfWork> failing(std::unique_ptr<UnitOfWork> unit, int& failures,
                                             const char* why) {
    if (failures > 0 && failures-- > 0)
      unit->before([why]() -> Status { return unavailable(why); });
    return unit;
  }

  Engine& engine_;
  Changelog changelog_;
  Metrics metrics_;
  stages::Progress upstream_, progress_, standby_progress_;
  std::atomic<bool> is_warm_ = false;
  int failures_ = 0;
  int copy_failures_ = 0;
  int copies_made_ = 0;
  std::vector<Error> errors_;
  stages::Copies copies_{[this](const std::string&) -> Result<stages::Copy> {
                           ++copies_made_;
                           return stages::Copy{store::make_memory_store(), [this] {
                                                 return failing(std::make_unique<UnitOfWork>(),
                                                                copy_failures_, "disk full");
                                               }};
                         },
                         engine_.clock};
  std::unique_ptr<stream::Reader> reader_, follower_;
  std::unique_ptr<stream::Writer> updates_, bad_;
  std::unique_ptr<stages::Stage> standby_, stage_;
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
  EXPECT_EQ(one.copies_made(), 4);
  EXPECT_TRUE(one.caught_up());
  EXPECT_EQ(one.partitions_told(), 4);
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
  EXPECT_GE(two->copies_made(), 1);
  EXPECT_EQ(one->partitions_told(), static_cast<int>(one->shares()));
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
  const std::size_t before = one.records_read();
  one.fail(1);
  send("pause", 20);
  one.run();
  EXPECT_EQ(one.errors().size(), 1u);
  EXPECT_GT(one.records_read(), before);
  expect_events(20, 1, 1);
}

// A partition that was somebody else's meanwhile has what they wrote, and what they erased is gone.
TEST_P(PartitionsStage, ACopyThatComesBackIsReadOnFromWhereItWas) {
  Process one(*engine_);
  send("play", 20);
  one.run();
  {
    Process two(*engine_);
    one.run();  // gives some of them up
    two.run();
    send("pause", 20);
    one.run();
    two.run();
    EXPECT_EQ(one.shares() + two.shares(), 4u);
  }
  send("play", 20);
  one.run();
  EXPECT_EQ(one.shares(), 4u);
  EXPECT_EQ(one.copies_made(), 4) << "none was made anew";
  expect_events(20, 2, 1);
}

// ---- With a standby ----

TEST_P(PartitionsStage, AStandbyTakesOverWithoutReadingTheChangelog) {
  auto one = std::make_unique<Process>(*engine_, Standby::on);
  send("play", 20);
  one->run();
  Process two(*engine_, Standby::on);
  two.only_follow();
  send("pause", 20);
  one->run();
  two.only_follow();
  EXPECT_EQ(two.copies_made(), 4);

  one.reset();
  send("play", 20);
  two.run();
  EXPECT_EQ(two.shares(), 4u);
  EXPECT_EQ(two.records_read(), 0u) << "it had them all";
  expect_events(20, 2, 1);
}

TEST_P(PartitionsStage, AStandbyTakesPartOnceItHasReadAll) {
  {
    Process one(*engine_);
    send("play", 20);
    one.run();
  }
  Process two(*engine_, Standby::on);
  EXPECT_EQ(must(two.fold()), 0u);
  EXPECT_EQ(two.copies_made(), 0) << "owns nothing yet";
  two.only_follow();
  send("pause", 20);
  two.run();
  EXPECT_EQ(two.records_read(), 0u);
  expect_events(20, 1, 1);
}

// While it is the owner's the copy is left alone; then it has what it missed.
TEST_P(PartitionsStage, AStandbyReadsOnWhatItMissedWhileItsCopyWasAway) {
  Process one(*engine_, Standby::on);
  send("play", 20);
  one.run();
  {
    Process two(*engine_, Standby::on);
    two.run();
    one.run();
    two.run();
    send("pause", 20);
    one.run();
    two.run();
    EXPECT_EQ(one.shares() + two.shares(), 4u);
    EXPECT_GT(two.shares(), 0u);
    one.only_follow();
  }
  const std::size_t before = one.records_read();
  send("play", 20);
  one.run();
  EXPECT_EQ(one.shares(), 4u);
  EXPECT_EQ(one.records_read(), before) << "it had been read before it was needed";
  expect_events(20, 2, 1);
}

TEST_P(PartitionsStage, ACopyThatCouldNotFollowIsMadeAnew) {
  for (const Standby standby : {Standby::off, Standby::on}) {
    Process one(*engine_, standby);
    send("play", 20);
    one.run();
    one.fail_copies(1);
    send("pause", 20);
    one.run();
    EXPECT_EQ(one.copies_made(), 5);
    EXPECT_TRUE(one.errors().empty());
  }
  expect_events(20, 2, 2);
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

  stages::Copy again{store::make_memory_store(), copy_unit};
  const auto restored = must(stages::restore(again, engine_->stream("changes"), "0", engine_->clock,
                                             [](const stages::Restored&) { return Status(); }));
  EXPECT_EQ(restored.records, 6u);
  const auto value = [&](const char* name, std::string_view key) {
    return must(must(again.store->table(name))->get(key));
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
  stages::Copy copy{store::make_memory_store(), [] { return std::make_unique<UnitOfWork>(); }};
  const auto restored = stages::restore(copy, engine_->stream("changes"), "0", engine_->clock,
                                        [](const stages::Restored&) { return Status(); });
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().code, Error::Code::corrupt);
}

}  // namespace
}  // namespace lvp::tests
