// In which order the events of a session happened, whatever order they arrived in.
//
// A device's own clock orders its events; the collector's does not, because each request is delayed
// differently and the events of one request share its time. Ties are broken by the counters that
// the tracker keeps in the session entity, then by what must have come first. Source of the rule:
// docs/state-machine.md#order.
#pragma once

#include <compare>
#include <string_view>

#include "base/time.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// dvce_created_tstamp; where a record has none (eight fields alone), the collector's time.
Timestamp device_time(const MediaEvent& event);

/// True if the tracker numbered the event within its session, which beats every clock.
bool is_numbered(const MediaEvent& event);

// Events of the app, not of a player: without media entities, by whatever name they pass.
inline constexpr std::string_view background_event = "application_background";
inline constexpr std::string_view foreground_event = "application_foreground";
bool is_lifecycle(const MediaEvent& event);

struct OrderKey {
  int session_index = 0;  ///< both zero unless every event of the session is numbered
  int event_index = 0;
  Timestamp created;
  int ad_counters = 0;        ///< logical clock of the session entity: ad events so far …
  double time_counters = 0;   ///< … and seconds so far
  int rank = 0;               ///< what must have come first
  std::string_view event_id;  ///< views the event's

  std::partial_ordering operator<=>(const OrderKey&) const = default;
};

/// Of events with the same time and counters the smaller comes first.
int rank(MediaKind kind);

/// `numbered`: every event of the session is.
OrderKey order_key(const MediaEvent& event, bool numbered);

}  // namespace lvp::profile
