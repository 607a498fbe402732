#include "profile/device.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "profile/clock.h"
#include "profile/fold.h"
#include "profile/history.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

// ---- Clock ----

// The device's clock when the request left it. Without a sent time, when the event was created.
Timestamp sent_time(const MediaEvent& event) {
  return event.sent.value_or(device_time(event));
}

void learn_clock(Device& device, const MediaEvent& event) {
  Profile& profile = device.profile;
  profile.last_arrival = std::max(profile.last_arrival, event.collected);

  std::vector<Post>& posts = device.posts;
  const Post post{event.collected, sent_time(event)};
  const auto at = std::ranges::lower_bound(posts, post);
  if (at != posts.end() && *at == post) return;
  posts.insert(at, post);
  if (posts.size() > posts_max) posts.erase(posts.begin());
  profile.clock_offset = clock_offset(posts);
}

// Never later than it arrived: a clock that was set back would put it into the future.
Timestamp wall_time(const Profile& profile, const MediaEvent& event) {
  if (is_suspect(event)) return event.collected;
  return std::min(device_time(event) + profile.clock_offset, event.collected);
}

// ---- Events seen before ----

enum class Seen : std::uint8_t { never, same, id_only };

SeenEvent seen_event(const MediaEvent& event) {
  const std::uint64_t id = fnv1a(event.event_id);
  return {device_time(event), fnv1a(std::to_string(event.fingerprint), id), id};
}

Seen look_up(const std::vector<SeenEvent>& seen, const SeenEvent& event) {
  Seen result = Seen::never;
  for (const SeenEvent& s : seen) {
    if (s.event == event.event) return Seen::same;
    if (s.id == event.id) result = Seen::id_only;
  }
  return result;
}

void remember(Device& device, const SeenEvent& event, Timestamp now, const Limits& limits) {
  std::vector<SeenEvent>& seen = device.seen;
  seen.insert(std::ranges::upper_bound(seen, event), event);
  const Timestamp dead = now - limits.lateness_max - device.profile.clock_offset;
  auto keep = std::ranges::lower_bound(seen, dead, {}, &SeenEvent::created);
  if (seen.size() > limits.ids_max) {
    keep = std::max(keep, seen.end() - static_cast<std::ptrdiff_t>(limits.ids_max));
  }
  seen.erase(seen.begin(), keep);
}

// ---- Plays ----

// Without a media session: the page and the content.
std::string play_id(const MediaEvent& event) {
  if (event.session) return event.session->id;
  std::string id = event.page_view_id.empty() ? event.viewer : event.page_view_id;
  if (event.player && !event.player->label.empty()) id += '/' + event.player->label;
  return id;
}

struct PlayKey {
  std::string id;
  std::optional<Timestamp> started_at;
};

PlayKey play_key(const MediaEvent& event) {
  return {play_id(event), event.session ? event.session->started_at : std::nullopt};
}

std::size_t find(const Profile& profile, const PlayKey& key) {
  const auto found = std::ranges::find_if(profile.plays, [&](const Play& play) {
    return play.id == key.id && play.started_at == key.started_at;
  });
  return static_cast<std::size_t>(found - profile.plays.begin());
}

std::size_t find_or_add(Device& device, const MediaEvent& event, const PingHabits& habits) {
  PlayKey key = play_key(event);
  const std::size_t index = find(device.profile, key);
  if (index < device.profile.plays.size()) return index;
  Play play;
  play.id = std::move(key.id);
  play.started_at = key.started_at;
  play.session.pingless_app = habits.pingless(event);
  Window& window = device.windows.emplace_back();
  window.checkpoint = play.session;
  for (const MediaEvent& passed : device.lifecycle) {
    insert(window, passed);
    play.last_arrival = std::max(play.last_arrival, passed.collected);
  }
  device.profile.plays.push_back(std::move(play));
  return index;
}

template <class T>
void move_element(std::vector<T>& items, std::size_t from, std::size_t to) {
  const auto at = [&](std::size_t i) { return items.begin() + static_cast<std::ptrdiff_t>(i); };
  if (from < to) std::rotate(at(from), at(from + 1), at(to + 1));
  if (to < from) std::rotate(at(to), at(from), at(from + 1));
}

// Plays are in the order in which they began. Only the one at `index` may be out of its place.
void keep_order(Device& device, std::size_t index) {
  const auto before = [](const Play& a, const Play& b) {
    return std::tie(a.session.first, a.id, a.started_at) <
           std::tie(b.session.first, b.id, b.started_at);
  };
  const std::vector<Play>& plays = device.profile.plays;
  std::size_t to = index;
  while (to > 0 && before(plays[index], plays[to - 1])) --to;
  while (to + 1 < plays.size() && before(plays[to + 1], plays[index])) ++to;
  move_element(device.profile.plays, index, to);
  move_element(device.windows, index, to);
}

void drop(Device& device, std::size_t index) {
  std::vector<Play>& plays = device.profile.plays;
  const auto at = static_cast<std::ptrdiff_t>(index);
  add_to_history(device.profile.history, device.profile, plays[index]);
  device.windows.erase(device.windows.begin() + at);
  plays.erase(plays.begin() + at);
}

// The oldest play that has been left goes first, then the oldest.
void bound_plays(Device& device) {
  const std::vector<Play>& plays = device.profile.plays;
  if (plays.size() <= plays_max) return;
  const auto victim = std::ranges::find(plays, true, &Play::left);
  drop(device, victim == plays.end() ? 0 : static_cast<std::size_t>(victim - plays.begin()));
}

// Of a play that ended so long ago nothing can come any more.
void drop_finished(Device& device, Timestamp now, const Limits& limits) {
  const std::vector<Play>& plays = device.profile.plays;
  for (std::size_t i = plays.size(); i-- > 0;) {
    if (plays[i].left && now - plays[i].last_arrival > limits.lateness_max) drop(device, i);
  }
}

// ---- Events ----

void fold_again(Play& play, const Window& window) {
  play.session = fold(window);
  play.left = play.historic = false;
}

void note_arrival(Play& play, const MediaEvent& event) {
  play.last_arrival = std::max(play.last_arrival, event.collected);
  play.delay_min = std::min(play.delay_min, event.collected - device_time(event));
  play.clock_suspect |= is_suspect(event);
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

// ---- Viewers ----

void learn_viewer(Profile& profile, const MediaEvent& event) {
  if (event.viewer.empty()) return;
  const Timestamp at = device_time(event);
  std::vector<Identity>& viewers = profile.viewers;
  auto known = std::ranges::find(viewers, event.viewer, &Identity::viewer);
  if (known == viewers.end()) {
    viewers.push_back({event.viewer, at, at});
    known = std::prev(viewers.end());
  } else if (known->first <= at && at <= known->last) {
    return;
  }
  known->first = std::min(known->first, at);
  known->last = std::max(known->last, at);
  std::ranges::sort(viewers, {}, [](const Identity& i) { return std::tie(i.first, i.viewer); });
  if (viewers.size() > viewers_max) viewers.erase(viewers.begin());
}

// ---- Time ----

void leave(const Profile& profile, Play& play) {
  play.left = true;
  play.historic = play.delay_min - profile.clock_offset > patience(play.session);
  play.session = left(std::move(play.session));
}

// True if a play was left by `now`.
bool leave_silent(Profile& profile, Timestamp now) {
  bool changed = false;
  for (Play& play : profile.plays) {
    if (play.left || deadline(profile, play) > now) continue;
    leave(profile, play);
    changed = true;
  }
  return changed;
}

void trim_all(Device& device, Timestamp now, const Limits& limits) {
  const Timestamp oldest = now - limits.window;
  for (Window& window : device.windows) fold_away(window, oldest, limits.window_events_max);
  std::erase_if(device.lifecycle, [&](const MediaEvent& e) { return e.collected < oldest; });
}

// ---- Duplicates ----

// Of two copies the one that was collected first counts, whichever came first to us.
void keep_earliest(Device& device, const MediaEvent& event) {
  const std::size_t index = find(device.profile, play_key(event));
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

Verdict apply(Device& device, const MediaEvent& event, Timestamp now, const Limits& limits,
              const PingHabits& habits) {
  Profile& profile = device.profile;
  if (profile.device.empty()) profile.device = event.device_key;
  if (event.kind == MediaKind::foreign && !is_lifecycle(event)) {
    ++profile.foreign;
    return Verdict::foreign;
  }
  learn_clock(device, event);
  now = std::max(now, profile.last_arrival);
  if (now - wall_time(profile, event) > limits.lateness_max) {
    ++profile.dead;
    return Verdict::dead;
  }

  const SeenEvent seen = seen_event(event);
  const Seen how = look_up(device.seen, seen);
  if (how == Seen::same) {
    ++profile.duplicates;
    keep_earliest(device, event);
    trim_all(device, now, limits);
    return Verdict::duplicate;
  }
  profile.reused_ids += how == Seen::id_only;
  remember(device, seen, now, limits);

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
  trim_all(device, now, limits);
  bound_plays(device);
  drop_finished(device, now, limits);
  return verdict;
}

Timestamp deadline(const Profile& profile, const Play& play) {
  return std::min(profile.wall(play.session, play.session.last), play.last_arrival) +
         patience(play.session);
}

std::optional<Timestamp> deadline(const Profile& profile) {
  std::optional<Timestamp> earliest;
  for (const Play& play : profile.plays) {
    if (play.left) continue;
    const Timestamp t = deadline(profile, play);
    if (!earliest || t < *earliest) earliest = t;
  }
  return earliest;
}

bool expire(Device& device, Timestamp now) {
  if (!leave_silent(device.profile, now)) return false;
  ++device.profile.version;
  return true;
}

}  // namespace lvp::profile
