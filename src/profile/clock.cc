#include "profile/clock.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "profile/order.h"

namespace lvp::profile {
namespace {

using std::chrono::seconds;

// Clocks are adjusted by moments all the time, and a tracker rounds.
constexpr Duration step_back_max = seconds(2);

// How much later the event happened, by what the tracker counted since; nothing if it did not.
std::optional<Duration> counted_since(const Session& session, const MediaEvent& event) {
  if (!event.session || counted_s(event) <= 0) return std::nullopt;
  const double counted = std::clamp(counted_s(event) - session.counted_s, 0.0, 1e9);
  return Duration(std::llround(counted * 1000));
}

}  // namespace

std::optional<Duration> lag(const MediaEvent& event) {
  if (!event.sent) return std::nullopt;
  return event.collected - *event.sent;
}

bool same_clock(Duration a, Duration b) {
  return std::chrono::abs(a - b) <= clock_set_min;
}

bool is_suspect(const MediaEvent& event) {
  return event.created && event.sent && *event.created > *event.sent;
}

Timestamp derived_time(const MediaEvent& event) {
  if (!event.created || !event.sent || is_suspect(event)) return event.collected;
  return event.collected - (*event.sent - *event.created);
}

double counted_s(const MediaEvent& event) {
  if (!event.session) return 0;
  const MediaSession& s = *event.session;
  return s.time_played_s + s.time_paused_s + s.time_spent_ads_s;
}

Timestamp session_time(const Session& session, const MediaEvent& event) {
  return device_time(event) + session.clock_shift;
}

Duration set_back_by(const Session& session, const MediaEvent& event) {
  const auto now = is_suspect(event) ? std::nullopt : lag(event);
  const bool same = !now || !session.clock_lag || same_clock(*now, *session.clock_lag);
  return same ? Duration(0) : *now - *session.clock_lag;
}

void follow_clock(Session& session, const MediaEvent& event) {
  if (session.any) {
    const Duration set_back = set_back_by(session, event);
    session.clock_shift += set_back;
    // Lags are right to a request's way only. Better is what the tracker counted, and that nothing
    // happens before what came before it.
    const Timestamp at = session_time(session, event);
    const auto counted = counted_since(session, event);
    const bool goes_back = at < session.last - step_back_max;
    const bool was_set = set_back != Duration(0) || goes_back;
    if (goes_back || (was_set && counted && same_clock(session.last + *counted - at, {}))) {
      session.clock_shift += session.last + counted.value_or(Duration(0)) - at;
    }
    session.clock_changes += was_set;
  }
  if (!is_suspect(event) && event.sent) session.clock_lag = lag(event);
  session.counted_s = std::max(session.counted_s, counted_s(event));
}

Duration clock_offset(std::span<const Post> posts) {
  if (posts.empty()) return Duration(0);
  const auto lag_of = [](const Post& post) { return post.collected - post.sent; };
  // Set back, the clock shows only lags that are much longer than those before. Set forwards it
  // shows in the least anyhow.
  Duration offset = lag_of(posts.back());
  for (std::size_t i = posts.size(); i-- > 0;) {
    if (offset - lag_of(posts[i]) > clock_set_min) break;
    offset = std::min(offset, lag_of(posts[i]));
  }
  return offset;
}

}  // namespace lvp::profile
