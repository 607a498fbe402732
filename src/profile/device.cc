#include "profile/device.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "profile/fold.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

// ---- Clock ----

// The device's clock when the request left it. Without a sent time, when the event was created.
Timestamp sent_time(const MediaEvent& event) {
  return event.sent.value_or(device_time(event));
}

// The smallest difference of the two clocks is the one with the least delay in it.
void learn_clock(Device& device, const MediaEvent& event) {
  Profile& profile = device.profile;
  profile.last_arrival = std::max(profile.last_arrival, event.collected);

  std::vector<Post>& posts = device.posts;
  const Post post{event.collected, sent_time(event)};
  const auto at = std::ranges::lower_bound(posts, post);
  if (at != posts.end() && *at == post) return;
  posts.insert(at, post);
  if (posts.size() > posts_max) posts.erase(posts.begin());

  Duration offset = Duration::max();
  for (const Post& p : posts) offset = std::min(offset, p.collected - p.sent);
  profile.clock_offset = offset;
}

// Never later than it arrived: a clock that was set back would put it into the future.
Timestamp wall_time(const Profile& profile, const MediaEvent& event) {
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

std::size_t find_or_add(Device& device, PlayKey key) {
  const std::size_t index = find(device.profile, key);
  if (index == device.profile.plays.size()) {
    Play play;
    play.id = std::move(key.id);
    play.started_at = key.started_at;
    device.profile.plays.push_back(std::move(play));
    device.windows.emplace_back();
  }
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

// The oldest play that has been left goes first, then the oldest.
void bound_plays(Device& device) {
  std::vector<Play>& plays = device.profile.plays;
  if (plays.size() <= plays_max) return;
  auto victim = std::ranges::find(plays, true, &Play::left);
  if (victim == plays.end()) victim = plays.begin();
  device.windows.erase(device.windows.begin() + (victim - plays.begin()));
  plays.erase(victim);
}

// ---- Windows ----

void fold_again(Play& play, const Window& window) {
  play.session = window.checkpoint;
  for (const MediaEvent& event : window.events) apply(play.session, event);
  play.left = play.historic = false;
}

// Inserts the event in its order. True if it is the last one now, and the order of the others
// stayed.
bool insert(Window& window, const MediaEvent& event) {
  std::deque<MediaEvent>& events = window.events;
  const bool reorder = window.numbered && !is_numbered(event) && !events.empty();
  window.numbered = window.numbered && is_numbered(event);
  const auto before = [&](const MediaEvent& a, const MediaEvent& b) {
    return order_key(a, window.numbered) < order_key(b, window.numbered);
  };
  if (reorder) std::ranges::sort(events, before);
  if (events.empty() || before(events.back(), event)) {
    events.push_back(event);
    return !reorder;
  }
  events.insert(std::ranges::upper_bound(events, event, before), event);
  return false;
}

// Folds away what left the window.
void trim(Window& window, Timestamp now, const Limits& limits) {
  std::deque<MediaEvent>& events = window.events;
  while (!events.empty() && (events.size() > limits.window_events_max ||
                             events.front().collected < now - limits.window)) {
    apply(window.checkpoint, events.front());
    events.pop_front();
  }
}

bool folded_away(const Window& window, const MediaEvent& event) {
  return window.checkpoint.any && device_time(event) < window.checkpoint.last;
}

void note_arrival(Play& play, const MediaEvent& event) {
  play.last_arrival = std::max(play.last_arrival, event.collected);
  play.delay_min = std::min(play.delay_min, event.collected - device_time(event));
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
  for (Window& window : device.windows) trim(window, now, limits);
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

Verdict apply(Device& device, const MediaEvent& event, Timestamp now, const Limits& limits) {
  Profile& profile = device.profile;
  if (profile.device.empty()) profile.device = event.device_key;
  if (event.kind == MediaKind::foreign) {
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

  const std::size_t index = find_or_add(device, play_key(event));
  const Verdict verdict = apply_to_play(profile.plays[index], device.windows[index], event);
  profile.late += verdict == Verdict::late;
  ++profile.version;
  leave_silent(profile, now);
  trim_all(device, now, limits);
  keep_order(device, index);
  bound_plays(device);
  return verdict;
}

Timestamp deadline(const Profile& profile, const Play& play) {
  return std::min(play.session.last + profile.clock_offset, play.last_arrival) +
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
