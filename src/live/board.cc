#include "live/board.h"

#include <algorithm>
#include <span>

namespace lvp::live {
namespace {

using profile::State;

// How long a play in `state` counts as watching: no limit, a limit, or not at all.
struct Watching {
  bool counts = false;
  std::optional<Duration> at_most;
};

Watching watching(State state) {
  switch (state) {
    case State::playing:
    case State::seeking:
    case State::playing_ad:
      return {.counts = true, .at_most = {}};
    case State::buffering:
      return {.counts = true, .at_most = Board::buffering_watched_max};
    case State::failed:
      return {.counts = true, .at_most = Board::failed_watched_max};
    case State::left:
    case State::ready:
    case State::paused:
    case State::ad_paused:
    case State::ended:
      return {};
  }
  return {};
}

// Device time of the newest transition of any play.
Timestamp newest_transition(const profile::Profile& profile) {
  Timestamp newest;
  for (const profile::Play& play : profile.plays) {
    if (play.session.timeline.empty()) continue;
    newest = std::max(newest, play.session.timeline.back().at);
  }
  return newest;
}

using Timeline = std::span<const profile::Transition>;

// The transitions up to device time `seen`.
Timeline prefix(Timeline timeline, Timestamp seen) {
  const auto end =
      std::ranges::find_if(timeline, [&](const profile::Transition& t) { return t.at > seen; });
  return timeline.first(static_cast<std::size_t>(end - timeline.begin()));
}

bool same_play(const profile::Play& a, const profile::Play& b) {
  return a.id == b.id && a.started_at == b.started_at;
}

template <class T>
void add_once(std::vector<T>& items, T item) {
  if (std::ranges::find(items, item) == items.end()) items.push_back(item);
}

}  // namespace

void Board::apply(profile::Profile profile) {
  const auto [found, unknown] = devices_.try_emplace(profile.device);
  const std::string& key = found->first;
  Device& device = found->second;
  if (!unknown && profile.version <= device.version) return;

  device.version = profile.version;
  const Timestamp seen = newest_transition(profile);
  replace(key, device, open_plays(key, std::move(profile)), seen);
  if (device.open.empty()) remember_closed(key, device.version);
}

void Board::forget(std::string_view key) {
  const auto found = devices_.find(key);
  if (found == devices_.end()) return;
  replace(found->first, found->second, {}, {});
  devices_.erase(found);
}

std::vector<Board::Held> Board::open_plays(std::string_view key, profile::Profile profile) {
  std::vector<Held> plays;
  plays.reserve(static_cast<std::size_t>(std::ranges::count_if(profile.plays, is_open)));
  for (profile::Play& play : profile.plays) {
    if (!is_open(play)) continue;
    const Duration offset = profile.wall_offset(play.session);
    plays.push_back({open_play(key, offset, std::move(play)), nullptr, false, {}});
  }
  return plays;
}

void Board::replace(std::string_view key, Device& device, std::vector<Held> open, Timestamp seen) {
  ++revision_;
  Entries touched;
  for (Held& held : device.open) detach(held, touched);
  const Device before{.version = 0,
                      .seen = std::exchange(device.seen, seen),
                      .open = std::exchange(device.open, std::move(open))};
  for (Held& held : device.open) attach(held, touched);
  for (Entry* entry : touched) {
    publish(*entry, key, before);
    settle(*entry);
  }
}

void Board::attach(Held& held, Entries& touched) {
  const std::string& viewer = held.play.session.viewer;
  Entry& entry = viewers_.try_emplace(viewer).first->second;
  entry.viewer.id = viewer;
  entry.viewer.plays.insert(&held);
  held.entry = &entry;
  start_watching(held);
  add_once(touched, &entry);
}

void Board::detach(Held& held, Entries& touched) {
  stop_watching(held);
  held.entry->viewer.plays.erase(&held);
  add_once(touched, held.entry);
}

void Board::start_watching(Held& held) {
  const Watching rule = watching(held.state);
  if (!rule.counts) return;
  held.watched = true;
  ++counts_.streams;
  if (held.entry->watched_plays++ == 0) ++counts_.watching;
  if (!rule.at_most) return;
  held.watched_until = held.since + *rule.at_most;
  deadlines_.emplace(*held.watched_until, &held);
}

void Board::stop_watching(Held& held) {
  if (!held.watched) return;
  held.watched = false;
  --counts_.streams;
  if (--held.entry->watched_plays == 0) --counts_.watching;
  if (held.watched_until) deadlines_.erase({*held.watched_until, &held});
}

// Counts the viewer as it is now, instead of as it was; without an open play it is no more.
void Board::settle(Entry& entry) {
  changed_.insert(entry.viewer.id);
  if (entry.counted) --counts_.in(*entry.counted);
  if (entry.viewer.plays.empty()) {
    viewers_.erase(viewers_.find(entry.viewer.id));
    return;
  }
  entry.counted = entry.viewer.primary().state;
  ++counts_.in(*entry.counted);
  entry.viewer.version = revision_;
}

// A viewer with one play went through all of that play's statuses, even if several came in one
// profile; with several plays only what they amount to together was ever its status.
void Board::publish(Entry& entry, std::string_view device, const Device& before) {
  if (entry.viewer.plays.empty()) return;
  const OpenPlay& primary = entry.viewer.primary();
  const Timeline timeline = primary.play.session.timeline;
  if (timeline.empty()) return;
  if (entry.viewer.plays.size() == 1 && primary.device == device) {
    const auto old = std::ranges::find_if(
        before.open, [&](const Held& held) { return same_play(held.play, primary.play); });
    const Timeline known = old == before.open.end() ? prefix(timeline, before.seen)
                                                    : Timeline(old->play.session.timeline);
    for (const profile::StatusChange& change : profile::status_changes(known, timeline)) {
      publish_one(entry, change.status, change.cause);
    }
  }
  if (const auto status = profile::status_of(primary.state)) {
    publish_one(entry, *status, timeline.back().cause);
  }
}

void Board::publish_one(Entry& entry, profile::Status status, const profile::Cause& cause) {
  if (entry.published == status) return;
  entry.published = status;
  statuses_.push_back(profile::message(entry.viewer.id, cause, status));
}

void Board::remember_closed(const std::string& device, std::uint64_t version) {
  closed_.emplace_back(device, version);
  if (closed_.size() <= closed_devices_max) return;
  const auto& [oldest, oldest_version] = closed_.front();
  const auto found = devices_.find(oldest);
  const bool still = found != devices_.end() && found->second.open.empty() &&
                     found->second.version == oldest_version;
  if (still) devices_.erase(found);
  closed_.pop_front();
}

Board::Changes Board::take_changes() {
  Changes changes;
  for (const std::string& viewer : std::exchange(changed_, {})) {
    (find(viewer) == nullptr ? changes.gone : changes.viewers).push_back(viewer);
  }
  changes.statuses = std::exchange(statuses_, {});
  return changes;
}

Counts Board::counts(Timestamp now) {
  while (!deadlines_.empty() && deadlines_.begin()->first < now) {
    stop_watching(*deadlines_.begin()->second);
  }
  counts_.viewers = viewers_.size();
  return counts_;
}

const Viewer* Board::find(std::string_view viewer) const {
  const auto found = viewers_.find(viewer);
  return found == viewers_.end() ? nullptr : &found->second.viewer;
}

std::vector<const Viewer*> Board::list(const Query& query) const {
  std::vector<const Viewer*> viewers;
  for (const auto& [id, entry] : viewers_) {
    if (query.state && entry.viewer.primary().state != *query.state) continue;
    viewers.push_back(&entry.viewer);
  }
  const auto key = [&](const Viewer* viewer) {
    switch (query.order) {
      case Order::newest_event:
        return -to_ms(viewer->primary().last_event);
      case Order::longest_in_state:
        return to_ms(viewer->primary().since);
      case Order::viewer:
        return std::int64_t{0};
    }
    return std::int64_t{0};
  };
  const auto before = [&](const Viewer* a, const Viewer* b) {
    return std::pair(key(a), std::string_view(a->id)) < std::pair(key(b), std::string_view(b->id));
  };
  const std::size_t shown = std::min(query.limit, viewers.size());
  std::ranges::partial_sort(viewers, viewers.begin() + static_cast<std::ptrdiff_t>(shown), before);
  viewers.resize(shown);
  return viewers;
}

}  // namespace lvp::live
