#include "rocks/direct_files.h"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/temporary_folder.h"
#include "rocks/db.h"

namespace lvp::rocks {
namespace {

using rocksdb::IOStatus;

constexpr std::size_t value_bytes = 1 << 20;
constexpr int values_of_a_file = 40;  // more than a family's buffer holds

// How each file is opened. Refuses to write past the page cache where it is told to.
class Watched final : public rocksdb::FileSystemWrapper {
 public:
  explicit Watched(bool refuses = false)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), refuses_(refuses) {}

  const char* Name() const override { return "Watched"; }
  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           rocksdb::IODebugContext* debug) override {
    if (refuses_ && options.use_direct_writes) return IOStatus::InvalidArgument("no such flag");
    const IOStatus made = target()->NewWritableFile(path, options, file, debug);
    MutexLock lock(mutex_);
    opened_.emplace_back(path, options.use_direct_writes);
    changed_.notify_all();
    return made;
  }

  /// Whether the file that was opened last was written past the page cache.
  bool last_was_direct() {
    MutexLock lock(mutex_);
    return opened_.back().second;
  }
  /// The same of the first table file. Waits for it.
  bool table_was_direct() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    MutexLock lock(mutex_);
    while (std::chrono::steady_clock::now() < deadline) {
      for (const auto& [path, direct] : opened_)
        if (path.ends_with(".sst")) return direct;
      changed_.wait_for(mutex_, std::chrono::seconds(1));
    }
    throw std::runtime_error("no table file was made");
  }

 private:
  const bool refuses_;
  Mutex mutex_;
  Condition changed_;
  std::vector<std::pair<std::string, bool>> opened_ GUARDED_BY(mutex_);
};

bool opens_directly(const std::string& folder) {
  const std::string path = folder + "/file";
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_DIRECT | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return file >= 0;
}

std::unique_ptr<Db> open(const std::string& folder, std::shared_ptr<Watched> disk = nullptr) {
  auto opened = Db::open(folder, std::move(disk));
  if (!opened) throw std::runtime_error(opened.error().what);
  return std::move(*opened);
}

void fill(Db& db, Family family) {
  for (int i = 0; i < values_of_a_file; ++i) {
    const auto unit = db.unit();
    unit->put(family, std::string("partition") + static_cast<char>('a' + i),
              std::string(value_bytes, static_cast<char>('a' + i)));
    ASSERT_TRUE(unit->commit());
  }
}

void expect_filled(const Db& db, Family family) {
  for (int i = 0; i < values_of_a_file; ++i) {
    const auto value = db.get(family, std::string("partition") + static_cast<char>('a' + i));
    ASSERT_TRUE(value && *value) << i;
    EXPECT_TRUE(**value == std::string(value_bytes, static_cast<char>('a' + i))) << i;
  }
}

TEST(RocksDirectFiles, AreThoseThatWereExpected) {
  const TemporaryFolder folder;
  const auto disk = std::make_shared<Watched>();
  DirectFiles files(disk);
  const bool can = opens_directly(folder.path());
  rocksdb::FileOptions allowed;
  allowed.use_direct_writes = can;
  const auto is_direct = [&](const std::string& name, const rocksdb::FileOptions& options) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    const std::string path = folder.path() + "/" + name;
    EXPECT_TRUE(files.NewWritableFile(path, options, &file, nullptr).ok());
    return disk->last_was_direct();
  };

  EXPECT_FALSE(is_direct("a", allowed));
  files.expect(folder.path() + "/a");
  EXPECT_FALSE(is_direct("b", allowed));
  EXPECT_FALSE(is_direct("a", {}));
  EXPECT_EQ(is_direct("a", allowed), can);
  files.forget(folder.path() + "/a");
  EXPECT_FALSE(is_direct("a", allowed));
}

TEST(RocksDirectFiles, AreTriedFirst) {
  const TemporaryFolder folder;
  EXPECT_EQ(takes_direct_writes(*rocksdb::FileSystem::Default(), folder.path()),
            opens_directly(folder.path()));
  Watched refusing(/*refuses=*/true);
  EXPECT_FALSE(takes_direct_writes(refusing, folder.path()));
  EXPECT_FALSE(std::filesystem::exists(folder.path() + "/direct.probe"));
}

TEST(RocksDirectFiles, HoldRecordsAndNotRows) {
  const TemporaryFolder folder;
  const bool can = opens_directly(folder.path());
  for (const Family family : {Family::log, Family::tables}) {
    const std::string place = folder.path() + "/" + std::to_string(static_cast<int>(family));
    const auto disk = std::make_shared<Watched>();
    {
      const auto db = open(place, disk);
      fill(*db, family);
      EXPECT_EQ(disk->table_was_direct(), can && family == Family::log);
      expect_filled(*db, family);
    }
    expect_filled(*open(place), family);
  }
}

TEST(RocksDirectFiles, AreDoneWithoutWhereTheDiskRefuses) {
  const TemporaryFolder folder;
  const auto disk = std::make_shared<Watched>(/*refuses=*/true);
  const auto db = open(folder.path() + "/db", disk);
  fill(*db, Family::log);
  EXPECT_FALSE(disk->table_was_direct());
  expect_filled(*db, Family::log);
}

}  // namespace
}  // namespace lvp::rocks
