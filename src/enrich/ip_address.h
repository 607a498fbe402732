// Which address a request came from, when proxies stood in between.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace lvp::enrich {

/// The first address of the first "X-Forwarded-For: …" line that begins with one; else that of the
/// last "Forwarded: for=…" line; else `fallback`. Lower case, without quotes, brackets and port.
/// Nothing checks that it is a valid address. `headers` are "Name: value" lines.
std::string client_address(std::span<const std::string> headers, std::string_view fallback);

}  // namespace lvp::enrich
