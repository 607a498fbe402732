// "/r/tp2?u=https://…": a link through the collector, which sends the browser on to `u` and records
// the click. Where the request carries an event of its own, the target becomes an entity of it.
#pragma once

#include "enrich/tracker_protocol.h"

namespace lvp::enrich {

/// One event, or the messages of the bad row.
std::expected<RawEvents, std::vector<std::string>> read_redirect(const TrackerRequest& request);

}  // namespace lvp::enrich
