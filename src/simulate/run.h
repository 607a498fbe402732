// A simulation from its beginning to its end.
#pragma once

#include <optional>

#include "base/result.h"
#include "net/sender.h"
#include "simulate/check.h"
#include "simulate/plan.h"
#include "simulate/report.h"

namespace lvp::simulate {

struct Settings {
  Plan plan;
  net::Address collector;
  std::size_t connections = 64;
  Duration settle = std::chrono::seconds(1);  ///< within it what was acknowledged must be shown
  std::optional<CheckSettings> check;         ///< nothing: only sends
  bool progress = false;                      ///< a line a second on standard error
};

/// Takes as long as the plan says, and until what was sent is answered and compared.
/// Error::unavailable if collector or private API cannot be reached, or go away.
Result<Report> run(const Settings& settings);

}  // namespace lvp::simulate
