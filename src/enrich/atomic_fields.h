// Tracker parameters → columns: one table says what becomes what.
//
// The table is Snowplow's tracker protocol (docs/compatibility-enrich.md). Each parameter is on its
// own: one that cannot be converted leaves its column empty and is reported, the others go on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/failure.h"
#include "enrich/parameters.h"
#include "wire/enriched_event.h"

namespace lvp::enrich {

/// What the table gives besides columns. To be used again for the next event.
struct AtomicFields {
  std::vector<ColumnProblem> problems;            ///< paths are parameter names
  std::optional<std::string_view> event_json;     ///< ue_px decoded, else ue_pr; valid UTF-8
  std::optional<std::string_view> entities_json;  ///< cx decoded, else co

  std::string decoded_event,
      decoded_entities;  ///< what the two may view; else they view parameters
};

/// Sets the columns of all parameters with a value, and all of `out`. Unknown names are ignored. Of
/// several that feed one column the winner is: base64 over plain, current name over legacy name,
/// tnuid over nuid.
void set_columns(const Parameters& parameters, EnrichedEvent& event, AtomicFields& out);

/// Columns longer than their limit, in column order; paths are column names.
std::vector<ColumnProblem> too_long(const EnrichedEvent& event);

}  // namespace lvp::enrich
