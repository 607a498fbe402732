// The parameters of one event, as the tracker named them: "e", "eid", "url", …
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace lvp::enrich {

/// Views the request or whatever made the parameter; see RawEvents.
struct Parameter {
  std::string_view name;
  std::optional<std::string_view> value;  ///< absent for a name without '=': erases the value

  bool operator==(const Parameter&) const = default;
};

/// In order of arrival. Of those with the same name the last one counts.
using Parameters = std::vector<Parameter>;

}  // namespace lvp::enrich
