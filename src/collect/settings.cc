#include "collect/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "base/uuid.h"
#include "collect/origin.h"
#include "collect/token.h"

namespace lvp::collect {
namespace {

bool is_domain(std::string_view text) {
  return made_of(text, ".-");
}

bool is_host(std::string_view text) {
  const std::string url = fmt::format("http://{}", text);
  const auto origin = parse_origin(url);
  return origin && origin->host == text;
}

// Can be a header's value: no control characters, which end it.
bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

// The only paths that are looked up: "/vendor/version".
bool is_event_path(std::string_view path) {
  const auto segments = split(path, '/');
  return segments.size() == 3 && segments[0].empty() && !segments[1].empty() &&
         !segments[2].empty();
}

Status require(bool holds, std::string_view field, std::string_view value, std::string_view what) {
  if (holds) return {};
  return invalid(fmt::format("{}: \"{}\" {}", field, value, what));
}

constexpr std::string_view no_token = "is no HTTP token (letters, digits and !#$%&'*+-.^_`|~)";

Status check(const CookieSettings& cookie) {
  LVP_DO(require(is_token(cookie.name), "cookie.name", cookie.name, no_token));
  LVP_DO(require(cookie.client_name.empty() || is_token(cookie.client_name), "cookie.client_name",
                 cookie.client_name, no_token));
  LVP_DO(require(cookie.client_name != cookie.name, "cookie.client_name", cookie.client_name,
                 "is also cookie.name"));
  LVP_DO(require(cookie.lifetime > Duration::zero(), "cookie.lifetime",
                 duration_text(cookie.lifetime), "would delete the cookie: must be positive"));
  for (const std::string& domain : cookie.domains) {
    LVP_DO(require(!domain.starts_with('.'), "cookie.domains", domain,
                   "has a leading dot, with which it matches no host"));
    LVP_DO(require(is_domain(domain), "cookie.domains", domain,
                   "is no domain (letters, digits, '.' and '-')"));
  }
  return require(cookie.fallback_domain.empty() || is_domain(cookie.fallback_domain),
                 "cookie.fallback_domain", cookie.fallback_domain,
                 "is no domain (letters, digits, '.' and '-')");
}

Status check(const RootResponse& root) {
  LVP_DO(require(root.status >= 100 && root.status <= 599, "root.status",
                 std::to_string(root.status), "is no HTTP status (100 to 599)"));
  for (const auto& [name, value] : root.headers) {
    LVP_DO(require(is_token(name), "root.headers", name, no_token));
    LVP_DO(require(is_field_value(value), "root.headers", name, "has control characters"));
  }
  return {};
}

Status check(const CookieBounce& bounce, bool has_cookie) {
  LVP_DO(require(has_cookie, "bounce", bounce.name, "needs the cookie, which is disabled"));
  LVP_DO(require(made_of(bounce.name, "-_.~"), "bounce.name", bounce.name,
                 "is no parameter name (letters, digits and -_.~)"));
  LVP_DO(require(parse_uuid(bounce.fallback_network_userid).has_value(),
                 "bounce.fallback_network_userid", bounce.fallback_network_userid, "is no UUID"));
  return require(
      bounce.forwarded_protocol_header.empty() || is_token(bounce.forwarded_protocol_header),
      "bounce.forwarded_protocol_header", bounce.forwarded_protocol_header, no_token);
}

Status check(const Redirects& redirects) {
  LVP_DO(require(!redirects.hosts.empty(), "redirects.hosts", "",
                 "names no host, so that none is allowed; \"*\" allows any"));
  for (const std::string& host : redirects.hosts) {
    LVP_DO(require(host == "*" || is_host(host), "redirects.hosts", host,
                   "is no host name (no scheme, port or path)"));
  }
  return {};
}

}  // namespace

Status check(const Settings& settings) {
  if (settings.cookie) LVP_DO(check(*settings.cookie));
  if (settings.do_not_track)
    LVP_DO(require(is_token(settings.do_not_track->name), "do_not_track.name",
                   settings.do_not_track->name, no_token));
  if (settings.root) LVP_DO(check(*settings.root));
  if (settings.bounce) LVP_DO(check(*settings.bounce, settings.cookie.has_value()));
  if (settings.redirects) LVP_DO(check(*settings.redirects));
  for (const auto& [path, recorded] : settings.paths) {
    LVP_DO(require(is_event_path(path), "paths", path, "is not of the form /vendor/version"));
    LVP_DO(require(recorded.starts_with('/'), "paths", recorded, "does not begin with '/'"));
  }
  if (settings.hsts_max_age)
    LVP_DO(require(settings.hsts_max_age->count() >= 0, "hsts_max_age",
                   std::to_string(settings.hsts_max_age->count()), "is negative"));
  for (const std::string& header : settings.preflight_headers)
    LVP_DO(require(is_token(header), "preflight_headers", header, no_token));
  return {};
}

}  // namespace lvp::collect
