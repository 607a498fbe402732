#include "profile/plays.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>

#include "profile/device.h"
#include "profile/fold.h"
#include "profile/history.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

// The device's clock when the request left it. Without a sent time, when the event was created.
Timestamp sent_time(const MediaEvent& event) {
  return event.sent.value_or(device_time(event));
}

// Without a media session: the page and the content.
std::string play_id(const MediaEvent& event) {
  if (event.session) return event.session->id;
  std::string id = event.page_view_id.empty() ? event.viewer : event.page_view_id;
  if (event.player && !event.player->label.empty()) id += '/' + event.player->label;
  return id;
}

std::optional<Timestamp> started_at(const MediaEvent& event) {
  return event.session ? event.session->started_at : std::nullopt;
}

}  // namespace

PlayKey play_key(const MediaEvent& event) {
  return {play_id(event), started_at(event)};
}

std::size_t find_play(const Profile& profile, const MediaEvent& event) {
  const std::string made = event.session ? std::string() : play_id(event);
  const std::string_view id = event.session ? std::string_view(event.session->id) : made;
  const auto found = std::ranges::find_if(profile.plays, [&](const Play& play) {
    return play.id == id && play.started_at == started_at(event);
  });
  return static_cast<std::size_t>(found - profile.plays.begin());
}

std::size_t place_of(const Profile& profile, std::size_t index) {
  const auto before = [](const Play& a, const Play& b) {
    return std::tie(a.session.first, a.id, a.started_at) <
           std::tie(b.session.first, b.id, b.started_at);
  };
  const std::vector<Play>& plays = profile.plays;
  std::size_t to = index;
  while (to > 0 && before(plays[index], plays[to - 1])) --to;
  while (to + 1 < plays.size() && before(plays[to + 1], plays[index])) ++to;
  return to;
}

std::optional<std::size_t> superfluous_play(const Profile& profile, Timestamp finished) {
  const std::vector<Play>& plays = profile.plays;
  for (std::size_t i = plays.size(); i-- > 0;) {
    if (plays[i].left && plays[i].last_arrival < finished) return i;
  }
  if (plays.size() <= plays_max) return std::nullopt;
  const auto victim = std::ranges::find(plays, true, &Play::left);
  return victim == plays.end() ? 0 : static_cast<std::size_t>(victim - plays.begin());
}

void drop_play(Profile& profile, std::size_t index) {
  add_to_history(profile.history, profile, profile.plays[index]);
  profile.plays.erase(profile.plays.begin() + static_cast<std::ptrdiff_t>(index));
}

Play new_play(const MediaEvent& event, const PingHabits& habits) {
  Play play;
  play.id = play_id(event);
  play.started_at = started_at(event);
  play.session.pingless_app = habits.pingless(event);
  return play;
}

bool keep_post(std::vector<Post>& posts, const MediaEvent& event) {
  const Post post{event.collected, sent_time(event)};
  const auto at = std::ranges::lower_bound(posts, post);
  if (at != posts.end() && *at == post) return false;
  posts.insert(at, post);
  if (posts.size() > posts_max) posts.erase(posts.begin());
  return true;
}

void learn_clock(Profile& profile, std::vector<Post>& posts, const MediaEvent& event) {
  profile.last_arrival = std::max(profile.last_arrival, event.collected);
  if (keep_post(posts, event)) profile.clock_offset = clock_offset(posts);
}

Timestamp wall_time(const Profile& profile, const MediaEvent& event) {
  if (is_suspect(event)) return event.collected;
  return std::min(device_time(event) + profile.clock_offset, event.collected);
}

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

void note_arrival(Play& play, const MediaEvent& event) {
  play.last_arrival = std::max(play.last_arrival, event.collected);
  play.delay_min = std::min(play.delay_min, event.collected - device_time(event));
  play.clock_suspect |= is_suspect(event);
}

void leave(const Profile& profile, Play& play) {
  play.left = true;
  play.historic = play.delay_min - profile.clock_offset > patience(play.session);
  play.session = left(std::move(play.session));
}

bool leave_silent(Profile& profile, Timestamp now) {
  bool changed = false;
  for (Play& play : profile.plays) {
    if (play.left || deadline(profile, play) > now) continue;
    leave(profile, play);
    changed = true;
  }
  return changed;
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

}  // namespace lvp::profile
