// anon_ip: user_ipaddress with its last parts replaced by "x".
#pragma once

#include <string>
#include <string_view>

#include "enrich/configuration.h"

namespace lvp::enrich {

class AnonIp {
 public:
  /// anon_ip/1-0-x: anonOctets (1 to 4), anonSegments (1 to 8; anonOctets if it is missing).
  static Result<AnonIp> load(const Configuration& configuration);

  /// "1.2.3.4" → "1.2.x.x"; "::1" → "0:0:0:0:0:0:x:x"; an IPv4 address mapped into IPv6 keeps its
  /// prefix. Of brackets and a port nothing is left. Of text that is no address the places of an
  /// address's octets, or segments, are masked as far as it has any.
  std::string mask(std::string_view address) const;

 private:
  AnonIp(std::size_t octets, std::size_t segments) : octets_(octets), segments_(segments) {}

  std::string mask_octets(std::string_view address) const;
  std::string mask_segments(std::string_view address) const;

  std::size_t octets_;
  std::size_t segments_;
};

}  // namespace lvp::enrich
