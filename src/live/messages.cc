#include "live/messages.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <string_view>
#include <vector>

#include "profile/accelerator.h"
#include "profile/describe.h"
#include "wire/json.h"

namespace lvp::live {
namespace {

using json::Writer;
using profile::State;

// In the order in which they are shown.
constexpr std::array<State, 9> states_shown{State::playing, State::playing_ad, State::buffering,
                                            State::seeking, State::paused,     State::ad_paused,
                                            State::ready,   State::ended,      State::failed};

void write_count(Writer& out, std::string_view key, std::uint64_t count) {
  out.key(key).integer(static_cast<std::int64_t>(count));
}

void write_time(Writer& out, std::string_view key, Timestamp at) {
  out.key(key).integer(to_ms(at));
}

void write_seconds(Writer& out, std::string_view key, std::optional<double> seconds) {
  out.key(key);
  if (seconds) {
    out.number(*seconds);
  } else {
    out.null();
  }
}

void write_states(Writer& out, const Counts& counts) {
  out.key("states").begin_object();
  for (const State state : states_shown) write_count(out, name_of(state), counts.in(state));
  out.end_object();
}

void write_counts(Writer& out, const Counts& counts) {
  out.key("counts").begin_object();
  write_count(out, "viewers", counts.viewers);
  write_count(out, "streams", counts.streams);
  write_count(out, "watching", counts.watching);
  write_states(out, counts);
  out.end_object();
}

void write_ad(Writer& out, const std::optional<OpenAd>& ad) {
  out.key("ad");
  if (!ad) {
    out.null();
    return;
  }
  out.begin_object();
  out.key("id").string(ad->id);
  out.key("name").string(ad->name);
  out.key("quartile").integer(ad->quartile);
  out.end_object();
}

void write_play(Writer& out, const OpenPlay& open) {
  out.begin_object();
  out.key("device").string(open.device);
  out.key("play").string(open.id);
  out.key("state").string(name_of(open.state));
  out.key("content").string(open.content);
  write_seconds(out, "position", open.position_s);
  write_seconds(out, "duration", open.duration_s);
  out.end_object();
}

void write_viewer(Writer& out, const Viewer& viewer) {
  const OpenPlay& primary = viewer.primary();
  const std::optional<profile::Status> status = profile::status_of(primary.state);
  out.begin_object();
  out.key("viewer").string(viewer.id);
  out.key("state").string(name_of(primary.state));
  out.key("status").string(status ? name_of(*status) : std::string_view());
  write_time(out, "since", primary.since);
  out.key("content").string(primary.content);
  write_seconds(out, "position", primary.position_s);
  write_time(out, "positionAt", primary.position_at);
  out.key("rate").number(primary.rate);
  write_seconds(out, "duration", primary.duration_s);
  out.key("live").boolean(primary.livestream);
  out.key("device").string(primary.device_name);
  out.key("platform").string(primary.platform);
  write_count(out, "sessions", viewer.plays.size());
  write_count(out, "version", viewer.version);
  // Who did not log in is called by the device, or, if anonymous, by the play.
  out.key("user").boolean(viewer.id != primary.device && viewer.id != primary.id);
  write_ad(out, primary.ad);
  out.key("sessionsList").begin_array();
  for (const OpenPlay* open : viewer.plays | std::views::take(plays_listed_max)) {
    write_play(out, *open);
  }
  out.end_array();
  out.end_object();
}

void write_viewers(Writer& out, std::span<const Viewer* const> viewers) {
  out.key("viewers").begin_array();
  for (const Viewer* viewer : viewers) write_viewer(out, *viewer);
  out.end_array();
}

void open_frame(Writer& out, std::string_view type, const Frame& frame) {
  out.begin_object();
  out.key("type").string(type);
  write_count(out, "seq", frame.seq);
  write_time(out, "now", frame.now);
  write_counts(out, frame.counts);
}

std::string close_frame(Writer& out, const Frame& frame) {
  out.key("stale").boolean(frame.stale);
  out.end_object();
  return out.take();
}

}  // namespace

std::string snapshot(const Frame& frame, std::span<const Viewer* const> viewers) {
  Writer out;
  open_frame(out, "snapshot", frame);
  write_viewers(out, viewers);
  return close_frame(out, frame);
}

std::string update(const Frame& frame, std::span<const Viewer* const> viewers,
                   std::span<const std::string> gone) {
  Writer out;
  open_frame(out, "update", frame);
  write_viewers(out, viewers);
  out.key("gone").begin_array();
  for (const std::string& viewer : gone) out.string(viewer);
  out.end_array();
  return close_frame(out, frame);
}

std::string viewer_list(std::span<const Viewer* const> viewers) {
  Writer out;
  out.begin_object();
  write_viewers(out, viewers);
  out.end_object();
  return out.take();
}

std::string viewer_detail(std::string_view id, std::span<const profile::Profile> profiles,
                          Timestamp now) {
  struct Found {
    const profile::Profile* profile;
    const profile::Play* play;
    OpenPlay open;
  };
  std::vector<Found> found;
  for (const profile::Profile& profile : profiles) {
    for (const profile::Play& play : profile.plays) {
      if (play.session.viewer != id && profile.device != id) continue;
      found.push_back(
          {&profile, &play, open_play(profile.device, profile.wall_offset(play.session), play)});
    }
  }
  const auto is_over = [](const Found& f) { return !is_open(*f.play); };
  std::ranges::sort(found, [&](const Found& a, const Found& b) {
    if (is_over(a) != is_over(b)) return is_over(b);
    return BetterPlay()(&a.open, &b.open);
  });
  const State state =
      found.empty() || is_over(found.front()) ? State::left : found.front().open.state;
  if (found.size() > plays_listed_max) found.resize(plays_listed_max);
  Writer out;
  out.begin_object();
  out.key("viewer").string(id);
  out.key("state").string(name_of(state));
  out.key("sessions").begin_array();
  for (const Found& f : found) out.raw(profile::describe(*f.profile, *f.play, now));
  out.end_array().end_object();
  return out.take();
}

std::string history(const History& history) {
  Writer out;
  out.begin_object().key("points").begin_array();
  for (const History::Point& point : history.points()) {
    out.begin_object();
    write_time(out, "at", point.at);
    write_count(out, "watching", point.counts.watching);
    write_states(out, point.counts);
    out.end_object();
  }
  out.end_array().end_object();
  return out.take();
}

}  // namespace lvp::live
