#include "live/board.h"

#include <algorithm>
#include <tuple>

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

// The transitions up to device time `seen`.
std::span<const profile::Transition> prefix(std::span<const profile::Transition> timeline,
                                            Timestamp seen) {
  const auto end =
      std::ranges::find_if(timeline, [&](const profile::Transition& t) { return t.at > seen; });
  return timeline.first(static_cast<std::size_t>(end - timeline.begin()));
}

bool same_play(const OpenPlay& a, const OpenPlay& b) {
  return a.id == b.id && a.started_at == b.started_at;
}

template <class T>
void add_once(std::vector<T>& items, T item) {
  if (std::ranges::find(items, item) == items.end()) items.push_back(item);
}

}  // namespace

void Board::apply(const profile::Profile& profile) {
  const auto [item, is_new] = devices_.find_or_add(profile.device);
  Device& device = item.value;
  if (!is_new && profile.version <= device.version) return;

  device.version = profile.version;
  replace(item.name, device, profile);
  if (device.open.empty()) remember_closed(item.name, device.version);
}

void Board::forget(std::string_view key) {
  auto* const found = devices_.find(key);
  if (found == nullptr) return;
  replace(found->name, found->value, {});
  devices_.erase(key);
}

Board::Held Board::hold(std::string_view key, Duration clock_offset, const profile::Play& play) {
  Held held{open_play(key, clock_offset, play), {}, {}, nullptr, false, {}};
  for (const profile::Transition& t : play.session.timeline)
    held.timeline.push_back({t.at, std::hash<std::string_view>()(t.cause.event_id), t.state});
  if (!held.timeline.empty()) held.cause = play.session.timeline.back().cause;
  return held;
}

void Board::replace(std::string_view key, Device& device, const profile::Profile& profile) {
  ++revision_;
  Entries touched;
  for (Held& held : device.open) detach(held, touched);
  Device before{.version = device.version, .seen = newest_transition(profile), .open = {}};
  std::swap(before, device);
  Plays plays;
  for (const profile::Play& play : profile.plays) {
    if (!is_open(play)) continue;
    plays.push_back(&play);
    device.open.push_back(hold(key, profile.wall_offset(play.session), play));
  }
  for (std::size_t i = 0; i < plays.size(); ++i)
    attach(device.open[i], plays[i]->session.viewer, touched);
  for (Entry* entry : touched) {
    publish(*entry, before, device, plays);
    settle(*entry);
  }
}

void Board::attach(Held& held, const std::string& viewer, Entries& touched) {
  Entry& entry = viewers_.find_or_add(viewer).first.value;
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
    viewers_.erase(entry.viewer.id);
    return;
  }
  entry.counted = entry.viewer.primary().state;
  ++counts_.in(*entry.counted);
  entry.viewer.version = revision_;
}

// What became of a play since the board heard of it.
std::vector<profile::StatusChange> Board::news(const Held& now, Timeline timeline,
                                               const Device& before) {
  const auto old =
      std::ranges::find_if(before.open, [&](const Held& held) { return same_play(held, now); });
  if (old == before.open.end())
    return profile::status_changes(prefix(timeline, before.seen), timeline);
  if (old->timeline == now.timeline) return {};
  const auto parted = std::ranges::mismatch(old->timeline, now.timeline).in1;
  if (parted == old->timeline.end())
    return profile::status_changes(timeline.first(old->timeline.size()), timeline);

  // The past changed. What caused a transition is taken from the timeline; of one that is not there
  // any more it does not matter.
  std::vector<profile::Transition> known;
  for (const Known& k : old->timeline) {
    const auto same = std::ranges::find(now.timeline, k.event, &Known::event);
    const bool gone = same == now.timeline.end();
    known.push_back({k.state, k.at,
                     gone ? profile::Cause{}
                          : timeline[static_cast<std::size_t>(same - now.timeline.begin())].cause});
  }
  return profile::status_changes(known, timeline);
}

// A viewer with one play went through all of that play's statuses, even if several came in one
// profile; with several plays only what they amount to together was ever its status.
void Board::publish(Entry& entry, const Device& before, const Device& now, const Plays& plays) {
  if (entry.viewer.plays.empty()) return;
  const auto& primary = static_cast<const Held&>(entry.viewer.primary());
  if (primary.timeline.empty()) return;
  const auto own =
      std::ranges::find_if(now.open, [&](const Held& held) { return &held == &primary; });
  if (entry.viewer.plays.size() == 1 && own != now.open.end()) {
    const Timeline timeline =
        plays[static_cast<std::size_t>(own - now.open.begin())]->session.timeline;
    for (const profile::StatusChange& change : news(primary, timeline, before)) {
      publish_one(entry, change.status, change.cause);
    }
  }
  if (const auto status = profile::status_of(primary.state)) {
    publish_one(entry, *status, primary.cause);
  }
}

void Board::publish_one(Entry& entry, profile::Status status, const profile::Cause& cause) {
  if (entry.published == status) return;
  entry.published = status;
  statuses_.push_back({entry.viewer.id, status, cause});
}

void Board::remember_closed(const std::string& device, std::uint64_t version) {
  closed_.emplace_back(device, version);
  if (closed_.size() <= closed_devices_max) return;
  const auto& [oldest, oldest_version] = closed_.front();
  const auto* const found = devices_.find(oldest);
  const bool still =
      found != nullptr && found->value.open.empty() && found->value.version == oldest_version;
  if (still) devices_.erase(oldest);
  closed_.pop_front();
}

Board::Changes Board::take_changes() {
  Changes changes;
  changes.statuses = take_statuses();
  for (const std::string& viewer : std::exchange(changed_, {})) {
    (find(viewer) == nullptr ? changes.gone : changes.viewers).push_back(viewer);
  }
  return changes;
}

std::vector<std::string> Board::take_statuses() {
  std::vector<std::string> messages;
  for (const NewStatus& news : std::exchange(statuses_, {}))
    messages.push_back(profile::message(news.viewer, news.cause, news.status));
  return messages;
}

void Board::take_changed(std::set<std::string>& viewers) {
  viewers.merge(changed_);
  drop_changes();
}

void Board::drop_changes() {
  changed_.clear();
  statuses_.clear();
}

Counts Board::counts(Timestamp now) {
  while (!deadlines_.empty() && deadlines_.begin()->first < now) {
    stop_watching(*deadlines_.begin()->second);
  }
  counts_.viewers = viewers_.size();
  return counts_;
}

const Viewer* Board::find(std::string_view viewer) const {
  const auto* const found = viewers_.find(viewer);
  return found == nullptr ? nullptr : &found->value.viewer;
}

std::vector<const Viewer*> Board::list(const Query& query) const {
  const auto key = [&](const OpenPlay& primary) -> std::int64_t {
    switch (query.order) {
      case Order::newest_event:
        return -to_ms(primary.last_event);
      case Order::longest_in_state:
        return to_ms(primary.since);
      case Order::viewer:
        return 0;
    }
    return 0;
  };
  std::vector<std::pair<std::int64_t, const Viewer*>> found;
  viewers_.for_each([&](const auto& item) {
    const Viewer& viewer = item.value.viewer;
    if (!query.state || viewer.primary().state == *query.state)
      found.emplace_back(key(viewer.primary()), &viewer);
  });
  const auto before = [](const auto& a, const auto& b) {
    return std::tie(a.first, a.second->id) < std::tie(b.first, b.second->id);
  };
  const std::size_t shown = std::min(query.limit, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(shown), before);
  std::vector<const Viewer*> viewers;
  for (std::size_t i = 0; i < shown; ++i) viewers.push_back(found[i].second);
  return viewers;
}

}  // namespace lvp::live
