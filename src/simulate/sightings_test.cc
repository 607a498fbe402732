#include "simulate/sightings.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;

// Of viewer 0, with one event.
Request request(Duration due, std::uint32_t number, State state, double position_s) {
  Event event;
  event.patience = 30s;
  event.number = number;
  event.state = state;
  event.position_s = position_s;
  Request request;
  request.due = due;
  request.events.push_back(event);
  return request;
}

View::Row row(State state, double position_s) {
  return {{0, false}, state, position_s};
}

TEST(Sightings, CountFromWhenTheRequestWasDue) {
  Sightings sightings(2);
  Request of_another = request(1s, 0, State::playing, 10);
  of_another.viewer = 1;
  sightings.sent(of_another, of_another.due, 0);
  sightings.see({{1, false}, State::paused, 10}, 2s);
  sightings.see({{0, false}, State::playing, 10}, 2s);
  EXPECT_EQ(sightings.unseen(), 1u);
  sightings.see({{1, true}, State::playing, 10.0001}, 3s);
  EXPECT_EQ(sightings.unseen(), 0u);
  EXPECT_NEAR(sightings.latency().max_ms(), 2000, 1);
}

TEST(Sightings, WhatANewerOneOvertookIsSeenWithIt) {
  Sightings sightings(1);
  sightings.sent(request(1s, 0, State::playing, 10), 1s, 0);
  sightings.sent(request(2s, 1, State::paused, 11), 2s, 0);
  sightings.sent(request(3s, 2, State::playing, 11), 3s, 0);
  sightings.see(row(State::paused, 11), 4s);
  EXPECT_EQ(sightings.latency().count(), 2u);
  EXPECT_EQ(sightings.with_later(), 1u);
  EXPECT_EQ(sightings.unseen(), 1u);
}

// A television's "buffering is over" and "it plays" are two requests, milliseconds apart.
TEST(Sightings, WhatAFrameShowsWithOneThatIsNotMeasuredIsSeen) {
  Sightings sightings(1);
  sightings.sent(request(1s, 0, State::playing, 10), 1s, 0);
  sightings.sent(request(1002ms, 1, State::playing, 10.002), 1002ms, 1);
  sightings.see(row(State::playing, 10.002), 2s);
  EXPECT_EQ(sightings.latency().count(), 1u);
  EXPECT_NEAR(sightings.latency().max_ms(), 1000, 1);
  EXPECT_EQ(sightings.with_later(), 1u);
  EXPECT_EQ(sightings.unseen(), 0u);
}

TEST(Sightings, WhatWasHeldBackShowsNothingOfWhatCameAfterIt) {
  Sightings sightings(1);
  sightings.sent(request(1s, 3, State::playing, 20), 1s, 0);
  Request held = request(2s, 2, State::playing, 10);
  held.held = true;
  sightings.sent(held, held.due, 0);
  sightings.see(row(State::playing, 10), 3s);
  EXPECT_EQ(sightings.unseen(), 1u);
  sightings.see(row(State::playing, 20), 4s);
  EXPECT_EQ(sightings.unseen(), 0u);
  EXPECT_EQ(sightings.latency().count(), 1u);
  EXPECT_EQ(sightings.with_later(), 0u);
}

// Where the pipeline lagged, a viewer's end can come in the same frame as its last words.
TEST(Sightings, WhoHasLeftShowsNothingMore) {
  Sightings sightings(1);
  sightings.sent(request(1s, 0, State::playing, 10), 1s, 0);
  sightings.see(row(State::left, 0), 2s);
  EXPECT_EQ(sightings.latency().count(), 1u);
  EXPECT_EQ(sightings.with_later(), 1u);
  EXPECT_EQ(sightings.unseen(), 0u);
}

TEST(Sightings, WhatLooksAsBeforeIsNotAwaited) {
  Sightings sightings(1);
  sightings.sent(request(1s, 0, State::paused, 10), 1s, 0);
  sightings.sent(request(2s, 1, State::paused, 10), 2s, 0);
  EXPECT_EQ(sightings.unseen(), 1u);
}

TEST(Sightings, WhatMayHaveBeenInDroppedFramesIsNotUnseen) {
  Sightings sightings(1);
  sightings.sent(request(1s, 0, State::playing, 10), 1s, 0);
  sightings.miss();
  EXPECT_EQ(sightings.missed(), 1u);
  EXPECT_EQ(sightings.unseen(), 0u);
  sightings.sent(request(2s, 1, State::playing, 20), 2s, 0);
  EXPECT_EQ(sightings.unseen(), 1u);
}

// Of somebody who is taken to have left there may be nothing new to show.
TEST(Sightings, WhatIsSentWhenOnlyTheGraceIsLeftNeedNotBeSeen) {
  Sightings sightings(1);
  sightings.sent(request(1s, 0, State::playing, 10), 16s, 0);
  EXPECT_EQ(sightings.unseen(), 1u);
  sightings.sent(request(2s, 1, State::paused, 10), 18s, 0);
  EXPECT_EQ(sightings.unseen(), 1u);
  EXPECT_EQ(sightings.too_late(), 1u);
  sightings.see(row(State::paused, 10), 34s);
  EXPECT_EQ(sightings.unseen(), 0u);
  EXPECT_EQ(sightings.too_late(), 0u);
  EXPECT_EQ(sightings.latency().count(), 2u);

  Request patient = request(40s, 2, State::paused, 20);
  patient.events.back().patience = 30min;
  sightings.sent(patient, 40s + 29min, 0);
  EXPECT_EQ(sightings.unseen(), 1u) << "most of it is over, and the viewer is there";
}

// What is shown by a system without fault: each request arrives within `answer_max`, and the next
// frame has a row of each viewer from whom something came, as its newest event has it.
class SystemWithoutFault {
 public:
  explicit SystemWithoutFault(const Plan& plan)
      : plan_(plan),
        catalogue_(plan.seed, plan.contents),
        truth_(plan.viewers, 1s),
        audience_(plan, catalogue_, truth_),
        random_(plan.seed),
        sightings_(plan.viewers) {}

  const Sightings& run() {
    for (Duration now{}; audience_.next() || !under_way_.empty(); now += 1ms) {
      while (!under_way_.empty() && under_way_.begin()->first <= now) {
        arrive(under_way_.begin()->second, now);
        under_way_.erase(under_way_.begin());
      }
      while (const auto request = audience_.due(now)) {
        sightings_.sent(*request, now, truth_.moves_under_way(request->viewer));
        under_way_.emplace(now + random_.between(1ms, answer_max), *request);
      }
      if (now % frame_pause == 0ms) frame(now);
    }
    frame(plan_.duration + 1s);
    return sightings_;
  }

  static constexpr Duration answer_max = 30ms;
  static constexpr Duration frame_pause = 50ms;

 private:
  void arrive(const Request& request, Duration now) {
    if (!request.copy) truth_.acknowledged(request.viewer, request.events, now);
    changed_.insert(request.viewer);
    Event& newest = newest_.try_emplace(request.viewer, request.events.back()).first->second;
    if (request.events.back().number > newest.number) newest = request.events.back();
  }

  void frame(Duration now) {
    for (const std::uint32_t viewer : changed_) {
      const Event& newest = newest_.at(viewer);
      sightings_.see({{viewer, newest.logged_in}, newest.state, newest.position_s}, now);
    }
    changed_.clear();
  }

  const Plan& plan_;
  const Catalogue catalogue_;
  Truth truth_;
  Audience audience_;
  Random random_;
  Sightings sightings_;
  std::multimap<Duration, Request> under_way_;  // by when they arrive
  std::map<std::uint32_t, Event> newest_;       // that arrived, of each viewer
  std::set<std::uint32_t> changed_;             // since the last frame
};

// With long pings nothing else comes for a while that would show what a frame did not.
TEST(Sightings, FindNoFaultWhereThereIsNone) {
  Plan plan;
  plan.viewers = 2000;
  plan.duration = 240s;
  plan.ping = 120s;
  plan.activity = 300s;
  SystemWithoutFault system(plan);
  const Sightings& sightings = system.run();
  EXPECT_GT(sightings.latency().count(), 4000u);
  EXPECT_GT(sightings.with_later(), 0u);
  EXPECT_EQ(sightings.unseen(), 0u);
  const Duration longest = SystemWithoutFault::answer_max + SystemWithoutFault::frame_pause;
  EXPECT_LE(sightings.latency().max_ms(), static_cast<double>(longest.count()));
}

}  // namespace
}  // namespace lvp::simulate
