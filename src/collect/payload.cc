#include "collect/payload.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "collect/ascii.h"
#include "collect/client_address.h"
#include "collect/cookie.h"

namespace lvp::collect {
namespace {

// Headers that tell who sent a request; dropped from an anonymous one.
constexpr std::array<std::string_view, 8> identifying{
    "Cookie",         "X-Forwarded-For",  "X-Real-Ip",   "Forwarded",
    "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Cluster-Client-Ip",
};
constexpr std::string_view identifying_prefix = "cloudfront-viewer-";

bool is_identifying(std::string_view name) {
  return std::ranges::any_of(identifying,
                             [&](std::string_view n) { return equal_ignoring_case(n, name); }) ||
         equal_ignoring_case(name.substr(0, identifying_prefix.size()), identifying_prefix);
}

std::string from_latin1(std::string_view bytes) {
  std::string utf8;
  utf8.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      utf8 += c;
    } else {
      utf8 += static_cast<char>(0xc0 | (byte >> 6));
      utf8 += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return utf8;
}

std::string_view without_blanks(std::string_view value) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const bool has = !value.empty() && (is_blank(value.front()) || is_blank(value.back()));
  return has ? trim(value) : value;
}

// Whether it came as it is recorded, "Name: value", and lies in one piece: a plain one may.
bool is_line(const http::Header& header) {
  constexpr std::string_view between = ": ";
  const char* const name_end = header.name.data() + header.name.size();
  return header.value.data() == name_end + between.size() &&
         std::string_view(name_end, between.size()) == between;
}

// Makes a Recording: what can be viewed is viewed.
class Recorder {
 public:
  explicit Recorder(bool is_plain) : is_plain_(is_plain) {}

  std::string_view keep(std::string text) {
    recording_.made.push_front(std::move(text));
    return recording_.made.front();
  }

  std::string_view latin1(std::string_view bytes) {
    return is_plain_ || is_ascii(bytes) ? bytes : keep(from_latin1(bytes));
  }

  std::optional<std::string_view> latin1_if_any(std::string_view header) {
    return header.data() == nullptr ? std::nullopt : std::optional(latin1(header));
  }

  void headers(const Incoming& incoming, bool was_compressed) {
    auto& lines = recording_.payload.headers;
    lines.reserve(incoming.request.headers.size() + 1);
    for (const http::Header& header : incoming.request.headers) {
      if (incoming.is_anonymous && is_identifying(header.name)) continue;
      if (was_compressed && is_named(header, "Content-Encoding")) continue;
      if (is_named(header, "Cookie")) {
        std::string cookies = recorded_cookies(header.value);
        if (!cookies.empty()) lines.push_back({"Cookie", keep(std::move(cookies))});
        continue;
      }
      if (is_plain_ && is_line(header)) {
        lines.push_back({"", {header.name.data(), header.value.data() + header.value.size()}});
        continue;
      }
      lines.push_back({latin1(header.name), latin1(without_blanks(header.value))});
    }
  }

  CollectorPayloadView& payload() { return recording_.payload; }
  Recording take() { return std::move(recording_); }

 private:
  const bool is_plain_;  // Request::is_plain
  Recording recording_;
};

}  // namespace

Recording record(const Incoming& incoming, const Recorded& recorded) {
  Recorder recorder(incoming.request.is_plain);
  CollectorPayloadView& payload = recorder.payload();
  payload.ip_address = incoming.is_anonymous
                           ? unknown_address
                           : recorder.keep(client_address(incoming.request, true));
  payload.timestamp_ms = to_ms(recorded.now);
  payload.collector = recorded.collector;
  payload.user_agent = recorder.latin1_if_any(incoming.user_agent);
  payload.referer_uri = recorder.latin1_if_any(incoming.referer);
  payload.path = recorded.path;
  if (const auto query = incoming.target.query)
    payload.querystring =
        is_strict_uri_text(*query) ? *query : recorder.keep(strict_uri_text(*query));
  const std::string_view host = incoming.target.host.empty() ? incoming.host : incoming.target.host;
  if (!host.empty()) payload.hostname = recorder.latin1(http::without_port(host));
  payload.network_userid = recorded.network_userid;
  recorder.headers(incoming, recorded.body != nullptr && recorded.body->was_compressed);
  if (recorded.body != nullptr) payload.body = recorded.body->text();
  if (recorded.content_type) {
    payload.content_type = recorded.content_type;
    payload.headers.push_back({"", *recorded.content_type});
  }
  return recorder.take();
}

}  // namespace lvp::collect
