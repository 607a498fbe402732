// Where a "$ref" within a schema leads.
//
//   reference := "#" | "#/" step ( "/" step )* | "#" name
//   step      := a member's name or an item's number; "~1" is '/', "~0" is '~', "%xx" a byte
#pragma once

#include <string_view>

#include "wire/json.h"

namespace lvp::iglu {

/// The value, or an absent one. "#name" leads to the schema whose `id` is "#name".
json::Value find_reference(const json::Value& document, std::string_view reference);

}  // namespace lvp::iglu
