// What every stream must do. Instantiated in stream_contract_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "tests/engines.h"

namespace lvp::tests {

using namespace std::chrono_literals;

class StreamContract : public testing::TestWithParam<EngineCase> {
 protected:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  stream::Stream& open(const std::string& name = "s", std::uint32_t partitions = 1) {
    return engine_->stream(name, partitions);
  }
  void append(stream::Stream& stream, std::vector<stream::Entry> entries) {
    const auto unit = engine_->unit();
    must(must(stream.writer())->append(*unit, std::move(entries)));
    must(unit->commit());
  }
  Status commit(stream::Reader& reader, const stream::Position& position) {
    const auto unit = engine_->unit();
    if (auto status = reader.commit(*unit, position); !status) return status;
    return unit->commit();
  }
  static Pairs pairs(const stream::Batch& batch) {
    Pairs pairs;
    for (const auto& record : batch.records) pairs.emplace_back(record.key, record.value);
    return pairs;
  }
  Pairs poll(stream::Reader& reader, std::size_t most = 100) {
    return pairs(must(reader.poll(most, arrival())));
  }
  Duration arrival() const { return offers().arrival; }
  Offers offers() const { return engine_->offers(); }
  // Polls until the members have all partitions between them, each at least one.
  void settle(const std::vector<stream::Reader*>& readers, std::size_t partitions) {
    const auto is_settled = [&] {
      std::size_t had = 0;
      for (const auto* reader : readers) {
        if (reader->shares().empty()) return false;
        had += reader->shares().size();
      }
      return had == partitions;
    };
    for (const Deadline deadline(20 * arrival()); !is_settled() && deadline.left() > 0ms;) {
      for (auto* reader : readers) poll(*reader);
    }
    EXPECT_TRUE(is_settled());
  }
  std::size_t count(stream::Stream& stream) { return drain(*must(stream.follower())).size(); }
  // Everything there is to read, moving past each batch.
  Pairs drain(stream::Reader& reader) {
    Pairs all;
    while (true) {
      const stream::Batch batch = must(reader.poll(7, arrival()));
      if (batch.records.empty()) return all;
      for (const auto& record : batch.records) all.emplace_back(record.key, record.value);
      must(commit(reader, batch.end()));
    }
  }
  static stream::Offset offset(std::uint64_t number) {
    std::string digits = std::to_string(number);
    return std::string(20 - digits.size(), '0') + digits;
  }

  std::unique_ptr<Engine> engine_ = GetParam().make();
};

TEST_P(StreamContract, RecordsComeBackAsTheyWereInTheirOrder) {
  append(open(), {{"a", "1"}, {"b", "2"}});
  engine_->clock.advance(5s);
  append(open(), {{"a", "3"}});
  const auto reader = must(open().reader("g"));
  const stream::Batch batch = must(reader->poll(100, arrival()));
  EXPECT_EQ(pairs(batch), (Pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
  EXPECT_TRUE(batch.caught_up);
  EXPECT_LT(batch.records[0].offset, batch.records[1].offset);
  EXPECT_LT(batch.records[1].offset, batch.records[2].offset);
  EXPECT_LE(batch.records[0].appended_at, batch.records[2].appended_at);
  if (!offers().dense_offsets) return;
  EXPECT_EQ(batch.partition, "0");
  EXPECT_EQ(batch.records[0].offset, offset(0));
  EXPECT_EQ(batch.records[2].offset, offset(2));
  EXPECT_EQ(batch.records[0].appended_at, engine_->clock.now() - 5s);
  EXPECT_EQ(batch.records[2].appended_at, engine_->clock.now());
}

TEST_P(StreamContract, AKeyKeepsItsOrderAcrossPartitions) {
  for (int n = 0; n < 50; ++n) {
    std::vector<stream::Entry> entries;
    for (int k = 0; k < 7; ++k) entries.push_back({"key" + std::to_string(k), std::to_string(n)});
    append(open("s", 4), std::move(entries));
  }
  const auto reader = must(open("s", 4).reader("g"));
  std::map<std::string, int> next;
  std::set<std::string> partitions;
  while (true) {
    const stream::Batch batch = must(reader->poll(9, arrival()));
    if (batch.records.empty()) break;
    partitions.insert(batch.partition);
    for (const auto& record : batch.records) {
      EXPECT_EQ(record.value, std::to_string(next[std::string(record.key)]++));
    }
    must(commit(*reader, batch.end()));
  }
  EXPECT_EQ(next.size(), 7u);
  for (const auto& [key, count] : next) EXPECT_EQ(count, 50) << key;
  EXPECT_GT(partitions.size(), 1u);
}

TEST_P(StreamContract, PollingAgainWithoutACommitAnswersTheSame) {
  append(open("s", 4), {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "5"}});
  const auto reader = must(open("s", 4).reader("g"));
  const stream::Batch first = must(reader->poll(2, arrival()));
  ASSERT_FALSE(first.records.empty());
  const stream::Batch second = must(reader->poll(2, arrival()));
  EXPECT_EQ(second.partition, first.partition);
  EXPECT_EQ(pairs(second), pairs(first));
}

TEST_P(StreamContract, CommittingPartOfABatchRepeatsTheRest) {
  append(open(), {{"a", "1"}, {"a", "2"}, {"a", "3"}});
  const auto reader = must(open().reader("g"));
  const stream::Batch batch = must(reader->poll(100, arrival()));
  must(commit(*reader, {batch.partition, batch.records[0].offset}));
  EXPECT_EQ(poll(*reader), (Pairs{{"a", "2"}, {"a", "3"}}));
  must(commit(*reader, batch.end()));
  must(commit(*reader, {batch.partition, batch.records[0].offset}));  // passed already
  EXPECT_EQ(poll(*reader), Pairs{});
}

TEST_P(StreamContract, ABatchIsBoundedAndSaysWhetherMoreIsThere) {
  append(open(), {{"a", "1"}, {"a", "2"}, {"a", "3"}});
  const auto reader = must(open().reader("g"));
  EXPECT_FALSE(must(reader->poll(2, arrival())).caught_up);
  EXPECT_EQ(must(reader->poll(2, arrival())).records.size(), 2u);
  EXPECT_TRUE(must(reader->poll(3, arrival())).caught_up);
  EXPECT_EQ(poll(*reader, 0), (Pairs{{"a", "1"}}));
}

TEST_P(StreamContract, ABatchIsBoundedInBytes) {
  const stream::Entry entry{"a", std::string(1'000'000, 'x')};
  append(open(), std::vector(7, entry));
  const auto reader = must(open().reader("g"));
  std::vector<std::size_t> sizes;
  for (Pairs all; all.size() < 7;) {
    const stream::Batch batch = must(reader->poll(100, arrival()));
    ASSERT_FALSE(batch.records.empty());
    sizes.push_back(batch.records.size());
    for (const auto& pair : pairs(batch)) all.push_back(pair);
    EXPECT_EQ(batch.caught_up, all.size() == 7);
    must(commit(*reader, batch.end()));
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 3}));
}

TEST_P(StreamContract, ABatchHoldsAtLeastOneRecord) {
  if (!offers().large_records) return;  // none is larger than a batch
  const std::string large(3 << 20, 'x');
  const std::string larger(7 << 20, 'y');
  append(open(), {{"a", larger}, {"a", large}, {"a", large}, {"a", "4"}});
  const auto reader = must(open().reader("g"));
  std::vector<std::size_t> sizes;
  for (int i = 0; i < 3; ++i) {
    const stream::Batch batch = must(reader->poll(100, arrival()));
    ASSERT_FALSE(batch.records.empty());
    EXPECT_EQ(batch.caught_up, i == 2);
    sizes.push_back(batch.records.size());
    must(commit(*reader, batch.end()));
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 1, 2}));
}

TEST_P(StreamContract, ABatchKeepsItsBytesAlive) {
  append(open(), {{"a", "1"}});
  auto reader = must(open().reader("g"));
  const stream::Batch batch = must(reader->poll(100, arrival()));
  must(commit(*reader, batch.end()));
  reader.reset();
  append(open(), {{"a", std::string(1000, 'x')}});
  EXPECT_EQ(pairs(batch), (Pairs{{"a", "1"}}));
}

TEST_P(StreamContract, KeysAndValuesAreAnyBytes) {
  using namespace std::string_literals;
  const Pairs all = {{"", ""}, {"\0\xff"s, ""}, {"", "\0"s}, {"\n"s, "\xc3\x28"s}};
  std::vector<stream::Entry> entries;
  for (const auto& [key, value] : all) entries.push_back({key, value});
  append(open(), std::move(entries));
  EXPECT_EQ(poll(*must(open().reader("g"))), all);
}

TEST_P(StreamContract, GroupsAreIndependent) {
  append(open(), {{"a", "1"}, {"a", "2"}});
  const auto one = must(open().reader("one"));
  const auto two = must(open().reader("two"));
  EXPECT_EQ(drain(*one).size(), 2u);
  EXPECT_EQ(poll(*one), Pairs{});
  EXPECT_EQ(poll(*two), (Pairs{{"a", "1"}, {"a", "2"}}));
}

TEST_P(StreamContract, AGroupRemembersItsPositionWithoutMembers) {
  append(open(), {{"a", "1"}});
  EXPECT_EQ(drain(*must(open().reader("g"))).size(), 1u);
  append(open(), {{"a", "2"}});
  EXPECT_EQ(poll(*must(open().reader("g"))), (Pairs{{"a", "2"}}));
}

TEST_P(StreamContract, AReaderKnowsItsPartitionsAndWhenTheyCameToIt) {
  auto& stream = open("s", 4);
  append(stream, {{"a", "1"}});
  const auto one = must(stream.reader("g"));
  poll(*one);
  const auto alone = one->shares();
  ASSERT_EQ(alone.size(), 4u);

  auto two = must(stream.reader("g"));
  const auto all = [&] {
    std::vector<std::string> partitions;
    for (const auto* reader : {one.get(), two.get()}) {
      for (const auto& share : reader->shares()) partitions.push_back(share.partition);
    }
    std::ranges::sort(partitions);
    return partitions;
  };
  settle({one.get(), two.get()}, 4);
  std::vector<std::string> expected;
  for (const auto& share : alone) expected.push_back(share.partition);
  EXPECT_EQ(all(), expected);
  const auto kept = one->shares();
  ASSERT_FALSE(kept.empty());
  ASSERT_LT(kept.size(), 4u);

  two.reset();
  settle({one.get()}, 4);
  const auto again = one->shares();
  ASSERT_EQ(again.size(), 4u);
  for (std::size_t p = 0; p < 4; ++p) {
    EXPECT_EQ(again[p].partition, alone[p].partition);
    const bool stayed = std::ranges::find(kept, alone[p]) != kept.end();
    if (stayed) {
      EXPECT_EQ(again[p].stint, alone[p].stint);
    } else {
      EXPECT_GT(again[p].stint, alone[p].stint) << again[p].partition;
    }
  }
}

TEST_P(StreamContract, AReaderKnowsWhatItHasReadOfEachPartition) {
  auto& stream = open("s", 4);
  const auto reader = must(stream.reader("g"));
  poll(*reader);
  std::vector<stream::Entry> entries;
  for (int k = 0; k < 40; ++k) entries.push_back({"key" + std::to_string(k), "1"});
  append(stream, entries);
  const stream::Batch first = must(reader->poll(1, arrival()));
  ASSERT_EQ(first.records.size(), 1u);
  EXPECT_FALSE(reader->caught_up(first.partition));
  drain(*reader);
  for (const auto& share : reader->shares()) EXPECT_TRUE(reader->caught_up(share.partition));
  EXPECT_FALSE(reader->caught_up("no partition"));
}

TEST_P(StreamContract, AFollowerReadsEverythingForItselfAlone) {
  auto& stream = open("s", 4);
  std::vector<stream::Entry> entries;
  for (int k = 0; k < 40; ++k) entries.push_back({"key" + std::to_string(k), "1"});
  append(stream, entries);
  const auto member = must(stream.reader("g"));
  const auto one = must(stream.follower());
  const auto two = must(stream.follower());
  EXPECT_EQ(drain(*one).size(), 40u);
  EXPECT_EQ(one->shares().size(), 4u);
  append(stream, {{"key1", "2"}});
  EXPECT_EQ(drain(*one), (Pairs{{"key1", "2"}}));
  EXPECT_EQ(drain(*two).size(), 41u);
  EXPECT_EQ(drain(*member).size(), 41u);
  EXPECT_EQ(drain(*must(stream.follower())).size(), 41u);
}

/// What engines promise that keep anything.
class DurableStreamContract : public StreamContract {};

TEST_P(DurableStreamContract, RecordsAndPositionsSurviveReopening) {
  append(open("s", 3), {{"a", "1"}, {"b", "2"}, {"c", "3"}});
  EXPECT_EQ(drain(*must(open("s", 3).reader("g"))).size(), 3u);
  append(open("s", 3), {{"a", "4"}});
  ASSERT_TRUE(engine_->reopen());
  append(open("s", 3), {{"a", "5"}});
  EXPECT_EQ(drain(*must(open("s", 3).reader("g"))), (Pairs{{"a", "4"}, {"a", "5"}}));
  EXPECT_EQ(drain(*must(open("s", 3).reader("new"))).size(), 5u);
}

TEST_P(StreamContract, NothingIsSeenBeforeTheUnitCommits) {
  const auto reader = must(open().reader("g"));
  const auto writer = must(open().writer());
  const auto unit = engine_->unit();
  must(writer->append(*unit, {{"a", "1"}}));
  EXPECT_EQ(poll(*reader), Pairs{});
  must(writer->append(*unit, {{"a", "2"}}));
  must(unit->commit());
  EXPECT_EQ(poll(*reader), (Pairs{{"a", "1"}, {"a", "2"}}));
}

TEST_P(StreamContract, AUnitThatFailsOrIsDroppedLeavesNothing) {
  const auto reader = must(open().reader("g"));
  append(open(), {{"a", "1"}});
  const stream::Batch batch = must(reader->poll(100, arrival()));
  {
    const auto dropped = engine_->unit();
    must(must(open().writer())->append(*dropped, {{"a", "lost"}}));
    must(reader->commit(*dropped, batch.end()));
  }
  {
    const auto failing = engine_->unit();
    must(must(open().writer())->append(*failing, {{"a", "lost"}}));
    must(reader->commit(*failing, batch.end()));
    failing->before([]() -> Status { return unavailable("broker away"); });
    EXPECT_FALSE(failing->commit());
  }
  EXPECT_EQ(poll(*reader, 1), (Pairs{{"a", "1"}}));
  append(open(), {{"a", "2"}});
  // Elsewhere what was published before the failure stays: it may repeat, never be lost.
  EXPECT_EQ(count(open()), offers().atomic_units ? 2u : 3u);
}

TEST_P(StreamContract, StreamsTableAndPositionAreOneUnit) {
  auto& in = open("in");
  append(in, {{"a", "1"}});
  const auto reader = must(in.reader("g"));
  const auto table = must(engine_->store().table("state"));
  const auto step = [&](bool fails) {
    const stream::Batch batch = must(reader->poll(100, arrival()));
    const auto unit = engine_->unit();
    unit->durably();
    must(must(open("left").writer())->append(*unit, {{"a", "l"}}));
    must(must(open("right").writer())->append(*unit, {{"a", "r"}}));
    must(table->put(*unit, "k", "v"));
    must(reader->commit(*unit, batch.end()));
    if (fails) unit->before([]() -> Status { return unavailable("no"); });
    return unit->commit();
  };
  const auto state = [&] {
    return std::tuple(count(open("left")), count(open("right")), must(table->get("k")).has_value(),
                      poll(*reader).size());
  };
  const std::size_t early = offers().atomic_units ? 0 : 1;
  EXPECT_FALSE(step(/*fails=*/true));
  EXPECT_EQ(state(), std::tuple(early, early, false, 1u));
  EXPECT_TRUE(step(/*fails=*/false));
  EXPECT_EQ(state(), std::tuple(early + 1, early + 1, true, 0u));
}

TEST_P(StreamContract, APollThatWaitsIsWokenByAnAppend) {
  auto& stream = open("s", 4);
  const auto reader = must(stream.reader("g"));
  std::jthread writer([&] { append(stream, {{"a", "1"}}); });
  // Far longer than the test may take: without the wake-up it fails by its timeout.
  EXPECT_EQ(pairs(must(reader->poll(100, 1h))), (Pairs{{"a", "1"}}));
}

TEST_P(StreamContract, APollThatFindsNothingIsEmpty) {
  const auto reader = must(open().reader("g"));
  const stream::Batch batch = must(reader->poll(100, arrival() + 1ms));
  EXPECT_TRUE(batch.records.empty());
  EXPECT_TRUE(batch.caught_up);
}

TEST_P(StreamContract, MembersShareThePartitionsAsTheyComeAndGo) {
  auto& stream = open("s", 4);
  std::vector<stream::Entry> entries;
  for (int k = 0; k < 40; ++k) entries.push_back({"key" + std::to_string(k), "1"});
  const auto keys = [](const Pairs& all) {
    std::set<std::string> found;
    for (const auto& [key, value] : all) found.insert(key);
    return found;
  };
  const auto one = must(stream.reader("g"));
  append(stream, entries);
  EXPECT_EQ(keys(drain(*one)).size(), 40u);

  auto two = must(stream.reader("g"));
  settle({one.get(), two.get()}, 4);
  append(stream, entries);
  const auto of_one = keys(drain(*one));
  const auto of_two = keys(drain(*two));
  EXPECT_FALSE(of_one.empty());
  EXPECT_FALSE(of_two.empty());
  EXPECT_EQ(of_one.size() + of_two.size(), 40u);
  for (const auto& key : of_one) EXPECT_FALSE(of_two.contains(key)) << key;

  append(stream, entries);
  two.reset();
  settle({one.get()}, 4);
  EXPECT_EQ(keys(drain(*one)).size(), 40u);
}

TEST_P(StreamContract, ACommitForAPartitionThatWentToAnotherIsAConflict) {
  auto& stream = open();
  append(stream, {{"a", "1"}});
  auto old_owner = must(stream.reader("g"));
  const stream::Batch batch = must(old_owner->poll(100, arrival()));
  ASSERT_EQ(pairs(batch), (Pairs{{"a", "1"}}));
  const auto new_owner = must(stream.reader("g"));
  EXPECT_EQ(poll(*new_owner), Pairs{});
  const Status early = commit(*new_owner, batch.end());
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, Error::Code::conflict);

  // It moves between the call and the commit of the unit: nothing of the unit may take effect.
  const auto unit = engine_->unit();
  must(old_owner->commit(*unit, batch.end()));
  must(must(open("out").writer())->append(*unit, {{"a", "out"}}));
  old_owner.reset();
  const Status late = unit->commit();
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Error::Code::conflict);
  EXPECT_EQ(count(open("out")), 0u);
  EXPECT_EQ(poll(*new_owner), (Pairs{{"a", "1"}}));
}

TEST_P(StreamContract, PositionsThatDoNotExistAreRefused) {
  append(open(), {{"a", "1"}});
  const auto reader = must(open().reader("g"));
  const stream::Position there = must(reader->poll(100, arrival())).end();
  stream::Offset next = there.offset;
  ++next.back();  // the digit is no 9: it is the first record
  const std::vector<stream::Position> wrong = {{there.partition, next},
                                               {there.partition, "x"},
                                               {there.partition, "1"},
                                               {"1", there.offset},
                                               {"", there.offset}};
  for (const auto& position : wrong) {
    const Status status = commit(*reader, position);
    ASSERT_FALSE(status) << position.partition << " " << position.offset;
    EXPECT_EQ(status.error().code, Error::Code::invalid);
  }
}

TEST_P(StreamContract, TooLargeARecordIsRefusedWithAllOfItsAppend) {
  const auto writer = must(open().writer());
  const auto unit = engine_->unit();
  const std::string value((offers().large_records ? 8 << 20 : 1 << 20) - 1, 'x');
  const Status refused = writer->append(*unit, {{"a", "1"}, {"ab", value}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::Code::invalid);
  must(writer->append(*unit, {{"a", value}}));
  must(unit->commit());
  EXPECT_EQ(count(open()), 1u);
}

TEST_P(StreamContract, ToolsReadWithoutAGroupAndSeeExtents) {
  auto& stream = open("s", 2);
  for (const auto& extent : must(stream.extents())) {
    EXPECT_EQ(extent.first, "");
    EXPECT_EQ(extent.last, "");
    EXPECT_EQ(extent.records, 0u);
  }
  append(stream, {{"a", "1"}, {"a", "2"}, {"a", "3"}});
  const auto extents = must(stream.extents());
  ASSERT_EQ(extents.size(), 2u);
  EXPECT_LT(extents[0].partition, extents[1].partition);
  const auto& full = extents[0].first.empty() ? extents[1] : extents[0];
  const auto& empty = extents[0].first.empty() ? extents[0] : extents[1];
  EXPECT_EQ(empty.last, "");
  const auto all = must(stream.read(full.partition, "", 9));
  EXPECT_EQ(pairs(all), (Pairs{{"a", "1"}, {"a", "2"}, {"a", "3"}}));
  EXPECT_EQ(full.first, all.records[0].offset);
  EXPECT_EQ(full.last, all.end().offset);
  EXPECT_GE(full.records, 3u);
  EXPECT_TRUE(!full.exact || full.records == 3) << full.records;

  const stream::Offset second = all.records[1].offset;
  EXPECT_EQ(pairs(must(stream.read(full.partition, "", 2))), (Pairs{{"a", "1"}, {"a", "2"}}));
  EXPECT_EQ(pairs(must(stream.read(full.partition, second, 9))), (Pairs{{"a", "3"}}));
  EXPECT_EQ(pairs(must(stream.read(full.partition, all.end().offset, 9))), Pairs{});
  EXPECT_EQ(stream.read("no-such", "", 9).error().code, Error::Code::invalid);
  EXPECT_EQ(stream.read(full.partition, "7", 9).error().code, Error::Code::invalid);
  if (!offers().dense_offsets) return;
  EXPECT_TRUE(full.exact);
  EXPECT_EQ(extents[0].partition, "0");
  EXPECT_EQ(extents[1].partition, "1");
  EXPECT_EQ(full.first, offset(0));
  EXPECT_EQ(full.last, offset(2));
  EXPECT_EQ(pairs(must(stream.read(full.partition, offset(77), 9))), Pairs{});
  EXPECT_EQ(stream.read("2", "", 9).error().code, Error::Code::invalid);
}

TEST_P(StreamContract, WritersOfManyThreadsLeaveNoGapsAndReadersMissNothing) {
  constexpr int threads = 4;
  constexpr int each = 150;
  auto& stream = open("s", 2);
  auto& other = open("other");
  std::vector<std::map<std::string, int>> read(2);
  {
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        const auto writer = must(stream.writer());
        const auto to_other = must(other.writer());
        for (int i = 0; i < each; ++i) {
          const auto unit = engine_->unit();
          const std::string value = std::to_string(i);
          must(writer->append(
              *unit, {{"x" + std::to_string(t), value}, {"y" + std::to_string(t), value}}));
          must(to_other->append(*unit, {{"z", value}}));
          if (i % 30 == 0) unit->durably();
          must(unit->commit());
        }
      });
    }
    // The members come while records do, so partitions change hands in between.
    std::atomic<int> total = 0;
    for (std::size_t r = 0; r < read.size(); ++r) {
      workers.emplace_back([&, r] {
        const auto reader = must(stream.reader("g"));
        while (total < 2 * threads * each) {
          const stream::Batch batch = must(reader->poll(11, 5ms));
          if (batch.records.empty()) continue;
          const Status moved = commit(*reader, batch.end());
          if (!moved) {
            EXPECT_EQ(moved.error().code, Error::Code::conflict) << moved.error().what;
            continue;
          }
          for (const auto& record : batch.records) {
            ++read[r][std::string(record.key) + "=" + std::string(record.value)];
          }
          total += static_cast<int>(batch.records.size());
        }
      });
    }
    workers.clear();
  }
  std::map<std::string, int> seen = read[0];
  for (const auto& [record, count] : read[1]) seen[record] += count;
  EXPECT_EQ(seen.size(), 2u * threads * each);
  for (const auto& [record, count] : seen) EXPECT_EQ(count, 1) << record;

  std::uint64_t kept = 0;
  for (const auto& extent : must(stream.extents())) {
    stream::Offset after;
    std::uint64_t next = 0;
    std::map<std::string, int> order;
    for (auto batch = must(stream.read(extent.partition, after, 50)); !batch.records.empty();
         batch = must(stream.read(extent.partition, after, 50))) {
      for (const auto& record : batch.records) {
        EXPECT_TRUE(!offers().dense_offsets || record.offset == offset(next)) << record.offset;
        EXPECT_GT(record.offset, after);
        after = record.offset;
        ++next;
        EXPECT_EQ(record.value, std::to_string(order[std::string(record.key)]++));
      }
    }
    EXPECT_TRUE(!extent.exact || extent.records == next) << extent.records;
    kept += next;
  }
  EXPECT_EQ(kept, 2u * threads * each);
  EXPECT_EQ(count(other), 1u * threads * each);
}

TEST_P(StreamContract, TakesPartInUnitsOfOtherEngines) {
  append(open("in"), {{"a", "1"}});
  const auto reader = must(open("in").reader("g"));
  const auto batch = must(reader->poll(100, arrival()));
  UnitOfWork plain;
  must(must(open("out").writer())->append(plain, {{"a", "1"}}));
  must(reader->commit(plain, batch.end()));
  EXPECT_EQ(count(open("out")), 0u);
  EXPECT_EQ(poll(*reader).size(), 1u);
  must(plain.commit());
  EXPECT_EQ(count(open("out")), 1u);
  EXPECT_EQ(poll(*reader).size(), 0u);
}

}  // namespace lvp::tests
