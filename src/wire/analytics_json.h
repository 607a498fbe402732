// The enriched event as JSON, in the form that Snowplow's Analytics SDKs give it and that consumers
// behind Snowbridge read. Where the SDKs differ it is that of the one for Go, which Snowbridge
// uses:
//
//   event  := { member* }      one for each column that is not empty, in the order of the columns
//   column := text → string, integer and real → number, boolean → true or false,
//             timestamp → "2024-11-16T13:33:29.17Z", no zeros at the end of the fraction
//   contexts, derived_contexts → "contexts_<vendor>_<name>_<model>": [ data, … ] for each schema;
//             a key that both have is that of derived_contexts alone
//   unstruct_event → "unstruct_event_<vendor>_<name>_<model>": data
//
// Two names are not the columns': refr_dvce_tstamp is refr_device_tstamp, and geo_location,
// "<latitude>,<longitude>", is there only if asked for. Numbers inside of data are as they were
// spelled, where the SDK for Go rounds them to 64-bit floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "wire/analytics_members.h"
#include "wire/enriched_event.h"
#include "wire/json.h"
#include "wire/json_document.h"
#include "wire/self_describing.h"

namespace lvp {

enum class GeoLocation : std::uint8_t { left_out, added };

/// Writes events, reusing its memory. Not thread-safe.
class AnalyticsJson {
 public:
  explicit AnalyticsJson(GeoLocation geo_location = GeoLocation::left_out)
      : geo_location_(geo_location) {}

  /// Error::invalid, naming the column, if one is not of its type: all or nothing.
  /// Members that are not `wanted` are left out, though checked; without, all are.
  Result<std::string> write(const EnrichedView& event, const AnalyticsMembers* wanted = nullptr);

 private:
  struct Output;
  // The data of all entities with one key.
  struct Group {
    std::string_view key;  // of keys_
    std::vector<std::string_view> data;
  };
  using Groups = std::vector<Group>;

  // Of the self-describing event.
  struct Body {
    std::string_view key;  // of keys_
    std::string_view data;
  };

  Result<Groups> read_entities(std::string_view json, json::Document& column);
  bool read_plain_entities(std::string_view json, Groups& groups);
  Result<std::string_view> key_of(std::string_view prefix, std::string_view schema);
  static void add(Groups& groups, std::string_view key, std::string_view data);
  Result<Body> read_event(std::string_view json);
  std::optional<Body> read_plain_event(std::string_view json);
  static void write_groups(const Groups& groups, Output& out);
  Status write_column(const EnrichedView& event, Column column, Output& out);

  GeoLocation geo_location_;
  // Of the schemas of the events before this one: prefix and URI → key.
  std::unordered_map<std::string, std::string> keys_;
  json::Document contexts_;
  json::Document derived_contexts_;
  json::Document event_;
  Groups entities_;
  Groups derived_entities_;
};

/// The key of data with this schema: `prefix` is "contexts" or "unstruct_event". Dots of the vendor
/// become '_', one goes before each capital of the name but the first letter, all in lower case.
std::string analytics_key(std::string_view prefix, const SchemaKey& schema);

}  // namespace lvp
