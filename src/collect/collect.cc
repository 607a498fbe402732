#include "collect/collect.h"

#include <expected>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "collect/answers.h"
#include "collect/ascii.h"
#include "collect/content_type.h"
#include "collect/incoming.h"
#include "collect/location.h"
#include "collect/payload.h"
#include "collect/split.h"
#include "wire/form.h"

namespace lvp::collect {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view overloaded_retry_after_s = "5";
constexpr std::string_view too_many_retry_after_s = "1";

bool reads(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// ---- Paths ----

// Where events go to.
struct Endpoint {
  std::string path;      // as it is recorded: "/vendor/version" decoded and renamed, or a pixel's
  bool renamed = false;  // by Settings::paths
  bool pixel = false;    // "/i" or "/ice.png", which take no POST

  bool redirects() const { return path.starts_with("/r/"); }
};

bool has_two_segments(std::string_view path) {
  const std::size_t slash = path.find('/', 1);
  return path.starts_with('/') && slash != path.npos && slash > 1 && slash + 1 < path.size() &&
         path.find('/', slash + 1) == path.npos;
}

std::optional<Endpoint> find_endpoint(std::string_view path, const Settings& settings) {
  if (path == "/i" || path == "/ice.png")
    return Endpoint{.path = std::string(path), .renamed = false, .pixel = true};
  if (!has_two_segments(path)) return std::nullopt;
  const bool plain = is_ascii(path) && !path.contains('%');
  Endpoint endpoint{plain ? std::string(path)
                          : repaired_utf8(percent_decode(path, /*plus_is_space=*/false))};
  if (const auto renamed = settings.paths.find(endpoint.path); renamed != settings.paths.end()) {
    endpoint.path = renamed->second;
    endpoint.renamed = true;
  }
  return endpoint;
}

bool takes(const Endpoint& endpoint, const Request& request) {
  return reads(request) || (request.method == "POST" && !endpoint.pixel);
}

// Those that lead anywhere only because a path was renamed to be one.
const Redirects& redirects_of(const Settings& settings) {
  static const Redirects anywhere{.hosts = {"*"}, .macro = ""};
  return settings.redirects ? *settings.redirects : anywhere;
}

// ---- Events ----

// An event on its way to an answer.
struct Event {
  const Incoming& incoming;
  const Endpoint& endpoint;
  Timestamp now;
  const NewUuid& new_id;
  const Settings& settings;

  std::string_view query() const { return incoming.target.query.value_or(""); }
};

// Enrich refuses a whole payload whose network user id is no UUID, so such an id is passed over.
std::optional<std::string> known_id(const Event& e) {
  if (e.incoming.is_anonymous) return std::string(nil_uuid);
  if (auto parameter = find_parameter(e.query(), "nuid"); parameter && parse_uuid(*parameter))
    return parameter;
  if (e.settings.cookie && e.incoming.has_cookies) {
    const auto cookie = find_cookie(e.incoming.request, e.settings.cookie->name);
    if (cookie && parse_uuid(*cookie)) return std::string(*cookie);
  }
  return std::nullopt;
}

bool wants_no_tracking(const Event& e) {
  if (!e.settings.do_not_track || !e.incoming.has_cookies) return false;
  const DoNotTrack& wish = *e.settings.do_not_track;
  const auto cookie = find_cookie(e.incoming.request, wish.name);
  return cookie && (!wish.value || wish.value->matches(*cookie));
}

void add_event_cookies(const Event& e, std::string_view network_userid, Response& response) {
  if (!e.settings.cookie) return;
  const CookieSettings& cookie = *e.settings.cookie;
  if (!e.incoming.is_anonymous)
    return add_cookies(cookie, network_userid, e.now + cookie.lifetime, e.incoming.origin,
                       response);
  if (e.settings.anonymous_clears_cookie && find_cookie(e.incoming.request, cookie.name))
    add_cookies(cookie, "", e.now - cookie.lifetime, e.incoming.origin, response);
}

// What is wrong with an event's body is said without a cookie, and nothing is recorded.
Accepted refuse(const Event& e, BodyError error) {
  Accepted accepted{.response = refusal(error), .route = Route::post};
  add_cors(e.incoming.origin, accepted.response);
  return accepted;
}

Accepted bounce(const Event& e) {
  Accepted accepted{.response = redirect_answer(bounce_location(e.incoming, *e.settings.bounce)),
                    .route = Route::bounce};
  forbid_caching(accepted.response);
  add_event_cookies(e, e.new_id(), accepted.response);
  add_cors(e.incoming.origin, accepted.response);
  return accepted;
}

// The answer to an event that is recorded, or would be if its viewer did not mind.
Accepted answer(const Event& e, std::string_view network_userid) {
  const Request& request = e.incoming.request;
  Accepted accepted;
  if (e.endpoint.redirects()) {
    accepted.route = Route::redirect;
    accepted.response =
        redirect_answer(redirect_location(e.query(), redirects_of(e.settings), network_userid));
  } else {
    accepted.route = e.incoming.is_post ? Route::post : Route::pixel;
    accepted.response = event_answer(request.method);
  }
  if (!e.incoming.is_post) forbid_caching(accepted.response);
  add_cors(e.incoming.origin, accepted.response);
  return accepted;
}

// An id that many share would send all of them to one partition.
bool is_nobodys(std::string_view network_userid, const Settings& settings) {
  return network_userid == nil_uuid ||
         (settings.bounce && network_userid == settings.bounce->fallback_network_userid);
}

void record_event(const Event& e, const Body& body, const std::optional<std::string>& content_type,
                  std::string network_userid, Accepted& accepted) {
  const Settings& settings = e.settings;
  const std::string collector = settings.name + '-' + settings.version;
  std::string bytes = encode(record(e.incoming, {.now = e.now,
                                                 .collector = collector,
                                                 .path = e.endpoint.path,
                                                 .network_userid = network_userid,
                                                 .body = e.incoming.is_post ? &body : nullptr,
                                                 .content_type = content_type})
                                 .payload);
  std::string key = is_nobodys(network_userid, settings) ? e.new_id() : std::move(network_userid);
  if (bytes.size() < settings.payload_bytes_limit) {
    accepted.raw.push_back({std::move(key), std::move(bytes)});
    return;
  }
  const auto whole = decode_collector_payload(bytes);
  LVP_CHECK(whole);
  Pieces pieces =
      split_payload(*whole, settings.payload_bytes_limit, {settings.name, settings.version}, e.now);
  for (std::string& value : pieces.records) accepted.raw.push_back({key, std::move(value)});
  accepted.bad = std::move(pieces.bad_rows);
}

Accepted accept_event(const Event& e) {
  if (wants_no_tracking(e)) return answer(e, nil_uuid);

  std::optional<std::string> content_type;
  Body body;
  if (e.incoming.is_post) {
    content_type = normalised_content_type(e.incoming.content_type);
    auto read = read_body(e.incoming.request, content_type ? charset_of(*content_type) : "",
                          e.settings.body_bytes_max);
    if (!read) return refuse(e, read.error());
    body = *std::move(read);
  }

  std::optional<std::string> network_userid = known_id(e);
  if (!network_userid && e.settings.bounce) {
    const bool bounced = find_parameter(e.query(), e.settings.bounce->name).has_value();
    if (!bounced && !e.incoming.is_post && !e.endpoint.redirects()) return bounce(e);
    if (bounced) network_userid = e.settings.bounce->fallback_network_userid;
  }
  if (!network_userid) network_userid = e.new_id();

  Accepted accepted = answer(e, *network_userid);
  add_event_cookies(e, *network_userid, accepted.response);
  record_event(e, body, content_type, *std::move(network_userid), accepted);
  return accepted;
}

// ---- All else ----

Accepted fixed(const Incoming& incoming, const Settings& settings) {
  const std::string_view path = incoming.target.path;
  if (incoming.request.method == "GET") {
    // A health check with a slash at its end must not be taken for an event.
    if (path == "/health" || path == "/health/")
      return {.response = http::text_response(200, plain_text, "OK"), .route = Route::fixed};
    if (path == "/robots.txt") return {.response = robots_answer(), .route = Route::fixed};
    if (path == "/crossdomain.xml" && settings.cross_domain)
      return {.response = cross_domain_answer(*settings.cross_domain), .route = Route::fixed};
  }
  return {.response = not_found("404 not found")};
}

Accepted accept_other(const Incoming& incoming, bool disabled_redirect, const Settings& settings) {
  Accepted accepted;
  if (disabled_redirect) {
    accepted.response = not_found("redirects disabled");
  } else if (incoming.request.method == "OPTIONS") {
    accepted = {.response = preflight_answer(settings), .route = Route::preflight};
  } else {
    accepted = fixed(incoming, settings);
  }
  add_cors(incoming.origin, accepted.response);
  return accepted;
}

Accepted accept(const Incoming& incoming, Timestamp now, const NewUuid& new_id,
                const Settings& settings) {
  // Says what it was told to say, and nothing else: it is for people, not for trackers.
  if (settings.root && incoming.request.method == "GET" && incoming.target.path == "/")
    return {.response = root_answer(*settings.root), .route = Route::fixed};
  const auto endpoint = find_endpoint(incoming.target.path, settings);
  const bool disabled_redirect =
      endpoint && endpoint->redirects() && !settings.redirects && !endpoint->renamed;
  if (endpoint && !disabled_redirect && takes(*endpoint, incoming.request))
    return accept_event({incoming, *endpoint, now, new_id, settings});
  return accept_other(incoming, disabled_redirect, settings);
}

}  // namespace

std::string_view name_of(Route route) {
  switch (route) {
    case Route::post:
      return "post";
    case Route::pixel:
      return "pixel";
    case Route::redirect:
      return "redirect";
    case Route::bounce:
      return "bounce";
    case Route::preflight:
      return "preflight";
    case Route::fixed:
      return "fixed";
    case Route::unknown:
      return "unknown";
  }
  return "unknown";
}

Accepted accept(const Request& request, Timestamp now, const NewUuid& new_id,
                const Settings& settings) {
  Accepted accepted = accept(Incoming(request), now, new_id, settings);
  add_hsts(settings, accepted.response);
  return accepted;
}

void add_common_headers(const Request& request, const Settings& settings, Response& response) {
  add_cors(request.header("Origin"), response);
  add_hsts(settings, response);
}

Response overloaded(const Request& request, const Settings& settings) {
  Response response = try_again(503, "Service Unavailable", overloaded_retry_after_s);
  add_common_headers(request, settings, response);
  return response;
}

Response overloaded(const Response& instead_of) {
  Response response = try_again(503, "Service Unavailable", overloaded_retry_after_s);
  for (const auto& [name, value] : instead_of.headers.list()) {
    if (name.starts_with("Access-Control-") || name == "Strict-Transport-Security")
      response.headers.add(name, value);
  }
  return response;
}

Response too_many(const Request& request, const Settings& settings) {
  Response response = try_again(429, "Too Many Requests", too_many_retry_after_s);
  add_common_headers(request, settings, response);
  return response;
}

}  // namespace lvp::collect
