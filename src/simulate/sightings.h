// How long it took until what a viewer did was shown: from when its request was due to the frame
// that shows its state and position. Pure.
//
// A frame has one row of a viewer, so of two changes within a frame only the later one has a row of
// its own: the one before is shown with it. For this the later one must be known, even if it is one
// that cannot be measured.
//
// What is sent when no more than the grace is left of the viewer's patience may find the viewer
// gone, and then changes nothing that is shown: it is measured if it is seen, and else not missed.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/latency_histogram.h"
#include "simulate/audience.h"
#include "simulate/view.h"

namespace lvp::simulate {

class Sightings {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  explicit Sightings(std::uint32_t viewers) : viewers_(viewers) {}

  /// A first attempt is being made, while so many moves of the viewer are under way
  /// (Truth::moves_under_way), its own among them.
  void sent(const Request& request, Nanoseconds now, std::uint32_t moves_under_way);

  /// A frame shows it, and with it what came before: all, of a viewer who has left.
  void see(const View::Row& row, Nanoseconds now);

  /// Frames were missed: nobody knows what they showed.
  void miss();

  const LatencyHistogram& latency() const { return latency_; }
  std::uint64_t with_later() const { return with_later_; }  ///< seen, but in no row of their own
  std::uint64_t missed() const { return missed_; }
  std::uint64_t unseen() const { return unseen_; }      ///< awaited still
  std::uint64_t too_late() const { return too_late_; }  ///< not seen, and it need not be

 private:
  struct Sent {
    std::uint32_t event = 0;  // its number
    State state = State::left;
    double position_s = 0;
    Nanoseconds due{};
    bool is_measured = false;
    bool is_late = false;

    bool looks_like(State other, double position) const;
  };
  struct Viewer {
    Sent newest;
    std::vector<Sent> sent;  // and not seen, in the order of events
  };

  std::uint64_t& not_seen(const Sent& sent) { return sent.is_late ? too_late_ : unseen_; }

  std::vector<Viewer> viewers_;
  LatencyHistogram latency_;
  std::uint64_t with_later_ = 0;
  std::uint64_t missed_ = 0;
  std::uint64_t unseen_ = 0;
  std::uint64_t too_late_ = 0;
};

}  // namespace lvp::simulate
