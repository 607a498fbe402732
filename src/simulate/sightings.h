// How long it took until what a viewer did was shown: from when its request was due to the frame
// that shows its state and position. Pure.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <vector>

#include "base/latency_histogram.h"
#include "simulate/event.h"
#include "simulate/view.h"

namespace lvp::simulate {

class Sightings {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  explicit Sightings(std::uint32_t viewers) : viewers_(viewers) {}

  /// A request with this event as the viewer's newest is sent, and nothing of the viewer is on its
  /// way that could still be overtaken by it. What does not show, being the same state and
  /// position as before, is not waited for.
  void expect(std::uint32_t number, const Event& event, Nanoseconds due) {
    Viewer& viewer = viewers_[number];
    const Awaited news{event.state, event.position_s, due};
    const bool shows = !viewer.last.looks_like(news.state, news.position_s);
    viewer.last = news;
    if (!shows) return;
    viewer.awaited.push_back(news);
    ++unseen_;
  }

  /// A frame shows it: what came before it has been overtaken.
  void see(const View::Row& row, Nanoseconds now) {
    std::vector<Awaited>& awaited = viewers_[row.viewer.number].awaited;
    std::size_t seen = awaited.size();
    while (seen > 0 && !awaited[seen - 1].looks_like(row.state, row.position_s)) --seen;
    for (std::size_t i = 0; i < seen; ++i) latency_.add(now - awaited[i].due);
    unseen_ -= seen;
    awaited.erase(awaited.begin(), awaited.begin() + static_cast<std::ptrdiff_t>(seen));
  }

  const LatencyHistogram& latency() const { return latency_; }
  std::uint64_t unseen() const { return unseen_; }  ///< awaited still

 private:
  struct Awaited {
    State state = State::left;
    double position_s = 0;
    Nanoseconds due{};

    bool looks_like(State other, double position) const {
      return state == other && std::abs(position_s - position) < 0.0005;
    }
  };
  struct Viewer {
    Awaited last;
    std::vector<Awaited> awaited;
  };

  std::vector<Viewer> viewers_;
  LatencyHistogram latency_;
  std::uint64_t unseen_ = 0;
};

}  // namespace lvp::simulate
