// A viewer as dashboards see one: the open plays that carry the viewer's id, on whatever devices.
//
// A viewer is a merge that is made where it is read. The merge is a set in an order that depends on
// nothing but the plays, so it does not matter in which order they became known. The first of them,
// the primary play, speaks for the viewer. Source of the order: docs/live-protocol.md#viewers.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/time.h"
#include "profile/profile.h"

namespace lvp::live {

/// The running ad.
struct OpenAd {
  std::string id;
  std::string name;
  int quartile = 0;
};

/// What is shown of a play that is neither left nor history, and no more: an audience has one for
/// each of its plays in memory. Times are wall-clock.
struct OpenPlay {
  std::string_view device;  ///< its key; the bytes are the board's and outlive the play
  std::string id;
  std::optional<Timestamp> started_at;  ///< as in profile::Play: by the device's clock
  profile::State state = profile::State::ready;
  Timestamp since;       ///< it is in that state
  Timestamp last_event;  ///< newest evidence
  std::string content;   ///< label of the content run; empty if there is none
  std::optional<double> position_s;
  Timestamp position_at;  ///< when the position held; without one, `last_event`
  double rate = 1;
  std::optional<double> duration_s;
  bool livestream = false;
  std::string platform;
  std::string device_name;  ///< for people: device_name.h
  std::optional<OpenAd> ad;
};

/// Whether `play` counts as open.
bool is_open(const profile::Play& play);

/// As of the play's last event; a play that is over is described just so, but belongs on no board.
/// Add `clock_offset` to a time of its session to get the wall time.
OpenPlay open_play(std::string_view device, Duration clock_offset, const profile::Play& play);

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
