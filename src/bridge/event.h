// An enriched event as Snowplow's Go analytics SDK reads it, which is what Snowbridge's filters and
// scripts see.
//
//   - Exactly 131 columns; an empty one is absent.
//   - Integers, numbers, bools and timestamps are checked as Go checks them (go_text.h), in the
//   types
//     of docs/formats/enriched_event.md, but that se_value is text. refr_dvce_tstamp is called
//     refr_device_tstamp.
//   - The entity {"schema":"iglu:com.acme/camelCase/jsonschema/1-0-0","data":{…}} has the key
//     contexts_com_acme_camel_case_1.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/analytics_json.h"
#include "wire/enriched_event.h"
#include "wire/json.h"

namespace lvp::bridge {

/// Reads one event after the other, reusing its memory. Not thread-safe.
class Event {
 public:
  /// Error::invalid unless `line` has 131 columns. Copies it.
  Status read(std::string_view line);

  std::string_view operator[](Column column) const { return columns_[column]; }

  /// The column as Go prints it, "" if it is empty; columns of JSON as they are. Error::invalid if
  /// it is not of its type.
  Result<std::string> printed(Column column) const;

  /// Everything, or what is wanted of it, as the JSON object of the analytics SDKs
  /// (wire/analytics_json.h). Error::invalid if a column is not of its type, wanted or not.
  Result<std::string> json(const AnalyticsMembers* wanted = nullptr) {
    return json_.write(columns_, wanted);
  }

  /// The data of all entities with this key, of contexts before those of derived_contexts. Good
  /// until the next call. Error::invalid if a column cannot be read.
  Result<std::vector<json::Value>> entities(std::string_view key);

  /// The data of the self-describing event, absent if it cannot be read. Good until the next call.
  json::Value body();

 private:
  std::string line_;
  EnrichedView columns_;
  AnalyticsJson json_;
  json::Parser contexts_parser_;
  json::Parser derived_parser_;
  json::Parser body_parser_;
};

/// By the name that the SDK gives it.
std::optional<Column> find_column(std::string_view name);

}  // namespace lvp::bridge
