#include "profile/device.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "profile/clock.h"
#include "profile/fold.h"
#include "profile/history.h"
#include "profile/order.h"
#include "profile/plays.h"

namespace lvp::profile {
namespace {

// ---- Plays ----

std::size_t find_or_add(Device& device, const MediaEvent& event, const PingHabits& habits) {
  const std::size_t index = find_play(device.profile, event);
  if (index < device.profile.plays.size()) return index;
  Play play = new_play(event, habits);
  Window& window = device.windows.emplace_back();
  window.checkpoint = play.session;
  for (const MediaEvent& passed : device.lifecycle) {
    insert(window, passed);
    play.last_arrival = std::max(play.last_arrival, passed.collected);
  }
  device.profile.plays.push_back(std::move(play));
  return index;
}

void keep_order(Device& device, std::size_t index) {
  const std::size_t to = place_of(device.profile, index);
  move_element(device.profile.plays, index, to);
  move_element(device.windows, index, to);
}

void drop_superfluous(Device& device, Timestamp finished) {
  while (const auto index = superfluous_play(device.profile, finished)) {
    drop_play(device.profile, *index);
    device.windows.erase(device.windows.begin() + static_cast<std::ptrdiff_t>(*index));
  }
}

// ---- Ids ----

void remember_event(Device& device, const SeenEvent& event, Timestamp now, const Limits& limits) {
  remember(device.seen, event);
  forget_old(device, now, limits);
}

// ---- Events ----

void fold_again(Play& play, const Window& window) {
  play.session = fold(window);
  play.left = play.historic = false;
}

Verdict apply_to_play(Play& play, Window& window, const MediaEvent& event) {
  note_arrival(play, event);
  if (folded_away(window, event)) {
    merge(window.checkpoint, event);
    merge(play.session, event);
    return Verdict::late;
  }
  if (insert(window, event) && !play.left) {
    apply(play.session, event);
  } else {
    fold_again(play, window);
  }
  return Verdict::applied;
}

// It may have come before the event of a play that it precedes, so plays to come hear of it too.
void apply_lifecycle(Device& device, const MediaEvent& event) {
  std::vector<MediaEvent>& events = device.lifecycle;
  events.insert(std::ranges::upper_bound(events, device_time(event), {}, device_time), event);
  if (events.size() > lifecycle_max) events.erase(events.begin());
  for (std::size_t i = 0; i < device.windows.size(); ++i) {
    Play& play = device.profile.plays[i];
    if (folded_away(device.windows[i], event)) continue;
    insert(device.windows[i], event);
    play.last_arrival = std::max(play.last_arrival, event.collected);
    fold_again(play, device.windows[i]);
  }
}

void trim_windows(Device& device, Timestamp now, const Limits& limits) {
  const Timestamp oldest = now - limits.window;
  for (Window& window : device.windows) fold_away(window, oldest, limits.window_events_max);
  std::erase_if(device.lifecycle, [&](const MediaEvent& e) { return e.collected < oldest; });
}

// ---- Duplicates ----

// Of two copies the one that was collected first counts, whichever came first to us.
void keep_earliest(Device& device, const MediaEvent& event) {
  const std::size_t index = find_play(device.profile, event);
  if (index == device.profile.plays.size()) return;
  Window& window = device.windows[index];
  Play& play = device.profile.plays[index];
  note_arrival(play, event);
  const auto copy = std::ranges::find_if(window.events, [&](const MediaEvent& e) {
    return e.event_id == event.event_id && e.fingerprint == event.fingerprint;
  });
  if (copy == window.events.end() || copy->collected <= event.collected) return;
  MediaEvent earlier = std::move(*copy);
  window.events.erase(copy);
  earlier.collected = event.collected;
  earlier.sent = event.sent;
  insert(window, earlier);
  const bool was_left = play.left;
  fold_again(play, window);
  if (was_left) leave(device.profile, play);
  keep_order(device, index);
}

}  // namespace

void forget_old(Device& device, Timestamp now, const Limits& limits) {
  std::vector<SeenEvent>& seen = device.seen;
  const Timestamp dead = now - limits.lateness_max - device.profile.clock_offset;
  auto keep = std::ranges::lower_bound(seen, dead, {}, &SeenEvent::created);
  if (seen.size() > limits.ids_max) {
    const auto newest = seen.end() - static_cast<std::ptrdiff_t>(limits.ids_max);
    if (newest > keep) device.ids_from = std::prev(newest)->created;
    keep = std::max(keep, newest);
  }
  seen.erase(seen.begin(), keep);
}

bool is_dead(const Profile& profile, Timestamp ids_from, const MediaEvent& event, Timestamp now,
             const Limits& limits) {
  return now - wall_time(profile, event) > limits.lateness_max || device_time(event) <= ids_from;
}

Verdict apply(Device& device, const MediaEvent& event, Timestamp now, const Limits& limits,
              const PingHabits& habits) {
  Profile& profile = device.profile;
  if (profile.device.empty()) profile.device = event.device_key;
  if (event.kind == MediaKind::foreign && !is_lifecycle(event)) {
    ++profile.foreign;
    return Verdict::foreign;
  }
  learn_clock(profile, device.posts, event);
  now = std::max(now, profile.last_arrival);
  if (is_dead(profile, device.ids_from, event, now, limits)) {
    ++profile.dead;
    return Verdict::dead;
  }

  if (is_repeated(device.seen, event)) {
    ++profile.duplicates;
    keep_earliest(device, event);
    trim_windows(device, now, limits);
    return Verdict::duplicate;
  }
  const SeenEvent seen = seen_event(event);
  profile.reused_ids += static_cast<std::uint64_t>(ids_reused(device.seen, seen));
  remember_event(device, seen, now, limits);

  Verdict verdict = Verdict::applied;
  if (is_lifecycle(event)) {
    apply_lifecycle(device, event);
    leave_silent(profile, now);
  } else {
    learn_viewer(profile, event);
    const std::size_t index = find_or_add(device, event, habits);
    verdict = apply_to_play(profile.plays[index], device.windows[index], event);
    profile.late += verdict == Verdict::late;
    leave_silent(profile, now);
    if (profile.plays[index].left) verdict = Verdict::late;
    keep_order(device, index);
  }
  ++profile.version;
  trim_windows(device, now, limits);
  drop_superfluous(device, now - limits.lateness_max);
  return verdict;
}

bool expire(Profile& profile, Timestamp now) {
  if (!leave_silent(profile, now)) return false;
  ++profile.version;
  return true;
}

bool expire(Device& device, Timestamp now) {
  return expire(device.profile, now);
}

}  // namespace lvp::profile
