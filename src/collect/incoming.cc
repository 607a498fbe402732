#include "collect/incoming.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "wire/form.h"

namespace lvp::collect {
namespace {

// Text of a query without its escapes, in valid UTF-8.
std::string decoded(std::string_view text) {
  return repaired_utf8(percent_decode(text, /*plus_is_space=*/true));
}

bool decodes_to(std::string_view text, std::string_view name) {
  if (text == name) return true;
  return text.size() > name.size() && text.contains('%') && decoded(text) == name;
}

// By byte; '%' is judged with what follows it.
constexpr std::array<bool, 256> uri_bytes = [] {
  std::array<bool, 256> allowed{};
  for (std::size_t byte = 0x21; byte < 0x7f; ++byte) allowed[byte] = true;
  for (const char c : std::string_view("\"<>{}|\\^`%"))
    allowed[static_cast<unsigned char>(c)] = false;
  return allowed;
}();

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Length of the allowed text at the front: a byte, an escape, or nothing.
std::size_t allowed_at(std::string_view text, std::size_t at) {
  if (uri_bytes[static_cast<unsigned char>(text[at])]) return 1;
  const bool escape = text[at] == '%' && at + 2 < text.size() && is_hex_digit(text[at + 1]) &&
                      is_hex_digit(text[at + 2]);
  return escape ? 3 : 0;
}

}  // namespace

Target parse_target(std::string_view target) {
  Target parts;
  target = target.substr(0, target.find('#'));
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.starts_with('/')) break;
    if (!equal_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    parts.host = target.substr(0, end);
    target.remove_prefix(end);
    break;
  }
  const std::size_t mark = target.find('?');
  parts.path = target.substr(0, mark);
  if (parts.path.empty()) parts.path = "/";
  if (mark != std::string_view::npos) parts.query = target.substr(mark + 1);
  return parts;
}

Incoming::Incoming(const http::Request& received)
    : request(received), target(parse_target(received.target)), is_post(received.method == "POST") {
  for (const http::Header& header : request.headers) take(header);
}

// Most names are told by their lengths.
void Incoming::take(const http::Header& header) {
  const auto keep_first = [&](std::string_view name, std::string_view& field) {
    if (field.data() == nullptr && equal_ignoring_case(header.name, name)) field = header.value;
  };
  switch (header.name.size()) {
    case 4:
      return keep_first("Host", host);
    case 6:
      if (equal_ignoring_case(header.name, "Cookie")) has_cookies = true;
      return keep_first("Origin", origin);
    case 7:
      return keep_first("Referer", referer);
    case 10:
      return keep_first("User-Agent", user_agent);
    case 12:
      if (equal_ignoring_case(header.name, "SP-Anonymous")) is_anonymous = true;
      return keep_first("Content-Type", content_type);
  }
}

std::optional<std::string> find_parameter(std::string_view query, std::string_view name) {
  const auto separates = [](char c) { return c == '&' || c == ';'; };
  for (auto at = query.begin(); at != query.end();) {
    const auto end = std::find_if(at, query.end(), separates);
    const std::string_view pair(at, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (decodes_to(pair.substr(0, equals), name))
      return decoded(pair.substr(std::min(equals + 1, pair.size())));
    at = end == query.end() ? end : end + 1;
  }
  return std::nullopt;
}

bool is_strict_uri_text(std::string_view text) {
  const auto is_plain = [](char c) { return uri_bytes[static_cast<unsigned char>(c)]; };
  for (;;) {
    const auto escape = std::ranges::find_if_not(text, is_plain);
    if (escape == text.end()) return true;
    text.remove_prefix(static_cast<std::size_t>(escape - text.begin()));
    const std::size_t length = allowed_at(text, 0);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

std::string strict_uri_text(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string strict;
  strict.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t length = allowed_at(text, at); length > 0) {
      strict += text.substr(at, length);
      at += length;
      continue;
    }
    const auto byte = static_cast<unsigned char>(text[at++]);
    strict += '%';
    strict += digits[byte >> 4];
    strict += digits[byte & 15];
  }
  return strict;
}

}  // namespace lvp::collect
