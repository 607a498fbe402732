// Where answers send a browser: on a click redirect's way, or round once more with a cookie.
//
// What these return can be a header's value: it is printable ASCII.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collect/incoming.h"
#include "collect/settings.h"

namespace lvp::collect {

/// The parameter `u` of a click redirect with its macros replaced, otherwise as it was sent; bytes
/// that a header cannot hold become escapes. Nothing if there is none, or if it leads to a host
/// that is not allowed.
std::optional<std::string> redirect_location(std::string_view query, const Redirects& redirects,
                                             std::string_view network_userid);

/// The request's own address with the parameter that tells its second round from the first.
std::string bounce_location(const Incoming& incoming, const CookieBounce& bounce);

}  // namespace lvp::collect
