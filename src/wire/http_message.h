// An HTTP request and its response as plain values, shared by the pure rooms and the server.
#pragma once

#include <cstddef>
#include <initializer_list>
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

/// The headers of a response in the order in which they were added, as one text: an answer to a
/// tracker has five, and a string for each would cost as much as all else about it.
///
/// Date, Connection, Content-Length and Transfer-Encoding are the server's and are not taken.
class ResponseHeaders {
 public:
  ResponseHeaders() = default;
  ResponseHeaders(std::initializer_list<Header> headers);

  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  /// The value is the parts one after the other. What would end it (CR, LF, NUL) becomes a space.
  void add(std::string_view name, std::initializer_list<std::string_view> parts);
  void add(std::string_view name, std::string_view value) { add(name, {value}); }

  /// "\r\nName: value" for each.
  std::string_view text() const { return text_; }
  /// Views the text.
  std::vector<Header> list() const;

 private:
  std::string text_;
};

struct Response {
  int status = 200;
  ResponseHeaders headers;
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
