#include "rocks/db.h"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "base/temporary_folder.h"

namespace lvp::rocks {
namespace {

class RocksDb : public testing::Test {
 protected:
  RocksDb() { open(); }

  void open() {
    db_.reset();
    auto opened = Db::open(folder_ + "/db");
    if (!opened) throw std::runtime_error(opened.error().what);
    db_ = std::move(*opened);
  }

  std::string get(Family family, std::string_view key) {
    const auto value = db_->get(family, key);
    return value && *value ? **value : "-";
  }

  const TemporaryFolder temporary_;
  const std::string& folder_ = temporary_.path();
  std::unique_ptr<Db> db_;
};

// Numbers its writes in commit order, as a stream does, and refuses when told to.
struct Numbers {
  int next = 0;
  int published = 0;
};
class Numbered final : public Participant {
 public:
  Numbered(Numbers& numbers, bool refuses = false) : numbers_(numbers), refuses_(refuses) {}
  Status stage(Batch& batch) override {
    if (refuses_) return unavailable("refused");
    batch.put(Family::log, std::to_string(numbers_.next++), "x");
    return {};
  }
  void publish() override { ++numbers_.published; }
  void abandon() override { --numbers_.next; }

 private:
  Numbers& numbers_;
  bool refuses_;
};

TEST_F(RocksDb, AUnitIsSeenWholeOrNotAtAllAndSurvivesReopening) {
  {
    const auto lost = db_->unit();
    lost->put(Family::tables, "a", "lost");
  }
  EXPECT_EQ(get(Family::tables, "a"), "-");

  {
    const auto unit = db_->unit();
    unit->put(Family::tables, "a", "1");
    unit->put(Family::tables, "a", "2");
    unit->put(Family::log, "a", "3");
    unit->put(Family::log, "b", "4");
    unit->erase(Family::log, "b");
    ASSERT_TRUE(unit->commit());
  }
  open();
  EXPECT_EQ(get(Family::tables, "a"), "2");
  EXPECT_EQ(get(Family::log, "a"), "3");
  EXPECT_EQ(get(Family::log, "b"), "-");
  EXPECT_EQ(get(Family::positions, "a"), "-");
}

TEST_F(RocksDb, ChangesOfAUnitCountInTheirOrder) {
  const auto unit = db_->unit();
  unit->put(Family::tables, "b", "1");
  unit->put(Family::tables, "a", "1");
  unit->erase(Family::tables, "a");
  unit->put(Family::tables, "b", "2");
  ASSERT_TRUE(unit->commit());
  EXPECT_EQ(get(Family::tables, "a"), "-");
  EXPECT_EQ(get(Family::tables, "b"), "2");

  const auto ranges = db_->unit();
  ranges->put(Family::tables, "c", "goes");
  ranges->erase_range(Family::tables, "a", "z");
  ranges->put(Family::tables, "b", "stays");
  ASSERT_TRUE(ranges->commit());
  EXPECT_EQ(get(Family::tables, "c"), "-");
  EXPECT_EQ(get(Family::tables, "b"), "stays");
}

TEST_F(RocksDb, CursorsAndRanges) {
  const auto unit = db_->unit();
  for (const char* key : {"a", "b", "c", "d"}) unit->put(Family::log, key, key);
  ASSERT_TRUE(unit->commit());

  std::string seen;
  Cursor cursor = db_->cursor(Family::log, "b", "d");
  for (; cursor.valid(); cursor.next()) seen += cursor.key();
  EXPECT_TRUE(cursor.status());
  EXPECT_EQ(seen, "bc");
  EXPECT_EQ((*db_->last(Family::log, "a", "d")).value().first, "c");
  EXPECT_EQ(*db_->last(Family::log, "aa", "b"), std::nullopt);

  const auto erasing = db_->unit();
  erasing->erase_range(Family::log, "a", "c");
  ASSERT_TRUE(erasing->commit());
  ASSERT_TRUE(db_->reclaim(Family::log, "a", "c"));
  EXPECT_EQ(get(Family::log, "b"), "-");
  EXPECT_EQ(get(Family::log, "c"), "c");
}

TEST_F(RocksDb, AParticipantThatRefusesFailsItsUnitAlone) {
  Numbers numbers;
  const auto unit = db_->unit();
  unit->put(Family::tables, "a", "1");
  unit->join(std::make_unique<Numbered>(numbers));
  unit->join(std::make_unique<Numbered>(numbers, /*refuses=*/true));
  const Status status = unit->commit();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().what, "refused");
  EXPECT_EQ(numbers.next, 0);
  EXPECT_EQ(numbers.published, 0);
  EXPECT_EQ(get(Family::tables, "a"), "-");
  EXPECT_EQ(get(Family::log, "0"), "-");
}

TEST_F(RocksDb, UnitsOfManyThreadsAreNumberedWithoutGaps) {
  Numbers numbers;
  constexpr int threads = 4;
  constexpr int each = 200;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < threads; ++t) {
      writers.emplace_back([&, t] {
        for (int i = 0; i < each; ++i) {
          const auto unit = db_->unit();
          if (i % 50 == 0) unit->durably();
          unit->join(std::make_unique<Numbered>(numbers));
          unit->join(std::make_unique<Numbered>(numbers, t == 0 && i % 2 == 0));
          if (!unit->commit()) ++refused;
        }
      });
    }
  }
  EXPECT_EQ(refused, each / 2);
  const int expected = 2 * (threads * each - each / 2);
  EXPECT_EQ(numbers.next, expected);
  EXPECT_EQ(numbers.published, expected);
  int found = 0;
  while (get(Family::log, std::to_string(found)) == "x") ++found;
  EXPECT_EQ(found, expected);
}

TEST_F(RocksDb, AUnitOfAnotherKindCommitsWhatIsWrittenHereFirst) {
  UnitOfWork other;
  unit_in(other, *db_).put(Family::tables, "a", "1");
  EXPECT_EQ(own_unit(other, *db_), nullptr);
  EXPECT_EQ(get(Family::tables, "a"), "-");
  std::string at_write;
  other.before([&]() -> Status {
    at_write = get(Family::tables, "a");
    return {};
  });
  ASSERT_TRUE(other.commit());
  EXPECT_EQ(at_write, "1");

  const auto own = db_->unit();
  EXPECT_EQ(&unit_in(*own, *db_), own.get());
}

TEST_F(RocksDb, AFolderHasOneUser) {
  const auto second = Db::open(folder_ + "/db");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Error::Code::unavailable);
  EXPECT_EQ(second.error().what, "rocks: " + folder_ + "/db: another lvp is using this folder");
}

TEST_F(RocksDb, AFolderThatCannotBeMadeIsUnavailable) {
  const auto opened = Db::open("/proc/lvp");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Error::Code::unavailable);
}

TEST_F(RocksDb, BytesThatMakeNoSenseAreCorrupt) {
  db_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/db")) {
    if (entry.path().filename().string().starts_with("MANIFEST")) {
      std::filesystem::resize_file(entry.path(), 10);
    }
  }
  const auto opened = Db::open(folder_ + "/db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Error::Code::corrupt);
}

// The log that RocksDB writes ahead, in a folder that was opened once.
std::filesystem::path write_ahead_log(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".log") return entry.path();
  }
  throw std::runtime_error("there is no write-ahead log");
}

// What a machine leaves that dies while it writes: the last unit's bytes up to any of them, and
// then nothing, or zeros where the file was longer already.
TEST_F(RocksDb, AUnitCutShortIsGoneWholeAndWhatWasDurableBeforeIsThere) {
  const auto write = [&](const std::string& value) {
    const auto unit = db_->unit();
    unit->put(Family::tables, value, value);
    unit->put(Family::log, value, value);
    unit->durably();
    ASSERT_TRUE(unit->commit());
  };
  const std::string whole = folder_ + "/db";
  write("1");
  const auto before = std::filesystem::file_size(write_ahead_log(whole));
  write("2");
  const auto after = std::filesystem::file_size(write_ahead_log(whole));
  ASSERT_LT(before, after);
  db_.reset();
  const std::string saved = folder_ + "/saved";
  std::filesystem::rename(whole, saved);
  for (auto cut = before; cut <= after; ++cut) {
    for (const bool zeros : {false, true}) {
      std::filesystem::remove_all(whole);
      std::filesystem::copy(saved, whole);
      const auto log = write_ahead_log(whole);
      std::filesystem::resize_file(log, cut);
      if (zeros) std::filesystem::resize_file(log, after + 4096);
      open();
      const std::string second = cut == after ? "2" : "-";
      EXPECT_EQ(get(Family::tables, "1") + get(Family::log, "1"), "11") << cut - before << zeros;
      EXPECT_EQ(get(Family::tables, "2"), second) << cut - before << zeros;
      EXPECT_EQ(get(Family::log, "2"), second) << cut - before << zeros;
      write("3");
      open();
      EXPECT_EQ(get(Family::tables, "1") + get(Family::tables, "3"), "13") << cut - before << zeros;
      db_.reset();
    }
  }
}

TEST_F(RocksDb, WhatALogHoldsThatIsWrittenOverAnOlderOneIsReadBack) {
  const std::string noise(1 << 20, 'x');
  int written = 0;
  const auto write = [&] {
    const auto unit = db_->unit();
    unit->put(Family::log, std::to_string(written), noise);
    unit->put(Family::tables, "last", std::to_string(written));
    ASSERT_TRUE(unit->commit());
    ++written;
  };
  // An older one keeps its number on the disk.
  std::set<ino_t> blanks;
  std::filesystem::path log;
  while (log.empty()) {
    write();
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/db")) {
      struct stat file;
      if (stat(entry.path().c_str(), &file) != 0) continue;
      if (entry.path().extension() == ".blank") blanks.insert(file.st_ino);
      if (entry.path().extension() == ".log" && blanks.contains(file.st_ino)) log = entry.path();
    }
  }
  write();

  open();  // nothing is flushed at the end
  EXPECT_EQ(get(Family::tables, "last"), std::to_string(written - 1));
  for (int i = 0; i < written; ++i) EXPECT_TRUE(get(Family::log, std::to_string(i)) == noise) << i;
}

TEST_F(RocksDb, ANameIsClaimedOnce) {
  {
    const auto claim = db_->claim("stream raw");
    ASSERT_TRUE(claim);
    const auto second = db_->claim("stream raw");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Error::Code::conflict);
  }
  EXPECT_TRUE(db_->claim("stream raw"));
}

}  // namespace
}  // namespace lvp::rocks
