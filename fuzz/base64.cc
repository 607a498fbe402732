// Base64 → bytes, which are what they are written as.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "wire/base64.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lvp;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  LVP_CHECK(base64_decode(base64_encode(text)) == text);
  const std::string decoded = base64_decode(text);
  LVP_CHECK(decoded.size() <= size / 4 * 3 + 2);
  LVP_CHECK(base64_decode(base64_encode(decoded)) == decoded);
  return 0;
}
