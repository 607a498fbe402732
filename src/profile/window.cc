#include "profile/window.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "profile/clock.h"
#include "profile/fold.h"
#include "profile/order.h"

namespace lvp::profile {
namespace {

std::optional<Duration> sound_lag(const MediaEvent& event) {
  return is_suspect(event) ? std::nullopt : lag(event);
}

// Whether the event shows another clock than the newest of the window that shows one.
bool shows_another_clock(const std::deque<MediaEvent>& events, const MediaEvent& event) {
  const auto now = sound_lag(event);
  if (!now) return false;
  for (auto other = events.rbegin(); other != events.rend(); ++other) {
    if (const auto before = sound_lag(*other)) return !same_clock(*before, *now);
  }
  return false;
}

bool has_one_clock(const std::deque<MediaEvent>& events) {
  std::optional<Duration> first;
  return std::ranges::all_of(events, [&](const MediaEvent& event) {
    const auto now = sound_lag(event);
    if (!now) return true;
    if (!first) first = now;
    return same_clock(*first, *now);
  });
}

// Lags that lie close together are of one clock, and the least of them is the nearest to the truth.
Duration least_of_clock(std::span<const Duration> rising, Duration lag) {
  auto at = std::ranges::lower_bound(rising, lag);
  while (at != rising.begin() && same_clock(*at, *std::prev(at))) --at;
  return *at;
}

// Across a change of the clock the collector's knows the order; between changes the device's.
void sort_by_wall_time(std::deque<MediaEvent>& events) {
  std::vector<Duration> lags;
  for (const MediaEvent& event : events) {
    if (const auto known = sound_lag(event)) lags.push_back(*known);
  }
  std::ranges::sort(lags);
  const auto key = [&](const MediaEvent& event) {
    OrderKey made = order_key(event, /*numbered=*/false);
    const auto known = sound_lag(event);
    made.created = known ? made.created + least_of_clock(lags, *known) : event.collected;
    return made;
  };
  std::ranges::sort(events,
                    [&](const MediaEvent& a, const MediaEvent& b) { return key(a) < key(b); });
}

void sort(Window& window) {
  if (!window.numbered && window.clock_set) return sort_by_wall_time(window.events);
  std::ranges::sort(window.events, [&](const MediaEvent& a, const MediaEvent& b) {
    return order_key(a, window.numbered) < order_key(b, window.numbered);
  });
}

}  // namespace

bool insert(Window& window, const MediaEvent& event) {
  std::deque<MediaEvent>& events = window.events;
  const bool lost_numbers = window.numbered && !is_numbered(event) && !events.empty();
  window.numbered = window.numbered && is_numbered(event);
  window.clock_set |= shows_another_clock(events, event);
  if (lost_numbers || (!window.numbered && window.clock_set)) {
    events.push_back(event);
    sort(window);
    return false;
  }
  const auto before = [&](const MediaEvent& a, const MediaEvent& b) {
    return order_key(a, window.numbered) < order_key(b, window.numbered);
  };
  if (events.empty() || before(events.back(), event)) {
    events.push_back(event);
    return true;
  }
  events.insert(std::ranges::upper_bound(events, event, before), event);
  return false;
}

void fold_away(Window& window, Timestamp oldest, std::size_t events_max) {
  std::deque<MediaEvent>& events = window.events;
  while (!events.empty() && (events.size() > events_max || events.front().collected < oldest)) {
    apply(window.checkpoint, events.front());
    events.pop_front();
    if (window.clock_set) window.clock_set = !has_one_clock(events);
  }
}

bool folded_away(const Window& window, const MediaEvent& event) {
  const Session& folded = window.checkpoint;
  if (!folded.any) return false;
  if (window.numbered && is_numbered(event)) {
    return std::pair(event.client_session->session_index, *event.client_session->event_index) <=
           std::pair(folded.session_index, folded.event_index);
  }
  return session_time(folded, event) + set_back_by(folded, event) < folded.last;
}

Session fold(const Window& window) {
  Session session = window.checkpoint;
  for (const MediaEvent& event : window.events) apply(session, event);
  return session;
}

}  // namespace lvp::profile
