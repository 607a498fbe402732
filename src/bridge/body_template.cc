#include "bridge/body_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "bridge/go_text.h"

namespace lvp::bridge {
namespace {

// ---- What a template is made of ----

using Any = std::variant<json::Value, std::string, double, bool>;

constexpr std::size_t nesting_max = 32;

enum class Function : std::uint8_t { pretty_print, index, len, eq, ne, all, any, negate };

constexpr std::array<std::pair<std::string_view, Function>, 8> functions{{
    {"prettyPrint", Function::pretty_print},
    {"index", Function::index},
    {"len", Function::len},
    {"eq", Function::eq},
    {"ne", Function::ne},
    {"and", Function::all},
    {"or", Function::any},
    {"not", Function::negate},
}};

struct Expression {
  enum class Kind : std::uint8_t { dot, variable, literal, call };
  Kind kind = Kind::dot;
  std::string variable{};              // "$" or "$x"
  std::vector<std::string> members{};  // of dot or variable
  Any literal{};
  Function function{};
  std::vector<Expression> arguments{};
};

struct Node {
  enum class Kind : std::uint8_t { text, print, assign, range, choose, with };
  Kind kind;
  std::string text{};  // or the variable that is assigned
  Expression value{};
  std::string key{};  // variables of range
  std::string element{};
  std::vector<Node> body{};
  std::vector<Node> otherwise{};
};

// ---- Reading ----

struct Piece {
  std::string_view text;
  bool is_action;
  int line;
};

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

constexpr std::string_view spaces = " \t\r\n";

std::string_view trim_left(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(spaces), text.size()));
  return text;
}

std::string_view trim_right(std::string_view text) {
  return text.substr(0, text.find_last_not_of(spaces) + 1);
}

std::unexpected<Error> error_at(int line, std::string_view what) {
  return invalid(fmt::format("template: {}: {}", line, what));
}

// Texts and actions in turn; what an action asks to be trimmed is.
Result<std::vector<Piece>> cut(std::string_view text) {
  std::vector<Piece> pieces;
  int line = 1;
  bool trims = false;  // the text that comes
  while (true) {
    const std::size_t open = text.find("{{");
    const std::string_view before = text.substr(0, open);
    pieces.push_back({trims ? trim_left(before) : before, false, line});
    line += static_cast<int>(std::ranges::count(before, '\n'));
    if (open == text.npos) return pieces;
    const std::size_t close = text.find("}}", open);
    if (close == text.npos) return error_at(line, "unclosed action");
    std::string_view action = text.substr(open + 2, close - open - 2);
    text.remove_prefix(close + 2);
    const int newlines = static_cast<int>(std::ranges::count(action, '\n'));
    if (action.starts_with("- ")) {
      pieces.back().text = trim_right(pieces.back().text);
      action.remove_prefix(1);
    }
    trims = action.ends_with(" -");
    if (trims) action.remove_suffix(1);
    action = trim_right(trim_left(action));
    const bool is_comment = action.starts_with("/*") && action.ends_with("*/");
    if (!is_comment) pieces.push_back({action, true, line});
    line += newlines;
  }
}

class ActionReader {
 public:
  ActionReader(std::string_view text, int line, const hcl::Environment& environment)
      : text_(text), line_(line), environment_(environment) {}

  bool at_end() { return (text_ = trim_left(text_)).empty(); }

  // The word, if the next one is it.
  bool take(std::string_view word) {
    text_ = trim_left(text_);
    if (!text_.starts_with(word)) return false;
    if (is_name(word.back()) && text_.size() > word.size() && is_name(text_[word.size()]))
      return false;
    text_.remove_prefix(word.size());
    return true;
  }

  // "$x :=" or "$x, $y :=", and then what follows; nothing is taken if it is not there.
  std::vector<std::string> take_assigned() {
    const std::string_view all = text_;
    std::vector<std::string> names;
    do {
      text_ = trim_left(text_);
      if (!text_.starts_with('$')) break;
      names.push_back(variable());
    } while (take(","));
    if (!names.empty() && take(":=")) return names;
    text_ = all;
    return {};
  }

  Result<Expression> pipe(std::size_t depth = 0) {
    if (depth > nesting_max) return error("nested too deep");
    LVP_TRY(Expression made, command(depth));
    while (take("|")) {
      LVP_TRY(Expression next, command(depth));
      if (next.kind != Expression::Kind::call) return error("a function must follow |");
      next.arguments.push_back(std::move(made));
      made = std::move(next);
    }
    return made;
  }

  std::unexpected<Error> error(std::string_view what) const { return error_at(line_, what); }
  Status check_end() {
    if (!at_end()) return error(fmt::format("unexpected \"{}\"", text_));
    return {};
  }

 private:
  std::string word() {
    const auto end = std::ranges::find_if_not(text_, is_name);
    std::string made(text_.begin(), end);
    text_.remove_prefix(made.size());
    return made;
  }

  std::string variable() {
    text_.remove_prefix(1);
    return "$" + word();
  }

  bool starts_value() { return !at_end() && text_.front() != '|' && text_.front() != ')'; }

  Result<Expression> command(std::size_t depth) {
    if (at_end()) return error("missing value");
    if (!(text_.front() >= 'a' && text_.front() <= 'z')) return value(depth);
    const std::string name = word();
    if (name == "true" || name == "false") return literal(name == "true");
    if (name == "nil") return literal(json::Value());
    if (name == "env") return environment(depth);
    const auto found =
        std::ranges::find(functions, name, [](const auto& row) { return row.first; });
    if (found == functions.end()) return error(fmt::format("function \"{}\" not defined", name));
    Expression call{.kind = Expression::Kind::call, .function = found->second};
    while (starts_value()) {
      LVP_TRY(Expression argument, value(depth));
      call.arguments.push_back(std::move(argument));
    }
    return call;
  }

  Result<Expression> environment(std::size_t depth) {
    LVP_TRY(const Expression name, value(depth));
    const auto* text = std::get_if<std::string>(&name.literal);
    if (name.kind != Expression::Kind::literal || text == nullptr) return error("env needs a text");
    return literal(environment_(*text).value_or(""));
  }

  static Expression literal(Any value) {
    return {.kind = Expression::Kind::literal, .literal = std::move(value)};
  }

  Result<Expression> value(std::size_t depth) {
    text_ = trim_left(text_);
    const char first = text_.empty() ? '\0' : text_.front();
    if (first == '(') {
      text_.remove_prefix(1);
      LVP_TRY(Expression inner, pipe(depth + 1));
      if (!take(")")) return error("unclosed left paren");
      return inner;
    }
    if (first == '"' || first == '`') return quoted(first);
    if (first == '.' || first == '$') return path();
    if (first == '-' || (first >= '0' && first <= '9')) return number();
    if (first >= 'a' && first <= 'z') {
      const std::string name = word();
      if (name == "true" || name == "false") return literal(name == "true");
      if (name == "nil") return literal(json::Value());
      return error(fmt::format("unexpected \"{}\"", name));
    }
    return error(fmt::format("unexpected \"{}\"", text_));
  }

  Result<Expression> path() {
    Expression made;
    if (text_.front() == '$') {
      made.kind = Expression::Kind::variable;
      made.variable = variable();
    } else if (text_.size() == 1 || !is_name(text_[1])) {
      text_.remove_prefix(1);
      return made;
    }
    while (text_.size() > 1 && text_.front() == '.' && is_name(text_[1])) {
      text_.remove_prefix(1);
      made.members.push_back(word());
    }
    return made;
  }

  Result<Expression> quoted(char quote) {
    std::string made;
    for (std::size_t at = 1; at < text_.size(); ++at) {
      char c = text_[at];
      if (c == quote) {
        text_.remove_prefix(at + 1);
        return literal(std::move(made));
      }
      if (quote == '"' && c == '\\' && at + 1 < text_.size()) {
        c = text_[++at];
        constexpr std::string_view letters = "nrt\"\\";
        const auto known = letters.find(c);
        if (known == letters.npos) return error("unknown escape in a string");
        c = "\n\r\t\"\\"[known];
      }
      made += c;
    }
    return error("unterminated quoted string");
  }

  Result<Expression> number() {
    double made = 0;
    const auto [end, failed] = std::from_chars(text_.data(), text_.data() + text_.size(), made);
    if (failed != std::errc{}) return error(fmt::format("bad number: \"{}\"", text_));
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return literal(made);
  }

  std::string_view text_;
  int line_;
  const hcl::Environment& environment_;
};

class TemplateReader {
 public:
  TemplateReader(std::vector<Piece> pieces, const hcl::Environment& environment)
      : pieces_(std::move(pieces)), environment_(environment) {}

  Result<std::vector<Node>> read() {
    LVP_TRY(std::vector<Node> nodes, list(0));
    if (at_ < pieces_.size())
      return error_at(pieces_[at_].line, fmt::format("unexpected {{{{{}}}}}", pieces_[at_].text));
    return nodes;
  }

 private:
  static bool ends_list(const Piece& piece) {
    return piece.is_action && (piece.text == "end" || piece.text.starts_with("else"));
  }

  // Up to an end or else, which stays.
  Result<std::vector<Node>> list(std::size_t depth) {
    std::vector<Node> nodes;
    for (; at_ < pieces_.size() && !ends_list(pieces_[at_]);) {
      const Piece piece = pieces_[at_++];
      if (piece.is_action) {
        LVP_TRY(Node made, action(piece, depth));
        nodes.push_back(std::move(made));
      } else if (!piece.text.empty()) {
        nodes.push_back({Node::Kind::text, std::string(piece.text)});
      }
    }
    return nodes;
  }

  Result<Node> action(const Piece& piece, std::size_t depth) {
    ActionReader in(piece.text, piece.line, environment_);
    if (depth > nesting_max) return in.error("nested too deep");
    Node made{Node::Kind::print};
    if (in.take("range")) {
      made.kind = Node::Kind::range;
      const std::vector<std::string> names = in.take_assigned();
      if (names.size() > 2) return in.error("too many variables in range");
      if (names.size() == 2) made.key = names.front();
      if (!names.empty()) made.element = names.back();
    } else if (in.take("if")) {
      made.kind = Node::Kind::choose;
    } else if (in.take("with")) {
      made.kind = Node::Kind::with;
    } else if (const std::vector<std::string> names = in.take_assigned(); !names.empty()) {
      if (names.size() > 1) return in.error("too many variables");
      made.kind = Node::Kind::assign;
      made.text = names.front();
    }
    LVP_TRY(made.value, in.pipe());
    LVP_DO(in.check_end());
    if (made.kind == Node::Kind::print || made.kind == Node::Kind::assign) return made;
    LVP_TRY(made.body, list(depth + 1));
    LVP_DO(end_of(made, piece, depth));
    return made;
  }

  // After a body: else with what follows it, and the end.
  Status end_of(Node& node, const Piece& opened, std::size_t depth) {
    if (at_ >= pieces_.size())
      return error_at(opened.line, fmt::format("{{{{{}}}}} has no end", opened.text));
    const Piece piece = pieces_[at_++];
    if (piece.text == "end") return {};
    const std::string_view rest = trim_left(piece.text.substr(std::string_view("else").size()));
    if (rest.empty()) {
      LVP_TRY(node.otherwise, list(depth + 1));
      if (at_ >= pieces_.size() || pieces_[at_++].text != "end")
        return error_at(piece.line, "{{else}} has no end");
      return {};
    }
    if (!rest.starts_with("if")) return error_at(piece.line, "expected if after else");
    LVP_TRY(Node chosen, action({rest, true, piece.line}, depth + 1));
    node.otherwise.push_back(std::move(chosen));
    return {};
  }

  std::vector<Piece> pieces_;
  std::size_t at_ = 0;
  const hcl::Environment& environment_;
};

// ---- Filling ----

bool is_true(const Any& any) {
  if (const auto* text = std::get_if<std::string>(&any)) return !text->empty();
  if (const auto* number = std::get_if<double>(&any)) return *number != 0;
  if (const auto* flag = std::get_if<bool>(&any)) return *flag;
  const json::Value& value = std::get<json::Value>(any);
  if (const auto text = value.string()) return !text->empty();
  if (const auto number = value.number()) return *number != 0;
  if (const auto flag = value.boolean()) return *flag;
  return value.size() > 0;
}

std::string text_of(const Any& any) {
  if (const auto* text = std::get_if<std::string>(&any)) return *text;
  if (const auto* number = std::get_if<double>(&any)) return printed(*number);
  if (const auto* flag = std::get_if<bool>(&any)) return *flag ? "true" : "false";
  const json::Value& value = std::get<json::Value>(any);
  const bool is_nothing = value.type() == json::Type::absent || value.type() == json::Type::null;
  return is_nothing ? "<no value>" : printed(value);
}

std::string json_of(const Any& any) {
  std::string made;
  if (const auto* text = std::get_if<std::string>(&any)) {
    append_json(made, *text, true);
  } else if (const auto* number = std::get_if<double>(&any)) {
    append_json(made, *number);
  } else if (const auto* flag = std::get_if<bool>(&any)) {
    made = *flag ? "true" : "false";
  } else {
    append_json(made, std::get<json::Value>(any));
  }
  return made;
}

// Of equal kind and equal: texts with texts, numbers with numbers, flags with flags.
bool are_equal(const Any& a, const Any& b) {
  return json_of(a) == json_of(b);
}

class Filling {
 public:
  explicit Filling(const json::Value& messages) : dot_(messages) {
    variables_.emplace_back("$", messages);
  }

  Status write(const std::vector<Node>& nodes) {
    const std::size_t visible = variables_.size();
    for (const Node& node : nodes) LVP_DO(write(node));
    variables_.resize(visible);
    return {};
  }

  std::string take() { return std::move(out_); }

 private:
  Status write(const Node& node) {
    if (node.kind == Node::Kind::text) {
      out_ += node.text;
      return {};
    }
    LVP_TRY(Any value, evaluate(node.value));
    switch (node.kind) {
      case Node::Kind::print:
        out_ += text_of(value);
        return {};
      case Node::Kind::assign:
        variables_.emplace_back(node.text, std::move(value));
        return {};
      case Node::Kind::choose:
        return write(is_true(value) ? node.body : node.otherwise);
      case Node::Kind::with:
        if (!is_true(value)) return write(node.otherwise);
        return with(std::move(value), node.body);
      case Node::Kind::range:
        return range(node, value);
      case Node::Kind::text:
        break;
    }
    return {};
  }

  Status with(Any dot, const std::vector<Node>& body) {
    std::swap(dot, dot_);
    const Status written = write(body);
    std::swap(dot, dot_);
    return written;
  }

  Status range(const Node& node, const Any& over) {
    const auto* value = std::get_if<json::Value>(&over);
    const bool is_nothing =
        value != nullptr && (!value->exists() || value->type() == json::Type::null);
    if (value == nullptr || (!is_nothing && !value->is_array() && !value->is_object()))
      return invalid(fmt::format("range can't iterate over {}", text_of(over)));
    if (value->size() == 0) return write(node.otherwise);
    std::vector<std::pair<Any, json::Value>> items;
    for (const json::Value element : value->elements())
      items.emplace_back(static_cast<double>(items.size()), element);
    std::multimap<std::string_view, json::Value> sorted;
    for (const json::Member member : value->members()) sorted.emplace(member.key, member.value);
    for (const auto& [name, member] : sorted) items.emplace_back(std::string(name), member);
    for (auto& [key, element] : items) {
      const std::size_t visible = variables_.size();
      if (!node.key.empty()) variables_.emplace_back(node.key, std::move(key));
      if (!node.element.empty()) variables_.emplace_back(node.element, element);
      LVP_DO(with(element, node.body));
      variables_.resize(visible);
    }
    return {};
  }

  Result<Any> evaluate(const Expression& expression) {
    switch (expression.kind) {
      case Expression::Kind::literal:
        return expression.literal;
      case Expression::Kind::dot:
        return member_of(dot_, expression.members);
      case Expression::Kind::variable: {
        const auto found = std::find_if(
            variables_.rbegin(), variables_.rend(),
            [&](const auto& variable) { return variable.first == expression.variable; });
        if (found == variables_.rend())
          return invalid(fmt::format("undefined variable \"{}\"", expression.variable));
        return member_of(found->second, expression.members);
      }
      case Expression::Kind::call:
        break;
    }
    std::vector<Any> arguments;
    for (const Expression& one : expression.arguments) {
      LVP_TRY(Any argument, evaluate(one));
      arguments.push_back(std::move(argument));
    }
    if (arguments.empty()) return invalid("wrong number of args");
    return call(expression.function, arguments);
  }

  static Result<Any> member_of(const Any& any, const std::vector<std::string>& members) {
    if (members.empty()) return any;
    const auto* value = std::get_if<json::Value>(&any);
    if (value == nullptr) return invalid(fmt::format("can't evaluate field {}", members.front()));
    json::Value found = *value;
    for (const std::string& name : members) {
      if (found.exists() && found.type() != json::Type::null && !found.is_object())
        return invalid(fmt::format("can't evaluate field {}", name));
      found = found[name];
    }
    return found;
  }

  static Result<Any> call(Function function, const std::vector<Any>& arguments) {
    const Any& first = arguments.front();
    switch (function) {
      case Function::pretty_print:
        return json_of(first);
      case Function::negate:
        return !is_true(first);
      case Function::index:
        return index(arguments);
      case Function::len:
        return len(first);
      case Function::eq:
        return std::any_of(arguments.begin() + 1, arguments.end(),
                           [&](const Any& other) { return are_equal(first, other); });
      case Function::ne:
        return arguments.size() < 2 || !are_equal(first, arguments[1]);
      case Function::all:
      case Function::any: {
        for (const Any& one : arguments)
          if (is_true(one) == (function == Function::any)) return one;
        return arguments.back();
      }
    }
    return invalid("no such function");
  }

  static Result<Any> index(const std::vector<Any>& arguments) {
    const auto* value = std::get_if<json::Value>(&arguments.front());
    if (value == nullptr) return invalid("can't index a text or number");
    json::Value found = *value;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
      if (found.is_object()) {
        found = found[text_of(arguments[i])];
        continue;
      }
      const auto* number = std::get_if<double>(&arguments[i]);
      if (!found.is_array() || number == nullptr || *number < 0 || *number != std::floor(*number) ||
          *number >= static_cast<double>(found.size()))
        return invalid(fmt::format("index out of range: {}", text_of(arguments[i])));
      auto at = found.elements().begin();
      for (double n = *number; n > 0; --n) ++at;
      found = *at;
    }
    return found;
  }

  static Result<Any> len(const Any& any) {
    if (const auto* text = std::get_if<std::string>(&any)) return static_cast<double>(text->size());
    const auto* value = std::get_if<json::Value>(&any);
    if (value == nullptr) return invalid("len of a number");
    if (const auto text = value->string()) return static_cast<double>(text->size());
    if (!value->is_array() && !value->is_object()) return invalid("len of what has none");
    return static_cast<double>(value->size());
  }

  Any dot_;
  std::vector<std::pair<std::string, Any>> variables_;
  std::string out_;
};

}  // namespace

struct BodyTemplate::Program {
  std::vector<Node> nodes;
};

BodyTemplate::BodyTemplate(std::unique_ptr<Program> program) : program_(std::move(program)) {}
BodyTemplate::~BodyTemplate() = default;
BodyTemplate::BodyTemplate(BodyTemplate&&) noexcept = default;
BodyTemplate& BodyTemplate::operator=(BodyTemplate&&) noexcept = default;

Result<BodyTemplate> BodyTemplate::parse(std::string_view text,
                                         const hcl::Environment& environment) {
  LVP_TRY(std::vector<Piece> pieces, cut(text));
  LVP_TRY(std::vector<Node> nodes, TemplateReader(std::move(pieces), environment).read());
  return BodyTemplate(std::make_unique<Program>(std::move(nodes)));
}

Result<std::string> BodyTemplate::fill(const json::Value& messages) const {
  Filling filling(messages);
  LVP_DO(filling.write(program_->nodes));
  return filling.take();
}

}  // namespace lvp::bridge
