#include "tests/stream_contract.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdio>

namespace lvp::tests {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, StreamContract, testing::Values(memory_case, rocks_case),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Engines, DurableStreamContract, testing::Values(rocks_case), case_name);

std::uint64_t records(stream::Stream& stream) {
  std::uint64_t sum = 0;
  for (const auto& extent : must(stream.extents())) sum += extent.records;
  return sum;
}

void append(UnitOfWork& unit, stream::Stream& stream, int count, const std::string& value) {
  const auto writer = must(stream.writer());
  for (int i = 0; i < count; ++i) must(writer->append(unit, {{"k", value}}));
  must(unit.commit());
}

void read_all(stream::Stream& stream, std::string_view group) {
  const auto reader = must(stream.reader(group));
  for (auto batch = must(reader->poll(1000, 0ms)); !batch.records.empty();
       batch = must(reader->poll(1000, 0ms))) {
    UnitOfWork unit;
    must(reader->commit(unit, batch.end()));
    must(unit.commit());
  }
}

stream::Offset first(stream::Stream& stream) {
  return must(stream.extents())[0].first;
}

TEST(MemoryStream, IsBoundedAndSaysSo) {
  ManualClock clock;
  const auto stream = stream::make_memory_stream("s", {.partitions = 1, .records_max = 10}, clock);
  const auto grow = [&](std::size_t count) {
    UnitOfWork unit;
    must(must(stream->writer())->append(unit, std::vector<stream::Entry>(count, {"k", "v"})));
    return unit.commit();
  };
  ASSERT_TRUE(grow(8));
  ASSERT_TRUE(grow(5));  // no group reads: the oldest make room
  EXPECT_EQ(records(*stream), 10u);
  EXPECT_EQ(first(*stream), "00000000000000000003");

  const auto reader = must(stream->reader("g"));
  const Status full = grow(1);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, Error::Code::unavailable);
  read_all(*stream, "other");
  EXPECT_FALSE(grow(1));
  const auto batch = must(reader->poll(2, 0ms));
  UnitOfWork unit;
  must(reader->commit(unit, batch.end()));
  must(unit.commit());
  EXPECT_TRUE(grow(2));
  EXPECT_FALSE(grow(1));
  EXPECT_FALSE(grow(11));
}

TEST(RocksStream, DropsWhatIsTooOldOnceEveryGroupHasPassedIt) {
  RocksEngine engine;
  engine.options.age_max = 16h;
  auto& stream = engine.stream("s", 1);
  append(*engine.unit(), stream, 3, "old");
  engine.clock.advance(10h);
  append(*engine.unit(), stream, 2, "new");
  engine.clock.advance(7h);  // the old are 17 h old: at the limit with its sixteenth
  must(stream.trim(engine.clock.now()));
  EXPECT_EQ(records(stream), 5u);
  engine.clock.advance(1ms);
  const auto slow = must(stream.reader("slow"));
  must(stream.trim(engine.clock.now()));
  EXPECT_EQ(records(stream), 5u);
  UnitOfWork unit;
  must(slow->commit(unit, {"0", "00000000000000000001"}));
  must(unit.commit());
  must(stream.trim(engine.clock.now()));
  EXPECT_EQ(first(stream), "00000000000000000002");
  EXPECT_EQ(must(slow->poll(100, 0ms)).records.size(), 3u);
  EXPECT_EQ(must(must(stream.reader("new"))->poll(100, 0ms)).records.size(), 3u);
}

TEST(RocksStream, AFollowerHoldsUpNoTrimmingAndGoesOnAtWhatIsLeft) {
  RocksEngine engine;
  engine.options.age_max = 1h;
  auto& stream = engine.stream("s", 1);
  append(*engine.unit(), stream, 3, "old");
  const auto follower = must(stream.follower());
  engine.clock.advance(2h);
  append(*engine.unit(), stream, 1, "new");
  must(stream.trim(engine.clock.now()));
  const auto batch = must(follower->poll(100, 0ms));
  ASSERT_EQ(batch.records.size(), 1u);
  EXPECT_EQ(batch.records[0].value, "new");
}

TEST(RocksStream, GoesOnCountingAfterEverythingWasDropped) {
  RocksEngine engine;
  engine.options.age_max = 1h;
  append(*engine.unit(), engine.stream("s", 1), 3, "old");
  engine.clock.advance(2h);
  must(engine.stream("s", 1).trim(engine.clock.now()));
  EXPECT_EQ(records(engine.stream("s", 1)), 0u);
  engine.reopen();
  append(*engine.unit(), engine.stream("s", 1), 1, "new");
  EXPECT_EQ(first(engine.stream("s", 1)), "00000000000000000003");
  const auto batch = must(must(engine.stream("s", 1).reader("g"))->poll(100, 0ms));
  ASSERT_EQ(batch.records.size(), 1u);
  EXPECT_EQ(batch.records[0].value, "new");
}

// Records of 1000 bytes as the limit counts them: one byte of key, 40 for each.
TEST(RocksStream, DropsTheOldestWhenItIsTooLarge) {
  RocksEngine engine;
  engine.options.bytes_max = 160'000;
  const std::string value(959, 'x');
  append(*engine.unit(), engine.stream("s", 1), 160, value);
  must(engine.stream("s", 1).trim(engine.clock.now()));
  EXPECT_EQ(records(engine.stream("s", 1)), 160u);
  append(*engine.unit(), engine.stream("s", 1), 1, value);
  must(engine.stream("s", 1).trim(engine.clock.now()));
  EXPECT_EQ(records(engine.stream("s", 1)), 150u);
  engine.reopen();  // sizes are known again
  append(*engine.unit(), engine.stream("s", 1), 10, value);
  must(engine.stream("s", 1).trim(engine.clock.now()));
  EXPECT_EQ(records(engine.stream("s", 1)), 160u);
  append(*engine.unit(), engine.stream("s", 1), 1, value);
  must(engine.stream("s", 1).trim(engine.clock.now()));
  EXPECT_EQ(records(engine.stream("s", 1)), 150u);
}

TEST(RocksStream, KeepsWhatAGroupHasNotReadUpToTwiceItsSize) {
  RocksEngine engine;
  engine.options.bytes_max = 160'000;
  const std::string value(959, 'x');
  auto& stream = engine.stream("s", 1);
  const auto slow = must(stream.reader("slow"));
  append(*engine.unit(), stream, 320, value);
  must(stream.trim(engine.clock.now()));
  EXPECT_EQ(records(stream), 320u);
  append(*engine.unit(), stream, 1, value);
  must(stream.trim(engine.clock.now()));
  EXPECT_EQ(records(stream), 300u);
  const auto batch = must(slow->poll(1, 0ms));
  ASSERT_EQ(batch.records.size(), 1u);
  EXPECT_EQ(batch.records[0].offset, first(stream));
  read_all(stream, "fast");
  must(stream.trim(engine.clock.now()));
  EXPECT_EQ(records(stream), 300u);
}

TEST(RocksStream, AGroupThatHasReadNothingIsRememberedAcrossReopening) {
  RocksEngine engine;
  engine.options.age_max = 1h;
  must(engine.stream("s", 1).reader("g"));
  append(*engine.unit(), engine.stream("s", 1), 3, "old");
  engine.reopen();
  engine.clock.advance(10h);
  must(engine.stream("s", 1).trim(engine.clock.now()));
  EXPECT_EQ(records(engine.stream("s", 1)), 3u);
}

TEST(RocksStream, TrimmingWhileReadingAndWritingLosesNothingElse) {
  RocksEngine engine;
  engine.options.bytes_max = 40'000;
  auto& stream = engine.stream("s", 1);
  const std::string value(959, 'x');
  std::atomic<bool> done = false;
  std::jthread trimmer([&] {
    while (!done) must(stream.trim(engine.clock.now()));
  });
  std::jthread writer([&] {
    for (int i = 0; i < 100; ++i) append(*engine.unit(), stream, 10, value);
    done = true;
  });
  const auto reader = must(stream.reader("g"));
  std::string last;
  while (last != "00000000000000000999") {
    const auto batch = must(reader->poll(7, 100ms));
    for (const auto& record : batch.records) {
      EXPECT_GT(record.offset, last);
      last = record.offset;
    }
    if (batch.records.empty()) continue;
    const auto unit = engine.unit();
    must(reader->commit(*unit, batch.end()));
    must(unit->commit());
  }
}

TEST(RocksStream, KeepsItsNumberOfPartitions) {
  RocksEngine engine;
  engine.stream("s", 3);
  engine.reopen();
  EXPECT_EQ(must(engine.stream("s", 8).extents()).size(), 3u);
}

TEST(RocksStream, StreamsOfOneDbAreApart) {
  RocksEngine engine;
  append(*engine.unit(), engine.stream("s", 1), 1, "1");
  append(*engine.unit(), engine.stream("t", 1), 2, "2");
  engine.reopen();
  append(*engine.unit(), engine.stream("u", 1), 3, "3");
  EXPECT_EQ(records(engine.stream("s", 1)), 1u);
  EXPECT_EQ(records(engine.stream("t", 1)), 2u);
  EXPECT_EQ(records(engine.stream("u", 1)), 3u);
}

TEST(RocksStream, IsOpenOnceAtATime) {
  RocksEngine engine;
  engine.stream("s", 1);
  const auto again = stream::RocksStream::open(engine.db(), "s", {}, engine.clock);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Error::Code::conflict);
  for (const std::uint32_t partitions : {0u, 1025u}) {
    const auto wrong =
        stream::RocksStream::open(engine.db(), "t", {.partitions = partitions}, engine.clock);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Error::Code::invalid);
  }
}

// The system refuses to let files grow, as a full disk does, then allows it again.
TEST(RocksStream, AWriteThatTheDiskRefusesLeavesNothing) {
  RocksEngine engine;
  auto& stream = engine.stream("s", 1);
  append(*engine.unit(), stream, 1, "1");
  auto reader = must(stream.reader("g"));
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &none), 0);
  auto unit = engine.unit();
  must(must(stream.writer())->append(*unit, {{"k", "refused"}}));
  must(reader->commit(*unit, {"0", "00000000000000000000"}));
  const Status refused = unit->commit();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, old_handler);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::Code::unavailable);
  EXPECT_EQ(records(stream), 1u);
  EXPECT_EQ(must(reader->poll(100, 0ms)).records.size(), 1u);
  unit.reset();
  reader.reset();
  engine.reopen();
  append(*engine.unit(), engine.stream("s", 1), 1, "2");
  const auto batch = must(engine.stream("s", 1).read("0", "", 100));
  ASSERT_EQ(batch.records.size(), 2u);
  EXPECT_EQ(batch.records[1].value, "2");
}

// Runs crash_writer until it has acknowledged `units`, kills it, and returns the last one.
std::uint64_t acknowledged_before_kill(const std::string& folder, int units) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(LVP_CRASH_WRITER, "crash_writer", folder.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  std::FILE* const lines = fdopen(ends[0], "r");
  std::uint64_t last = 0;
  for (int i = 0; i < units && std::fscanf(lines, "%lu", &last) == 1; ++i) {
  }
  kill(child, SIGKILL);
  while (std::fscanf(lines, "%lu", &last) == 1) {
  }
  std::fclose(lines);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  return last;
}

TEST(RocksStream, AKilledProcessLosesNothingItAcknowledgedAndLeavesWholeUnits) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/db";
  std::uint64_t before = 0;
  for (const int units : {1, 40, 200}) {
    const std::uint64_t acknowledged = acknowledged_before_kill(path, units);
    ASSERT_GE(acknowledged, before + static_cast<std::uint64_t>(units));

    const auto db = must(rocks::Db::open(path));
    const auto left = must(stream::RocksStream::open(*db, "left", {}, system_clock()));
    const auto right = must(stream::RocksStream::open(*db, "right", {}, system_clock()));
    const auto store = store::make_rocks_store(*db);
    const std::uint64_t n = std::stoull(must(must(store->table("state"))->get("n")).value_or("0"));
    EXPECT_GE(n, acknowledged);
    EXPECT_LE(n, acknowledged + 1);
    EXPECT_EQ(records(*left), 3 * n);
    EXPECT_EQ(records(*right), n);

    std::uint64_t next = 0;
    stream::Offset after;
    for (auto batch = must(left->read("0", after, 500)); !batch.records.empty();
         batch = must(left->read("0", after, 500))) {
      for (const auto& record : batch.records) {
        EXPECT_EQ(record.value, std::to_string(next++ / 3 + 1));
      }
      after = batch.end().offset;
    }
    EXPECT_EQ(next, 3 * n);
    const auto unread = must(must(left->reader("group"))->poll(100, 0ms));
    ASSERT_EQ(unread.records.size(), 3u);
    EXPECT_EQ(unread.records[0].value, std::to_string(n));
    before = n;
  }
}

}  // namespace
}  // namespace lvp::tests
