// A device: its profile, and what it takes to put events that arrive late in their place.
//
// Events arrive late, twice and in any order. So each play keeps a checkpoint (its session before
// the newest events) and those events in order. An event that belongs between them is inserted and
// the session is folded again from the checkpoint; whatever the order of arrival, the result is the
// same. What arrives when its place was folded away is merged as far as order does not matter.
//
// Pure: stream time comes in as an argument. Rules: docs/state-machine.md#order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "profile/clock.h"
#include "profile/ping_habits.h"
#include "profile/profile.h"
#include "profile/seen.h"
#include "profile/window.h"
#include "wire/media_event.h"

namespace lvp::profile {

struct Limits {
  /// How long an event stays in the window after it was collected: the disorder that leaves no
  /// trace.
  Duration window = std::chrono::minutes(10);
  std::size_t window_events_max = 512;  ///< of one play; the oldest are folded away first
  /// Older events are counted as dead. Ids are remembered this long.
  Duration lateness_max = std::chrono::hours(72);
  std::size_t ids_max = 4096;  ///< of one device; what was created before them is dead, then
};

inline constexpr std::size_t lifecycle_max = 8;

struct Device {
  Profile profile;
  std::vector<Window> windows;  ///< one for each of profile.plays
  std::vector<Post> posts;      ///< the last posts_max, oldest first: they tell the clock offset
  std::vector<SeenEvent> seen;  ///< oldest first
  Timestamp ids_from;  ///< what was created by then is not remembered, because it was too much
  std::vector<MediaEvent> lifecycle;  ///< newest background and foreground events, in order

  bool operator==(const Device&) const = default;
};

enum class Verdict : std::uint8_t {
  applied,    ///< in its place; the profile's version went up by one
  late,       ///< it changed the past only: its play is over, or its place was folded away and it
              ///< was merged (fold.h); version up by one
  duplicate,  ///< applied before. The copy that was collected first counts, so the window may
              ///< change
  dead,       ///< older than Limits::lateness_max, or than what is remembered: counted only
  foreign,    ///< no media event: counted only
};

/// Puts the event in its place. `now` is stream time, the largest collector time seen in the
/// partition. It decides which plays have been left, and so also whether the event tells of one
/// that was over before it arrived.
///
/// The same events in any order of arrival within the window make the same device, byte for byte
/// (codec.h). The version counts events that were applied or merged and calls of expire() that
/// changed something, so the timing of those calls is the only thing that can show.
Verdict apply(Device& device, const MediaEvent& event, Timestamp now, const Limits& limits = {},
              const PingHabits& habits = {});

/// Forgets ids of events that would be dead by `now`, or are too many, as apply() does.
void forget_old(Device& device, Timestamp now, const Limits& limits);

/// Nothing of the event counts: it is too old, or too old to tell whether it came before.
bool is_dead(const Profile& profile, Timestamp ids_from, const MediaEvent& event, Timestamp now,
             const Limits& limits);

/// Stream time from which `play` counts as left unless another event comes. Meaningless for one
/// that is left already.
Timestamp deadline(const Profile& profile, const Play& play);

/// The earliest deadline of the plays that are not left.
std::optional<Timestamp> deadline(const Profile& profile);

/// Declares left every play whose deadline is not after stream time `now`. True if there was one.
bool expire(Profile& profile, Timestamp now);
bool expire(Device& device, Timestamp now);

}  // namespace lvp::profile
