#include "live/board.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "live/made_up.h"
#include "live/messages.h"
#include "profile/accelerator.h"
#include "profile/device.h"
#include "wire/json.h"

namespace lvp::live {
namespace {

using made_up::at;
using made_up::Happening;
using profile::State;
using enum profile::State;

using Strings = std::vector<std::string>;

/// "viewer STATUS" of each message.
Strings brief(const Strings& messages) {
  json::Parser parser;
  Strings result;
  for (const std::string& message : messages) {
    const auto root = parser.parse(message);
    result.push_back(root ? std::string((*root)["viewer_id"].string().value_or("?")) + " " +
                                std::string((*root)["status"].string().value_or("?"))
                          : "no JSON");
  }
  return result;
}

/// Folds events as the profile stage does, and feeds the board with every profile.
class Scenario {
 public:
  explicit Scenario(Board& board) : board_(board) {}

  void happens(const Happening& happening) {
    profile::Device& device = devices_[happening.device];
    fold(device, happening);
    board_.apply(device.profile);
  }
  void fold(profile::Device& device, const Happening& happening) {
    profile::apply(device, made_up::event(happening), at(happening.second));
  }
  void silence_until(double second) {
    for (auto& [key, device] : devices_) {
      if (profile::expire(device, at(second))) board_.apply(device.profile);
    }
  }
  profile::Device& device(const std::string& key) { return devices_[key]; }

 private:
  Board& board_;
  std::map<std::string, profile::Device> devices_;
};

// ---- Which play speaks for a viewer ----

TEST(Board, BestStateSpeaksForTheViewer) {
  const std::vector<State> best_first{playing, playing_ad, buffering, seeking, ad_paused,
                                      paused,  ready,      failed,    ended};
  for (std::size_t i = 0; i + 1 < best_first.size(); ++i) {
    Board board;
    board.apply(made_up::profile("d2", 1, {made_up::play("b", "v", best_first[i + 1], at(9))}));
    board.apply(made_up::profile("d1", 1, {made_up::play("a", "v", best_first[i], at(1))}));
    ASSERT_NE(board.find("v"), nullptr);
    EXPECT_EQ(board.find("v")->primary().state, best_first[i]);
    EXPECT_EQ(board.find("v")->plays.size(), 2u);
    EXPECT_EQ(board.counts(at(9)).in(best_first[i]), 1u);
    EXPECT_EQ(board.counts(at(9)).in(best_first[i + 1]), 0u);
  }
}

TEST(Board, OfTwoPlaysInOneStateTheNewerSpeaks) {
  Board board;
  profile::Profile slow = made_up::profile("d1", 1, {made_up::play("a", "v", playing, at(5))});
  slow.clock_offset = std::chrono::seconds(10);
  board.apply(slow);
  board.apply(made_up::profile("d2", 1, {made_up::play("b", "v", playing, at(12))}));
  EXPECT_EQ(board.find("v")->primary().device, "d1");
  EXPECT_EQ(board.find("v")->primary().since, at(15));
  board.apply(made_up::profile("d2", 2, {made_up::play("b", "v", playing, at(16))}));
  EXPECT_EQ(board.find("v")->primary().device, "d2");
}

TEST(Board, PlaysThatWereLeftOrAreHistoryAreNotOpen) {
  Board board;
  profile::Play history = made_up::play("a", "v", playing, at(0));
  history.historic = true;
  board.apply(made_up::profile("d", 1, {history, made_up::play("b", "v", left, at(0))}));
  EXPECT_EQ(board.find("v"), nullptr);
  EXPECT_EQ(board.counts(at(0)), Counts{});
  EXPECT_EQ(board.take_changes().statuses, Strings{});
}

// ---- Versions ----

TEST(Board, OlderAndEqualVersionsChangeNothing) {
  Board board;
  board.apply(made_up::profile("d", 5, {made_up::play("a", "v", playing, at(0))}));
  board.take_changes();
  for (const std::uint64_t version : {5, 4}) {
    board.apply(made_up::profile("d", version, {}));
    EXPECT_NE(board.find("v"), nullptr) << version;
  }
  const Board::Changes changes = board.take_changes();
  EXPECT_EQ(changes.viewers, Strings{});
  EXPECT_EQ(changes.gone, Strings{});
}

TEST(Board, RemembersTheVersionOfADeviceWithoutOpenPlay) {
  Board board;
  board.apply(made_up::profile("d", 5, {made_up::play("a", "v", left, at(0))}));
  board.apply(made_up::profile("d", 4, {made_up::play("a", "v", playing, at(0))}));
  EXPECT_EQ(board.find("v"), nullptr);
  board.apply(made_up::profile("d", 6, {made_up::play("a", "v", playing, at(0))}));
  EXPECT_NE(board.find("v"), nullptr);
}

TEST(Board, ForgetsTheVersionsOfDevicesThatClosedLongAgo) {
  Board board;
  for (std::size_t i = 0; i <= Board::closed_devices_max; ++i) {
    board.apply(made_up::profile("d" + std::to_string(i), 2, {}));
  }
  board.apply(made_up::profile("d1", 1, {made_up::play("a", "remembered", playing, at(0))}));
  board.apply(made_up::profile("d0", 1, {made_up::play("a", "forgotten", playing, at(0))}));
  EXPECT_EQ(board.find("remembered"), nullptr);
  EXPECT_NE(board.find("forgotten"), nullptr);
}

TEST(Board, ViewerVersionsGrow) {
  Board board;
  std::uint64_t last = 0;
  for (std::uint64_t version = 1; version < 4; ++version) {
    for (const char* device : {"d1", "d2"}) {
      board.apply(made_up::profile(device, version, {made_up::play("a", "v", playing, at(0))}));
      EXPECT_GT(board.find("v")->version, last);
      last = board.find("v")->version;
    }
  }
}

// ---- Changes ----

TEST(Board, TellsWhoChangedAndWhoIsGone) {
  Board board;
  board.apply(made_up::profile("d2", 1, {made_up::play("b", "v2", paused, at(0))}));
  board.apply(made_up::profile("d1", 1, {made_up::play("a", "v1", playing, at(0))}));
  Board::Changes changes = board.take_changes();
  EXPECT_EQ(changes.viewers, (Strings{"v1", "v2"}));
  EXPECT_EQ(changes.gone, Strings{});

  EXPECT_EQ(board.take_changes().viewers, Strings{});

  board.apply(made_up::profile("d1", 2, {made_up::play("a", "v1", left, at(0))}));
  board.forget("d2");
  board.forget("no such device");
  changes = board.take_changes();
  EXPECT_EQ(changes.viewers, Strings{});
  EXPECT_EQ(changes.gone, (Strings{"v1", "v2"}));
  EXPECT_EQ(changes.statuses, Strings{});
  EXPECT_EQ(board.counts(at(0)), Counts{});
}

TEST(Board, TellsItInPartsToo) {
  Board board;
  const auto starts = [&](std::uint64_t version) {
    board.apply(made_up::profile("d1", version, {made_up::play("a", "v1", playing, at(0))}));
  };
  const auto pauses = [&](std::uint64_t version) {
    board.apply(made_up::profile("d1", version, {made_up::play("a", "v1", paused, at(0))}));
  };
  starts(1);
  EXPECT_EQ(brief(board.take_statuses()), (Strings{"v1 WATCHING_VIDEO"}));
  std::set<std::string> changed{"v0"};
  board.take_changed(changed);
  EXPECT_EQ(changed, (std::set<std::string>{"v0", "v1"}));

  pauses(2);
  changed.clear();
  board.take_changed(changed);
  EXPECT_EQ(changed, (std::set<std::string>{"v1"}));
  starts(3);
  EXPECT_EQ(brief(board.take_statuses()), (Strings{"v1 WATCHING_VIDEO"})) << "the pause is dropped";
}

TEST(Board, ListsByStateAndOrder) {
  Board board;
  profile::Play a = made_up::play("a", "a", playing, at(30));
  profile::Play b = made_up::play("b", "b", playing, at(10));
  profile::Play c = made_up::play("c", "c", paused, at(20));
  b.session.last = at(50);
  board.apply(made_up::profile("d", 1, {a, b, c}));

  using enum Board::Order;
  const struct {
    Board::Query query;
    Strings expected;
  } cases[] = {
      {{}, {"b", "a", "c"}},
      {{.state = {}, .order = longest_in_state}, {"b", "c", "a"}},
      {{.state = {}, .order = viewer}, {"a", "b", "c"}},
      {{.state = {}, .order = viewer, .limit = 2}, {"a", "b"}},
      {{.state = playing, .order = viewer}, {"a", "b"}},
      {{.state = failed}, {}},
      {{.state = {}, .order = viewer, .limit = 0}, {}},
  };
  for (const auto& [query, expected] : cases) {
    Strings ids;
    for (const Viewer* viewer : board.list(query)) ids.push_back(viewer->id);
    EXPECT_EQ(ids, expected);
  }
}

// ---- Who counts as watching (spec 5.1) ----

TEST(Board, CountsAsWatching) {
  const struct {
    State state;
    double seconds;
    bool watching;
  } cases[] = {
      {playing, 10'000, true}, {seeking, 10'000, true},   {playing_ad, 10'000, true},
      {buffering, 300, true},  {buffering, 300.1, false}, {failed, 10, true},
      {failed, 10.1, false},   {paused, 0, false},        {ad_paused, 0, false},
      {ready, 0, false},       {ended, 0, false},
  };
  for (const auto& [state, seconds, watching] : cases) {
    Board board;
    board.apply(made_up::profile("d", 1, {made_up::play("a", "v", state, at(0))}));
    const Counts counts = board.counts(at(seconds));
    EXPECT_EQ(counts.watching, watching) << name_of(state) << " " << seconds;
    EXPECT_EQ(counts.streams, watching) << name_of(state) << " " << seconds;
    EXPECT_EQ(counts.viewers, 1u);
    EXPECT_EQ(counts.in(state), 1u);
  }
}

// S98: v1 plays from 0 to 100, v2 from 50 to 80, v3 buffers from 60 on and pings until 500.
TEST(Board, Concurrency) {
  Board board;
  Scenario scenario(board);
  const struct {
    double until;
    std::vector<Happening> happenings;
    std::uint64_t watching;
  } steps[] = {
      {70,
       {{"d1", "v1", "a", 0, MediaKind::play, 0},
        {"d2", "v2", "b", 50, MediaKind::play, 0},
        {"d3", "v3", "c", 59.9, MediaKind::play, 0},
        {"d3", "v3", "c", 60, MediaKind::buffer_start, 0}},
       3},
      {90,
       {{"d1", "v1", "a", 75, MediaKind::ping, 75},
        {"d2", "v2", "b", 80, MediaKind::pause, 30, true}},
       2},
      {120,
       {{"d3", "v3", "c", 91, MediaKind::ping, 0},
        {"d1", "v1", "a", 100, MediaKind::end, 100, true}},
       1},
      {400,
       {{"d3", "v3", "c", 200, MediaKind::ping, 0},
        {"d3", "v3", "c", 300, MediaKind::ping, 0},
        {"d3", "v3", "c", 390, MediaKind::ping, 0}},
       0},
  };
  for (const auto& [until, happenings, watching] : steps) {
    for (const Happening& happening : happenings) scenario.happens(happening);
    scenario.silence_until(until);
    EXPECT_EQ(board.counts(at(until)).watching, watching) << until;
  }
  EXPECT_EQ(board.counts(at(400)).in(buffering), 1u);
}

// S59, S99: one person, phone and TV.
TEST(Board, TwoDevicesAreOneViewerAndTwoStreams) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"phone", "u1", "a", 0, MediaKind::play, 0});
  scenario.happens({"tv", "u1", "b", 5, MediaKind::play, 0});
  scenario.happens({"phone", "u1", "a", 30, MediaKind::ping, 30});
  scenario.happens({"tv", "u1", "b", 35, MediaKind::ping, 30});
  const Counts counts = board.counts(at(35));
  EXPECT_EQ(counts.viewers, 1u);
  EXPECT_EQ(counts.watching, 1u);
  EXPECT_EQ(counts.streams, 2u);
  EXPECT_EQ(counts.in(playing), 1u);
  EXPECT_EQ(brief(board.take_changes().statuses), (Strings{"u1 WATCHING_VIDEO"}));
}

// S81: from event 6 on there is a user id.
TEST(Board, LoginMovesThePlay) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d1", "d1", "a", 0, MediaKind::play, 0});
  EXPECT_EQ(board.counts(at(0)).watching, 1u);
  EXPECT_EQ(brief(board.take_changes().statuses), (Strings{"d1 WATCHING_VIDEO"}));

  scenario.happens({"d1", "u1", "a", 30, MediaKind::ping, 30});
  EXPECT_EQ(board.counts(at(30)).watching, 1u);
  EXPECT_EQ(board.counts(at(30)).viewers, 1u);
  const Board::Changes changes = board.take_changes();
  EXPECT_EQ(changes.viewers, (Strings{"u1"}));
  EXPECT_EQ(changes.gone, (Strings{"d1"}));
  EXPECT_EQ(brief(changes.statuses), (Strings{"u1 WATCHING_VIDEO"}));
}

// S115, S47: who vanishes leaves the counts.
TEST(Board, VanishedViewerIsGone) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d", "v", "a", 0, MediaKind::play, 0});
  scenario.happens({"d", "v", "a", 60, MediaKind::ping, 60});
  scenario.silence_until(164);
  EXPECT_EQ(board.counts(at(164)).watching, 1u);
  scenario.silence_until(166);
  EXPECT_EQ(board.counts(at(166)), Counts{});
}

// ---- The accelerator's messages (spec 4.11) ----

struct StatusCase {
  const char* name;
  std::vector<Happening> happenings;
  Strings expected;
};

TEST(Board, PublishesStatuses) {
  using enum MediaKind;
  const StatusCase cases[] = {
      {"S04 play, pause, play",
       {{"d", "v", "a", 0, play, 0},
        {"d", "v", "a", 10, pause, 10, true},
        {"d", "v", "a", 25, play, 10}},
       {"v WATCHING_VIDEO", "v PAUSED_VIDEO", "v WATCHING_VIDEO"}},
      {"S58 two tabs, one paused, one playing",
       {{"d", "v", "a", 0, play, 0},
        {"d", "v", "a", 10, pause, 10, true},
        {"d", "v", "b", 12, play, 0},
        {"d", "v", "a", 30, ping, 10, true},
        {"d", "v", "b", 42, ping, 30}},
       {"v WATCHING_VIDEO", "v PAUSED_VIDEO", "v WATCHING_VIDEO"}},
      {"S60 one session ends while another plays",
       {{"d1", "v", "a", 0, play, 0},
        {"d2", "v", "b", 5, play, 0},
        {"d2", "v", "b", 35, ping, 30},
        {"d1", "v", "a", 60, end, 600, true},
        {"d2", "v", "b", 65, ping, 60}},
       {"v WATCHING_VIDEO"}},
      {"the other device comes to the fore",
       {{"d1", "v", "a", 0, play, 0},
        {"d2", "v", "b", 5, play, 0},
        {"d2", "v", "b", 8, pause, 3, true},
        {"d1", "v", "a", 60, end, 600, true}},
       {"v WATCHING_VIDEO", "v PAUSED_VIDEO"}},
      {"states of one status",
       {{"d", "v", "a", 0, ready, 0, true},
        {"d", "v", "a", 1, play, 0},
        {"d", "v", "a", 9, buffer_start, 8}},
       {"v WATCHING_VIDEO"}},
  };
  for (const StatusCase& c : cases) {
    Board board;
    Scenario scenario(board);
    for (const Happening& happening : c.happenings) scenario.happens(happening);
    EXPECT_EQ(brief(board.take_changes().statuses), c.expected) << c.name;
  }
}

TEST(Board, PublishesWhatAConflatedProfileWentThrough) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d", "v", "a", 0, MediaKind::play, 0});
  board.take_changes();
  profile::Device& device = scenario.device("d");
  scenario.fold(device, {"d", "v", "a", 10, MediaKind::pause, 10, true});
  scenario.fold(device, {"d", "v", "a", 20, MediaKind::play, 10});
  board.apply(device.profile);
  EXPECT_EQ(brief(board.take_changes().statuses), (Strings{"v PAUSED_VIDEO", "v WATCHING_VIDEO"}));
}

// S56: the pause arrives after the play that followed it.
TEST(Board, PublishesWhatArrivedLate) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d", "v", "a", 0, MediaKind::play, 0});
  scenario.happens({"d", "v", "a", 20, MediaKind::play, 10});
  scenario.happens({"d", "v", "a", 10, MediaKind::pause, 10, true});
  EXPECT_EQ(brief(board.take_changes().statuses),
            (Strings{"v WATCHING_VIDEO", "v PAUSED_VIDEO", "v WATCHING_VIDEO"}));
}

TEST(Board, PublishesACorrectedPast) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d", "v", "a", 0, MediaKind::play, 0});
  scenario.happens({"d", "v", "a", 20, MediaKind::pause, 15, true});
  EXPECT_EQ(brief(board.take_changes().statuses), (Strings{"v WATCHING_VIDEO", "v PAUSED_VIDEO"}));
  profile::Device& device = scenario.device("d");
  scenario.fold(device, {"d", "v", "a", 10, MediaKind::pause, 10, true});
  scenario.fold(device, {"d", "v", "a", 15, MediaKind::play, 10});
  board.apply(device.profile);
  EXPECT_EQ(brief(board.take_changes().statuses), (Strings{"v WATCHING_VIDEO", "v PAUSED_VIDEO"}));
}

// The board keeps little of a timeline: no less than it takes to tell what whole ones tell.
TEST(Board, PublishesWhatTheWholeTimelinesAmountTo) {
  constexpr MediaKind kinds[] = {MediaKind::play, MediaKind::pause, MediaKind::ad_break_start,
                                 MediaKind::ad_break_end, MediaKind::end};
  std::size_t published = 0;
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    Board board;
    profile::Device device;
    std::vector<profile::Transition> known;
    std::optional<profile::Status> last;
    for (int i = 0; i < 90; ++i) {  // more than a timeline keeps; one in four comes late
      const double second = i - (random() % 4 == 0 ? static_cast<int>(random() % 20) : 0);
      const MediaKind kind = kinds[random() % std::size(kinds)];
      profile::apply(
          device, made_up::event({"d", "v", "a", second, kind, 0, kind != MediaKind::play}), at(i));
      device.profile.device = "d";
      board.apply(device.profile);

      const auto& timeline = device.profile.plays[0].session.timeline;
      Strings expected;
      const auto expect = [&](profile::Status status, const profile::Cause& cause) {
        if (last == status) return;
        last = status;
        expected.push_back(profile::message("v", cause, status));
      };
      for (const auto& change : profile::status_changes(known, timeline))
        expect(change.status, change.cause);
      expect(*profile::status_of(device.profile.plays[0].state()), timeline.back().cause);
      known = timeline;
      ASSERT_EQ(board.take_changes().statuses, expected) << "seed " << seed << " event " << i;
      published += expected.size();
    }
  }
  EXPECT_GT(published, 2000u);
}

TEST(Board, PublishesOfSeveralPlaysWhatTheyAmountToOnly) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d1", "v", "a", 0, MediaKind::play, 0});
  scenario.happens({"d2", "v", "b", 5, MediaKind::play, 0});
  board.take_changes();
  profile::Device& device = scenario.device("d2");
  scenario.fold(device, {"d2", "v", "b", 10, MediaKind::pause, 5, true});
  scenario.fold(device, {"d2", "v", "b", 20, MediaKind::play, 5});
  board.apply(device.profile);
  EXPECT_EQ(board.find("v")->primary().device, "d2");
  EXPECT_EQ(board.take_changes().statuses, Strings{});
}

// S49: LEFT is not published; who returns is new to the accelerator's clients.
TEST(Board, PublishesTheReturnAloneAfterLeaving) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d", "v", "a", 0, MediaKind::play, 0});
  scenario.happens({"d", "v", "a", 10, MediaKind::pause, 10, true});
  board.take_changes();
  scenario.silence_until(2000);
  Board::Changes changes = board.take_changes();
  EXPECT_EQ(changes.gone, (Strings{"v"}));
  EXPECT_EQ(changes.statuses, Strings{});
  scenario.happens({"d", "v", "a", 2100, MediaKind::play, 10});
  EXPECT_EQ(brief(board.take_changes().statuses), (Strings{"v WATCHING_VIDEO"}));
}

TEST(Board, MessageTellsTheCauseOfThePrimaryPlay) {
  Board board;
  Scenario scenario(board);
  scenario.happens({"d1", "v", "a", 0, MediaKind::play, 0});
  scenario.happens({"d2", "v", "b", 5, MediaKind::play, 0});
  scenario.happens({"d1", "v", "a", 7, MediaKind::pause, 7, true});
  board.take_changes();
  scenario.happens({"d2", "v", "b", 9, MediaKind::pause, 4, true});
  const Strings messages = board.take_changes().statuses;
  ASSERT_EQ(messages.size(), 1u);
  json::Parser parser;
  const auto root = parser.parse(messages[0]);
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["event_id"].string(), made_up::event({"d2", "v", "b", 9}).event_id);
  EXPECT_EQ((*root)["video_ts"].number(), 4.0);
}

// ---- Increments against a recount ----

constexpr std::uint32_t seed = 20'241'116;

class RandomAudience {
 public:
  profile::Profile next() {
    const std::string device = "d" + std::to_string(below(6));
    std::vector<profile::Play> plays;
    for (std::uint32_t i = below(4); i-- > 0;) plays.push_back(any_play(i));
    // One profile in four is a repetition or comes too late.
    const std::uint64_t known = versions_[device];
    const std::uint64_t version = known + (known == 0 || below(4) > 0 ? 1 : 0);
    profile::Profile made = made_up::profile(device, version, std::move(plays));
    made.clock_offset = std::chrono::seconds(below(5));
    if (version > versions_[device]) profiles_[device] = made;
    versions_[device] = version;
    return made;
  }

  std::string any_device() { return "d" + std::to_string(below(6)); }
  void forget(const std::string& device) {
    profiles_.erase(device);
    versions_.erase(device);
  }
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(random_() % end); }
  void pass(std::uint32_t seconds) { second_ += seconds; }
  double now() const { return second_; }

  Counts recount() const {
    std::map<std::string, std::vector<const profile::Play*>> viewers;
    std::map<std::string, int> watched;
    Counts counts;
    for (const auto& [device, profile] : profiles_) {
      for (const profile::Play& play : profile.plays) {
        if (play.left || play.historic) continue;
        viewers[play.session.viewer].push_back(&play);
        if (!watches(play, profile.clock_offset)) continue;
        ++counts.streams;
        if (watched[play.session.viewer]++ == 0) ++counts.watching;
      }
    }
    counts.viewers = viewers.size();
    for (const auto& [viewer, plays] : viewers) ++counts.in(best(plays));
    return counts;
  }

 private:
  profile::Play any_play(std::uint32_t number) {
    const auto state = static_cast<State>(below(profile::state_count));
    profile::Play made = made_up::play("p" + std::to_string(number), "v" + std::to_string(below(4)),
                                       state, at(now() - below(40)));
    made.historic = below(10) == 0;
    return made;
  }

  bool watches(const profile::Play& play, Duration offset) const {
    const Duration since = at(now()) - (play.session.timeline.back().at + offset);
    switch (play.state()) {
      case playing:
      case seeking:
      case playing_ad:
        return true;
      case buffering:
        return since <= std::chrono::seconds(300);
      case failed:
        return since <= std::chrono::seconds(10);
      case left:
      case paused:
      case ad_paused:
      case ready:
      case ended:
        return false;
    }
    return false;
  }

  static State best(const std::vector<const profile::Play*>& plays) {
    for (const State state :
         {playing, playing_ad, buffering, seeking, ad_paused, paused, ready, failed, ended}) {
      if (std::ranges::any_of(plays, [&](const auto* play) { return play->state() == state; })) {
        return state;
      }
    }
    return left;
  }

  std::mt19937 random_{seed};
  std::uint32_t second_ = 1000;
  std::map<std::string, std::uint64_t> versions_;
  std::map<std::string, profile::Profile> profiles_;
};

using Rows = std::map<std::string, std::string>;

std::string row(const Viewer* viewer) {
  return viewer_list(std::span(&viewer, 1));
}

Rows rows(const Board& board) {
  Rows result;
  for (const Viewer* viewer : board.list({})) result[viewer->id] = row(viewer);
  return result;
}

TEST(Board, IncrementsEqualARecountAndClientsFollow) {
  Board board;
  RandomAudience audience;
  Rows client;
  for (int step = 0; step < 5000; ++step) {
    audience.pass(audience.below(3));
    if (audience.below(20) == 0) {
      const std::string device = audience.any_device();
      board.forget(device);
      audience.forget(device);
    } else {
      board.apply(audience.next());
    }
    if (audience.below(100) == 0) audience.pass(200);
    ASSERT_EQ(board.counts(at(audience.now())), audience.recount())
        << "seed " << seed << " step " << step;
    if (audience.below(3) > 0) continue;
    const Board::Changes changes = board.take_changes();
    for (const std::string& id : changes.viewers) client[id] = row(board.find(id));
    for (const std::string& id : changes.gone) client.erase(id);
    ASSERT_EQ(client, rows(board)) << "seed " << seed << " step " << step;
  }
}

}  // namespace
}  // namespace lvp::live
