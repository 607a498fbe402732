// Cookies: reading them, recording them, and the collector's own, which carries the network user
// id.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "wire/http_message.h"

namespace lvp::collect {

enum class SameSite : std::uint8_t { unset, none, lax, strict };

/// The collector's cookie.
struct CookieSettings {
  std::string name = "sp";
  /// A second cookie, the same but readable by scripts; never read here. Empty: none.
  std::string client_name = {};
  Duration lifetime = std::chrono::days(365);  ///< renewed by each answer
  /// The first of these that a host of the Origin header is, or lies below, becomes the Domain.
  /// Without leading dots.
  std::vector<std::string> domains = {};
  std::string fallback_domain = {};  ///< Domain if none matches; empty: the collector's own host
  bool secure = true;                ///< implied by SameSite::none: browsers demand it
  bool http_only = true;
  SameSite same_site = SameSite::none;
};

/// Value of the first cookie with that name in any Cookie header, as sent. Pairs may be separated
/// by ';' with or without spaces; what is no pair is passed over.
std::optional<std::string_view> find_cookie(const http::Request& request, std::string_view name);

/// A Cookie header's value as it is recorded: without spaces, without the parts that RFC 6265 does
/// not allow, joined by ';'. Empty if nothing is left.
std::string recorded_cookies(std::string_view value);

/// The Domain attribute for a request from these origins (an Origin header's value); may be empty.
std::string_view cookie_domain(const CookieSettings& settings, std::string_view origins);

/// Adds the Set-Cookie headers of the cookie, and of its readable twin if it has one.
void add_cookies(const CookieSettings& settings, std::string_view value, Timestamp expires,
                 std::string_view origins, http::Response& response);

}  // namespace lvp::collect
