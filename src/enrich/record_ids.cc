#include "enrich/record_ids.h"

#include "base/check.h"
#include "base/uuid.h"
#include "enrich/digest.h"

namespace lvp::enrich {
namespace {

const Digest& digest() {
  static const Digest sha256 = [] {
    auto made = Digest::named("SHA256");
    LVP_CHECK(made.has_value());
    return *std::move(made);
  }();
  return sha256;
}

}  // namespace

std::string RecordIds::next() {
  if (seed_.empty()) seed_ = digest().hex(record_);
  const std::string hex = digest().hex(seed_ + std::to_string(count_++));
  UuidBytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  return uuid_v4(bytes);
}

}  // namespace lvp::enrich
