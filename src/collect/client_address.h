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

/// What one sender cannot leave by taking another address: of an IPv6 address the first 64 bits,
/// since a home or a server is given that many at least, as 8 bytes; any other text as it is.
std::string sender_of(std::string_view address);

}  // namespace lvp::collect
