// JSON paths: where in a document an enrichment shall work.
//
//   path     := "$" step*
//   step     := "." name | ".." name | ".*" | [".." | "."] "[" selector "]"
//   selector := "*" | string ("," string)* | number ("," number)*       strings in ' or "
//
// Filters, slices and negative numbers are not understood.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lvp::enrich {

class JsonPath {
 public:
  static Result<JsonPath> parse(std::string_view text);

  /// The document with every value that the path leads to replaced by what `edit` makes of its
  /// text. `compact` is JSON as json::compact writes it.
  std::string replaced(std::string_view compact,
                       const std::function<std::string(std::string_view)>& edit) const;

 private:
  struct Step {
    bool deep = false;  ///< at any depth
    bool all = false;
    std::vector<std::string> keys{};  ///< quoted, as they stand in compact JSON
    std::vector<std::size_t> indexes{};

    bool takes_key(std::string_view quoted) const;
    bool takes_index(std::size_t index) const;
  };
  using Edit = std::function<std::string(std::string_view)>;

  static bool read_step(std::string_view& left, Step& step);
  static std::string rewrite(std::string_view text, std::span<const Step> steps, const Edit& edit);

  std::vector<Step> steps_;
};

}  // namespace lvp::enrich
