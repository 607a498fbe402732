// What a system that was told everything should say of each viewer, and when it may be held to it.
//
// The scripts know what each viewer does. Between what happens and what is shown lies the way
// through the pipeline, so a viewer is *settled* once all that moved it has been acknowledged and
// `settle` has gone by: from then on there is one right answer. Before, either of several may
// be shown. A viewer who falls silent is gone when its patience is over
// (docs/state-machine.md#patience), and settled again `settle` later.
//
// Pure: moments are given, counted from the beginning of the run.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"
#include "simulate/event.h"

namespace lvp::simulate {

class Truth {
 public:
  Truth(std::uint32_t viewers, Duration settle) : settle_(settle), viewers_(viewers) {}

  /// These happened, one after the other, and after those before. They are still to be delivered.
  void made(std::uint32_t viewer, std::span<const Event> events);
  /// The collector has them. Once for what was made together.
  void acknowledged(std::uint32_t viewer, std::span<const Event> events, Duration now);
  /// Nobody knows whether the collector has them: the viewer is never settled again.
  void doubt(std::uint32_t viewer) { viewers_[viewer].doubtful = true; }

  struct Answer {
    State state = State::left;
    bool logged_in = false;  ///< the state is the user's, and the device's own viewer is gone
    bool settled = true;
  };
  Answer of(std::uint32_t viewer, Duration now) const;

  /// How many viewers may be shown to be watching.
  struct Band {
    std::uint32_t least = 0;
    std::uint32_t most = 0;
  };
  Band watching(Duration now) const;

  Duration settle() const { return settle_; }
  /// Batches of what was made together that move the viewer and are not acknowledged.
  std::uint32_t moves_under_way(std::uint32_t viewer) const {
    return viewers_[viewer].moves_under_way;
  }

  /// What was made, to the end.
  const Tally& tally(std::uint32_t viewer) const { return viewers_[viewer].tally; }
  const Figures& figures(std::uint32_t viewer) const { return viewers_[viewer].figures; }
  bool doubtful(std::uint32_t viewer) const { return viewers_[viewer].doubtful; }
  std::uint32_t events(std::uint32_t viewer) const { return viewers_[viewer].events; }
  std::uint32_t play(std::uint32_t viewer) const { return viewers_[viewer].play; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(viewers_.size()); }

 private:
  struct Viewer {
    State state = State::left;  // after the newest event
    Duration patience{};
    Duration last{};         // when that was
    Duration heard{};        // when the newest acknowledged event was
    Duration moved{};        // when the last acknowledgement of a move came
    Duration ended_until{};  // of the play before, which had ended
    std::uint32_t play = 0;
    std::uint32_t events = 0;
    std::uint32_t moves_under_way = 0;
    bool any_heard = false;
    bool logged_in = false;
    bool doubtful = false;
    // Since it was settled the last time:
    bool maybe_watching = false;
    bool maybe_not = false;
    Tally tally;
    Figures figures;  // of the newest play
  };

  void open_question(Viewer& viewer, Duration now);
  bool may_leave(const Viewer& viewer, Duration now) const;

  Duration settle_;
  std::vector<Viewer> viewers_;
};

}  // namespace lvp::simulate
