// A record of `raw` → payload → the same bytes again; and as a record → events.
#include <cstdint>

#include "fuzz/enrich.h"
#include "wire/collector_payload.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvp;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto payload = decode_collector_payload(bytes)) {
    const std::string written = encode(*payload);
    const auto again = decode_collector_payload(written);
    LVP_CHECK(again.has_value() && encode(*again) == written);
  }
  enrich_for_fuzz(bytes);
  return 0;
}
