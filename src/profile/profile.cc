#include "profile/profile.h"

#include "profile/clock.h"
#include "profile/fold.h"

namespace lvp::profile {

std::string_view name_of(State state) {
  switch (state) {
    case State::left:
      return "LEFT";
    case State::ready:
      return "READY";
    case State::playing:
      return "PLAYING";
    case State::paused:
      return "PAUSED";
    case State::buffering:
      return "BUFFERING";
    case State::seeking:
      return "SEEKING";
    case State::playing_ad:
      return "PLAYING_AD";
    case State::ad_paused:
      return "AD_PAUSED";
    case State::ended:
      return "ENDED";
    case State::failed:
      return "FAILED";
  }
  return "";
}

std::optional<State> parse_state(std::string_view name) {
  for (std::size_t i = 0; i < state_count; ++i) {
    if (name_of(static_cast<State>(i)) == name) return static_cast<State>(i);
  }
  return std::nullopt;
}

std::string_view name_of(AdOutcome outcome) {
  switch (outcome) {
    case AdOutcome::open:
      return "open";
    case AdOutcome::complete:
      return "complete";
    case AdOutcome::skip:
      return "skip";
    case AdOutcome::abandoned:
      return "abandoned";
    case AdOutcome::unknown:
      return "unknown";
  }
  return "";
}

Cause cause_of(const MediaEvent& event) {
  return {event.event_id,    event.event_name,  event.collected, event.video_ts,
          event.ads_clicked, event.ads_skipped, event.ad_id};
}

Duration Profile::wall_offset(const Session& session) const {
  // A session from before the device's clock was set keeps the offset of its time.
  const bool old = session.clock_lag && !same_clock(*session.clock_lag, clock_offset);
  return (old ? *session.clock_lag : clock_offset) - session.clock_shift;
}

State Play::state() const {
  return left ? State::left : state_of(session);
}

}  // namespace lvp::profile
