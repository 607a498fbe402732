// Who sent a request, behind whatever proxies.
#pragma once

#include <string>
#include <string_view>

#include "wire/http_message.h"

namespace lvp::collect {

inline constexpr std::string_view unknown_address = "unknown";

/// The first address of X-Forwarded-For if that is a list of addresses, else, or if the header is
/// not to be trusted, the peer's. "unknown" if there is none. IPv6 in its RFC 5952 form.
std::string client_address(const http::Request& request, bool trust_forwarded_for);

}  // namespace lvp::collect
