// How a response looks on the wire: the status line and the headers. Pure.
#pragma once

#include <string>
#include <string_view>

#include "wire/http_message.h"

namespace lvp::net {

/// What the connection knows about a response.
struct ResponseContext {
  std::string_view date;        ///< value of the Date header
  std::string_view connection;  ///< value of the Connection header; none if empty
};

/// False for the statuses that have no body by definition: 1xx, 204, 304.
bool has_body(int status);

/// The body that is sent, except to HEAD.
std::string_view body_of(const http::Response& response);

/// Everything up to and including the empty line. Date, Connection, Content-Length (where there may
/// be a body) and Transfer-Encoding are the server's: the response's own are left out. Line breaks
/// and NUL inside a header become spaces, so that no value can forge a header.
std::string head_text(const http::Response& response, const ResponseContext& context);

/// The same into `out`, whose room is used again.
void write_head(std::string& out, const http::Response& response, const ResponseContext& context);

}  // namespace lvp::net
