#include "bridge/field_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace lvp::bridge {
namespace {

// The element, or absent.
json::Value element(const json::Value& array, std::size_t index) {
  for (const json::Value value : array.elements()) {
    if (index-- == 0) return value;
  }
  return {};
}

bool is_index(std::string_view piece) {
  return piece.size() > 1 && piece.ends_with(']') &&
         std::ranges::all_of(piece.substr(0, piece.size() - 1),
                             [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<FieldPath> FieldPath::parse(std::string_view text) {
  if (std::ranges::count(text, '[') != std::ranges::count(text, ']'))
    return invalid(fmt::format("unmatched brace in path: {}", text));
  FieldPath path;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find_first_of(".[", at), text.size());
    const std::string_view piece = text.substr(at, end - at);
    at = end + 1;
    if (piece.empty()) continue;
    if (!is_index(piece)) {
      path.steps_.emplace_back(std::string(piece));
      continue;
    }
    const auto index = parse_int64(piece.substr(0, piece.size() - 1));
    if (!index) return invalid(fmt::format("index beyond an int in path: {}", text));
    path.steps_.emplace_back(static_cast<std::size_t>(*index));
  }
  return path;
}

json::Value FieldPath::find(json::Value value) const {
  for (const Step& step : steps_) {
    const auto* name = std::get_if<std::string>(&step);
    value = name != nullptr ? value[*name] : element(value, std::get<std::size_t>(step));
  }
  return value;
}

}  // namespace lvp::bridge
