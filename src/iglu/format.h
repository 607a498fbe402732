// The values of JSON Schema's `format` that we enforce, with the meaning networknt gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace lvp::iglu {

enum class Format : std::uint8_t {
  date_time,  ///< RFC 3339 with seconds and offset
  uuid,       ///< 8-4-4-4-12 hexadecimal digits
  uri,        ///< absolute, ASCII, no spaces
};

/// Nothing for a name that the original ignores; Error::invalid for one it enforces and we do not.
Result<std::optional<Format>> parse_format(std::string_view name);

bool satisfies(Format format, std::string_view text);

}  // namespace lvp::iglu
