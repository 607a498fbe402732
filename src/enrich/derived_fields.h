// Columns that follow from other columns.
#pragma once

#include <string_view>
#include <vector>

#include "enrich/failure.h"
#include "wire/enriched_event.h"

namespace lvp::enrich {

/// v_collector must be set.
void check_collector(const EnrichedEvent& event, const Reporter& by,
                     std::vector<Failure>& failures);

/// derived_tstamp: when it happened, by the collector's clock. true_tstamp if there is one; else
/// the collector's time minus how long the device held the event; else the collector's time.
void derive_tstamp(EnrichedEvent& event, const Reporter& by, std::vector<Failure>& failures);

/// event_vendor, _name, _format, _version. `event_uri` is the schema key of the valid
/// self-describing event, or "". A failure if the event has no type, or ad_impression.
void derive_schema(EnrichedEvent& event, std::string_view event_uri, const Reporter& by,
                   std::vector<Failure>& failures);

}  // namespace lvp::enrich
