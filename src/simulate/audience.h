// All viewers together: the requests of their trackers, in the order in which they are due.
//
// Scripts are asked for one event at a time, the one that comes next first, and a viewer's script
// begins when the viewer arrives. What a real network does to requests is done here: some are held
// back so that later ones overtake them, some are sent twice. Pure: the same plan makes the same
// requests.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "simulate/payload.h"
#include "simulate/script.h"
#include "simulate/truth.h"

namespace lvp::simulate {

struct Request {
  Duration due{};        ///< when it is to be sent, since the run began
  Duration first_due{};  ///< the same of the first attempt
  std::uint32_t viewer = 0;
  bool held = false;  ///< long after it was made: others overtook it
  bool copy = false;  ///< of a request that is sent, too
  int attempts = 0;   ///< that failed
  std::vector<Event> events;
};

class Audience {
 public:
  /// Tells `truth` what happens, before the requests that report it are due. Plan, catalogue and
  /// truth must outlive it.
  Audience(const Plan& plan, const Catalogue& catalogue, Truth& truth);

  /// The next request that is due by `now`, if there is one. What happens until then is told to
  /// the truth first.
  std::optional<Request> due(Duration now);
  /// When there is more to do: before it due() has nothing. Nothing if it is all over.
  std::optional<Duration> next() const;
  /// It failed: once more, when it says that it is due.
  void again(Request request);

  /// Who sends the requests of a viewer that has arrived.
  const Tracker& tracker(std::uint32_t viewer) const { return trackers_[viewer]; }
  std::uint32_t arrived() const { return arrived_; }
  /// Viewers that make no more events.
  std::uint32_t over() const { return over_; }

 private:
  // When a viewer's next event is made.
  struct Next {
    Duration at{};
    std::uint32_t viewer = 0;
    auto operator<=>(const Next&) const = default;
  };
  struct Waiting {
    std::uint64_t number =
        0;  // of those that are due at one time, the one written first comes first
    Request request;
  };

  std::optional<Duration> next_event() const;
  void happen();
  void write(std::uint32_t viewer, Duration at);
  void dispatch(Request request);
  void queue(Request request);
  static bool is_later(const Waiting& a, const Waiting& b);

  const Plan& plan_;
  const Catalogue& catalogue_;
  Truth& truth_;
  Random random_;
  std::vector<std::optional<Script>> scripts_;  // of who has arrived and is not over
  std::vector<Tracker> trackers_;               // of who has arrived
  std::uint32_t arrived_ = 0;
  std::uint32_t over_ = 0;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> events_;
  std::vector<Waiting> requests_;  // a heap, the one that is due first in front
  std::uint64_t written_ = 0;
};

}  // namespace lvp::simulate
