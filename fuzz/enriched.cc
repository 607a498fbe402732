// An enriched event's line → columns, media record, JSON of the Analytics SDKs.
#include <cstdint>

#include "base/check.h"
#include "base/text.h"
#include "bridge/bridge.h"
#include "wire/analytics_json.h"
#include "wire/media_event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvp;
  static bridge::Bridge bridge;
  static AnalyticsJson analytics(GeoLocation::added);
  static json::Parser parser;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto media = bridge.map(line);
  if (media && *media) {
    LVP_CHECK(!is_utf8(line) || parser.parse((*media)->value).has_value());
    static_cast<void>(decode_media_event((*media)->value, parser));  // may miss what it needs
  }
  const auto event = EnrichedView::parse(line);
  if (!event) {
    LVP_CHECK(!media.has_value());
    return 0;
  }
  if (const auto json = analytics.write(*event)) LVP_CHECK(parser.parse(*json).has_value());
  return 0;
}
