// The collector: a tracker's HTTP request becomes payloads for the `raw` stream and an answer.
//
// The collector takes what it is given: any request to a path of two segments is an event, its body
// is not looked into unless it is too large, and the answer is the same whatever it says. The shell
// makes `raw` and `bad` durable before it sends `response`, and sends overloaded() if it cannot.
//
//   POST /vendor/version                      event; "ok"
//   GET, HEAD /vendor/version, /i, /ice.png   event; a transparent pixel
//   /r/anything?u=URL                         event; a redirect, if redirects are enabled, else 404
//   OPTIONS anything                          preflight
//   GET /health, /robots.txt, and, if enabled, /, /crossdomain.xml
//
// /sink-health is not known here (404): whoever knows whether `raw` can be written answers it.
// Settings: collect/settings.h. Differences from the reference: docs/compatibility-collector.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "collect/settings.h"
#include "wire/http_message.h"

namespace lvp::collect {

/// What a request was taken for, to count by.
enum class Route : std::uint8_t {
  post,       ///< an event by POST
  pixel,      ///< an event by GET or HEAD
  redirect,   ///< an event that leads elsewhere, or was refused to
  bounce,     ///< an event that is to come again with a cookie
  preflight,  ///< OPTIONS
  fixed,      ///< health, robots, the root and the like
  unknown,    ///< 404
};
inline constexpr std::size_t route_count = 7;
std::string_view name_of(Route route);  ///< "post" and so on

struct Record {
  std::string key;    ///< network user id; random where it is nobody's own
  std::string value;  ///< Thrift bytes of a CollectorPayload
};

struct Accepted {
  http::Response response = {};       ///< good once `raw` and `bad` are durable
  std::vector<Record> raw = {};       ///< several if a large batch was cut, all with the same key
  std::vector<std::string> bad = {};  ///< size_violation bad rows, JSON
  Route route = Route::unknown;
};

/// Answers a request. `now` becomes collector_tstamp, `new_id` makes network user ids. What is
/// answered without being recorded has empty `raw` and `bad`.
Accepted accept(const http::Request& request, Timestamp now, const NewUuid& new_id,
                const Settings& settings);

/// CORS and HSTS. accept() has added them; this is for errors that the HTTP server answers itself,
/// which a tracker could otherwise not tell from a broken network.
void add_common_headers(const http::Request& request, const Settings& settings,
                        http::Response& response);

/// 503 with Retry-After: the event could not be made durable, the tracker shall send it again.
http::Response overloaded(const http::Request& request, const Settings& settings);
/// The same, in the place of an answer of accept().
http::Response overloaded(const http::Response& instead_of);

/// 429 with Retry-After: this sender asks too often (collect/rate_limit.h).
http::Response too_many(const http::Request& request, const Settings& settings);

}  // namespace lvp::collect
