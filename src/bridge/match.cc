#include "bridge/match.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/go_text.h"

namespace lvp::bridge {

Result<Match> Match::read(Settings& settings) {
  LVP_TRY(const std::string regex, settings.text("regex"));
  LVP_TRY(const std::string action, settings.text("filter_action"));
  if (action != "keep" && action != "drop")
    return settings.error(
        "filter_action",
        fmt::format("invalid filter action found: {} - must be 'keep' or 'drop'", action));
  auto pattern = Pattern::compile(regex);
  if (!pattern)
    return settings.error("regex", "error compiling regex for filter: " + pattern.error().what);
  return Match(std::move(*pattern), action == "keep");
}

Outcome Match::decide(std::string_view value) const {
  return pattern_.finds(value) == keeps_ ? Outcome() : Outcome::filtered();
}

Outcome Match::decide(std::span<const json::Value> values) const {
  const auto matches = [this](const json::Value& value) {
    const bool missing = value.type() <= json::Type::null;
    return pattern_.finds(missing ? std::string() : printed(value));
  };
  const bool any = values.empty() ? pattern_.finds("") : std::ranges::any_of(values, matches);
  return any == keeps_ ? Outcome() : Outcome::filtered();
}

}  // namespace lvp::bridge
