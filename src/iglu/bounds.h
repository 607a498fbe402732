// That checking a value against a schema ends, and soon.
#pragma once

#include <deque>

#include "base/result.h"
#include "iglu/node.h"

namespace lvp::iglu {

/// $ref, allOf, anyOf, oneOf, not and dependencies make nodes look at the value that their parent
/// looks at. Error::invalid if that goes round in a circle, deeper than 64 or wider than 10,000
/// nodes for one value.
Status check_bounds(const std::deque<Node>& nodes);

}  // namespace lvp::iglu
