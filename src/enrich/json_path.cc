#include "enrich/json_path.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "wire/json.h"

namespace lvp::enrich {
namespace {

bool take(std::string_view& left, std::string_view token) {
  if (!left.starts_with(token)) return false;
  left.remove_prefix(token.size());
  return true;
}

std::string_view take_name(std::string_view& left) {
  const std::string_view name = left.substr(0, left.find_first_of(".[ "));
  left.remove_prefix(name.size());
  return name;
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_quoted(out, text);
  return out;
}

// Length of the string, with its quotes, at the front of `text`.
std::size_t string_length(std::string_view text) {
  std::size_t i = 1;
  while (text[i] != '"') i += text[i] == '\\' ? 2 : 1;
  return i + 1;
}

// Length of the value at the front of `text`, which goes on behind it.
std::size_t value_length(std::string_view text) {
  if (text.front() == '"') return string_length(text);
  if (text.front() != '{' && text.front() != '[') return text.find_first_of(",]}");
  std::size_t depth = 0;
  std::size_t i = 0;
  do {
    if (text[i] == '"') {
      i += string_length(text.substr(i));
      continue;
    }
    if (text[i] == '{' || text[i] == '[') ++depth;
    if (text[i] == '}' || text[i] == ']') --depth;
    ++i;
  } while (depth > 0);
  return i;
}

}  // namespace

bool JsonPath::Step::takes_key(std::string_view quoted_key) const {
  return all || std::ranges::find(keys, quoted_key) != keys.end();
}

bool JsonPath::Step::takes_index(std::size_t index) const {
  return all || std::ranges::find(indexes, index) != indexes.end();
}

bool JsonPath::read_step(std::string_view& left, Step& step) {
  step.deep = take(left, "..");
  if (!step.deep) take(left, ".");
  if (!take(left, "[")) {
    const std::string_view name = take_name(left);
    if (name == "*") {
      step.all = true;
    } else if (!name.empty()) {
      step.keys.push_back(quoted(name));
    }
    return !name.empty();
  }
  const std::size_t end = left.find(']');
  if (end == left.npos) return false;
  for (std::string_view selector : split(left.substr(0, end), ',')) {
    selector = trim(selector);
    const std::size_t size = selector.size();
    if (selector == "*") {
      step.all = true;
    } else if (size >= 2 && selector.front() == selector.back() &&
               (selector.front() == '\'' || selector.front() == '"')) {
      step.keys.push_back(quoted(selector.substr(1, size - 2)));
    } else if (const auto index = parse_int64(selector); index && *index >= 0) {
      step.indexes.push_back(static_cast<std::size_t>(*index));
    } else {
      return false;
    }
  }
  left.remove_prefix(end + 1);
  return true;
}

Result<JsonPath> JsonPath::parse(std::string_view text) {
  JsonPath path;
  std::string_view left = text;
  bool right = take(left, "$");
  while (right && !left.empty()) right = read_step(left, path.steps_.emplace_back());
  if (!right) return invalid(fmt::format("{} is no JSON path that is understood here", text));
  return path;
}

std::string JsonPath::replaced(std::string_view compact, const Edit& edit) const {
  return rewrite(compact, steps_, edit);
}

std::string JsonPath::rewrite(std::string_view text, std::span<const Step> steps,
                              const Edit& edit) {
  if (steps.empty()) return edit(text);
  const bool is_object = text.front() == '{';
  if (!is_object && text.front() != '[') return std::string(text);
  const Step& step = steps.front();
  std::string out(1, text.front());
  std::string_view left = text.substr(1);
  for (std::size_t index = 0; left.front() != '}' && left.front() != ']'; ++index) {
    bool is_taken = !is_object && step.takes_index(index);
    if (is_object) {
      const std::string_view key = left.substr(0, string_length(left));
      is_taken = step.takes_key(key);
      out.append(key) += ':';
      left.remove_prefix(key.size() + 1);
    }
    std::string value(left.substr(0, value_length(left)));
    left.remove_prefix(value.size());
    if (is_taken) value = rewrite(value, steps.subspan(1), edit);
    if (step.deep) value = rewrite(value, steps, edit);
    out += value;
    if (take(left, ",")) out += ',';
  }
  return out + left.front();
}

}  // namespace lvp::enrich
