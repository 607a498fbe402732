// The collector's request path: the bytes of a connection → requests → records and an answer.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "collect/collect.h"
#include "net/request_parser.h"
#include "wire/collector_payload.h"

namespace lvp {
namespace {

constexpr std::size_t body_bytes_max = 20'000;
constexpr std::size_t payload_bytes_limit = 2'000;  // small, so that bodies are split
constexpr Timestamp now{std::chrono::milliseconds(1'735'689'600'000)};

// Every switch that runs more code is on.
collect::Settings make_settings() {
  collect::Settings settings;
  settings.cookie->domains = {"example.com"};
  settings.cookie->fallback_domain = "fallback.example";
  settings.cookie->client_name = "sp_client";
  settings.anonymous_clears_cookie = true;
  auto pattern = Pattern::compile("no-.*");
  LVP_CHECK(pattern.has_value());
  settings.do_not_track = {"dnt", std::make_shared<const Pattern>(std::move(*pattern))};
  settings.redirects = {{"example.com", "shop.example"}, "${SP_NUID}"};
  settings.bounce.emplace().forwarded_protocol_header = "X-Forwarded-Proto";
  settings.root = {302, {{"Location", "https://example.com/"}}, "moved"};
  settings.cross_domain.emplace();
  settings.hsts_max_age = std::chrono::hours(1);
  settings.paths = {{"/a/b", "/com.snowplowanalytics.snowplow/tp2"}, {"/a/r", "/r/tp2"}};
  settings.body_bytes_max = body_bytes_max;
  settings.payload_bytes_limit = payload_bytes_limit;
  return settings;
}

const collect::Settings& settings() {
  static const collect::Settings made = make_settings();
  return made;
}

bool is_clean(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// An answer must be one: nothing that came in may break its lines.
void check(const http::Response& response) {
  LVP_CHECK(response.status >= 100 && response.status <= 599);
  for (const http::Header& header : response.headers.list())
    LVP_CHECK(is_clean(header.name) && is_clean(header.value));
}

void check(const collect::Record& record) {
  LVP_CHECK(record.value.size() < payload_bytes_limit);
  const auto payload = decode_collector_payload(record.value);
  LVP_CHECK(payload.has_value());
  LVP_CHECK(encode(*payload) == record.value);
  LVP_CHECK(is_utf8(payload->body.value_or("")) && is_utf8(payload->querystring.value_or("")));
}

// What the whole requests in the bytes came to, however these are cut into pieces. What is wrong
// with the one that follows may be noticed earlier or later.
std::vector<std::string> requests(std::string_view bytes, std::size_t piece_bytes) {
  std::vector<std::string> all;
  net::RequestParser parser({.header_bytes_max = 4096, .body_bytes_max = body_bytes_max});
  while (!bytes.empty()) {
    const std::size_t taken = parser.take(bytes.substr(0, piece_bytes));
    bytes.remove_prefix(taken);
    if (parser.state() == net::RequestParser::State::failed) break;
    if (parser.state() != net::RequestParser::State::done) continue;
    http::Request request = parser.request();
    request.peer = "192.0.2.1";
    unsigned ids = 0;
    const collect::Accepted accepted = collect::accept(
        request, now, [&ids] { return fmt::format("00000000-0000-4000-8000-{:012}", ++ids); },
        settings());
    check(accepted.response);
    std::string made = std::to_string(accepted.response.status);
    for (const collect::Record& record : accepted.raw) {
      check(record);
      made += record.value;
    }
    for (const std::string& row : accepted.bad) made += row;
    all.push_back(std::move(made));
    parser.reset();
  }
  return all;
}

}  // namespace
}  // namespace lvp

// The first byte says how the others are cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = lvp::requests(bytes, bytes.size());
  const auto cut = lvp::requests(bytes, std::size_t{1} + data[0] % 64);
  LVP_CHECK(whole == cut);
  return 0;
}
