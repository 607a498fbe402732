// Records of any stream as JSON, for people: `lvp tail` and the API behind it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stream/stream.h"

namespace lvp::stages {

/// The streams of the pipeline, in its order.
inline constexpr std::string_view stream_names[] = {"raw",        "later", "parked",  "enriched",
                                                    "incomplete", "media", "updates", "bad"};

/// How enriched events are shown.
enum class Form {
  columns,    ///< the columns that are not empty, by their names
  analytics,  ///< as Snowplow's Analytics SDKs do, wire/analytics_json.h
};

/// The name of a form, "columns" or "analytics"; nothing if there is no such form of that stream's
/// records.
std::optional<Form> form_of(std::string_view stream, std::string_view name);

/// One JSON object: {"partition","offset","key","time","value"}. The value is decoded as that
/// stream's records are spelled; bytes that do not decode become {"error":…,"base64":…}.
std::string record_json(std::string_view stream, std::string_view partition,
                        const stream::Record& record, Form form = Form::columns);

}  // namespace lvp::stages
