#include "iglu/format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "base/time.h"
#include "base/uuid.h"

namespace lvp::iglu {
namespace {

constexpr std::array<std::string_view, 16> enforced_elsewhere{
    "date",     "time",  "email", "ipv4",  "ip-address",   "ipv6",  "hostname",     "host-name",
    "duration", "color", "phone", "style", "utc-millisec", "alpha", "alphanumeric", "regex"};

// parse_timestamp lets the zone go; RFC 3339 does not.
bool has_zone(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z')) return true;
  const std::size_t sign = text.find_last_of("+-");
  return sign != std::string_view::npos && sign > 10 && !text.ends_with("-00:00");
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view scheme = text.substr(0, colon);
  const auto scheme_char = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
  };
  if (std::isalpha(static_cast<unsigned char>(scheme.front())) == 0 ||
      !std::ranges::all_of(scheme, scheme_char)) {
    return false;
  }
  constexpr std::string_view refused = " \"<>\\^`{}|[]";
  return std::ranges::all_of(
      text, [&](char c) { return c > 0x20 && c < 0x7f && refused.find(c) == refused.npos; });
}

}  // namespace

Result<std::optional<Format>> parse_format(std::string_view name) {
  if (name == "date-time") return Format::date_time;
  if (name == "uuid") return Format::uuid;
  if (name == "uri") return Format::uri;
  if (std::ranges::find(enforced_elsewhere, name) != enforced_elsewhere.end()) {
    return invalid("format " + std::string(name) + " is not supported");
  }
  return std::nullopt;
}

bool satisfies(Format format, std::string_view text) {
  switch (format) {
    case Format::date_time:
      return parse_timestamp(text).has_value() && has_zone(text);
    case Format::uuid:
      return parse_uuid(text).has_value();
    case Format::uri:
      return is_uri(text);
  }
  return false;
}

}  // namespace lvp::iglu
