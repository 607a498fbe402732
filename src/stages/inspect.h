// Records of any stream as JSON, for people: `lvp tail` and the API behind it.
#pragma once

#include <string>
#include <string_view>

#include "stream/stream.h"

namespace lvp::stages {

/// The streams of the pipeline, in its order.
inline constexpr std::string_view stream_names[] = {"raw",   "later",   "enriched", "incomplete",
                                                    "media", "updates", "bad"};

/// One JSON object: {"partition","offset","key","time","value"}. The value is decoded as that
/// stream's records are spelled; bytes that do not decode become {"error":…,"base64":…}.
std::string record_json(std::string_view stream, std::string_view partition,
                        const stream::Record& record);

}  // namespace lvp::stages
