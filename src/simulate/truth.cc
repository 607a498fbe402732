#include "simulate/truth.h"

#include <algorithm>

namespace lvp::simulate {
namespace {

// Two clocks rounded to milliseconds, and what a loop may be late.
constexpr Duration clock_slack = std::chrono::milliseconds(20);

void add(bool& maybe_watching, bool& maybe_not, State state) {
  (is_watching(state) ? maybe_watching : maybe_not) = true;
}

}  // namespace

void Truth::made(std::uint32_t number, std::span<const Event> events) {
  Viewer& viewer = viewers_[number];
  std::uint32_t moves = 0;
  for (const Event& event : events) {
    if (event.play != viewer.play && viewer.state == State::ended)
      viewer.ended_until = viewer.last + viewer.patience;
    if (event.moves) {
      if (moves++ == 0) open_question(viewer, event.at);
      add(viewer.maybe_watching, viewer.maybe_not, event.state);
    }
    viewer.state = event.state;
    viewer.patience = event.patience;
    viewer.last = event.at;
    viewer.play = event.play;
    viewer.logged_in = event.logged_in;
    viewer.figures = event.figures;
    ++viewer.events;
    count(viewer.tally, event);
  }
  viewer.moves_under_way += moves > 0;
}

// What may be shown begins with what is shown now.
void Truth::open_question(Viewer& viewer, Duration now) {
  const Answer answer = of(static_cast<std::uint32_t>(&viewer - viewers_.data()), now);
  if (!answer.settled) return;
  viewer.maybe_watching = viewer.maybe_not = false;
  add(viewer.maybe_watching, viewer.maybe_not, answer.state);
}

void Truth::acknowledged(std::uint32_t number, std::span<const Event> events, Duration now) {
  Viewer& viewer = viewers_[number];
  viewer.any_heard = true;
  for (const Event& event : events) viewer.heard = std::max(viewer.heard, event.at);
  if (std::ranges::none_of(events, &Event::moves)) return;
  --viewer.moves_under_way;
  viewer.moved = std::max(viewer.moved, now);
}

Truth::Answer Truth::of(std::uint32_t number, Duration now) const {
  const Viewer& viewer = viewers_[number];
  Answer answer{.state = viewer.state, .logged_in = viewer.logged_in, .settled = true};
  if (viewer.doubtful || viewer.moves_under_way > 0) answer.settled = false;
  if (!viewer.any_heard) return answer;
  if (now - viewer.moved < settle_ || may_leave(viewer, now)) answer.settled = false;
  if (now >= viewer.heard + viewer.patience)
    answer.state = now < viewer.ended_until ? State::ended : State::left;
  return answer;
}

// One of its plays is about to be left, or was a moment ago.
bool Truth::may_leave(const Viewer& viewer, Duration now) const {
  const auto around = [&](Duration end) { return now >= end - clock_slack && now < end + settle_; };
  return around(viewer.heard + viewer.patience) ||
         (viewer.ended_until > Duration(0) && around(viewer.ended_until));
}

Truth::Band Truth::watching(Duration now) const {
  Band band;
  for (std::uint32_t number = 0; number < viewers_.size(); ++number) {
    const Viewer& viewer = viewers_[number];
    const Answer answer = of(number, now);
    bool yes = is_watching(answer.state);
    bool no = !yes;
    if (!answer.settled) {
      // Either what it was before it left, or what it was on its way to.
      yes = yes || viewer.maybe_watching || is_watching(viewer.state);
      no = no || viewer.maybe_not || viewer.doubtful || may_leave(viewer, now);
      yes = yes || viewer.doubtful;
    }
    band.least += yes && !no;
    band.most += yes;
  }
  return band;
}

}  // namespace lvp::simulate
