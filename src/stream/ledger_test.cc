#include "stream/ledger.h"

#include <gtest/gtest.h>

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;

// The partitions that `member` is given, moving past each, until nothing is left.
std::vector<std::uint32_t> round(Ledger& ledger, const Ledger::Member& member) {
  std::vector<std::uint32_t> partitions;
  for (auto turn = ledger.turn(member, 0ms); turn.from < turn.end;
       turn = ledger.turn(member, 0ms)) {
    partitions.push_back(turn.partition);
    EXPECT_EQ(ledger.begin_move(member, turn.partition, turn.end), turn.end);
    ledger.end_move(member, turn.partition, true);
  }
  return partitions;
}

void extend_all(Ledger& ledger) {
  for (std::uint32_t p = 0; p < ledger.partitions(); ++p) ledger.extend(p, ledger.span(p).end + 1);
}

TEST(StreamLedger, PartitionsAreDealtOutInTheOrderOfJoining) {
  Ledger ledger("s", std::vector<Ledger::Span>(4));
  extend_all(ledger);
  const auto a = ledger.join("g");
  const auto b = ledger.join("g");
  const auto c = ledger.join("g");
  EXPECT_EQ(round(ledger, a), (std::vector<std::uint32_t>{0, 3}));
  EXPECT_EQ(round(ledger, b), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(round(ledger, c), (std::vector<std::uint32_t>{2}));
  ledger.leave(a);
  extend_all(ledger);
  EXPECT_EQ(round(ledger, b), (std::vector<std::uint32_t>{2, 0}));
  EXPECT_EQ(round(ledger, c), (std::vector<std::uint32_t>{3, 1}));
}

TEST(StreamLedger, AMemberStaysWithAPartitionUntilItMovedOn) {
  Ledger ledger("s", std::vector<Ledger::Span>(2));
  extend_all(ledger);
  const auto member = ledger.join("g");
  EXPECT_EQ(ledger.turn(member, 0ms).partition, 0u);
  EXPECT_EQ(ledger.turn(member, 0ms).partition, 0u);
  ASSERT_TRUE(ledger.begin_move(member, 0, 1));
  ledger.end_move(member, 0, false);
  EXPECT_EQ(ledger.turn(member, 0ms).partition, 0u);
  ASSERT_TRUE(ledger.begin_move(member, 0, 1));
  ledger.end_move(member, 0, true);
  ledger.extend(0, 2);
  EXPECT_EQ(ledger.turn(member, 0ms).partition, 1u);
}

TEST(StreamLedger, NobodyReadsAPartitionDuringAMove) {
  Ledger ledger("s", {{0, 2}});
  const auto old_owner = ledger.join("g");
  ASSERT_EQ(ledger.begin_move(old_owner, 0, 1), 1u);
  ledger.leave(old_owner);
  const auto new_owner = ledger.join("g");
  const auto during = ledger.turn(new_owner, 0ms);
  EXPECT_EQ(during.from, during.end);
  EXPECT_FALSE(during.caught_up);
  ledger.end_move(old_owner, 0, true);
  EXPECT_EQ(ledger.turn(new_owner, 0ms).from, 1u);
  EXPECT_EQ(ledger.begin_move(old_owner, 0, 2).error().code, Error::Code::conflict);
}

TEST(StreamLedger, AGroupNeverMovesBackwards) {
  Ledger ledger("s", {{0, 5}});
  const auto member = ledger.join("g");
  ASSERT_EQ(ledger.begin_move(member, 0, 4), 4u);
  ASSERT_EQ(ledger.begin_move(member, 0, 2), 4u);
  ledger.end_move(member, 0, true);
  ledger.end_move(member, 0, true);
  EXPECT_EQ(ledger.begin_move(member, 0, 1), 4u);
  ledger.end_move(member, 0, true);
  EXPECT_EQ(ledger.turn(member, 0ms).from, 4u);
  EXPECT_EQ(ledger.may_move(member, 0, 6).error().code, Error::Code::invalid);
}

TEST(StreamLedger, UnreadIsWhereTheSlowestGroupIs) {
  Ledger ledger("s", {{2, 9}});
  EXPECT_EQ(ledger.unread(0), 9u);
  ledger.restore("slow", 0, 3);
  ledger.restore("fast", 0, 8);
  EXPECT_EQ(ledger.unread(0), 3u);
  ledger.lift(0, 5);
  EXPECT_EQ(ledger.unread(0), 5u);
  EXPECT_EQ(ledger.span(0).first, 5u);
  EXPECT_TRUE(ledger.knows("slow"));
  EXPECT_FALSE(ledger.knows("new"));
  EXPECT_EQ(ledger.turn(ledger.join("new"), 0ms).from, 5u);
}

}  // namespace
}  // namespace lvp::stream
