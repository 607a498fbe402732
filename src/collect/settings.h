// What an operator can choose of the collector's rules, and which choices cannot work.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/pattern.h"
#include "base/result.h"
#include "collect/cookie.h"
#include "wire/http_message.h"

namespace lvp::collect {

/// Viewers who carry this cookie are answered as all others, but nothing is recorded of them.
struct DoNotTrack {
  std::string name;
  std::shared_ptr<const Pattern> value;  ///< the whole value must match; null: any value
};

/// /crossdomain.xml, for Flash and some set-top boxes.
struct CrossDomain {
  std::vector<std::string> domains{"*"};
  bool secure = true;
};

/// Click redirects: GET /r/tp2?u=https%3A%2F%2Fwww.example.com%2F
struct Redirects {
  /// Where they may lead: these hosts, by http or https, letters of either case, no subdomains.
  /// "*": anywhere, which makes the collector an open redirect.
  std::vector<std::string> hosts;
  std::string macro;  ///< "${SP_NUID}" in `u` becomes the network user id; empty: none
};

/// The answer to GET /.
struct RootResponse {
  int status = 302;
  std::vector<http::OwnHeader> headers = {};  ///< all that it has but HSTS
  std::string body = {};
};

/// A pixel's first request without an id is sent round once more, with a cookie and a parameter, to
/// see whether the cookie comes back. Nothing is recorded of the first.
struct CookieBounce {
  std::string name = "n3pc";  ///< of the parameter
  /// The id of all who did not bring the cookie back.
  std::string fallback_network_userid = "00000000-0000-4000-A000-000000000000";
  /// The header in which a proxy says "http" or "https". If it does, the second round's address is
  /// absolute, else relative.
  std::string forwarded_protocol_header;
};

struct Settings {
  std::optional<CookieSettings> cookie = CookieSettings{};  ///< nothing: none is read or set
  std::optional<DoNotTrack> do_not_track;
  std::optional<CrossDomain> cross_domain;
  std::optional<RootResponse> root;  ///< nothing: 404
  std::optional<CookieBounce> bounce;
  /// Nothing: /r/… answers 404. A path that `paths` renames to /r/… is a redirect even then, to
  /// anywhere and without a macro.
  std::optional<Redirects> redirects;
  /// Further names of event paths: "/media/events" → "/com.snowplowanalytics.snowplow/tp2".
  /// Compared as they are, leading slash included.
  std::map<std::string, std::string, std::less<>> paths;

  /// Strict-Transport-Security on every answer, subdomains included.
  std::optional<std::chrono::seconds> hsts_max_age;
  std::chrono::seconds preflight_max_age{3600};  ///< -1: browsers ask each time
  std::vector<std::string> preflight_headers;    ///< allowed beside Content-Type and SP-Anonymous
  /// An anonymous request that brought the cookie is told to delete it. Otherwise anonymous answers
  /// never mention cookies.
  bool anonymous_clears_cookie = false;

  std::size_t body_bytes_max = 1'048'576;  ///< of a decompressed body; over it 413
  /// Records are shorter than this, or cut until they are. Brokers take 1 MB by default.
  std::size_t payload_bytes_limit = 1'000'000;
  std::string name = "lvp-collect";  ///< `processor` of bad rows; name-version is v_collector
  std::string version = "0.1.0";     ///< three numbers, then anything
};

/// Error::invalid names the field and says what is wrong with it: "cookie.domains: …".
Status check(const Settings& settings);

}  // namespace lvp::collect
