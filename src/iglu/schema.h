// A JSON Schema (draft 4), compiled, and the check of values against it.
//
// One pass decides and explains: a value that passes costs no allocation, one that fails yields
// every violation in the words of networknt's validator, which Snowplow's bad rows carry (path,
// keyword, targets). Keywords: docs/formats/schemas.md. A schema that uses a keyword we do not
// enforce is refused when it is compiled, never half obeyed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/bad_row.h"
#include "wire/json.h"

namespace lvp::iglu {

using Report = bad_row::Report;

class Schema {
 public:
  static Result<Schema> compile(std::string_view text);

  ~Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;

  /// Every violation, in document order; empty if the value is valid. Thread-safe.
  std::vector<Report> check(const json::Value& value) const;

 private:
  struct State;
  explicit Schema(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lvp::iglu
