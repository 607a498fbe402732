#include "collect/origin.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace lvp::collect {
namespace {

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool made_of(std::string_view text, std::string_view extra) {
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_alnum(c) || extra.find(c) != extra.npos;
  });
}

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']'))
    return made_of(host.substr(1, host.size() - 2), ":.");
  return made_of(host, "-._~");
}

bool is_port(std::string_view port) {
  return port.size() <= 5 && !port.empty() &&
         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<Origin> parse_origin(std::string_view text) {
  const std::size_t slashes = text.find("://");
  if (slashes == std::string_view::npos || !made_of(text.substr(0, slashes), "+-."))
    return std::nullopt;
  const std::string_view authority = text.substr(slashes + 3);
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  if (!is_host(host)) return std::nullopt;
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return std::nullopt;
  return Origin{text, host};
}

}  // namespace

std::vector<Origin> parse_origins(std::string_view header) {
  std::vector<Origin> origins;
  for (const std::string_view part : split(header, ' ')) {
    if (const auto origin = parse_origin(part)) origins.push_back(*origin);
  }
  return origins;
}

}  // namespace lvp::collect
