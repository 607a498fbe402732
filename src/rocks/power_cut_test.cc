// What a machine finds that lost its power: everything up to the last durable unit, and of what
// came after it the first so many (db.h).
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "base/temporary_folder.h"
#include "rocks/db.h"
#include "rocks/test_power.h"

namespace lvp::rocks {
namespace {

constexpr std::size_t value_bytes = 16 << 10;
constexpr int units_min = 1'500;   // several times what makes RocksDB begin a new log
constexpr int units_max = 20'000;  // by then a log was written over an older one
constexpr double durable_part = 0.01;
constexpr int cut_every = 60;  // units, on average

class RocksPowerCut : public testing::TestWithParam<unsigned> {
 protected:
  static std::unique_ptr<Db> open(const std::string& folder,
                                  std::shared_ptr<rocksdb::FileSystem> disk = nullptr) {
    auto opened = Db::open(folder, std::move(disk));
    if (!opened) throw std::runtime_error(opened.error().what);
    return std::move(*opened);
  }

  static std::string key(char part, int unit) { return fmt::format("{}{:08}", part, unit); }

  // Two changes in the family with the smallest buffer: RocksDB begins a new log when it is full.
  void commit(int unit, bool durable) {
    const auto changes = db_->unit();
    changes->put(Family::positions, key('a', unit), std::string(value_bytes, 'x'));
    changes->put(Family::positions, key('b', unit), "");
    if (durable) changes->durably();
    ASSERT_TRUE(changes->commit());
    if (durable) last_durable_ = unit;
  }

  void cut_after(int unit) {
    SCOPED_TRACE(fmt::format("cut after unit {}, of which {} was durable", unit, last_durable_));
    const std::string copy = folder_.path() + "/copy";
    disk_->cut(folder_.path() + "/db", copy, random_);
    auto left = open(copy);
    int kept = 0;
    while (kept <= unit && has(*left, 'a', kept)) ++kept;
    EXPECT_GT(kept, last_durable_);
    for (int i = 0; i <= unit; ++i) {
      ASSERT_EQ(has(*left, 'a', i), i < kept) << "unit " << i << ", kept " << kept;
      ASSERT_EQ(has(*left, 'b', i), i < kept) << "unit " << i << ", kept " << kept;
    }
    left.reset();
    std::filesystem::remove_all(copy);
  }

  static bool has(const Db& db, char part, int unit) {
    const auto value = db.get(Family::positions, key(part, unit));
    return value && *value;
  }

  const TemporaryFolder folder_;
  const std::shared_ptr<Power> disk_ = std::make_shared<Power>();
  const std::unique_ptr<Db> db_ = open(folder_.path() + "/db", disk_);
  std::mt19937 random_{GetParam()};
  int last_durable_ = -1;
};

TEST_P(RocksPowerCut, LeavesWhatWasDurableAndThenAPrefix) {
  std::bernoulli_distribution durable(durable_part);
  std::bernoulli_distribution cut(1.0 / cut_every);
  const auto is_enough = [&](int units) {
    return units == units_max || (units >= units_min && disk_->logs_reused() > 0);
  };
  for (int unit = 0; !is_enough(unit); ++unit) {
    const int logs = disk_->logs_begun();
    commit(unit, durable(random_));
    if (cut(random_) || disk_->logs_begun() > logs) cut_after(unit);
    if (HasFailure()) return;
  }
  EXPECT_GT(disk_->logs_reused(), 0);
}

// Their buffers are written to files, past the page cache where the disk takes that, and only then
// are the logs let go that had them.
TEST_P(RocksPowerCut, KeepsRecordsThatHaveLeftTheLog) {
  constexpr int records = 140;  // of 1 MB: more than all buffers hold
  const auto key = [](int i) { return fmt::format("partition{:04}", i); };
  const auto value = [](int i) { return std::string(1 << 20, static_cast<char>('a' + i % 26)); };
  for (int i = 0; i < records; ++i) {
    const auto unit = db_->unit();
    unit->put(Family::log, key(i), value(i));
    unit->durably();
    ASSERT_TRUE(unit->commit());
  }
  const std::string copy = folder_.path() + "/copy";
  disk_->cut(folder_.path() + "/db", copy, random_);
  const auto left = open(copy);
  for (int i = 0; i < records; ++i) {
    const auto found = left->get(Family::log, key(i));
    ASSERT_TRUE(found && *found) << i;
    EXPECT_TRUE(**found == value(i)) << i;
  }
  EXPECT_GT(disk_->tables_begun(), 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RocksPowerCut, testing::Range(1U, 9U));

}  // namespace
}  // namespace lvp::rocks
