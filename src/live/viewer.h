// A viewer as dashboards see one: the open plays that carry the viewer's id, on whatever devices.
//
// A viewer is a merge that is made where it is read. The merge is a set in an order that depends on
// nothing but the plays, so it does not matter in which order they became known. The first of them,
// the primary play, speaks for the viewer. Source of the order: docs/live-protocol.md#viewers.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/time.h"
#include "profile/profile.h"

namespace lvp::live {

/// A play that is neither left nor history. Times are wall-clock.
struct OpenPlay {
  std::string_view device;  ///< its key; the bytes are the board's and outlive the play
  profile::Play play;
  Duration clock_offset{};  ///< add it to a time of the session to get the wall time
  profile::State state = profile::State::ready;
  Timestamp since;       ///< it is in that state
  Timestamp last_event;  ///< newest evidence

  Timestamp wall(Timestamp device_time) const { return device_time + clock_offset; }
  std::string_view content() const;  ///< label of the content run; empty if there is none
};

/// Whether `play` counts as open.
bool is_open(const profile::Play& play);

/// As of the play's last event; a play that is over is described just so, but belongs on no board.
OpenPlay open_play(std::string_view device, Duration clock_offset, profile::Play play);

/// The better play first: PLAYING, PLAYING_AD, BUFFERING, SEEKING, AD_PAUSED, PAUSED, READY,
/// FAILED, ENDED; of two in one state the one with the newer event; then by their names.
struct BetterPlay {
  bool operator()(const OpenPlay* a, const OpenPlay* b) const;
};

struct Viewer {
  std::string id;
  std::set<const OpenPlay*, BetterPlay> plays;  ///< best first; never empty where one is shown
  std::uint64_t version = 0;                    ///< only grows while the viewer has an open play

  const OpenPlay& primary() const { return **plays.begin(); }
};

}  // namespace lvp::live
