// A JSON Schema (draft 4), compiled, and the check of values against it.
//
// A value that passes costs no allocation (long arrays with uniqueItems do); one that fails yields
// every violation in the words of networknt's validator, which Snowplow's bad rows carry (path,
// keyword, targets). Keywords and differences: docs/formats/schemas.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "wire/bad_row.h"
#include "wire/json.h"
#include "wire/self_describing.h"

namespace lvp::iglu {

using Report = bad_row::Report;

struct Compiled;

class Schema {
 public:
  /// Error::invalid if `text` is no schema of draft 4 or uses what we cannot obey; it names the
  /// place and the keyword. Remote references are not followed.
  static Result<Schema> compile(std::string_view text);

  ~Schema();
  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;

  /// Every violation, up to a thousand; empty if the value is valid. Thread-safe.
  std::vector<Report> check(const json::Value& value) const;

  /// What `self` says the schema is; nothing if it does not say so in full.
  const std::optional<SchemaKey>& self() const { return self_; }
  /// "1-0-1": the later version to check against instead ($supersededBy), or empty.
  const std::string& superseded_by() const { return superseded_by_; }
  /// Words of the schema that are not obeyed, as the original does not: one sentence each.
  const std::vector<std::string>& without_effect() const;

 private:
  explicit Schema(std::unique_ptr<Compiled> compiled);

  std::unique_ptr<Compiled> compiled_;
  std::optional<SchemaKey> self_;
  std::string superseded_by_;
};

}  // namespace lvp::iglu
