// The steps that every event takes through a profile, whether its device's window is at hand
// (device.cc) or not (head.cc).
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "profile/clock.h"
#include "profile/ping_habits.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

inline constexpr std::size_t posts_max = 20;

// ---- Which play ----

struct PlayKey {
  std::string id;
  std::optional<Timestamp> started_at;

  bool operator==(const PlayKey&) const = default;
};

/// The media session's id and start. Without one: the page and the content.
PlayKey play_key(const MediaEvent& event);

/// Its index, or that behind the last.
std::size_t find_play(const Profile& profile, const MediaEvent& event);

template <class T>
void move_element(std::vector<T>& items, std::size_t from, std::size_t to) {
  const auto at = [&](std::size_t i) { return items.begin() + static_cast<std::ptrdiff_t>(i); };
  if (from < to) std::rotate(at(from), at(from + 1), at(to + 1));
  if (to < from) std::rotate(at(to), at(from), at(from + 1));
}

/// Plays are in the order in which they began. Where the one at `index`, which alone may be out of
/// its place, belongs.
std::size_t place_of(const Profile& profile, std::size_t index);

/// A play that is no longer kept: of those that nothing can come of any more after `finished` the
/// last, else, if there are too many, the oldest that has been left, else the oldest.
std::optional<std::size_t> superfluous_play(const Profile& profile, Timestamp finished);

/// Takes the play at `index` out; the history keeps its sums.
void drop_play(Profile& profile, std::size_t index);

/// A play of which `event` is the first.
Play new_play(const MediaEvent& event, const PingHabits& habits);

// ---- What it says beside its own news ----

/// The device's clock: keeps the last requests and the offset that they tell.
void learn_clock(Profile& profile, std::vector<Post>& posts, const MediaEvent& event);

/// Takes the request among the last ones. False if it was there.
bool keep_post(std::vector<Post>& posts, const MediaEvent& event);

/// When it happened; never later than it arrived.
Timestamp wall_time(const Profile& profile, const MediaEvent& event);

void learn_viewer(Profile& profile, const MediaEvent& event);

void note_arrival(Play& play, const MediaEvent& event);

// ---- Who is gone ----

/// Declares a play left.
void leave(const Profile& profile, Play& play);

/// Those whose deadline has come. True if there was one.
bool leave_silent(Profile& profile, Timestamp now);

}  // namespace lvp::profile
