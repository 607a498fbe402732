// Which stages a process runs.
#pragma once

#include <string>
#include <string_view>

#include "app/config.h"
#include "base/result.h"

namespace lvp::app {

struct Roles {
  bool collect = false;
  bool enrich = false;  ///< and resolve, which finishes what enrich puts off
  bool bridge = false;  ///< and what is forwarded
  bool profile = false;
  bool serve = false;
  bool sink = false;

  bool operator==(const Roles&) const = default;
};

inline constexpr Roles all_roles{true, true, true, true, true, true};

/// All that the configuration wants: a sink only where it has tables.
Roles wanted_roles(const Config& config);

/// Names with commas between: "enrich,bridge". Error::invalid if one is no stage, or there is none.
Result<Roles> parse_roles(std::string_view names);

/// Error::invalid if a stage would read a stream that is in this process's own folder or memory,
/// and that no stage of it writes; or if there is a sink and no table.
Status check_roles(const Roles& roles, const Config& config);

}  // namespace lvp::app
