#include "net/response_text.h"

#include <fmt/format.h>

namespace lvp::net {
namespace {

void append_number(std::string& out, std::size_t number) {
  const fmt::format_int text(number);
  out.append(text.data(), text.size());
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
  write_head(out, response, context);
  return out;
}

void write_head(std::string& out, const http::Response& response, const ResponseContext& context) {
  out = "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(response.status));
  out += ' ';
  out += http::reason(response.status);
  out += "\r\nDate: ";
  out += context.date;
  out += response.headers.text();
  if (has_body(response.status)) {
    out += "\r\nContent-Length: ";
    append_number(out, body_of(response).size());
  }
  if (!context.connection.empty()) {
    out += "\r\nConnection: ";
    out += context.connection;
  }
  out += "\r\n\r\n";
}

}  // namespace lvp::net
