// The body of a tracker's POST → events.
#include <cstdint>

#include "fuzz/enrich.h"
#include "wire/collector_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvp;
  CollectorPayload payload;
  payload.path = "/com.snowplowanalytics.snowplow/tp2";
  payload.content_type = "application/json";
  payload.body = repaired_utf8({reinterpret_cast<const char*>(data), size});  // as the collector
  enrich_for_fuzz(encode(payload));
  return 0;
}
