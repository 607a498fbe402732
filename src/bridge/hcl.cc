#include "bridge/hcl.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace lvp::bridge::hcl {
namespace {

constexpr int depth_max = 32;  // blocks and expressions inside each other

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name(char c) {
  return is_name_start(c) || is_digit(c) || c == '-';
}

// As a template prints a value; nothing for null, lists and maps.
std::optional<std::string> text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.is)) return *text;
  if (const auto* number = std::get_if<double>(&value.is)) return fmt::format("{}", *number);
  if (const auto* flag = std::get_if<bool>(&value.is)) return *flag ? "true" : "false";
  return std::nullopt;
}

// A syntax error is kept, the first one, and the rest of the text taken for read: every loop below
// ends with the text. An expression that cannot be evaluated is a Result of its own.
class Reader {
 public:
  Reader(std::string_view text, std::string_view file, const Environment& environment)
      : text_(text), file_(file), environment_(environment) {}

  Result<Body> file() {
    Body all = body();
    if (!at_end()) fail("unexpected }");
    LVP_DO(status_);
    return all;
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }

  void fail(std::string_view what) {
    std::string where;
    for (const std::string& block : blocks_) where += block + ": ";
    if (status_) status_ = invalid(fmt::format("{}:{}: {}{}", file_, line_, where, what));
    at_ = text_.size();
  }

  char next() {
    if (at_end()) {
      fail("unexpected end of file");
      return '\0';
    }
    const char c = text_[at_++];
    if (c == '\n') ++line_;
    return c;
  }

  void skip_line() {
    while (!at_end() && peek() != '\n') ++at_;
  }

  void skip_space(bool newlines) {
    while (!at_end()) {
      const char c = peek();
      if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && newlines)) {
        next();
      } else if (c == '#' || starts("//")) {
        skip_line();
      } else if (starts("/*")) {
        const std::size_t end = text_.find("*/", at_);
        if (end == text_.npos) return fail("*/ is missing");
        line_ +=
            static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                        text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
        at_ = end + 2;
      } else {
        return;
      }
    }
  }

  bool take(char c, bool newlines = false) {
    skip_space(newlines);
    if (peek() != c || at_end()) return false;
    next();
    return true;
  }

  void end_line() {
    skip_space(false);
    if (at_end()) return;
    if (peek() != '\n')
      fail("expected a new line; of expressions, values, templates and env are supported");
    next();
  }

  std::string name() {
    if (!is_name_start(peek())) fail("expected a name");
    const std::size_t from = at_;
    while (is_name(peek())) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }

  Body body() {
    Body found;
    for (skip_space(true); !at_end() && peek() != '}'; skip_space(true)) item(found);
    return found;
  }

  void item(Body& into) {
    const int line = line_;
    std::string first = name();
    if (!take('=')) {
      into.blocks.push_back(block(std::move(first), line));
      end_line();
      return;
    }
    attribute(into, std::move(first), line);
    end_line();
  }

  void attribute(Body& into, std::string its_name, int line) {
    if (into.find(its_name) != nullptr) fail(fmt::format("{} is set twice", its_name));
    blocks_.push_back(its_name);
    Result<Value> value = expression();
    blocks_.pop_back();
    into.attributes.push_back({std::move(its_name), line, std::move(value)});
  }

  Block block(std::string type, int line) {
    Block made{std::move(type), {}, line, {}};
    for (skip_space(false); peek() != '{'; skip_space(false)) {
      if (peek() != '"' && !is_name_start(peek())) {
        fail("expected =, a label or {");
        return made;
      }
      made.labels.push_back(peek() == '"' ? plain_string() : name());
    }
    next();
    const Depth deeper(*this);
    blocks_.push_back(made.name());
    skip_space(false);
    if (peek() == '\n') {
      made.body = body();
    } else if (is_name_start(peek())) {
      std::string only = name();
      if (!take('=')) fail("a block on one line may hold one attribute, no block");
      attribute(made.body, std::move(only), line_);
    }
    if (!take('}')) fail(at_end() ? "} is missing" : "a block on one line may hold one attribute");
    blocks_.pop_back();
    return made;
  }

  Result<Value> expression() {
    const Depth deeper(*this);
    skip_space(false);
    const char c = peek();
    if (c == '"') return string();
    if (c == '[') return list();
    if (c == '{') return map();
    if (starts("<<")) return heredoc();
    if (is_digit(c) || c == '-') return number();
    if (c == '(') {
      next();
      Result<Value> inner = expression();
      if (!take(')', true)) fail(") is missing");
      return inner;
    }
    if (!is_name_start(c)) fail("expected a value");
    return word();
  }

  Result<Value> word() {
    const std::string word = name();
    if (word == "true" || word == "false") return Value{word == "true"};
    if (word == "null") return Value{};
    if (word != "env")
      fail(fmt::format("{} is not supported; of functions and names, env is", word));
    if (peek() == '.') {
      next();
      const std::string variable = name();
      if (auto value = environment_(variable)) return Value{std::move(*value)};
      return invalid(fmt::format("env.{}: the environment has no such variable", variable));
    }
    if (!take('(')) fail("expected env.NAME or env(\"NAME\")");
    skip_space(true);
    const std::string variable = plain_string();
    if (!take(')', true)) fail(") is missing");
    return Value{environment_(variable).value_or("")};
  }

  Result<Value> number() {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{}) {
      fail("expected a number");
      return Value{};
    }
    at_ = static_cast<std::size_t>(end - text_.data());
    return Value{value};
  }

  Result<Value> list() {
    List values;
    Status status;
    next();
    while (!take(']', true)) {
      Result<Value> value = expression();
      value ? values.push_back(std::move(*value)) : void(status = std::unexpected(value.error()));
      if (take(',', true)) continue;
      if (!take(']', true)) fail("expected , or ]");
      break;
    }
    LVP_DO(status);
    return Value{std::move(values)};
  }

  Result<Value> map() {
    Map values;
    Status status;
    next();
    while (!take('}', true) && status_) {
      std::string key = peek() == '"' ? plain_string() : name();
      if (!take('=') && !take(':')) fail("expected = or :");
      Result<Value> value = expression();
      value ? void(values[std::move(key)] = std::move(*value))
            : void(status = std::unexpected(value.error()));
      skip_space(false);
      if (peek() != ',' && peek() != '\n' && peek() != '}') fail("expected , or a new line");
      if (peek() == ',') next();
    }
    LVP_DO(status);
    return Value{std::move(values)};
  }

  std::string plain_string() {
    if (peek() != '"') {
      fail("expected a string");
      return {};
    }
    const Result<Value> value = string();
    if (!value) fail(value.error().what);
    return value ? std::get<std::string>(value->is) : "";
  }

  Result<Value> string() {
    next();
    return template_until(
        [this] {
          if (peek() == '\n') fail("a string ends on its line");
          return peek() == '"';
        },
        true);
  }

  // Up to where `ends` says so, and one character more.
  template <class Ends>
  Result<Value> template_until(Ends ends, bool escapes) {
    std::string text;
    Status status;
    while (status_ && (at_end() || !ends())) {
      const char c = next();
      if (escapes && c == '\\') {
        escape(text);
      } else if ((c == '$' || c == '%') && peek() == c && peek(1) == '{') {
        text += c;
        at_ += 2;
        text += '{';
      } else if (c == '%' && peek() == '{') {
        fail("%{…} is not supported");
      } else if (c == '$' && peek() == '{') {
        if (Status added = interpolate(text); !added) status = std::move(added);
      } else {
        text += c;
      }
    }
    if (status_) next();
    LVP_DO(status);
    return Value{std::move(text)};
  }

  Status interpolate(std::string& text) {
    next();
    const Result<Value> value = expression();
    if (!take('}', true))
      fail("expected } after ${…; of expressions, values and env are supported");
    if (!value) return std::unexpected(value.error());
    const auto printed = text_of(*value);
    if (!printed) return invalid("a template cannot hold null, a list or a map");
    text += *printed;
    return {};
  }

  void escape(std::string& text) {
    switch (const char c = next()) {
      case 'n':
        text += '\n';
        return;
      case 'r':
        text += '\r';
        return;
      case 't':
        text += '\t';
        return;
      case '"':
      case '\\':
        text += c;
        return;
      case 'u':
      case 'U': {
        const std::string_view digits = text_.substr(at_, c == 'u' ? 4 : 8);
        std::uint32_t code = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
        if (error != std::errc{} || end != digits.data() + digits.size() || code > 0x10ffff)
          return fail("expected hexadecimal digits");
        at_ += digits.size();
        append_utf8(text, code);
        return;
      }
      default:
        fail(fmt::format("\\{} is no escape", c));
    }
  }

  Result<Value> heredoc() {
    at_ += 2;
    const bool indented = peek() == '-';
    if (indented) ++at_;
    const std::string word = name();
    if (peek() == '\r') ++at_;
    if (next() != '\n') fail("expected a new line after <<" + word);
    const auto is_last = [&] {
      if (at_ > 0 && text_[at_ - 1] != '\n') return false;
      std::string_view line = text_.substr(at_, text_.find('\n', at_) - at_);
      if (line.ends_with('\r')) line.remove_suffix(1);
      return trim(line) == word;
    };
    std::string source;
    std::size_t margin = std::string::npos;
    const int first_line = line_;
    while (!is_last() && status_) {
      const std::size_t from = at_;
      skip_line();
      next();
      const std::string_view line = text_.substr(from, at_ - from);
      if (!trim(line).empty() && trim(line) != "\n")
        margin = std::min(margin, line.find_first_not_of(" \t"));
      source += line;
    }
    skip_space(false);
    if (!status_) return Value{};
    at_ += word.size();
    if (indented && margin != std::string::npos) source = without_margin(source, margin);
    Reader inner(source, file_, environment_);
    inner.line_ = first_line;
    inner.blocks_ = blocks_;
    source += '\0';  // what ends it
    inner.text_ = source;
    auto value =
        inner.template_until([&inner] { return inner.at_ + 1 == inner.text_.size(); }, false);
    if (!inner.status_) status_ = inner.status_;
    return value;
  }

  static std::string without_margin(std::string_view source, std::size_t margin) {
    std::string text;
    for (std::size_t at = 0; at < source.size();) {
      const std::size_t end = source.find('\n', at) + 1;
      const std::string_view line = source.substr(at, end - at);
      text += line.substr(std::min(margin, line.size() - 1));
      at = end;
    }
    return text;
  }

  class Depth {
   public:
    explicit Depth(Reader& reader) : reader_(reader) {
      if (++reader_.depth_ > depth_max) reader_.fail("nested too deeply");
    }
    ~Depth() { --reader_.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;

   private:
    Reader& reader_;
  };

  std::string_view text_;
  std::string_view file_;
  const Environment& environment_;
  std::size_t at_ = 0;
  int line_ = 1;
  int depth_ = 0;
  Status status_;
  std::vector<std::string> blocks_;  // around the place being read, for messages
};

}  // namespace

const Attribute* Body::find(std::string_view name) const {
  const auto found = std::ranges::find(attributes, name, &Attribute::name);
  return found == attributes.end() ? nullptr : &*found;
}

std::string Block::name() const {
  std::string text = type;
  for (const std::string& label : labels) text += fmt::format(" \"{}\"", label);
  return text;
}

Result<Body> parse(std::string_view text, std::string_view file, const Environment& environment) {
  return Reader(text, file, environment).file();
}

}  // namespace lvp::bridge::hcl
