// A request → the events in it.
//
// Who shall understand a request is in its path ("/vendor/version"):
//
//   com.snowplowanalytics.snowplow/tp1  the pixel: the query string is one event
//   com.snowplowanalytics.snowplow/tp2  a query string, or a payload_data JSON body with many
//                                       events
//   r/tp2                               a link that redirects (redirect.h)
//   com.snowplowanalytics.iglu/v1       events of other programs (iglu_webhook.h)
#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <string>
#include <vector>

#include "base/time.h"
#include "enrich/parameters.h"
#include "enrich/tracker_request.h"
#include "iglu/resolver.h"
#include "wire/json.h"

namespace lvp::enrich {

/// Most events in one POST body, and most query parameters beside a body: each event repeats them.
inline constexpr std::size_t events_max = 10'000;
inline constexpr std::size_t shared_parameters_max = 128;

struct RawEvents {
  std::vector<Parameters> events;
  std::deque<std::string> made{};  ///< texts that some of the parameters view
};

/// The events of a request, or the messages of its one bad row. All or nothing: one item that
/// violates payload_data refuses the batch. The parameters view `request` and `body`'s memory.
std::expected<RawEvents, std::vector<std::string>> read_events(const TrackerRequest& request,
                                                               iglu::Resolver& resolver,
                                                               json::Parser& body, Timestamp now);

/// The query string as one event's parameters, in order.
Parameters query_parameters(const TrackerRequest& request);

/// Whether a failure of this request is a tracker_protocol_violations row, else adapter_failures.
bool speaks_tracker_protocol(const TrackerRequest& request);

}  // namespace lvp::enrich
