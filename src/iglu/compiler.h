// JSON Schema text (draft 4) → nodes.
//
// What a schema means is what networknt's validator makes of it, with the differences that
// docs/formats/schemas.md lists. A keyword whose value is not what draft 4 says, or that we cannot
// obey, makes the schema useless: it is refused here, never half obeyed.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "iglu/node.h"

namespace lvp::iglu {

/// Most containers inside each other that a schema's text may have.
inline constexpr std::size_t schema_depth_max = 200;

/// Error::invalid names the place and the keyword: "$.properties.a: pattern: regular expression:
/// …".
Result<std::unique_ptr<Compiled>> compile(std::string_view text);

}  // namespace lvp::iglu
