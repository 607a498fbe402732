#include "net/response_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/text.h"

namespace lvp::net {
namespace {

bool is_servers(std::string_view name) {
  constexpr std::array<std::string_view, 4> names{"Date", "Connection", "Content-Length",
                                                  "Transfer-Encoding"};
  return std::ranges::any_of(names,
                             [name](std::string_view n) { return equal_ignoring_case(n, name); });
}

void append_clean(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  out += text;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
}

}  // namespace

bool has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string_view body_of(const http::Response& response) {
  if (!has_body(response.status)) return {};
  return response.static_body.empty() ? std::string_view(response.body) : response.static_body;
}

std::string head_text(const http::Response& response, const ResponseContext& context) {
  std::string out;
  out.reserve(512);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 http::reason(response.status), context.date);
  for (const http::ResponseHeader& header : response.headers) {
    if (is_servers(header.name)) continue;
    append_clean(out, header.name);
    out += ": ";
    append_clean(out, header.value);
    out += "\r\n";
  }
  if (has_body(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", body_of(response).size());
  }
  if (!context.connection.empty()) {
    fmt::format_to(std::back_inserter(out), "Connection: {}\r\n", context.connection);
  }
  out += "\r\n";
  return out;
}

}  // namespace lvp::net
