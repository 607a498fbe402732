#include "collect/location.h"

#include <algorithm>

#include "base/text.h"
#include "collect/origin.h"

namespace lvp::collect {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  if (what.empty()) return text;
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// Spaces, controls and non-ASCII bytes as escapes: a browser that follows the address would write
// the same.
std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c > ' ' && c < 0x7f) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

// The host of an http or https URL; nothing if it is anything else. A URL that browsers and we
// might read differently (user names, backslashes, escapes in the host) is none.
std::optional<std::string_view> url_host(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = url.substr(0, slashes);
  if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https"))
    return std::nullopt;
  const auto origin = parse_origin(url.substr(0, url.find_first_of("/?#", slashes + 3)));
  if (!origin) return std::nullopt;
  return origin->host;
}

bool is_allowed(std::string_view location, const Redirects& redirects) {
  const auto host = url_host(location);
  return std::ranges::any_of(redirects.hosts, [&](std::string_view allowed) {
    return allowed == "*" || (host && equal_ignoring_case(*host, allowed));
  });
}

}  // namespace

std::optional<std::string> redirect_location(std::string_view query, const Redirects& redirects,
                                             std::string_view network_userid) {
  auto target = find_parameter(query, "u");
  if (!target || target->empty()) return std::nullopt;
  std::string location = printable(replaced(*std::move(target), redirects.macro, network_userid));
  if (!is_allowed(location, redirects)) return std::nullopt;
  return location;
}

std::string bounce_location(const Incoming& incoming, const CookieBounce& bounce) {
  std::string location;
  if (!bounce.forwarded_protocol_header.empty()) {
    const std::string_view protocol = incoming.request.header(bounce.forwarded_protocol_header);
    const std::string origin = std::string(protocol) + "://" + std::string(incoming.host);
    if ((protocol == "http" || protocol == "https") && parse_origin(origin)) location = origin;
  }
  location += strict_uri_text(incoming.target.path);
  location += '?';
  if (const std::string_view query = incoming.target.query.value_or(""); !query.empty()) {
    location += strict_uri_text(query);
    location += '&';
  }
  location += bounce.name;
  location += "=true";
  return location;
}

}  // namespace lvp::collect
