#include "collect/origin.h"

#include <algorithm>

#include "collect/token.h"

namespace lvp::collect {
namespace {

bool is_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']'))
    return made_of(host.substr(1, host.size() - 2), ":.");
  return made_of(host, "-._~");
}

bool is_port(std::string_view port) {
  return port.size() <= 5 && !port.empty() &&
         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

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

std::optional<Origin> take_origin(std::string_view& header) {
  while (!header.empty()) {
    const std::string_view part = header.substr(0, header.find(' '));
    header.remove_prefix(std::min(part.size() + 1, header.size()));
    if (const auto origin = parse_origin(part)) return origin;
  }
  return std::nullopt;
}

}  // namespace lvp::collect
