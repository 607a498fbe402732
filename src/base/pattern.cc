#include "base/pattern.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"

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

struct PatternList::State {
  // Pieces of text shorter than this rule nothing out.
  static constexpr int piece_bytes_min = 3;
  // What one expression may take for its automaton. There are many, so less than RE2's 8 MB.
  static constexpr std::int64_t bytes_max = 1 << 20;

  re2::FilteredRE2 regexes{piece_bytes_min};
  std::vector<std::string> pieces;  // in lower case; an expression may need some of them
};

PatternList::PatternList(std::unique_ptr<State> state) : state_(std::move(state)) {}
PatternList::~PatternList() = default;
PatternList::PatternList(PatternList&&) noexcept = default;
PatternList& PatternList::operator=(PatternList&&) noexcept = default;

Result<PatternList> PatternList::compile(std::span<const std::string> expressions) {
  RE2::Options options(RE2::Quiet);
  options.set_max_mem(State::bytes_max);
  auto state = std::make_unique<State>();
  for (const std::string& expression : expressions) {
    int id = 0;
    if (state->regexes.Add(expression, options, &id) != RE2::NoError)
      return invalid("regular expression " + expression + ": not supported");
  }
  if (!expressions.empty()) state->regexes.Compile(&state->pieces);
  // Only ASCII of a text is put to lower case, so a piece with other letters rules nothing out.
  for (std::string& piece : state->pieces) {
    if (!std::ranges::all_of(piece, [](unsigned char c) { return c < 0x80; })) piece.clear();
  }
  return PatternList(std::move(state));
}

std::optional<PatternList::Match> PatternList::first_match(std::string_view text) const {
  if (state_->regexes.NumRegexps() == 0) return std::nullopt;
  const std::string lower = ascii_lower(text);
  std::vector<int> present;
  for (std::size_t i = 0; i < state_->pieces.size(); ++i) {
    if (lower.find(state_->pieces[i]) != lower.npos) present.push_back(static_cast<int>(i));
  }
  const re2::StringPiece whole(text.data(), text.size());
  const int index = state_->regexes.FirstMatch(whole, present);
  if (index < 0) return std::nullopt;
  const RE2& regex = state_->regexes.GetRE2(index);
  std::vector<re2::StringPiece> taken(static_cast<std::size_t>(regex.NumberOfCapturingGroups()) +
                                      1);
  regex.Match(whole, 0, whole.size(), RE2::UNANCHORED, taken.data(),
              static_cast<int>(taken.size()));
  Match match{static_cast<std::size_t>(index), {}};
  for (const re2::StringPiece& group : taken) match.groups.emplace_back(group.data(), group.size());
  return match;
}

}  // namespace lvp
