#include "profile/head.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <tuple>
#include <utility>

#include "profile/fold.h"
#include "profile/hash.h"
#include "profile/order.h"
#include "profile/plays.h"

namespace lvp::profile {
namespace {

// It was created after everything else, or in the same millisecond as the last of it.
bool is_newest(const Head& head, const MediaEvent& event) {
  return event.created && *event.created >= head.newest && !is_suspect(event);
}

// Of the millisecond of the newest event, and certainly behind it in its play by what decides then
// (order.h): the session's figures are nowhere below those of its last event.
bool is_behind_newest(const Head& head, std::size_t index, const MediaEvent& event,
                      const Newest* newest) {
  if (index == head.profile.plays.size()) return false;
  if (head.edges[index].numbered) return true;  // is_behind() went by the numbers
  if (newest == nullptr || newest->play != index || !event.session) return false;
  const MediaSession& figures = head.profile.plays[index].session.tracker_figures;
  const auto ads = [](const MediaSession& s) {
    return s.ad_breaks + s.ads + s.ads_skipped + s.ads_clicked;
  };
  const auto seconds = [](const MediaSession& s) {
    return s.time_played_s + s.time_paused_s + s.time_spent_ads_s;
  };
  return std::tuple(ads(*event.session), seconds(*event.session), rank(event.kind)) >
         std::tuple(ads(figures), seconds(figures), rank(newest->kind));
}

bool is_behind(const Session& session, const Edge& edge, const MediaEvent& event) {
  if (edge.clock_set || set_back_by(session, event) != Duration(0)) return false;
  if (!edge.numbered) return true;
  return is_numbered(event) &&
         std::pair(event.client_session->session_index, *event.client_session->event_index) >
             std::pair(session.session_index, session.event_index);
}

// Changes with what people see of a play, except for what goes on by itself: the position of what
// plays, and times.
std::uint64_t face_of(const Play& play) {
  const Session& s = play.session;
  Hash hash;
  hash.add(static_cast<std::uint64_t>(play.state()) << 32 | static_cast<std::uint64_t>(s.startup));
  for (const int count : {s.play_events,
                          s.pauses,
                          s.completions,
                          s.seeks,
                          s.false_seeks,
                          s.loops,
                          s.stalls,
                          s.errors,
                          s.quality_changes,
                          s.jumps,
                          s.resumes,
                          s.ad_breaks,
                          s.impressions,
                          s.ads_completed,
                          s.ads_skipped,
                          s.ad_clicks,
                          s.volume.value_or(-1),
                          static_cast<int>(s.runs.size()),
                          static_cast<int>(s.percents.size()),
                          s.clock_changes,
                          static_cast<int>(s.ping_interval.count())})
    hash.add(static_cast<std::uint64_t>(count));
  hash.add(s.viewer);
  hash.add(s.quality);
  if (!s.runs.empty()) hash.add(s.runs.back().label);
  hash.add(std::bit_cast<std::uint64_t>(s.rate));
  hash.add(static_cast<std::uint64_t>(s.muted.value_or(false)) |
           static_cast<std::uint64_t>(s.fullscreen.value_or(false)) << 1 |
           static_cast<std::uint64_t>(s.picture_in_picture.value_or(false)) << 2 |
           static_cast<std::uint64_t>(s.background) << 3 |
           static_cast<std::uint64_t>(play.historic) << 4 |
           static_cast<std::uint64_t>(play.clock_suspect) << 5 |
           static_cast<std::uint64_t>(s.pinged) << 6);
  if (s.ad_break) hash.add(s.ad_break->id);
  if (s.ad) {
    hash.add(s.ad->id);
    hash.add(static_cast<std::uint64_t>(s.ad->quartile));
  }
  return hash.value();
}

// Then the log must begin anew: a play of the same name may come again.
bool drops_play(const Profile& profile, std::size_t index, const MediaEvent& event, Timestamp now,
                const Limits& limits) {
  const std::vector<Play>& plays = profile.plays;
  if (index == plays_max) return true;
  const Timestamp finished =
      std::max({now, profile.last_arrival, event.collected}) - limits.lateness_max;
  return std::ranges::any_of(plays, [&](const Play& play) {
    return &play != plays.data() + index && play.last_arrival < finished;
  });
}

}  // namespace

Head head_of(const Device& device) {
  Head head;
  head.profile = device.profile;
  head.posts = device.posts;
  for (const Window& window : device.windows)
    head.edges.push_back({window.numbered, window.clock_set});
  head.ids_from = device.ids_from;
  head.has_lifecycle = !device.lifecycle.empty();
  if (device.seen.empty()) return head;
  head.newest = device.seen.back().created;
  std::ranges::copy_if(device.seen, std::back_inserter(head.recent),
                       [&](const SeenEvent& s) { return head.newest - s.created <= id_reuse_max; });
  return head;
}

Followed follow(Head& head, const MediaEvent& event, Timestamp now, const Limits& limits,
                const PingHabits& habits, Newest* newest) {
  Profile& profile = head.profile;
  if (is_lifecycle(event)) return Followed::no;
  if (event.kind == MediaKind::foreign) {
    if (profile.device.empty()) profile.device = event.device_key;
    ++profile.foreign;
    return Followed::counted;
  }
  if (!is_newest(head, event)) return Followed::no;
  const SeenEvent seen = seen_event(event);
  if (is_recent_id(head.recent, seen)) return Followed::no;
  std::size_t index = find_play(profile, event);
  const bool is_new = index == profile.plays.size();
  if (is_new ? head.has_lifecycle
             : profile.plays[index].left ||
                   !is_behind(profile.plays[index].session, head.edges[index], event))
    return Followed::no;
  if (seen.created == head.newest && !is_behind_newest(head, index, event, newest))
    return Followed::no;
  if (drops_play(profile, index, event, now, limits)) return Followed::no;

  if (profile.device.empty()) profile.device = event.device_key;
  learn_clock(profile, head.posts, event);
  now = std::max(now, profile.last_arrival);
  if (is_dead(profile, head.ids_from, event, now, limits)) {
    ++profile.dead;
    return Followed::counted;
  }
  remember_recent(head.recent, seen);
  head.newest = seen.created;
  learn_viewer(profile, event);
  if (is_new) {
    profile.plays.push_back(new_play(event, habits));
    head.edges.emplace_back();
  }
  Play& play = profile.plays[index];
  head.edges[index].numbered = head.edges[index].numbered && is_numbered(event);
  const std::uint64_t before = face_of(play);
  note_arrival(play, event);
  apply(play.session, event);
  bool news = is_new;
  news |= leave_silent(profile, now);
  news |= before != face_of(play);
  const std::size_t place = place_of(profile, index);
  move_element(profile.plays, index, place);
  move_element(head.edges, index, place);
  ++profile.version;
  if (newest != nullptr) *newest = {static_cast<std::uint8_t>(place), event.kind};
  return news ? Followed::with_news : Followed::quietly;
}

}  // namespace lvp::profile
