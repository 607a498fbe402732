// The bad row of something that a stream or a table does not take.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/time.h"
#include "wire/bad_row.h"

namespace lvp::stages {

/// Of what is refused the row keeps so much, in UTF-16 units: it must itself fit into any stream,
/// also where each unit takes six bytes of JSON.
inline constexpr std::size_t refused_units_max = 100'000;

/// A generic_error with the beginning of what was refused.
inline std::string refused_row(const bad_row::Processor& processor, Timestamp now,
                               std::string_view why, std::string_view what) {
  return bad_row::generic_error(processor, now, why,
                                utf16_prefix(repaired_utf8(what), refused_units_max));
}

}  // namespace lvp::stages
