// An HTTP request and its response as plain values, shared by the pure rooms and the server.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lvp::http {

struct Header {
  std::string_view name;
  std::string_view value;
};

/// Views the connection's buffer: good until the response has been sent.
struct Request {
  std::string_view method;
  std::string_view target;      ///< as on the request line: path and, after '?', the query
  std::vector<Header> headers;  ///< in arrival order, names as received
  std::string_view body;
  std::string_view peer;  ///< IP address of the other end, IPv4 if it is IPv4-mapped
  /// Known already: method, target and headers are printable ASCII, and no value has blanks around
  /// it.
  bool is_plain = false;

  std::string_view path() const;   ///< the target before '?'
  std::string_view query() const;  ///< the target after the first '?', or empty
  /// Value of the first header with that name (any case), or a null view (data() == nullptr).
  std::string_view header(std::string_view name) const;
  bool has_header(std::string_view name) const;
};

/// One that views nothing.
struct OwnHeader {
  std::string name;
  std::string value;
};

struct ResponseHeader {
  std::string_view name;  ///< outlives the response: a literal, or a setting
  std::string value;
};

struct Response {
  int status = 200;
  std::vector<ResponseHeader> headers;
  std::string body;
  std::string_view
      static_body;     ///< used instead of body if set; must outlive the program's use of it
  bool close = false;  ///< close the connection after this response
  /// Sent so much later, at least, by a connection that meanwhile takes nothing: who is refused and
  /// comes back at once would cost as much as who is served.
  Duration delay{};
};

/// "[::1]:8280" → "[::1]", "example.com" as it is: the name in a Host header or an origin.
std::string_view without_port(std::string_view host);

/// "404" → "Not Found" and so on, for every status we send.
std::string_view reason(int status);

/// A response with a body and its content type.
Response text_response(int status, std::string_view content_type, std::string body);

}  // namespace lvp::http
