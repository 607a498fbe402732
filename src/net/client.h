// A small blocking HTTP client, for commands that talk to a running server and for the services of
// AWS. The door to libcurl.
//
// http and https only; redirects are answers like any other.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/http_message.h"

namespace lvp::net {

/// Signs a request for a service of AWS (Signature Version 4), all its headers included: they must
/// have values. The token of temporary credentials is a header like any other.
struct Signature {
  std::string key_id;
  std::string secret;
  std::string region;
  std::string service;
};

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<http::OwnHeader> headers = {};
  std::string body = {};
  Duration timeout = std::chrono::seconds(10);  ///< for the whole exchange
  std::optional<Signature> signature = {};
  /// PEM file with authorities that are trusted beside those of the system's store.
  std::string ca_file = {};
};

struct ClientResponse {
  int status = 0;
  std::vector<http::OwnHeader> headers;  ///< in arrival order, names as received
  std::string body = {};

  /// Value of the first header with that name (any case), or empty.
  std::string_view header(std::string_view name) const;
};

/// The most that fetch() takes as a body, and fetch_lines() as a line.
inline constexpr std::size_t fetched_bytes_max = 64 * 1024 * 1024;

/// The answer, whatever its status. Error::invalid if the request makes no sense (its URL or its
/// method) or the answer is too large, Error::unavailable if no whole answer came in time.
Result<ClientResponse> fetch(const ClientRequest& request);

/// Calls `on_line` for each line of the body as it arrives, without its line end, until it returns
/// false or the body ends; a last line may lack its end. The timeout is for the connection only.
/// Error::invalid also if the status is not 200: `on_line` is then not called.
Status fetch_lines(const ClientRequest& request,
                   const std::function<bool(std::string_view line)>& on_line);

/// Keeps its connections for the next requests to the same servers: as many as were used at once.
/// Thread-safe.
class Client {
 public:
  Client();
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// As fetch().
  Result<ClientResponse> fetch(const ClientRequest& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lvp::net
