// What every event of a device needs: its profile, and what tells that an event simply follows.
//
// Nearly every event comes after all that came before it. For those the events that a window keeps
// are of no use: they are needed when one comes late, or twice. So a device is kept in two parts.
// The head is in memory, and follow() moves it. The events lie on the disk, as a log of pieces
// (storage.h), and only where follow() refuses an event are they read, joined with the head to the
// whole device, and apply() does its work. Both give the same: head_test.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "profile/device.h"
#include "profile/ping_habits.h"
#include "profile/profile.h"
#include "profile/seen.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// Of a window, what an event behind its last one needs to know.
struct Edge {
  bool numbered = true;
  bool clock_set = false;

  bool operator==(const Edge&) const = default;
};

struct Head {
  Profile profile;
  std::vector<Post> posts;        ///< as the device's
  std::vector<Edge> edges;        ///< one for each of profile.plays
  std::vector<SeenEvent> recent;  ///< created within id_reuse_max of the newest
  Timestamp newest;               ///< created time of the newest event
  Timestamp ids_from;             ///< as the device's
  bool has_lifecycle = false;     ///< the device remembers background or foreground events

  bool operator==(const Head&) const = default;
};

Head head_of(const Device& device);

enum class Followed : std::uint8_t {
  no,         ///< nothing changed: it takes the whole device
  counted,    ///< it is foreign or dead: nothing but a counter changed, and it is not to be kept
  quietly,    ///< applied; what people see goes on as it would have without it
  with_news,  ///< applied; what people see changed
};

/// The newest event that a head followed, as far as the next one needs it if it is of the same
/// millisecond. Kept in memory alone: without it such an event takes the whole device.
struct Newest {
  static constexpr std::uint8_t no_play = 255;
  std::uint8_t play = no_play;  ///< its place in profile.plays
  MediaKind kind = MediaKind::other;
};

/// Applies the event if it simply follows. The head is that of the device that apply() would make,
/// and the event then belongs behind those that are kept. `newest` follows, too.
Followed follow(Head& head, const MediaEvent& event, Timestamp now, const Limits& limits = {},
                const PingHabits& habits = {}, Newest* newest = nullptr);

}  // namespace lvp::profile
