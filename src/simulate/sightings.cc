#include "simulate/sightings.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lvp::simulate {

// Measured is what no other request may overtake or has overtaken: else what is shown is not what
// this one says. What does not show, being the same state and position as before, is not waited
// for.
void Sightings::sent(const Request& request, Nanoseconds now, std::uint32_t moves_under_way) {
  if (request.copy) return;
  const std::uint32_t own = std::ranges::any_of(request.events, &Event::moves) ? 1 : 0;
  const bool is_measured = !request.held && moves_under_way <= own;
  const Event& event = request.events.back();
  const bool is_late = now - request.due > event.patience - grace;
  const Sent sent{event.number, event.state, event.position_s, request.due, is_measured, is_late};

  Viewer& viewer = viewers_[request.viewer];
  if (sent.event >= viewer.newest.event) {
    const bool shows = !viewer.newest.looks_like(sent.state, sent.position_s);
    viewer.newest = sent;
    if (!shows) return;
  }
  viewer.sent.insert(std::ranges::upper_bound(viewer.sent, sent.event, {}, &Sent::event), sent);
  if (is_measured) ++not_seen(sent);
}

void Sightings::see(const View::Row& row, Nanoseconds now) {
  std::vector<Sent>& sent = viewers_[row.viewer.number].sent;
  std::size_t seen = sent.size();
  const bool has_left = row.state == State::left;
  while (seen > 0 && !has_left && !sent[seen - 1].looks_like(row.state, row.position_s)) --seen;
  for (std::size_t i = 0; i < seen; ++i) {
    if (!sent[i].is_measured) continue;
    latency_.add(now - sent[i].due);
    with_later_ += has_left || i + 1 < seen;
    --not_seen(sent[i]);
  }
  sent.erase(sent.begin(), sent.begin() + static_cast<std::ptrdiff_t>(seen));
}

void Sightings::miss() {
  for (Viewer& viewer : viewers_) viewer.sent.clear();
  missed_ += std::exchange(unseen_, 0) + std::exchange(too_late_, 0);
}

bool Sightings::Sent::looks_like(State other, double position) const {
  return state == other && std::abs(position_s - position) < 0.0005;
}

}  // namespace lvp::simulate
