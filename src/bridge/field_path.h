// Paths into the data of entities and events, as Snowbridge's filters write them: a.b[0].c
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "wire/json.h"

namespace lvp::bridge {

class FieldPath {
 public:
  using Step = std::variant<std::string, std::size_t>;  ///< a member's name or an index

  /// Names may be digits and hold - _ $. Error::invalid if brackets do not match or an index is
  /// beyond an int.
  static Result<FieldPath> parse(std::string_view text);

  /// Absent if any step leads nowhere. The empty path leads to the value itself.
  json::Value find(json::Value value) const;

  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::vector<Step> steps_;
};

}  // namespace lvp::bridge
