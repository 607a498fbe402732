// Values against nodes: whether they are valid, and if not, why.
#pragma once

#include <vector>

#include "iglu/node.h"
#include "wire/bad_row.h"
#include "wire/json.h"

namespace lvp::iglu {

/// Stops at the first violation. Allocates nothing but for uniqueItems of long arrays.
bool accepts(const Node& node, const json::Value& value);

/// Every violation, in the order and the words of networknt's validator: `properties` first, then
/// keyword by keyword in alphabetical order.
std::vector<bad_row::Report> explain(const Node& node, const json::Value& value);

}  // namespace lvp::iglu
