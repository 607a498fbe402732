// A small blocking HTTP client, for the commands that talk to a running server. The door to
// libcurl.
//
// http and https only; redirects are answers like any other.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "wire/http_message.h"

namespace lvp::net {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  std::vector<http::ResponseHeader> headers = {};
  std::string body = {};
  Duration timeout = std::chrono::seconds(10);  ///< for the whole exchange
};

struct ClientResponse {
  int status = 0;
  std::vector<http::ResponseHeader> headers;  ///< in arrival order, names as received
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

}  // namespace lvp::net
