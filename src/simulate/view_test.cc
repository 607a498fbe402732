#include "simulate/view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;

const Ids ids(99);

std::string row(std::string_view id, std::string_view state, double position = 0) {
  return fmt::format(R"({{"viewer":"{}","state":"{}","position":{}}})", id, state, position);
}

// A frame of docs/live-protocol.md, as far as we look at it.
std::string frame(std::string_view type, int seq, int viewers, int watching, std::string_view rows,
                  std::string_view gone = "", bool stale = false, int now = 1) {
  return fmt::format(
      R"({{"type":"{}","seq":{},"now":{},"counts":{{"viewers":{},"streams":0,"watching":{}}},)"
      R"("viewers":[{}],"gone":[{}],"stale":{}}})",
      type, seq, now, viewers, watching, rows, gone, stale);
}

class ViewTest : public testing::Test {
 protected:
  void read(const std::string& text) {
    rows.clear();
    const Status status = view.read(text, [this](const View::Row& r) { rows.push_back(r); });
    ASSERT_TRUE(status) << status.error().what;
  }
  View view{ids, 10};
  std::vector<View::Row> rows;
};

TEST_F(ViewTest, KnowsWhatTheFramesSaid) {
  read(frame("snapshot", 4, 1, 1, row(ids.device(3), "PLAYING", 12.5)));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].viewer.number, 3u);
  EXPECT_EQ(rows[0].position_s, 12.5);
  EXPECT_EQ(view.of({3, false}), State::playing);
  EXPECT_EQ(view.watching(), 1u);

  read(frame("update", 5, 2, 1,
             row(ids.device(3), "PAUSED") + "," + row(ids.user(4), "PLAYING_AD")));
  EXPECT_EQ(view.of({3, false}), State::paused);
  EXPECT_EQ(view.of({4, true}), State::playing_ad);
  EXPECT_EQ(view.of({4, false}), State::left);
  EXPECT_EQ(view.watching(), 1u);

  read(frame("update", 6, 1, 1, "", fmt::format("\"{}\"", ids.device(3))));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].viewer.number, 3u);
  EXPECT_EQ(rows[0].state, State::left);
  EXPECT_EQ(view.of({3, false}), State::left);
  EXPECT_EQ(view.wrong_counts(), 0u);
  EXPECT_TRUE(view.complete());
}

TEST_F(ViewTest, WhoHasAnotherNameHasNotLeft) {
  read(frame("snapshot", 1, 1, 1, row(ids.device(3), "PLAYING")));
  read(frame("update", 2, 1, 1, row(ids.user(3), "PLAYING"), fmt::format("\"{}\"", ids.device(3))));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].state, State::playing);
}

TEST_F(ViewTest, ASnapshotReplacesEverything) {
  read(frame("snapshot", 1, 1, 1, row(ids.device(1), "PLAYING")));
  read(frame("snapshot", 7, 1, 1, row(ids.device(2), "BUFFERING")));
  EXPECT_EQ(view.of({1, false}), State::left);
  EXPECT_EQ(view.of({2, false}), State::buffering);
  EXPECT_EQ(view.watching(), 1u);
}

TEST_F(ViewTest, CountsThatAreNotThoseOfTheRowsAreWrong) {
  read(frame("snapshot", 1, 0, 0, ""));
  read(frame("update", 2, 1, 1, row(ids.device(1), "PLAYING")));
  EXPECT_EQ(view.wrong_counts(), 0u);
  read(frame("update", 3, 2, 1, row(ids.device(1), "PLAYING")));
  EXPECT_EQ(view.wrong_counts(), 1u);
  read(frame("update", 4, 1, 0, ""));
  EXPECT_EQ(view.wrong_counts(), 2u);
}

TEST_F(ViewTest, OthersAreCountedApart) {
  read(frame("snapshot", 1, 0, 0, ""));
  read(frame("update", 2, 2, 2, row(ids.device(1), "PLAYING") + "," + row("somebody", "PLAYING")));
  EXPECT_EQ(rows.size(), 1u);
  EXPECT_EQ(view.watching(), 1u);
  EXPECT_EQ(view.others(), 1u);
  EXPECT_EQ(view.wrong_counts(), 0u);
  read(frame("update", 3, 1, 1, "", R"("somebody")"));
  EXPECT_EQ(view.others(), 0u);
}

TEST_F(ViewTest, AMissedFrameIsNoticed) {
  read(frame("snapshot", 1, 0, 0, ""));
  read(frame("update", 3, 0, 0, ""));
  EXPECT_FALSE(view.complete());
  read(frame("snapshot", 3, 0, 0, ""));
  EXPECT_TRUE(view.complete());
}

TEST_F(ViewTest, ACutSnapshotIsCompleteOnceTheOthersHaveCome) {
  const auto others = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
      text += (i == 0 ? "" : ",") + row(fmt::format("other {}", i), "PLAYING");
    return text;
  };
  const int most = snapshot_viewers_max;
  read(frame("snapshot", 1, most + 1, most + 1, others(snapshot_viewers_max)));
  EXPECT_FALSE(view.complete());
  read(frame("update", 2, most + 1, most + 1, row("other 0", "PAUSED")));
  EXPECT_FALSE(view.complete());
  read(frame("update", 3, most + 1, most + 1, row(ids.device(1), "PLAYING")));
  EXPECT_TRUE(view.complete());
  read(frame("update", 4, most, most, "", fmt::format("\"{}\"", ids.device(1))));
  EXPECT_TRUE(view.complete());
  EXPECT_EQ(view.wrong_counts(), 0u);
}

TEST_F(ViewTest, ASnapshotAfterTheFirstTellsOfDroppedFrames) {
  read(frame("snapshot", 1, 0, 0, ""));
  read(frame("update", 2, 0, 0, ""));
  EXPECT_EQ(view.new_snapshots(), 0u);
  read(frame("snapshot", 9, 0, 0, ""));
  EXPECT_EQ(view.new_snapshots(), 1u);
}

TEST_F(ViewTest, KnowsHowFarApartFramesWereMade) {
  read(frame("snapshot", 1, 0, 0, "", "", false, 1000));
  EXPECT_EQ(view.longest_pause(), 0ms);
  read(frame("update", 2, 0, 0, "", "", false, 1300));
  read(frame("update", 3, 0, 0, "", "", false, 1350));
  EXPECT_EQ(view.longest_pause(), 300ms);
}

TEST_F(ViewTest, SaysWhenItIsStale) {
  read(frame("snapshot", 1, 0, 0, "", "", true));
  EXPECT_TRUE(view.stale());
  read(frame("update", 2, 0, 0, ""));
  EXPECT_FALSE(view.stale());
}

TEST_F(ViewTest, WhatIsNoFrameIsRefused) {
  for (const std::string_view text :
       {"", "{}", "[]", R"({"type":"update"})", R"({"type":"x","seq":1})"})
    EXPECT_FALSE(view.read(text, [](const View::Row&) {})) << text;
}

}  // namespace
}  // namespace lvp::simulate
