// Regular expressions of users and schemas. RE2's door: linear time whatever the input, no
// look-around, no back-references, no possessive quantifiers.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace lvp {

class Pattern {
 public:
  static Result<Pattern> compile(std::string_view expression);

  ~Pattern();
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;

  /// True if any part of `text` matches, as Java's Matcher.find().
  bool finds(std::string_view text) const;
  /// True if the whole of `text` matches, as Java's Matcher.matches().
  bool matches(std::string_view text) const;

 private:
  struct State;
  explicit Pattern(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lvp
