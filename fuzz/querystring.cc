// A query string → fields, and as a pixel → events.
#include <cstdint>

#include "fuzz/enrich.h"
#include "wire/collector_payload.h"
#include "wire/form.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvp;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const FormField& field : parse_form(text)) {
    LVP_CHECK(!field.name.empty() && is_utf8(field.name));
    LVP_CHECK(is_utf8(field.value.value_or("")));
  }
  CollectorPayload payload;
  payload.path = "/i";
  payload.querystring = text;
  enrich_for_fuzz(encode(payload));
  return 0;
}
