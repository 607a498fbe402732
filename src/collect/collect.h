// The collector: a tracker's HTTP request becomes payloads for the `raw` stream and an answer.
//
// The collector takes what it is given: any request to a path of two segments is an event, its body
// is not looked into unless it is too large, and the answer is the same whatever it says. The shell
// makes `raw` and `bad` durable before it sends `response`, and sends overloaded() if it cannot.
//
//   POST /vendor/version                      event; "ok"
//   GET, HEAD /vendor/version, /i, /ice.png   event; a transparent pixel
//   OPTIONS anything                          preflight
//   GET /health, /robots.txt, /crossdomain.xml
//   /r/anything                               404: click redirects are disabled
//
// /sink-health is not known here (404): whoever knows whether `raw` can be written answers it.
// Differences from the reference: docs/compatibility-collector.md.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "collect/cookie.h"
#include "wire/http_message.h"

namespace lvp::collect {

/// Viewers who carry this cookie are answered as all others, but nothing is recorded.
struct DoNotTrack {
  std::string name;
  std::string value;  ///< exactly this; empty: any
};

/// /crossdomain.xml, for Flash and some set-top boxes.
struct CrossDomain {
  std::vector<std::string> domains{"*"};
  bool secure = true;
};

struct Settings {
  std::optional<CookieSettings> cookie = CookieSettings{};  ///< nothing: none is read or set
  std::optional<DoNotTrack> do_not_track;
  std::optional<CrossDomain> cross_domain;
  /// Further names of event paths: "/media/events" → "/com.snowplowanalytics.snowplow/tp2".
  /// Compared as they are, leading slash included.
  std::map<std::string, std::string, std::less<>> paths;
  /// Records are shorter than this, or cut until they are. Brokers take 1 MB by default.
  std::size_t payload_bytes_limit = 1'000'000;
  std::string name = "lvp-collect";  ///< `processor` of bad rows; name-version is v_collector
  std::string version = "0.1.0";     ///< three numbers, then anything
};

struct Record {
  std::string key;    ///< network user id; random where there is none
  std::string value;  ///< Thrift bytes of a CollectorPayload
};

struct Accepted {
  http::Response response;       ///< good once `raw` and `bad` are durable
  std::vector<Record> raw;       ///< more than one if a large batch was cut; all with the same key
  std::vector<std::string> bad;  ///< size_violation bad rows, JSON
};

/// Answers a request. `now` becomes collector_tstamp, `new_id` makes network user ids. Nothing is
/// refused: an answer that is no event's has empty `raw` and `bad`.
Accepted accept(const http::Request& request, Timestamp now, const NewUuid& new_id,
                const Settings& settings);

/// Lets the page that asked read the answer. accept() has done so; this is for errors that the HTTP
/// server answers itself, without which a tracker cannot tell them from a broken network.
void add_cors(const http::Request& request, http::Response& response);

/// 503 with Retry-After: the event could not be made durable, the tracker shall send it again.
http::Response overloaded(const http::Request& request);

}  // namespace lvp::collect
