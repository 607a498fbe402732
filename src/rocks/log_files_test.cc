#include "rocks/log_files.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/temporary_folder.h"
#include "rocks/test_power.h"

namespace lvp::rocks {
namespace {

// A record of RocksDB's: checksum, length, type, bytes.
std::string record(std::size_t length) {
  std::string bytes = "abcd";
  bytes += static_cast<char>(length & 0xff);
  bytes += static_cast<char>(length >> 8);
  bytes += '\1';
  return bytes + std::string(length, '\0');  // what is in it may be zeros
}
std::string zeros(std::size_t count) {
  return std::string(count, '\0');
}

TEST(RocksLogEnd, IsAtTheFirstHeaderOfNothing) {
  constexpr std::size_t block = LogEnd::block_bytes;
  const struct {
    const char* name;
    std::string bytes;
    std::size_t content;
  } cases[] = {
      {"nothing", "", 0},
      {"a blank", zeros(block), 0},
      {"one record", record(10), 17},
      {"one record and zeros", record(10) + zeros(block - 17), 17},
      {"an empty record is one", record(0) + zeros(100), 7},
      {"two records", record(10) + record(300) + zeros(1000), 324},
      {"a whole block", record(block - 7), block},
      {"a whole block, then zeros", record(block - 7) + zeros(block), block},
      {"zeros at a block's end are padding", record(block - 13) + zeros(6) + record(1) + zeros(99),
       block + 8},
      {"seven zeros there are not", record(block - 14) + zeros(7) + record(1), block - 7},
      {"a cut header is RocksDB's to judge", record(10) + zeros(6), 23},
      {"a cut record too", record(10).substr(0, 12), 12},
      {"a record longer than its block ends with it",
       record(block).substr(0, block) + record(1) + zeros(99), block + 8},
  };
  for (const auto& each : cases) EXPECT_EQ(LogEnd().content(each.bytes), each.content) << each.name;
}

TEST(RocksLogEnd, IsRemembered) {
  LogEnd end;
  EXPECT_EQ(end.content(zeros(LogEnd::block_bytes)), 0U);
  EXPECT_EQ(end.content(record(1)), 0U) << "left by a write that a crash overtook";
}

class RocksLogs : public testing::Test {
 protected:
  using File = std::unique_ptr<rocksdb::FSWritableFile>;

  RocksLogs() { files_.begin(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }
  File open(const std::string& name) {
    File file;
    EXPECT_TRUE(files_.NewWritableFile(path(name), {}, &file, nullptr).ok());
    return file;
  }
  static void append(rocksdb::FSWritableFile& file, const std::string& bytes) {
    EXPECT_TRUE(file.Append(bytes, {}, nullptr).ok());
  }
  void write(const std::string& name, const std::string& bytes) { append(*open(name), bytes); }
  void let_go(const std::string& name) {
    EXPECT_TRUE(files_.DeleteFile(path(name), {}, nullptr).ok());
    EXPECT_FALSE(exists(name));
  }
  void await_blanks(std::size_t count) {
    while (files_.blanks() != count) std::this_thread::yield();
  }
  std::string bytes_of(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string content_of(const std::string& name) {
    std::unique_ptr<rocksdb::FSSequentialFile> file;
    EXPECT_TRUE(files_.NewSequentialFile(path(name), {}, &file, nullptr).ok());
    std::string content;
    std::string room(LogEnd::block_bytes, 'x');
    for (rocksdb::Slice read;;) {
      EXPECT_TRUE(file->Read(room.size(), {}, &read, room.data(), nullptr).ok());
      if (read.empty()) return content;
      content.append(read.data(), read.size());
    }
  }

  const TemporaryFolder temporary_;
  const std::string& folder_ = temporary_.path();
  std::atomic<int> portions_ = 0;
  const std::shared_ptr<Power> disk_ = std::make_shared<Power>();
  LogFiles files_{disk_, [this](std::size_t) { ++portions_; }};
};

TEST_F(RocksLogs, OneIsWrittenOverOneThatWasLetGo) {
  const std::string first = record(3000) + record(500);
  write("1.log", first);
  EXPECT_EQ(bytes_of("1.log"), first);
  let_go("1.log");
  await_blanks(1);
  EXPECT_EQ(bytes_of("1.blank"), zeros(first.size()));
  EXPECT_EQ(portions_, 1);

  write("2.log", record(20));
  EXPECT_FALSE(exists("1.blank"));
  EXPECT_EQ(files_.blanks(), 0U);
  EXPECT_EQ(bytes_of("2.log"), record(20) + zeros(first.size() - 27));
  EXPECT_EQ(content_of("2.log"), record(20));
}

TEST_F(RocksLogs, OneMayGrowLongerThanWhatItIsWrittenOver) {
  write("1.log", record(10));
  let_go("1.log");
  await_blanks(1);
  const std::string longer = record(30'000) + record(2'000) + record(5);
  write("2.log", longer);
  EXPECT_EQ(content_of("2.log"), longer);
}

// RocksDB does not spell a folder the same way each time.
class RocksOpenLogs : public RocksLogs, public testing::WithParamInterface<std::string> {};
INSTANTIATE_TEST_SUITE_P(Spelled, RocksOpenLogs, testing::Values("", "/", "./"));

TEST_P(RocksOpenLogs, AreLeftAloneUntilTheyAreClosed) {
  File first = open("1.log");
  append(*first, record(10));
  write("2.log", record(20));
  let_go(GetParam() + "1.log");
  let_go(GetParam() + "2.log");
  await_blanks(1);
  EXPECT_EQ(bytes_of("1.blank"), record(10));
  EXPECT_EQ(bytes_of("2.blank"), zeros(27));
  first.reset();
  await_blanks(2);
  EXPECT_EQ(bytes_of("1.blank"), zeros(17));
}

// Or a cut of the power could leave what is in the newer one without what came before it.
TEST_F(RocksLogs, NoneIsBegunBeforeThoseThatAreOpenAreDurable) {
  const File first = open("1.log");
  append(*first, record(10));
  EXPECT_EQ(disk_->at_risk(path("1.log")), 17U);
  const File second = open("2.log");
  EXPECT_EQ(disk_->at_risk(path("1.log")), 0U);
}

TEST_F(RocksLogs, OneMayBeBegunWhileAnotherCloses) {
  const File first = open("1.log");
  append(*first, record(10));
  EXPECT_TRUE(first->Close({}, nullptr).ok());
  append(*open("2.log"), record(20));
  EXPECT_EQ(content_of("2.log"), record(20));
}

TEST_F(RocksLogs, AFewAreKept) {
  for (std::size_t i = 0; i <= LogFiles::blanks_max; ++i) {
    write(std::to_string(i) + ".log", record(i));
  }
  for (std::size_t i = 0; i <= LogFiles::blanks_max; ++i) let_go(std::to_string(i) + ".log");
  await_blanks(LogFiles::blanks_max);
  EXPECT_FALSE(exists(std::to_string(LogFiles::blanks_max) + ".blank"));
}

TEST_F(RocksLogs, WhatAnEarlierRunKeptIsRemoved) {
  std::ofstream(path("7.blank")) << "half of it zeros";
  std::ofstream(path("8.log")) << "needed";
  LogFiles later(disk_, [](std::size_t) {});
  later.begin(folder_);
  EXPECT_FALSE(exists("7.blank"));
  EXPECT_TRUE(exists("8.log"));
}

TEST_F(RocksLogs, OtherFilesAreAsOnAnyFileSystem) {
  write("1.log", record(10));
  let_go("1.log");
  await_blanks(1);
  write("3.sst", zeros(100));
  EXPECT_EQ(bytes_of("3.sst"), zeros(100));
  EXPECT_EQ(files_.blanks(), 1U);
  let_go("3.sst");
  EXPECT_EQ(files_.blanks(), 1U);
}

TEST_F(RocksLogs, BeforeTheBeginningNoneAreKept) {
  LogFiles files(disk_, [](std::size_t) {});
  std::ofstream(path("1.log")) << "recovered";
  EXPECT_TRUE(files.DeleteFile(path("1.log"), {}, nullptr).ok());
  EXPECT_FALSE(exists("1.log"));
  EXPECT_FALSE(exists("1.blank"));
}

}  // namespace
}  // namespace lvp::rocks
