// A request taken apart once, for all that look at it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "wire/http_message.h"

namespace lvp::collect {

/// A request target taken apart. Views into it.
struct Target {
  std::string_view host;  ///< with its port; only of an absolute target, "http://host/path"
  std::string_view path;
  std::optional<std::string_view> query;  ///< without '?' and without a fragment
};

Target parse_target(std::string_view target);

/// Whether it is the header of that name, in letters of either case.
inline bool is_named(const http::Header& header, std::string_view name) {
  return equal_ignoring_case(header.name, name);
}

/// A request and what the collector looks at in it. Views into the request; a header is the first
/// of its name, or a null view.
struct Incoming {
  explicit Incoming(const http::Request& received);

  const http::Request& request;
  Target target;
  std::string_view host;
  std::string_view origin;
  std::string_view user_agent;
  std::string_view referer;
  std::string_view content_type;
  bool has_cookies = false;
  bool is_anonymous = false;  ///< an SP-Anonymous header, whatever it says
  bool is_post = false;

 private:
  void take(const http::Header& header);
};

/// The first parameter with that name in a query, decoded as Enrich does ('+' is a space, ';'
/// separates as '&' does). Empty in "a" and in "a=".
std::optional<std::string> find_parameter(std::string_view query, std::string_view name);

/// Whether a strict URI parser (java.net.URI) takes this as a query or a path: ASCII without
/// spaces, controls, quotes, angle or curly brackets, backslash, caret, backtick and pipe, each '%'
/// followed by two hexadecimal digits.
bool is_strict_uri_text(std::string_view text);

/// The same text with an escape for each byte that is_strict_uri_text() refuses.
std::string strict_uri_text(std::string_view text);

}  // namespace lvp::collect
