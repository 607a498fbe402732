// From a tracker's request to the CollectorPayload that is recorded of it.
//
// Whatever is recorded is valid UTF-8: header values are read as Latin-1, bodies and paths as UTF-8
// whose invalid bytes become U+FFFD.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "wire/collector_payload.h"
#include "wire/http_message.h"

namespace lvp::collect {

/// A request target taken apart. Views into it.
struct Target {
  std::string_view host;  ///< with its port; only of an absolute target, "http://host/path"
  std::string_view path;
  std::optional<std::string_view> query;  ///< without '?' and without a fragment
};

Target parse_target(std::string_view target);

/// What is known of a request beside its bytes.
struct Recorded {
  Timestamp now;
  std::string_view collector;  ///< name and version of this program
  std::string_view path;       ///< as it shall be recorded
  std::string_view network_userid;
  bool anonymous = false;  ///< the SP-Anonymous header: leave out who sent it
};

CollectorPayload make_payload(const http::Request& request, const Recorded& recorded);

/// The first address of X-Forwarded-For if that is a list of addresses, else the peer's. "unknown"
/// if there is none. IPv6 in its RFC 5952 form.
std::string client_address(const http::Request& request);

/// The query as a strict URI parser takes it: characters that it would refuse become escapes.
std::string strict_query(std::string_view query);

}  // namespace lvp::collect
