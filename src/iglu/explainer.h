// Why a value is not valid.
#pragma once

#include <cstddef>
#include <vector>

#include "iglu/node.h"
#include "wire/bad_row.h"
#include "wire/json.h"

namespace lvp::iglu {

/// More violations of one value are not reported.
inline constexpr std::size_t reports_max = 1000;

/// The violations, in the order and the words of networknt's validator: `properties` first, then
/// keyword by keyword in alphabetical order. Empty if accepts() (iglu/checker.h).
std::vector<bad_row::Report> explain(const Node& node, const json::Value& value);

}  // namespace lvp::iglu
