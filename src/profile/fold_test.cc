// The transition table, written out by hand, and what the scenarios do not reach.
#include "profile/fold.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "profile/notation.h"

namespace lvp::profile {
namespace {

Session fold(std::string_view events) {
  Session session;
  for (const MediaEvent& event : notation::read(events)) apply(session, event);
  return session;
}

struct Column {
  State state;
  std::string_view events;  ///< that lead to the state
  double second;            ///< of the next event
  double position;
  std::string_view entities;
};

// LEFT is a session that played and went silent for 270 s.
constexpr Column columns[] = {
    {State::ready, "0 ready@0p dur=60", 5, 0, ""},
    {State::playing, "0 play@0 dur=60; 10 ping@10", 15, 10, ""},
    {State::paused, "0 play@0 dur=60; 10 pause@10p", 15, 10, ""},
    {State::buffering, "0 play@0 dur=60; 10 ping@10; 20 buffer_start@20", 25, 20, ""},
    {State::seeking, "0 play@0 dur=60; 20 seek_start@20", 25, 20, ""},
    {State::playing_ad,
     "0 play@0 dur=60; 20 ad_break_start@20 br=b1; 20.1 ad_start@20p br=b1 ad=a1", 25, 20,
     " br=b1"},
    {State::ad_paused,
     "0 play@0 dur=60; 20 ad_break_start@20 br=b1; 20.1 ad_start@20p br=b1 ad=a1; 22 ad_pause@20p "
     "br=b1 ad=a1",
     25, 20, " br=b1"},
    {State::ended, "0 play@0 dur=60; 60 end@60e", 65, 60, ""},
    {State::failed, "0 play@0 dur=60; 20 error@20", 25, 20, ""},
    {State::left, "0 play@0 dur=60; 30 ping@30", 300, 30, ""},
};

enum class Entity {
  unpaused,  // stands still
  progress,  // unpaused, and the content moved; from the start again if it had ended
  paused,
  paused_as_was,  // unpaused but where the content had ended
  ended,
};

struct Row {
  std::string_view event;
  Entity entity;
  std::string_view expected;  // a letter for each column, '.' for no change
};

// The table of docs/state-machine.md, written by hand. R ready, P playing, U paused, B
// buffering, S seeking, A playing ad, D ad paused, E ended, F failed.
constexpr Row table[] = {
    {"ready", Entity::paused, ".........P"},
    {"play", Entity::unpaused, "P.PPP..PPP"},
    {"pause", Entity::paused, ".U.UU....U"},
    {"end", Entity::ended, "EEEEE...EE"},
    {"seek_start", Entity::paused_as_was, ".S.......S"},
    {"seek_end", Entity::progress, "....P..U.P"},
    {"buffer_start", Entity::paused_as_was, "BBB.B....B"},
    {"buffer_end", Entity::unpaused, "..PP...P.P"},
    {"ping", Entity::progress, "P.PPP..PPP"},
    {"ping", Entity::paused, ".U.UU....U"},
    {"percent_progress", Entity::progress, "P.PPP..PPP"},
    {"error", Entity::unpaused, "FFFFF....F"},
    {"ad_break_start", Entity::paused, "AAAAA.AAAA"},
    {"ad_break_end", Entity::paused, ".....PP..P"},
    {"ad_start", Entity::paused, "AAAAA.AAAA"},
    {"ad_quartile25", Entity::paused, "AAAAA.AAAA"},
    {"ad_complete", Entity::paused, "......A..P"},
    {"ad_skip", Entity::paused, "......A..P"},
    {"ad_click", Entity::paused, ".........P"},
    {"ad_pause", Entity::paused, ".....D...P"},
    {"ad_resume", Entity::paused, "......A..P"},
    {"playback_rate_change", Entity::progress, "..PP...PPP"},
    {"volume_change", Entity::progress, "..PP...PPP"},
    {"quality_change", Entity::progress, "..PP...PPP"},
    {"fullscreen_change", Entity::progress, "..PP...PPP"},
    {"picture_in_picture_change", Entity::progress, "..PP...PPP"},
    {"custom", Entity::progress, "..PP...PPP"},
    {"custom", Entity::paused, ".........P"},
};

std::string event_text(const Row& row, const Column& column) {
  const bool in_ad = !column.entities.empty();
  const bool over = column.state == State::ended;
  double position = column.position;
  std::string_view flag;
  switch (row.entity) {
    case Entity::unpaused:
      position = over ? 0 : position;
      break;
    case Entity::progress:
      position = over ? 3 : in_ad ? position : position + 5;
      break;
    case Entity::paused:
      flag = "p";
      break;
    case Entity::paused_as_was:
      flag = over ? "e" : "";
      break;
    case Entity::ended:
      position = 60;
      flag = "e";
      break;
  }
  if (in_ad && flag.empty()) flag = "p";  // the player pauses its content for an ad
  std::string entities(column.entities);
  if (row.event == "ad_break_start" && !in_ad) entities = " br=b1";
  return fmt::format("{} {}@{}{}{}", column.second, row.event, position, flag, entities);
}

State expected_state(char letter, State before) {
  constexpr std::string_view letters = "LRPUBSADEF";
  if (letter == '.') return before;
  return static_cast<State>(letters.find(letter));
}

TEST(Fold, FollowsTheTransitionTable) {
  for (const Column& column : columns) {
    if (column.state != State::left) {
      ASSERT_EQ(state_of(fold(column.events)), column.state) << column.events;
    }
    for (const Row& row : table) {
      const std::string event = event_text(row, column);
      const char letter = row.expected[static_cast<std::size_t>(&column - columns)];
      EXPECT_EQ(name_of(state_of(fold(std::string(column.events) + "; " + event))),
                name_of(expected_state(letter, column.state)))
          << name_of(column.state) << " + " << event;
    }
  }
}

TEST(Fold, BreakEndReturnsToTheStateBeforeTheBreak) {
  const struct {
    std::string_view before;
    State state;
  } cases[] = {{"0 ready@0p dur=60; ", State::ready},
               {"0 play@0 dur=60; 5 pause@5p; ", State::paused}};
  for (const auto& c : cases) {
    const Session session = fold(std::string(c.before) +
                                 "10 ad_break_start@5p br=b1; 11 ad_start@5p br=b1 ad=a1; "
                                 "15 ad_complete@5p br=b1 ad=a1; 16 ad_break_end@5p br=b1");
    EXPECT_EQ(name_of(state_of(session)), name_of(c.state));
  }
}

TEST(Fold, PatienceFollowsTheTimeoutTable) {
  const struct {
    std::string_view events;
    Duration patience;
  } cases[] = {
      {"0 play@0", std::chrono::seconds(105)},
      {"0 play@0 P=5", std::chrono::seconds(30)},
      {"0 play@0; 10 seek_start@10", std::chrono::seconds(105)},
      {"0 play@0; 10 buffer_start@10", std::chrono::minutes(5)},
      {"0 play@0 P=200; 10 buffer_start@10", std::chrono::seconds(615)},
      {"0 play@0; 10 ad_break_start@10 br=b1", std::chrono::minutes(3)},
      {"0 play@0; 10 ad_start@10 ad=a1", std::chrono::minutes(3)},
      {"0 play@0 P=5; 10 ad_start@10 ad=a1 addur=60", std::chrono::seconds(135)},
      {"0 play@0; 10 ad_start@10 ad=a1 addur=15", std::chrono::seconds(105)},
      {"0 play@0; 10 pause@10p", std::chrono::minutes(30)},
      {"0 play@0; 10 ad_start@10 ad=a1; 12 ad_pause@10 ad=a1", std::chrono::minutes(30)},
      {"0 ready@0p", std::chrono::minutes(30)},
      {"0 play@0; 10 error@10", std::chrono::minutes(30)},
      {"0 play@0; 60 end@60e", std::chrono::minutes(5)},
  };
  for (const auto& c : cases) EXPECT_EQ(patience(fold(c.events)), c.patience) << c.events;
}

TEST(Fold, PatienceIsBoundedWhateverTheTrackerSays) {
  EXPECT_LE(patience(fold("0 play@0 P=2000000000")), std::chrono::hours(4));
  EXPECT_EQ(patience(fold("0 play@0 P=-5")), std::chrono::seconds(105));
  EXPECT_LE(patience(fold("0 play@0; 1 ad_start@1 ad=a1 addur=1e300")), std::chrono::hours(4));
}

TEST(Fold, PositionRunsOnWhileContentPlays) {
  const Session playing = fold("0 play@0 dur=100 rate=2; 10 ping@20");
  EXPECT_EQ(position_at(playing, notation::at(15)), 30);
  EXPECT_EQ(position_at(playing, notation::at(1000)), 100);
  EXPECT_EQ(position_at(playing, notation::at(5)), 20);
  EXPECT_EQ(position_at(fold("0 play@0 dur=100; 10 pause@10p"), notation::at(50)), 10);
}

// S86.
TEST(Fold, AnotherContentInTheSameSessionIsAnotherRun) {
  Session session;
  for (int i = 0; i <= 30; ++i) {
    MediaEvent event =
        notation::read(fmt::format("{} {}@{} live", i * 30, i == 0 ? "play" : "ping", i * 30))[0];
    event.player->label = i < 20 ? "A" : "B";
    apply(session, event);
  }
  ASSERT_EQ(session.runs.size(), 2u);
  EXPECT_EQ(session.runs[0].label, "A");
  EXPECT_EQ(session.runs[1].label, "B");
  EXPECT_EQ(session.runs[1].since, notation::at(600));
  EXPECT_EQ(session.runs[0].watched.seconds() + session.runs[1].watched.seconds(), 900);
}

// S90 and S92.
TEST(Fold, CustomEventsAndPingsWithoutPlayerAreSignsOfLifeOnly) {
  EXPECT_EQ(fold("0 play@0; 10 custom@10").position_s, 10);
  Session session = fold("0 play@0; 10 pause@10p");
  const Session before = session;
  MediaEvent ping = notation::read("20 ping@20")[0];
  ping.player.reset();
  apply(session, ping);
  EXPECT_EQ(state_of(session), State::paused);
  EXPECT_EQ(session.last, notation::at(20));
  EXPECT_EQ(session.timeline, before.timeline);
}

// S105.
TEST(Fold, TrackerFiguresNeverFall) {
  Session session = fold("0 play@0; 10 ping@10 n=5");
  apply(session, notation::read("20 ping@20 n=4")[0]);
  EXPECT_EQ(session.tracker_figures.ads, 5);
  merge(session, notation::read("5 ping@5 n=3")[0]);
  EXPECT_EQ(session.tracker_figures.ads, 5);
  merge(session, notation::read("6 ping@6 n=7")[0]);
  EXPECT_EQ(session.tracker_figures.ads, 7);
}

TEST(Fold, HistoryIsBounded) {
  Session session;
  std::string events = "0 play@0";
  for (int i = 1; i <= 200; ++i) {
    events += fmt::format("; {} {}@{}{}", i, i % 2 ? "pause" : "play", i, i % 2 ? "p" : "");
    events +=
        fmt::format("; {}.5 ad_start@{}p ad=a{}; {}.6 ad_complete@{}p ad=a{}", i, i, i, i, i, i);
  }
  session = fold(events);
  EXPECT_EQ(session.timeline.size(), timeline_max);
  EXPECT_EQ(session.ads.size(), ads_max);
  EXPECT_EQ(session.ads.back().id, "a200");
  EXPECT_EQ(session.impressions, 200);
}

}  // namespace
}  // namespace lvp::profile
