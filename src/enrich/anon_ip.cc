#include "enrich/anon_ip.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"

namespace lvp::enrich {
namespace {

constexpr std::size_t octets_of_ipv4 = 4;
constexpr std::size_t segments_of_ipv6 = 8;

using Ipv6 = std::array<unsigned char, 16>;

std::optional<Ipv6> parse_ipv6(std::string_view text) {
  Ipv6 bytes;
  if (inet_pton(AF_INET6, std::string(text).c_str(), bytes.data()) != 1) return std::nullopt;
  return bytes;
}

bool is_mapped_ipv4(const Ipv6& bytes) {
  return std::ranges::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

// "::1" → "0:0:0:0:0:0:0:1".
std::string all_segments(const Ipv6& bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    out += fmt::format("{}{:x}", i == 0 ? "" : ":", bytes[i] << 8 | bytes[i + 1]);
  return out;
}

}  // namespace

Result<AnonIp> AnonIp::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"anonOctets", "anonSegments"}));
  LVP_TRY(const auto octets, configuration.integer("anonOctets", 1, octets_of_ipv4));
  auto segments = octets;
  if (configuration.parameter("anonSegments").exists()) {
    LVP_TRY(segments, configuration.integer("anonSegments", 1, segments_of_ipv6));
  }
  return AnonIp(static_cast<std::size_t>(octets), static_cast<std::size_t>(segments));
}

std::string AnonIp::mask(std::string_view address) const {
  if (address.starts_with('[')) address = address.substr(1, address.find(']') - 1);
  if (const auto ipv6 = parse_ipv6(address)) {
    const std::size_t colon = address.rfind(':');
    if (!is_mapped_ipv4(*ipv6) || address.find('.') == address.npos)
      return mask_segments(all_segments(*ipv6));
    return std::string(address.substr(0, colon + 1)) + mask_octets(address.substr(colon + 1));
  }
  if (address.find('.') != address.npos || address.empty()) return mask_octets(address);
  if (address.find(':') != address.npos) return mask_segments(address);
  return std::string(address);
}

std::string AnonIp::mask_octets(std::string_view address) const {
  std::string out;
  std::size_t place = 0;
  for (const std::string_view octet : split(address, '.')) {
    if (place > 0) out += '.';
    out += place >= octets_of_ipv4 - octets_ ? "x" : octet;
    ++place;
  }
  return out;
}

std::string AnonIp::mask_segments(std::string_view address) const {
  std::vector<std::string_view> parts = split(address, ':');
  parts.resize(std::min(parts.size(), segments_of_ipv6 - segments_));
  parts.insert(parts.end(), segments_, "x");
  return fmt::format("{}", fmt::join(parts, ":"));
}

}  // namespace lvp::enrich
