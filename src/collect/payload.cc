#include "collect/payload.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "collect/content_type.h"
#include "collect/cookie.h"
#include "wire/form.h"

namespace lvp::collect {
namespace {

constexpr std::string_view unknown_address = "unknown";

// Headers that tell who sent a request; dropped from an anonymous one.
constexpr std::array<std::string_view, 8> identifying{
    "Cookie",         "X-Forwarded-For",  "X-Real-Ip",   "Forwarded",
    "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Cluster-Client-Ip",
};
constexpr std::string_view identifying_prefix = "cloudfront-viewer-";

bool is_identifying(std::string_view name) {
  return std::ranges::any_of(identifying,
                             [&](std::string_view n) { return equal_ignoring_case(n, name); }) ||
         equal_ignoring_case(name.substr(0, identifying_prefix.size()), identifying_prefix);
}

std::string from_latin1(std::string_view bytes) {
  std::string utf8;
  utf8.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xc0 | (byte >> 6));
      utf8 += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return utf8;
}

std::optional<std::string> optional_header(const http::Request& request, std::string_view name) {
  const std::string_view value = request.header(name);
  return value.data() == nullptr ? std::nullopt : std::optional(from_latin1(value));
}

// An IPv4 or IPv6 address in its usual form; nothing if it is neither.
std::optional<std::string> address(std::string_view text) {
  const std::string zero_ended(text);
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  std::array<char, INET6_ADDRSTRLEN> usual;
  for (const int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, zero_ended.c_str(), bytes.data()) == 1 &&
        inet_ntop(family, bytes.data(), usual.data(), usual.size()) != nullptr) {
      return std::string(usual.data());
    }
  }
  return std::nullopt;
}

// The leftmost element, if all are addresses or "unknown".
std::optional<std::string> first_forwarded(std::string_view value) {
  std::optional<std::string> first;
  for (const std::string_view part : split(value, ',')) {
    const std::string_view item = trim(part);
    auto element = equal_ignoring_case(item, unknown_address)
                       ? std::optional(std::string(unknown_address))
                       : address(item);
    if (!element) return std::nullopt;
    if (!first) first = std::move(element);
  }
  return first;
}

// "host:8080" → "host", "[::1]:8080" → "[::1]".
std::string_view without_port(std::string_view host) {
  const std::size_t bracket = host.find(']');
  return host.substr(0, host.find(':', bracket == std::string_view::npos ? 0 : bracket));
}

std::optional<std::string> host_name(const http::Request& request, const Target& target) {
  const std::string_view host = target.host.empty() ? request.header("Host") : target.host;
  if (host.empty()) return std::nullopt;
  return from_latin1(without_port(host));
}

std::vector<std::string> recorded_headers(const http::Request& request, bool anonymous) {
  std::vector<std::string> lines;
  lines.reserve(request.headers.size() + 1);
  for (const http::Header& header : request.headers) {
    if (anonymous && is_identifying(header.name)) continue;
    if (equal_ignoring_case(header.name, "Cookie")) {
      const std::string cookies = recorded_cookies(header.value);
      if (!cookies.empty()) lines.push_back("Cookie: " + cookies);
      continue;
    }
    std::string line = from_latin1(header.name);
    line += ": ";
    line += from_latin1(trim(header.value));
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string body_text(std::string_view body) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (body.starts_with(byte_order_mark)) body.remove_prefix(byte_order_mark.size());
  return repaired_utf8(body);
}

}  // namespace

Target parse_target(std::string_view target) {
  Target parts;
  target = target.substr(0, target.find('#'));
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    parts.host = target.substr(0, end);
    target.remove_prefix(end);
    break;
  }
  const std::size_t mark = target.find('?');
  parts.path = target.substr(0, mark);
  if (parts.path.empty()) parts.path = "/";
  if (mark != std::string_view::npos) parts.query = target.substr(mark + 1);
  return parts;
}

std::string client_address(const http::Request& request) {
  if (request.has_header("X-Forwarded-For")) {
    if (auto first = first_forwarded(request.header("X-Forwarded-For"))) return *std::move(first);
  }
  return std::string(request.peer.empty() ? unknown_address : request.peer);
}

std::string strict_query(std::string_view query) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string strict;
  strict.reserve(query.size());
  for (std::size_t i = 0; i < query.size(); ++i) {
    // A '%' is judged with its two digits, any other byte alone.
    const std::string_view piece = query.substr(i, query[i] == '%' ? 3 : 1);
    const auto byte = static_cast<unsigned char>(query[i]);
    if (byte < 0x80 && is_java_uri_query(piece)) {
      strict += query[i];
    } else {
      strict += '%';
      strict += digits[byte >> 4];
      strict += digits[byte & 15];
    }
  }
  return strict;
}

CollectorPayload make_payload(const http::Request& request, const Recorded& recorded) {
  const Target target = parse_target(request.target);
  CollectorPayload payload;
  payload.ip_address = recorded.anonymous ? std::string(unknown_address) : client_address(request);
  payload.timestamp_ms = to_ms(recorded.now);
  payload.collector = recorded.collector;
  payload.user_agent = optional_header(request, "User-Agent");
  payload.referer_uri = optional_header(request, "Referer");
  payload.path = recorded.path;
  if (target.query) payload.querystring = strict_query(*target.query);
  payload.headers = recorded_headers(request, recorded.anonymous);
  payload.hostname = host_name(request, target);
  payload.network_userid = recorded.network_userid;
  if (request.method == "POST") {
    payload.body = body_text(request.body);
    payload.content_type = normalised_content_type(from_latin1(request.header("Content-Type")));
    if (payload.content_type) payload.headers.push_back(*payload.content_type);
  }
  return payload;
}

}  // namespace lvp::collect
