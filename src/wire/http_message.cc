#include "wire/http_message.h"

#include <algorithm>

#include "base/text.h"

namespace lvp::http {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::string_view separator = ": ";

bool is_servers(std::string_view name) {
  switch (name.size()) {
    case 4:
      return equal_ignoring_case(name, "Date");
    case 10:
      return equal_ignoring_case(name, "Connection");
    case 14:
      return equal_ignoring_case(name, "Content-Length");
    case 17:
      return equal_ignoring_case(name, "Transfer-Encoding");
    default:
      return false;
  }
}

}  // namespace

std::string_view Request::path() const {
  return target.substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

std::string_view Request::header(std::string_view name) const {
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, name)) return header.value;
  }
  return {};
}

bool Request::has_header(std::string_view name) const {
  return header(name).data() != nullptr;
}

ResponseHeaders::ResponseHeaders(std::initializer_list<Header> headers) {
  for (const auto& [name, value] : headers) add(name, value);
}

void ResponseHeaders::add(std::string_view name, std::initializer_list<std::string_view> parts) {
  if (is_servers(name)) return;
  text_ += line_end;
  const std::size_t start = text_.size();
  text_ += name;
  text_ += separator;
  for (const std::string_view part : parts) text_ += part;
  for (const char harmful : {'\r', '\n', '\0'}) {
    if (text_.find(harmful, start) == std::string::npos) continue;
    std::replace(text_.begin() + static_cast<std::ptrdiff_t>(start), text_.end(), harmful, ' ');
  }
}

std::vector<Header> ResponseHeaders::list() const {
  std::vector<Header> headers;
  for (std::string_view left = text_; !left.empty();) {
    left.remove_prefix(line_end.size());
    const std::string_view line = left.substr(0, left.find(line_end));
    const std::size_t name = line.find(separator);
    headers.push_back({line.substr(0, name), line.substr(name + separator.size())});
    left.remove_prefix(line.size());
  }
  return headers;
}

std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

std::string_view reason(int status) {
  switch (status) {
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 416:
      return "Range Not Satisfiable";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

Response text_response(int status, std::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.add("Content-Type", content_type);
  response.body = std::move(body);
  return response;
}

}  // namespace lvp::http
