#include "enrich/java_uri.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/text.h"

namespace lvp::enrich {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_alpha(c);
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// The characters of RFC 2396's classes besides letters and digits.
constexpr std::string_view path_marks = "-_.!~*'():@&=+$,;/";
constexpr std::string_view uric_marks = "-_.!~*'();/?:@&=+$,[]";
constexpr std::string_view userinfo_marks = "-_.!~*'();:&=+$,";
constexpr std::string_view registry_marks = "-_.!~*'()$,;:@&=+";

// Length of the non-ASCII character at the front of `text` that Java lets stand in a URI: neither a
// control nor a space. 0 for the others.
std::size_t other_character(std::string_view text) {
  // In UTF-8: no-break space, Ogham space, U+2000 to U+200A, line and paragraph separator, narrow
  // no-break space, mathematical space, ideographic space.
  constexpr std::array<std::string_view, 7> spaces{"\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8",
                                                   "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
                                                   "\xe3\x80\x80"};
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0xc2) return 0;
  const std::size_t length = byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  if (text.size() < length) return 0;
  if (byte(0) == 0xc2 && byte(1) < 0xa0) return 0;  // U+0080 to U+009F
  if (byte(0) == 0xe2 && byte(1) == 0x80 && byte(2) <= 0x8a) return 0;
  if (std::ranges::find(spaces, text.substr(0, length)) != spaces.end()) return 0;
  return length;
}

// All of `text` is letters, digits, `marks`, escapes and other characters.
bool is_made_of(std::string_view text, std::string_view marks) {
  while (!text.empty()) {
    const char c = text.front();
    std::size_t length = is_alphanumeric(c) || marks.find(c) != marks.npos ? 1 : 0;
    if (c == '%' && text.size() > 2 && is_hex(text[1]) && is_hex(text[2])) length = 3;
    if (length == 0) length = other_character(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// Takes what stands before the first of `stops` off the front of `text`.
std::string_view take_until(std::string_view& text, std::string_view stops) {
  const std::size_t end = std::min(text.find_first_of(stops), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

bool is_ipv4(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           int value = 256;
           return !part.empty() && part.size() <= 3 && std::ranges::all_of(part, is_digit) &&
                  std::from_chars(part.data(), part.data() + part.size(), value).ec ==
                      std::errc{} &&
                  value < 256;
         });
}

// Labels of letters, digits and inner dashes; the last of several begins with a letter.
bool is_hostname(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto labels = split(text, '.');
  const auto is_label = [](std::string_view label) {
    return !label.empty() && is_alphanumeric(label.front()) && is_alphanumeric(label.back()) &&
           std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
  };
  return std::ranges::all_of(labels, is_label) &&
         (labels.size() == 1 || is_alpha(labels.back().front()));
}

// What stands between the brackets, without a zone.
bool is_ipv6(std::string_view text) {
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1;
}

// Reads [userinfo "@"] host [":" port]; false if the authority is not of this form.
bool read_server(std::string_view authority, JavaUri& uri) {
  if (const std::size_t at = authority.find('@'); at != authority.npos) {
    if (!is_made_of(authority.substr(0, at), userinfo_marks)) return false;
    authority.remove_prefix(at + 1);
  }
  std::string_view host;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == authority.npos || !is_ipv6(authority.substr(1, close - 1))) return false;
    host = authority.substr(0, close + 1);
    authority.remove_prefix(close + 1);
  } else {
    host = take_until(authority, ":");
    if (!is_ipv4(host) && !is_hostname(host)) return false;
  }
  std::optional<int> port;
  if (!authority.empty()) {
    if (authority.front() != ':') return false;
    authority.remove_prefix(1);
    if (!authority.empty()) {
      int value = 0;
      if (!std::ranges::all_of(authority, is_digit) ||
          std::from_chars(authority.data(), authority.data() + authority.size(), value).ec !=
              std::errc{}) {
        return false;
      }
      port = value;
    }
  }
  uri.host = host;
  uri.port = port;
  return true;
}

bool is_scheme(std::string_view text) {
  return !text.empty() && is_alpha(text.front()) && std::ranges::all_of(text, [](char c) {
    return is_alphanumeric(c) || c == '+' || c == '-' || c == '.';
  });
}

}  // namespace

std::expected<JavaUri, std::string_view> parse_java_uri(std::string_view text) {
  JavaUri uri;
  if (const std::size_t stop = text.find_first_of("/?#:"); stop != text.npos && text[stop] == ':') {
    uri.scheme = text.substr(0, stop);
    if (!is_scheme(uri.scheme)) return std::unexpected("Illegal character in scheme name");
    text.remove_prefix(stop + 1);
  }
  const bool is_opaque = !uri.scheme.empty() && !text.starts_with('/');
  if (is_opaque) {
    const std::string_view rest = take_until(text, "#");
    if (rest.empty()) return std::unexpected("Expected scheme-specific part");
    if (!is_made_of(rest, uric_marks)) return std::unexpected("Illegal character in opaque part");
  } else {
    if (text.starts_with("//")) {
      text.remove_prefix(2);
      const std::string_view authority = take_until(text, "/?#");
      if (authority.empty() && text.empty()) return std::unexpected("Expected authority");
      if (!authority.empty() && !read_server(authority, uri) &&
          !is_made_of(authority, registry_marks)) {
        return std::unexpected("Illegal character in authority");
      }
    }
    uri.path = take_until(text, "?#");
    if (!is_made_of(uri.path, path_marks)) return std::unexpected("Illegal character in path");
    if (text.starts_with('?')) {
      text.remove_prefix(1);
      uri.query = take_until(text, "#");
      if (!is_made_of(uri.query, uric_marks)) return std::unexpected("Illegal character in query");
    }
  }
  if (text.starts_with('#')) {
    uri.fragment = text.substr(1);
    if (!is_made_of(uri.fragment, uric_marks))
      return std::unexpected("Illegal character in fragment");
  }
  return uri;
}

}  // namespace lvp::enrich
