// A media record → event, read at once or by a parser: both must give the same.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/media_event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvp;
  static json::Parser parser;
  static MediaEvent kept;
  const std::string_view record(reinterpret_cast<const char*>(data), size);
  const bool is_read = decode_media_event(record, parser, kept).has_value();
  const auto parsed = decode_media_event(" " + std::string(record), parser);  // which is not plain
  LVP_CHECK(is_read == parsed.has_value());
  LVP_CHECK(!parsed || *parsed == kept);
  return 0;
}
