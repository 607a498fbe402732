#include "simulate/load.h"

#include <utility>

#include "simulate/payload.h"

namespace lvp::simulate {
namespace {

using Nanoseconds = Load::Nanoseconds;

constexpr int attempts_max = 8;
constexpr Duration again_after = std::chrono::seconds(1);
constexpr Nanoseconds long_time = std::chrono::hours(24);

Duration whole_ms(Nanoseconds now) {
  return std::chrono::floor<Duration>(now);
}

}  // namespace

void Load::step(Nanoseconds now, const OnSend& on_send) {
  sender_.poll([&](const net::Sender::Answer& answer) { answered(answer, now); });
  while (sender_.is_free()) {
    auto request = audience_.due(whole_ms(now));
    if (!request) break;
    send(std::move(*request), now, on_send);
  }
}

Nanoseconds Load::next() const {
  const auto due = audience_.next();
  return due ? Nanoseconds(*due) : long_time;
}

void Load::send(Request request, Nanoseconds now, const OnSend& on_send) {
  const Tracker& tracker = audience_.tracker(request.viewer);
  const std::string body =
      body_text(tracker, request.events, ids_, plan_.ping, {began_, whole_ms(now)});
  if (unused_.empty()) {
    unused_.push_back(sent_.size());
    sent_.emplace_back();
  }
  const std::size_t tag = unused_.back();
  unused_.pop_back();
  ++traffic_.requests;
  traffic_.events += request.events.size();
  if (request.attempts == 0) {
    traffic_.late.add(now - request.due);
    on_send(request);
  }
  sender_.send(tag, request_text(tracker, ids_, host_, body));
  sent_[tag] = std::move(request);
}

void Load::answered(const net::Sender::Answer& answer, Nanoseconds now) {
  Request request = std::move(sent_[answer.tag]);
  unused_.push_back(answer.tag);
  if (answer.status == 200) {
    ++traffic_.acknowledged;
    traffic_.acknowledged_events += request.events.size();
    traffic_.answer.add(now - request.first_due);
    if (!request.copy) truth_.acknowledged(request.viewer, request.events, whole_ms(now));
    return;
  }
  if (answer.status != 0) {
    ++traffic_.refused;
  } else {
    ++traffic_.unanswered;
    traffic_.unanswered_events += request.events.size();
  }
  failed(std::move(request), now);
}

void Load::failed(Request request, Nanoseconds now) {
  if (++request.attempts == attempts_max) {
    ++traffic_.given_up;
    if (!request.copy) truth_.doubt(request.viewer);
    return;
  }
  request.due = whole_ms(now) + again_after;
  audience_.again(std::move(request));
}

}  // namespace lvp::simulate
