// Whether a value is valid. Why it is not says iglu/explainer.h.
#pragma once

#include <cstddef>
#include <span>

#include "iglu/node.h"
#include "wire/json.h"

namespace lvp::iglu {

/// Stops at the first violation. Allocates nothing but for uniqueItems of long arrays.
bool accepts(const Node& node, const json::Value& value);

/// How many of them accept the value.
std::size_t matches(std::span<const Node* const> alternatives, const json::Value& value);

}  // namespace lvp::iglu
