// Regular expressions of users and schemas. RE2's door: linear time whatever the input, no
// look-around, no back-references, no possessive quantifiers.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// A long list of expressions of which the first one that matches is wanted. Most are ruled out by
/// the pieces of text that they need, so a thousand cost little more than a few.
class PatternList {
 public:
  /// "(?i)" at its beginning makes an expression ignore case. The error names the expression.
  static Result<PatternList> compile(std::span<const std::string> expressions);

  ~PatternList();
  PatternList(PatternList&&) noexcept;
  PatternList& operator=(PatternList&&) noexcept;

  struct Match {
    std::size_t index;  ///< of the expression
    /// The whole match, then what each pair of parentheses took; "" for one that took no part.
    /// Views the text.
    std::vector<std::string_view> groups;
  };
  /// By the first expression in the list that any part of `text` matches.
  std::optional<Match> first_match(std::string_view text) const;

 private:
  struct State;
  explicit PatternList(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lvp
