// Requests as the trackers of the simulated devices write them: tracker protocol over HTTP POST,
// https://docs.snowplow.io/docs/fundamentals/canonical-event. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "simulate/device.h"
#include "simulate/event.h"
#include "simulate/ids.h"

namespace lvp::simulate {

/// Whose request it is.
struct Tracker {
  std::uint32_t viewer = 0;
  const DeviceKind* device = nullptr;
  Duration clock_error{};
};

/// When a request is written.
struct Moment {
  Timestamp began;  ///< of the run, by a right clock
  Duration now{};   ///< since then: becomes `stm`, by the device's clock
};

/// The JSON body: payload_data with an element for each event, in the order in which the tracker
/// sends them.
std::string body_text(const Tracker& tracker, std::span<const Event> events, const Ids& ids,
                      Duration ping, const Moment& moment);

/// The whole request with its head. `host` is the value of the Host header.
std::string request_text(const Tracker& tracker, const Ids& ids, std::string_view host,
                         std::string_view body);

}  // namespace lvp::simulate
