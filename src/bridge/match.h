// What the three filters share: a pattern, and whether what matches is kept or dropped.
#pragma once

#include <span>
#include <string>

#include "base/pattern.h"
#include "bridge/settings.h"
#include "bridge/transformation.h"
#include "wire/json.h"

namespace lvp::bridge {

class Match {
 public:
  /// Reads `regex` and `filter_action`.
  static Result<Match> read(Settings& settings);

  Outcome decide(std::string_view value) const;
  /// One value that matches is enough; null and no values at all count as "".
  Outcome decide(std::span<const json::Value> values) const;

 private:
  Match(Pattern pattern, bool keeps) : pattern_(std::move(pattern)), keeps_(keeps) {}

  Pattern pattern_;
  bool keeps_;
};

}  // namespace lvp::bridge
