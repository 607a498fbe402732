// URIs as java.net.URI takes them apart, which decides what Snowplow's URL columns hold.
//
//   uri       := [scheme ":"] (["//" [authority]] path ["?" query] | opaque) ["#" fragment]
//   authority := [userinfo "@"] host [":" port]      else a registry name, which has no host
//
// That is RFC 2396 with IPv6 literals and with non-ASCII characters wherever escapes may stand.
#pragma once

#include <expected>
#include <optional>
#include <string_view>

namespace lvp::enrich {

/// Views the text. Parts are as written, still percent-encoded; empty means absent.
struct JavaUri {
  std::string_view scheme;
  std::string_view host;  ///< IPv6 addresses keep their brackets
  std::optional<int> port;
  std::string_view path;
  std::string_view query;
  std::string_view fragment;
};

/// `text` is UTF-8. The error says what kind of part has an illegal character.
std::expected<JavaUri, std::string_view> parse_java_uri(std::string_view text);

}  // namespace lvp::enrich
