// The values of JSON Schema's `format` that networknt's validator enforces in draft 4, with the
// meaning it gives them. It ignores all other names, and so do we.
//
//   date-time date uuid uri email hostname ipv4 ip-address ipv6 time duration color phone style
//   utc-millisec alpha alphanumeric
//
// docs/formats/schemas.md says what each accepts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/pattern.h"

namespace lvp::iglu {

class Format {
 public:
  /// Nothing for a name that is not enforced.
  static std::optional<Format> named(std::string_view name);

  bool accepts(std::string_view text) const;

  std::string_view name() const;
  /// The keyword that reports carry: "dateTime", "uuid" or "format".
  std::string_view keyword() const;
  /// True where the original's report puts the text before the format's name.
  bool reports_text() const;

 private:
  struct Row;
  static const Row rows[];

  Format(const Row& row, std::optional<Pattern> pattern)
      : row_(&row), pattern_(std::move(pattern)) {}

  const Row* row_;
  std::optional<Pattern> pattern_;
};

}  // namespace lvp::iglu
