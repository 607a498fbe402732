// The clock of a device: how far it is off, and what happens when somebody sets it.
//
// It orders the events of a session and measures what lies between them, and for that it need not
// be right. It must only go on. When it is set, forwards or back, a request tells: the difference
// between when it was sent, by the device's clock, and when it was collected changes by more than
// any request takes. Source of the rules: docs/state-machine.md#clocks.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "base/time.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// Lags that differ by more than this are those of different clocks: no request takes so long.
inline constexpr Duration clock_set_min = std::chrono::seconds(60);

/// Collected minus sent: how far the device's clock is behind, plus the way of the request. Nothing
/// if the event does not say when it was sent.
std::optional<Duration> lag(const MediaEvent& event);

/// The lags can be those of one clock.
bool same_clock(Duration a, Duration b);

/// The event was created after it was sent: the clock was set in between, or is nonsense.
bool is_suspect(const MediaEvent& event);

/// When the event happened, by the collector's clock and the event alone (derived_tstamp): it was
/// collected as long after it was created as it was sent after it.
Timestamp derived_time(const MediaEvent& event);

/// The seconds that the tracker had counted: playing, paused and in ads. 0 without the entity.
double counted_s(const MediaEvent& event);

/// When the event happened on the clock that the session began with.
Timestamp session_time(const Session& session, const MediaEvent& event);

/// By how much the clock was set back between the session's newest event and this one; negative if
/// forwards, 0 if it was not.
Duration set_back_by(const Session& session, const MediaEvent& event);

/// Notices that the clock was set between the session's newest event and this one, which follows
/// it. Session time then goes on as if it had not been.
void follow_clock(Session& session, const MediaEvent& event);

/// A request, as two clocks saw it.
struct Post {
  Timestamp collected;
  Timestamp sent;

  auto operator<=>(const Post&) const = default;
};

/// What to add to the device's clock to get the wall time, from its last requests, oldest first:
/// the least lag since the clock was last set, which is that with the least delay in it.
Duration clock_offset(std::span<const Post> posts);

}  // namespace lvp::profile
