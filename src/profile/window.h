// The newest events of a play, in order, and its session before them.
//
// An event that arrives late is put in its place among them, and the session is folded again. What
// leaves the window is folded into the checkpoint, and its order is final.
#pragma once

#include <cstddef>
#include <deque>

#include "base/time.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// Which events those are depends on collector times and `now` only, not on the order of arrival.
struct Window {
  Session checkpoint;
  std::deque<MediaEvent> events;  ///< in order (order.h)
  bool numbered = true;           ///< every event of the play is (order.h)
  bool clock_set = false;         ///< the device's clock was set between two events (clock.h)

  bool operator==(const Window&) const = default;
};

/// Inserts the event in its order. True if it is the last one now, and the order of the others
/// stayed.
bool insert(Window& window, const MediaEvent& event);

/// Folds away what was collected before `oldest`, and what is over `events_max`.
void fold_away(Window& window, Timestamp oldest, std::size_t events_max);

/// The place of the event was folded away.
bool folded_away(const Window& window, const MediaEvent& event);

/// The session after the events of the window.
Session fold(const Window& window);

}  // namespace lvp::profile
