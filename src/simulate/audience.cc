#include "simulate/audience.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lvp::simulate {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t request_events_max = 25;

// How long a request is held back: mostly by a bad connection, sometimes by a tunnel.
constexpr double tunnel_chance = 0.1;
Duration choose_delay(Random& random) {
  return random.chance(tunnel_chance) ? random.between(milliseconds(3000), milliseconds(8000))
                                      : random.between(milliseconds(200), milliseconds(3000));
}

}  // namespace

Audience::Audience(const Plan& plan, const Catalogue& catalogue, Truth& truth)
    : plan_(plan),
      catalogue_(catalogue),
      truth_(truth),
      random_(mixed(plan.seed, plan.viewers, 2)),
      scripts_(plan.viewers),
      trackers_(plan.viewers) {}

std::optional<Request> Audience::due(Duration now) {
  while (true) {
    const auto event = next_event();
    const bool waits = !requests_.empty();
    if (!event || *event > now || (waits && requests_.front().request.due < *event)) break;
    happen();
  }
  if (requests_.empty() || requests_.front().request.due > now) return std::nullopt;
  std::ranges::pop_heap(requests_, is_later);
  Request request = std::move(requests_.back().request);
  requests_.pop_back();
  return request;
}

std::optional<Duration> Audience::next() const {
  const auto event = next_event();
  if (requests_.empty()) return event;
  const Duration request = requests_.front().request.due;
  return event ? std::min(*event, request) : request;
}

void Audience::again(Request request) {
  queue(std::move(request));
}

// ---- Events ----

// Viewers arrive in the order of their numbers.
std::optional<Duration> Audience::next_event() const {
  std::optional<Duration> at;
  if (arrived_ < plan_.viewers) at = arrival_of(plan_, arrived_);
  if (events_.empty()) return at;
  return at ? std::min(*at, events_.top().at) : events_.top().at;
}

// What comes next: a viewer, or an event of one that is here.
void Audience::happen() {
  const Duration at = *next_event();
  std::uint32_t viewer = arrived_;
  if (!events_.empty() && events_.top().at == at) {
    viewer = events_.top().viewer;
    events_.pop();
    write(viewer, at);
  } else {
    ++arrived_;
    const Script& script = scripts_[viewer].emplace(plan_, catalogue_, viewer);
    trackers_[viewer] = {viewer, &script.device(), script.clock_error()};
  }
  Script& script = *scripts_[viewer];
  if (const auto next = script.next()) {
    events_.push({*next, viewer});
  } else {
    scripts_[viewer].reset();
    ++over_;
  }
}

// Trackers gather for a moment and send what has come together.
void Audience::write(std::uint32_t viewer, Duration at) {
  Script& script = *scripts_[viewer];
  LVP_CHECK(script.next() == at);
  Request request;
  request.viewer = viewer;
  request.events.push_back(script.take());
  const Duration until = at + script.device().gathers;
  while (until > at && request.events.size() < request_events_max && script.next() &&
         *script.next() <= until) {
    request.events.push_back(script.take());
  }
  request.due = request.events.back().at;
  truth_.made(viewer, request.events);
  dispatch(std::move(request));
}

// ---- Requests ----

void Audience::dispatch(Request request) {
  request.held = random_.chance(plan_.disorder);
  if (request.held) request.due = std::min(request.due + choose_delay(random_), plan_.duration);
  if (random_.chance(plan_.duplicates)) {
    Request copy = request;
    copy.copy = true;
    copy.due = std::min(copy.due + choose_delay(random_), plan_.duration);
    copy.first_due = copy.due;
    queue(std::move(copy));
  }
  request.first_due = request.due;
  queue(std::move(request));
}

void Audience::queue(Request request) {
  requests_.push_back({written_++, std::move(request)});
  std::ranges::push_heap(requests_, is_later);
}

bool Audience::is_later(const Waiting& a, const Waiting& b) {
  return std::pair(a.request.due, a.number) > std::pair(b.request.due, b.number);
}

}  // namespace lvp::simulate
