#include "collect/collect.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "base/text.h"
#include "collect/origin.h"
#include "collect/payload.h"
#include "collect/split.h"
#include "wire/form.h"

namespace lvp::collect {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view plain_text = "text/plain; charset=UTF-8";
constexpr std::string_view retry_after_s = "5";
constexpr std::string_view preflight_max_age_s = "3600";

// A transparent GIF89a of one pixel.
constexpr unsigned char pixel_bytes[] = {
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0xf0, 0x00, 0x00, 0xff, 0xff,
    0xff, 0x00, 0x00, 0x00, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b};

std::string_view pixel() {
  return {reinterpret_cast<const char*>(pixel_bytes), sizeof pixel_bytes};
}

bool reads(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// The path to record: "/vendor/version" decoded and renamed, or a pixel's. Nothing if the request
// target is no event's.
std::optional<std::string> event_path(std::string_view path, const Settings& settings) {
  if (path == "/i" || path == "/ice.png") return std::string(path);
  const auto segments = split(path, '/');
  if (segments.size() != 3 || !segments[0].empty() || segments[1].empty() || segments[2].empty())
    return std::nullopt;
  std::string decoded = repaired_utf8(percent_decode(path, /*plus_is_space=*/false));
  const auto renamed = settings.paths.find(decoded);
  return renamed == settings.paths.end() ? std::move(decoded) : renamed->second;
}

bool is_event(const Request& request, std::string_view path) {
  if (reads(request)) return true;
  return request.method == "POST" && path != "/i" && path != "/ice.png";
}

// Enrich refuses a whole payload whose network user id is no UUID, so such an id is passed over.
std::optional<std::string> known_id(const Request& request, const Settings& settings) {
  if (const auto query = parse_target(request.target).query) {
    for (const FormField& field : parse_form(*query)) {
      if (field.name != "nuid") continue;
      if (field.value && parse_uuid(*field.value)) return field.value;
      break;
    }
  }
  if (settings.cookie) {
    const auto cookie = find_cookie(request, settings.cookie->name);
    if (cookie && parse_uuid(*cookie)) return std::string(*cookie);
  }
  return std::nullopt;
}

bool wants_no_tracking(const Request& request, const Settings& settings) {
  if (!settings.do_not_track) return false;
  const auto cookie = find_cookie(request, settings.do_not_track->name);
  const std::string& value = settings.do_not_track->value;
  return cookie && (value.empty() || *cookie == value);
}

Response event_response(const Request& request) {
  Response response;
  if (!reads(request)) {
    response = http::text_response(200, plain_text, "ok");
  } else {
    response.headers.push_back({"Content-Type", "image/gif"});
    response.headers.push_back({"Cache-Control", "no-cache, no-store, must-revalidate"});
    if (request.method == "GET") response.static_body = pixel();
  }
  add_cors(request, response);
  return response;
}

Accepted accept_event(const Request& request, std::string_view path, Timestamp now,
                      const NewUuid& new_id, const Settings& settings) {
  Accepted accepted;
  accepted.response = event_response(request);
  if (wants_no_tracking(request, settings)) return accepted;

  const bool anonymous = request.has_header("SP-Anonymous");
  auto known = anonymous ? std::optional(std::string(nil_uuid)) : known_id(request, settings);
  const std::string network_userid = known ? *std::move(known) : new_id();
  if (settings.cookie && !anonymous) {
    accepted.response.headers.push_back({"Set-Cookie", set_cookie(*settings.cookie, network_userid,
                                                                  now, request.header("Origin"))});
  }

  const std::string collector = fmt::format("{}-{}", settings.name, settings.version);
  const CollectorPayload payload = make_payload(request, {.now = now,
                                                          .collector = collector,
                                                          .path = path,
                                                          .network_userid = network_userid,
                                                          .anonymous = anonymous});
  Pieces pieces =
      split_payload(payload, settings.payload_bytes_limit, {settings.name, settings.version}, now);
  // The nil UUID as a key would send all anonymous viewers to one partition.
  const std::string key = network_userid == nil_uuid ? new_id() : network_userid;
  for (std::string& value : pieces.records) accepted.raw.push_back({key, std::move(value)});
  accepted.bad = std::move(pieces.bad_rows);
  return accepted;
}

Response preflight() {
  Response response;
  response.headers.push_back({"Access-Control-Allow-Headers", "Content-Type, SP-Anonymous"});
  response.headers.push_back({"Access-Control-Max-Age", std::string(preflight_max_age_s)});
  return response;
}

std::string cross_domain_policy(const CrossDomain& policy) {
  std::vector<std::string> lines;
  for (const std::string& domain : policy.domains) {
    lines.push_back(
        fmt::format(R"(  <allow-access-from domain="{}" secure="{}" />)", domain, policy.secure));
  }
  return fmt::format("<?xml version=\"1.0\"?>\n<cross-domain-policy>\n{}\n</cross-domain-policy>",
                     fmt::join(lines, "\n"));
}

Response fixed_response(const Request& request, std::string_view path, const Settings& settings) {
  if (request.method == "GET") {
    if (path == "/health" || path == "/health/") return http::text_response(200, plain_text, "OK");
    if (path == "/robots.txt")
      return http::text_response(200, plain_text, "User-agent: *\nDisallow: /");
    if (path == "/crossdomain.xml" && settings.cross_domain)
      return http::text_response(200, "text/xml; charset=ISO-8859-1",
                                 cross_domain_policy(*settings.cross_domain));
  }
  return http::text_response(404, plain_text, "404 not found");
}

}  // namespace

Accepted accept(const Request& request, Timestamp now, const NewUuid& new_id,
                const Settings& settings) {
  const std::string_view path = parse_target(request.target).path;
  const auto event = event_path(path, settings);
  const bool redirect = event && event->starts_with("/r/");
  if (event && !redirect && is_event(request, *event))
    return accept_event(request, *event, now, new_id, settings);

  Accepted accepted;
  accepted.response = redirect ? http::text_response(404, plain_text, "redirects disabled")
                      : request.method == "OPTIONS" ? preflight()
                                                    : fixed_response(request, path, settings);
  add_cors(request, accepted.response);
  return accepted;
}

void add_cors(const Request& request, Response& response) {
  const std::vector<Origin> origins = parse_origins(request.header("Origin"));
  response.headers.push_back(
      {"Access-Control-Allow-Origin", std::string(origins.empty() ? "*" : origins.front().text)});
  response.headers.push_back({"Access-Control-Allow-Credentials", "true"});
}

Response overloaded(const Request& request) {
  Response response = http::text_response(503, plain_text, "Service Unavailable");
  response.headers.push_back({"Retry-After", std::string(retry_after_s)});
  add_cors(request, response);
  return response;
}

}  // namespace lvp::collect
