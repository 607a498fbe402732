#include "collect/answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "collect/origin.h"

namespace lvp::collect {
namespace {

using http::Response;

// A transparent GIF89a of one pixel.
constexpr unsigned char pixel_bytes[] = {
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 0x01, 0x00, 0x01, 0x00, 0xf0, 0x00, 0x00, 0xff, 0xff,
    0xff, 0x00, 0x00, 0x00, 0x21, 0xf9, 0x04, 0x01, 0x00, 0x00, 0x00, 0x00, 0x2c, 0x00, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x01, 0x00, 0x00, 0x02, 0x02, 0x44, 0x01, 0x00, 0x3b};

std::string_view pixel() {
  return {reinterpret_cast<const char*>(pixel_bytes), sizeof pixel_bytes};
}

// Those of an answer to an event hardly ever take more.
constexpr std::size_t event_headers_bytes = 448;

}  // namespace

Response event_answer(std::string_view method) {
  Response response;
  response.headers.reserve(event_headers_bytes);
  if (method == "POST") {
    response.headers.add("Content-Type", plain_text);
    response.static_body = "ok";
    return response;
  }
  response.headers.add("Content-Type", "image/gif");
  if (method == "GET") response.static_body = pixel();
  return response;
}

Response refusal(BodyError error) {
  switch (error) {
    case BodyError::corrupt:
      return http::text_response(400, plain_text, "body is not what its Content-Encoding says");
    case BodyError::too_large:
      return http::text_response(413, plain_text, "decompressed body is too large");
    case BodyError::unknown_coding:
      break;
  }
  Response response = http::text_response(415, plain_text, "unknown Content-Encoding");
  response.headers.add("Accept-Encoding", "gzip");
  return response;
}

Response redirect_answer(const std::optional<std::string>& location) {
  Response response;
  response.status = location ? 302 : 400;
  if (location) response.headers.add("Location", *location);
  return response;
}

void forbid_caching(Response& response) {
  response.headers.add("Cache-Control", "no-cache, no-store, must-revalidate");
}

Response preflight_answer(const Settings& settings) {
  std::string allowed = "Content-Type, SP-Anonymous";
  for (const std::string& header : settings.preflight_headers) {
    allowed += ", ";
    allowed += header;
  }
  Response response;
  response.headers.add("Access-Control-Allow-Headers", allowed);
  response.headers.add("Access-Control-Max-Age",
                       std::to_string(settings.preflight_max_age.count()));
  return response;
}

Response root_answer(const RootResponse& root) {
  Response response;
  response.status = root.status;
  for (const auto& [name, value] : root.headers) response.headers.add(name, value);
  response.body = root.body;
  return response;
}

Response cross_domain_answer(const CrossDomain& policy) {
  std::vector<std::string> lines;
  for (const std::string& domain : policy.domains) {
    lines.push_back(
        fmt::format(R"(  <allow-access-from domain="{}" secure="{}" />)", domain, policy.secure));
  }
  return http::text_response(
      200, "text/xml; charset=ISO-8859-1",
      fmt::format("<?xml version=\"1.0\"?>\n<cross-domain-policy>\n{}\n</cross-domain-policy>",
                  fmt::join(lines, "\n")));
}

Response robots_answer() {
  return http::text_response(200, plain_text, "User-agent: *\nDisallow: /");
}

Response not_found(std::string_view text) {
  return http::text_response(404, plain_text, std::string(text));
}

Response try_again(int status, std::string_view text, std::string_view retry_after_s) {
  Response response = http::text_response(status, plain_text, std::string(text));
  response.headers.add("Retry-After", retry_after_s);
  return response;
}

void add_cors(std::string_view origins, Response& response) {
  const auto origin = take_origin(origins);
  response.headers.add("Access-Control-Allow-Origin", origin ? origin->text : "*");
  response.headers.add("Access-Control-Allow-Credentials", "true");
}

void add_hsts(const Settings& settings, Response& response) {
  if (!settings.hsts_max_age) return;
  response.headers.add("Strict-Transport-Security", fmt::format("max-age={}; includeSubDomains",
                                                                settings.hsts_max_age->count()));
}

}  // namespace lvp::collect
