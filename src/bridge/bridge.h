// The bridge: of all enriched events the media events, each as a `media` record.
//
// It stands where Snowbridge stands in the accelerator, with that one's filters and script built
// in: a record holds the eight fields that the script would have made of the event, and beside them
// the entities from which profiles are computed (wire/media_event.h).
//
// Events of the first media plugins (v1: one media_player_event whose body tells the type) become
// records of the v2 event that means the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/entities.h"
#include "wire/json_document.h"

namespace lvp::bridge {

enum class Selection : std::uint8_t {
  /// What the accelerator's configuration keeps: event is "unstruct" and event_name matches
  /// ^(play|pause|ping|end|ad_break.*)_event$, whoever its vendor is.
  accelerator,
  /// That, every other event of the media vendor, and whatever carries a media player or session.
  all_media,
};

struct Media {
  std::string key;    ///< the device; the record's device_key
  std::string value;  ///< JSON
};

/// Maps events, reusing its memory. Not thread-safe.
class Bridge {
 public:
  explicit Bridge(Selection selection = Selection::all_media) : selection_(selection) {}

  /// The record of one enriched event, or nothing if it is not selected. Error::invalid if the line
  /// has not 131 columns, or if it is selected and lacks a collector_tstamp or has JSON columns
  /// that cannot be read.
  Result<std::optional<Media>> map(std::string_view enriched_line);

 private:
  Selection selection_;
  EntityReader entities_;
  json::Document body_;
};

}  // namespace lvp::bridge
