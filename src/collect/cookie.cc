#include "collect/cookie.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "collect/incoming.h"
#include "collect/origin.h"

namespace lvp::collect {
namespace {

// RFC 6265 cookie-octet, by byte; '=' is one, so a whole pair is made of them.
constexpr std::array<bool, 256> cookie_octets = [] {
  std::array<bool, 256> allowed{};
  for (std::size_t byte = 0x21; byte < 0x7f; ++byte) allowed[byte] = true;
  for (const char c : std::string_view("\",;\\")) allowed[static_cast<unsigned char>(c)] = false;
  return allowed;
}();

// Takes the text before the next ';' off the front.
std::string_view take_part(std::string_view& left) {
  const std::string_view part = left.substr(0, left.find(';'));
  left.remove_prefix(std::min(part.size() + 1, left.size()));
  return part;
}

bool is_within(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

std::string_view same_site_attribute(SameSite same_site) {
  switch (same_site) {
    case SameSite::unset:
      return "";
    case SameSite::none:
      return "; SameSite=None";
    case SameSite::lax:
      return "; SameSite=Lax";
    case SameSite::strict:
      return "; SameSite=Strict";
  }
  return "";
}

}  // namespace

std::optional<std::string_view> find_cookie(const http::Request& request, std::string_view name) {
  for (const http::Header& header : request.headers) {
    if (!is_named(header, "Cookie")) continue;
    for (std::string_view left = header.value; !left.empty();) {
      const std::string_view pair = trim(take_part(left));
      if (pair.size() > name.size() && pair[name.size()] == '=' && pair.starts_with(name))
        return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::string recorded_cookies(std::string_view value) {
  std::string recorded(value.size(), '\0');  // it is never longer
  std::size_t end = 0;
  for (std::string_view left = value; !left.empty();) {
    const std::size_t before = end;
    if (before > 0) recorded[end++] = ';';
    const std::size_t start = end;
    bool allowed = true;
    for (const char c : take_part(left)) {
      if (c == ' ') continue;
      allowed &= cookie_octets[static_cast<unsigned char>(c)];
      recorded[end++] = c;
    }
    if (!allowed || end == start) end = before;
  }
  recorded.resize(end);
  return recorded;
}

std::string_view cookie_domain(const CookieSettings& settings, std::string_view origins) {
  for (const std::string& domain : settings.domains) {
    std::string_view left = origins;
    while (const auto origin = take_origin(left)) {
      if (is_within(origin->host, domain)) return domain;
    }
  }
  return settings.fallback_domain;
}

void add_cookies(const CookieSettings& settings, std::string_view value, Timestamp expires,
                 std::string_view origins, http::Response& response) {
  const std::string date = http_date(expires);
  const std::string_view domain = cookie_domain(settings, origins);
  const bool secure = settings.secure || settings.same_site == SameSite::none;
  const auto add = [&](std::string_view name, std::string_view last_attribute) {
    response.headers.add("Set-Cookie", {name, "=", value, "; Expires=", date,
                                        domain.empty() ? "" : "; Domain=", domain, "; Path=/",
                                        same_site_attribute(settings.same_site),
                                        secure ? "; Secure" : "", last_attribute});
  };
  add(settings.name, settings.http_only ? "; HttpOnly" : "");
  if (!settings.client_name.empty()) add(settings.client_name, "");
}

}  // namespace lvp::collect
