// The value of `pattern`, and what it means.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/pattern.h"
#include "base/result.h"

namespace lvp::iglu {

/// A regular expression. Two that nearly every event meets, that of a schema key in the envelopes
/// and that of an id in web_page, are checked by hand.
class TextPattern {
 public:
  static Result<TextPattern> compile(std::string_view expression);

  /// True if any part of `text` matches.
  bool finds(std::string_view text) const {
    return by_hand_ != nullptr ? by_hand_(text) : pattern_->finds(text);
  }

  const std::string& expression() const { return expression_; }

 private:
  std::string expression_;
  bool (*by_hand_)(std::string_view) = nullptr;
  std::optional<Pattern> pattern_;  // absent if by_hand_ is there
};

}  // namespace lvp::iglu
