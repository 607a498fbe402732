#include "collect/content_type.h"

#include "base/text.h"
#include "collect/token.h"

namespace lvp::collect {
namespace {

constexpr std::string_view before_charset = "; charset=";
// What nearly every tracker says.
constexpr std::string_view trackers_own = "application/json; charset=UTF-8";
constexpr std::string_view trackers_own_normalised = "application/json; charset=utf-8";

// Takes a header value apart from the left; it is lower case already.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : left_(text) {}

  bool done() const { return left_.empty(); }

  bool take(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view text) {
    if (!left_.starts_with(text)) return false;
    left_.remove_prefix(text.size());
    return true;
  }

  void skip_space() {
    const std::size_t end = left_.find_first_not_of(" \t");
    left_.remove_prefix(end == left_.npos ? left_.size() : end);
  }

  /// Empty if there is none.
  std::string_view token() {
    std::size_t length = 0;
    while (length < left_.size() && is_token_char(left_[length])) ++length;
    const std::string_view taken = left_.substr(0, length);
    left_.remove_prefix(length);
    return taken;
  }

  /// A token or a quoted string, without its quotes and escapes.
  std::optional<std::string> value() {
    if (!take('"')) {
      const std::string_view taken = token();
      return taken.empty() ? std::nullopt : std::optional(std::string(taken));
    }
    std::string text;
    while (!left_.empty() && left_.front() != '"') {
      if (left_.front() == '\\') left_.remove_prefix(1);
      if (left_.empty()) return std::nullopt;
      text += left_.front();
      left_.remove_prefix(1);
    }
    return take('"') ? std::optional(std::move(text)) : std::nullopt;
  }

 private:
  std::string_view left_;
};

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

// As most are: in the one spelling but for the case of its letters.
bool is_normalised(std::string_view value) {
  Scanner scan(value);
  if (scan.token().empty() || !scan.take('/') || scan.token().empty()) return false;
  return scan.done() || (scan.take(before_charset) && !scan.token().empty() && scan.done());
}

}  // namespace

std::optional<std::string> normalised_content_type(std::string_view value) {
  if (value == trackers_own) return std::string(trackers_own_normalised);
  if (is_normalised(value)) return ascii_lower(value);
  const std::string lower = ascii_lower(trim(value));
  Scanner scan(lower);
  const std::string_view type = scan.token();
  const bool slash = scan.take('/');
  const std::string_view subtype = scan.token();
  if (type.empty() || !slash || subtype.empty()) return std::nullopt;

  std::string normal;
  normal.reserve(lower.size() + 8);
  normal += type;
  normal += '/';
  normal += subtype;
  std::string charset;
  for (scan.skip_space(); !scan.done(); scan.skip_space()) {
    if (!scan.take(';')) return std::nullopt;
    scan.skip_space();
    const std::string_view name = scan.token();
    if (name.empty() || !scan.take('=')) return std::nullopt;
    const auto parameter = scan.value();
    if (!parameter) return std::nullopt;
    if (name == "charset") {
      charset = *parameter;
    } else {
      normal += "; ";
      normal += name;
      normal += '=';
      append_quoted(normal, *parameter);
    }
  }
  if (!charset.empty()) {
    normal += before_charset;
    normal += charset;
  }
  return normal;
}

std::string_view charset_of(std::string_view normalised) {
  const std::size_t at = normalised.rfind(before_charset);
  if (at == std::string_view::npos) return {};
  const std::string_view charset = normalised.substr(at + before_charset.size());
  return charset.ends_with('"') ? std::string_view() : charset;  // of a quoted parameter
}

}  // namespace lvp::collect
