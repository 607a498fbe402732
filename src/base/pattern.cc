#include "base/pattern.h"

#include <re2/re2.h>

namespace lvp {

struct Pattern::State {
  explicit State(std::string_view expression)
      : regex(re2::StringPiece(expression.data(), expression.size()), RE2::Quiet) {}
  RE2 regex;
};

Pattern::Pattern(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pattern::~Pattern() = default;
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;

Result<Pattern> Pattern::compile(std::string_view expression) {
  auto state = std::make_unique<State>(expression);
  if (!state->regex.ok()) return invalid("regular expression: " + state->regex.error());
  return Pattern(std::move(state));
}

bool Pattern::finds(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), state_->regex);
}

bool Pattern::matches(std::string_view text) const {
  return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), state_->regex);
}

}  // namespace lvp
