#include "collect/cookie.h"

#include <algorithm>

#include "base/text.h"
#include "collect/origin.h"

namespace lvp::collect {
namespace {

// RFC 6265 cookie-octet; '=' is one, so a whole pair is made of them.
bool is_cookie_octet(char c) {
  return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
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
    if (!equal_ignoring_case(header.name, "Cookie")) continue;
    for (const std::string_view part : split(header.value, ';')) {
      const std::string_view pair = trim(part);
      const std::size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name)
        return pair.substr(equals + 1);
    }
  }
  return std::nullopt;
}

std::string recorded_cookies(std::string_view value) {
  std::string recorded;
  std::string part;
  for (const std::string_view raw : split(value, ';')) {
    part.clear();
    std::ranges::copy_if(raw, std::back_inserter(part), [](char c) { return c != ' '; });
    if (part.empty() || !std::ranges::all_of(part, is_cookie_octet)) continue;
    if (!recorded.empty()) recorded += ';';
    recorded += part;
  }
  return recorded;
}

std::string_view cookie_domain(const CookieSettings& settings, std::string_view origins) {
  if (!settings.domains.empty()) {
    const std::vector<Origin> parsed = parse_origins(origins);
    for (const std::string& domain : settings.domains) {
      if (std::ranges::any_of(parsed, [&](const Origin& o) { return is_within(o.host, domain); }))
        return domain;
    }
  }
  return settings.fallback_domain;
}

std::string set_cookie(const CookieSettings& settings, std::string_view value, Timestamp now,
                       std::string_view origins) {
  std::string cookie = settings.name;
  cookie += '=';
  cookie += value;
  cookie += "; Expires=";
  cookie += http_date(now + settings.lifetime);
  if (const std::string_view domain = cookie_domain(settings, origins); !domain.empty()) {
    cookie += "; Domain=";
    cookie += domain;
  }
  cookie += "; Path=/";
  cookie += same_site_attribute(settings.same_site);
  if (settings.secure || settings.same_site == SameSite::none) cookie += "; Secure";
  if (settings.http_only) cookie += "; HttpOnly";
  return cookie;
}

}  // namespace lvp::collect
