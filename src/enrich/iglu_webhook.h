// The Iglu webhook, "/com.snowplowanalytics.iglu/v1": self-describing events from programs that
// speak no tracker protocol.
//
//   GET  ?schema=iglu:…&a=1        the other parameters are the event's data
//   POST ?schema=iglu:…            the body is the data: a JSON object, an array of several events,
//                                  or a form
//   POST                           the body is the event, {"schema":"iglu:…","data":…}
#pragma once

#include "enrich/tracker_protocol.h"

namespace lvp::enrich {

/// The events, or the messages of the adapter_failures row. Whether the data obeys its schema is
/// checked later, for each event. `parser` keeps the body's values, as the parameters may view
/// them.
std::expected<RawEvents, std::vector<std::string>> read_iglu_webhook(const TrackerRequest& request,
                                                                     iglu::Resolver& resolver,
                                                                     json::Parser& parser,
                                                                     Timestamp now);

}  // namespace lvp::enrich
