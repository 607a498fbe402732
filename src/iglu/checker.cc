#include "iglu/checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "iglu/compiler.h"

namespace lvp::iglu {
namespace {

using bad_row::Report;
using json::Member;
using json::Type;
using json::Value;

// ---- What each keyword means ----

long double exact(const Value& number) {
  if (const auto whole = number.integer()) return static_cast<long double>(*whole);
  return static_cast<long double>(*number.number());
}

bool is_below(const Limit& minimum, long double number) {
  return number < minimum.value || (minimum.exclusive && number == minimum.value);
}
bool is_above(const Limit& maximum, long double number) {
  return number > maximum.value || (maximum.exclusive && number == maximum.value);
}

bool is_multiple_of(const Decimal& divisor, const Value& number) {
  const auto whole = number.integer();
  return is_multiple(whole ? to_decimal(*whole) : to_decimal(*number.number()), divisor);
}

bool is_shorter(std::string_view text, std::size_t length) {
  return text.size() < length || (length > 0 && code_points(text) < length);
}
bool is_longer(std::string_view text, std::size_t length) {
  return text.size() > length && code_points(text) > length;
}

bool is_one_of(const Node& node, const Value& value) {
  if (node.nullable && value.type() == Type::null) return true;
  return std::ranges::any_of(node.enumeration,
                             [&](const Value& other) { return json::equal(other, value); });
}

// The same for values that are equal, whatever the order of their members.
std::uint64_t unordered_hash(const Value& value) {
  if (value.is_object()) {
    std::uint64_t sum = 1;
    for (const Member member : value.members())
      sum += fnv1a(member.key, unordered_hash(member.value));
    return sum;
  }
  if (!value.is_array()) return json::hash(value);
  std::uint64_t hash = 2;
  for (const Value element : value.elements()) hash = hash * 31 + unordered_hash(element);
  return hash;
}

bool has_twins(const Value& array) {
  constexpr std::size_t few = 16;
  if (array.size() <= few) {
    for (auto one = array.elements().begin(), end = array.elements().end(); one != end; ++one)
      for (auto two = array.elements().begin(); two != one; ++two)
        if (json::equal(*one, *two)) return true;
    return false;
  }
  std::vector<std::pair<std::uint64_t, Value>> items;
  for (const Value element : array.elements()) items.emplace_back(unordered_hash(element), element);
  std::ranges::sort(items, {}, [](const auto& item) { return item.first; });
  for (std::size_t i = 1; i < items.size(); ++i)
    for (std::size_t j = i; j > 0 && items[j - 1].first == items[i].first; --j)
      if (json::equal(items[j - 1].second, items[i].second)) return true;
  return false;
}

// The schema for the item at that place, if any.
const Node* item_schema(const Node& node, std::size_t index) {
  return index < node.tuple.size() ? node.tuple[index] : node.items;
}
bool is_refused_item(const Node& node, std::size_t index) {
  return node.items_closed && index >= node.tuple.size();
}

// Whether `additionalProperties` is about a member that `properties` does not name.
bool is_additional(const Node& node, std::string_view name) {
  if (name.starts_with('#')) return false;  // networknt lets them through
  return std::ranges::none_of(node.patterns,
                              [&](const PatternProperty& p) { return p.pattern.finds(name); });
}

bool lacks_names(const Dependency& dependency, const Value& object) {
  return std::ranges::any_of(dependency.names,
                             [&](const std::string& name) { return !object[name].exists(); });
}

std::size_t matches(const std::vector<const Node*>& alternatives, const Value& value) {
  return static_cast<std::size_t>(std::ranges::count_if(
      alternatives, [&](const Node* alternative) { return accepts(*alternative, value); }));
}

// ---- Deciding ----

bool accepts_combined(const Node& node, const Value& value) {
  if (!node.enumeration.empty() && !is_one_of(node, value)) return false;
  if (node.reference != nullptr && !accepts(*node.reference, value)) return false;
  if (matches(node.all_of, value) < node.all_of.size()) return false;
  if (!node.any_of.empty() && matches(node.any_of, value) == 0) return false;
  if (!node.one_of.empty() && matches(node.one_of, value) != 1) return false;
  return node.negated == nullptr || !accepts(*node.negated, value);
}

bool accepts_number(const Node& node, const Value& value) {
  if (node.minimum && is_below(*node.minimum, exact(value))) return false;
  if (node.maximum && is_above(*node.maximum, exact(value))) return false;
  return !node.multiple_of || is_multiple_of(*node.multiple_of, value);
}

bool accepts_text(const Node& node, std::string_view text) {
  if (is_longer(text, node.length_max) || is_shorter(text, node.length_min)) return false;
  if (node.pattern && !node.pattern->finds(text)) return false;
  return !node.format || node.format->accepts(text);
}

bool accepts_array(const Node& node, const Value& array) {
  std::size_t size = 0;
  for (const Value element : array.elements()) {
    if (is_refused_item(node, size)) return false;
    const Node* schema = item_schema(node, size++);
    if (schema != nullptr && !accepts(*schema, element)) return false;
  }
  return size >= node.items_min && size <= node.items_max && !(node.unique && has_twins(array));
}

bool accepts_member(const Node& node, const Member& member, const Property* property) {
  for (const PatternProperty& pattern : node.patterns)
    if (pattern.pattern.finds(member.key) && !accepts(*pattern.schema, member.value)) return false;
  if (property != nullptr && property->schema != nullptr)
    return accepts(*property->schema, member.value);
  if ((!node.closed && node.additional == nullptr) || !is_additional(node, member.key)) return true;
  return !node.closed && accepts(*node.additional, member.value);
}

bool accepts_object(const Node& node, const Value& object) {
  std::size_t size = 0;
  std::uint64_t missing = node.required_bits;
  for (const Member member : object.members()) {
    ++size;
    const Property* property = node.properties.find(member.key);
    if (property != nullptr) missing &= ~property->required_bit;
    if (!accepts_member(node, member, property)) return false;
  }
  if (missing != 0 || size < node.properties_min || size > node.properties_max) return false;
  for (std::size_t i = 64; i < node.required.size(); ++i)
    if (!object[node.required[i]].exists()) return false;
  for (const Dependency& dependency : node.dependencies) {
    if (!object[dependency.name].exists()) continue;
    if (lacks_names(dependency, object)) return false;
    if (dependency.schema != nullptr && !accepts(*dependency.schema, object)) return false;
  }
  return true;
}

// ---- Explaining ----

class Explainer {
 public:
  std::vector<Report> run(const Node& node, const Value& value) {
    explain(node, value);
    return std::move(reports_);
  }

 private:
  void report(std::string_view keyword, std::string_view text, std::vector<std::string> targets) {
    reports_.push_back(
        {fmt::format("{}: {}", path_, text), path_, std::string(keyword), std::move(targets)});
  }

  // Reports about a member or an item name it in the message and its parent in the path.
  void report_part(std::string_view keyword, std::string_view part, std::string_view text,
                   std::string_view target) {
    reports_.push_back({fmt::format("{}{}: {}", path_, part, text),
                        path_,
                        std::string(keyword),
                        {std::string(target)}});
  }

  // In the order of the original, which is that of the keywords' names.
  void explain(const Node& node, const Value& value) {
    const Type type = value.type();
    const bool is_number = type == Type::integer || type == Type::number;
    if (type == Type::object) explain_properties(node, value);
    if (node.reference != nullptr) explain(*node.reference, value);
    if (type == Type::object) explain_additional(node, value);
    for (const Node* other : node.all_of) explain(*other, value);
    explain_any_of(node, value);
    if (type == Type::object) explain_dependencies(node, value);
    explain_enum(node, value);
    if (type == Type::string) explain_format(node, *value.string());
    if (type == Type::array) explain_items(node, value);
    explain_sizes(node, value);
    if (is_number) explain_number(node, value);
    explain_not(node, value);
    explain_one_of(node, value);
    if (type == Type::string && node.pattern && !node.pattern->finds(*value.string())) {
      report("pattern", "does not match the regex pattern " + node.pattern_text,
             {node.pattern_text});
    }
    if (type == Type::object) explain_patterns(node, value);
    if (type == Type::object) explain_required(node, value);
    if (!node.types.contains(type)) explain_type(node, type);
    if (type == Type::array && node.unique && has_twins(value))
      report("uniqueItems", "the items in the array must be unique", {});
  }

  void inside(const std::string& step, const Node& node, const Value& value) {
    const std::size_t length = path_.size();
    path_ += step;
    explain(node, value);
    path_.resize(length);
  }

  void explain_properties(const Node& node, const Value& object) {
    for (const Property& property : node.properties.all()) {
      if (property.schema == nullptr) continue;
      for (const Member member : object.members())
        if (member.key == property.name)
          inside(fmt::format(".{}", member.key), *property.schema, member.value);
    }
  }

  void explain_additional(const Node& node, const Value& object) {
    if (!node.closed && node.additional == nullptr) return;
    for (const Member member : object.members()) {
      const Property* property = node.properties.find(member.key);
      if ((property != nullptr && property->schema != nullptr) || !is_additional(node, member.key))
        continue;
      const std::string step = fmt::format(".{}", member.key);
      if (!node.closed) {
        inside(step, *node.additional, member.value);
        continue;
      }
      report_part(
          "additionalProperties", step,
          "is not defined in the schema and the schema does not allow additional properties",
          member.key);
    }
  }

  void explain_any_of(const Node& node, const Value& value) {
    if (node.any_of.empty() || matches(node.any_of, value) > 0) return;
    for (const Node* alternative : node.any_of) explain(*alternative, value);
  }

  void explain_dependencies(const Node& node, const Value& object) {
    bool lacks = false;
    for (const Dependency& dependency : node.dependencies) {
      if (!object[dependency.name].exists()) continue;
      lacks = lacks || lacks_names(dependency, object);
      if (dependency.schema != nullptr) explain(*dependency.schema, object);
    }
    if (lacks) {
      report("dependencies", "has an error with dependencies " + node.dependencies_text,
             {node.dependencies_text});
    }
  }

  void explain_enum(const Node& node, const Value& value) {
    if (node.enumeration.empty() || is_one_of(node, value)) return;
    report("enum", "does not have a value in the enumeration " + node.enumeration_text,
           {node.enumeration_text});
  }

  void explain_format(const Node& node, std::string_view text) {
    if (!node.format || node.format->accepts(text)) return;
    const Format& format = *node.format;
    if (format.keyword() != "format") {
      report(format.keyword(), fmt::format("{} is an invalid {}", text, format.name()),
             {std::string(text), std::string(format.name())});
    } else if (format.reports_text()) {
      report("format", fmt::format("does not match the {} pattern {}", text, format.name()),
             {std::string(text), std::string(format.name())});
    } else {
      report("format", fmt::format("does not match the {} pattern", format.name()),
             {std::string(format.name())});
    }
  }

  void explain_items(const Node& node, const Value& array) {
    std::size_t index = 0;
    for (const Value element : array.elements()) {
      const std::string step = fmt::format("[{}]", index);
      const Node* schema = item_schema(node, index);
      if (is_refused_item(node, index)) {
        report_part("items", step, "no validator found at this index", std::to_string(index));
      } else if (schema != nullptr) {
        inside(step, *schema, element);
      }
      ++index;
    }
  }

  void explain_sizes(const Node& node, const Value& value) {
    const auto refuse = [&](std::string_view keyword, fmt::string_view text, std::size_t limit) {
      report(keyword, fmt::vformat(text, fmt::make_format_args(limit)), {std::to_string(limit)});
    };
    switch (value.type()) {
      case Type::array:
        if (value.size() > node.items_max)
          refuse("maxItems", "there must be a maximum of {} items in the array", node.items_max);
        if (value.size() < node.items_min)
          refuse("minItems", "there must be a minimum of {} items in the array", node.items_min);
        return;
      case Type::string:
        if (is_longer(*value.string(), node.length_max))
          refuse("maxLength", "may only be {} characters long", node.length_max);
        if (is_shorter(*value.string(), node.length_min))
          refuse("minLength", "must be at least {} characters long", node.length_min);
        return;
      case Type::object:
        if (value.size() > node.properties_max)
          refuse("maxProperties", "may only have a maximum of {} properties", node.properties_max);
        if (value.size() < node.properties_min)
          refuse("minProperties", "should have a minimum of {} properties", node.properties_min);
        return;
      default:
        return;
    }
  }

  void explain_number(const Node& node, const Value& value) {
    if (node.maximum && is_above(*node.maximum, exact(value))) {
      report("maximum", "must have a maximum value of " + node.maximum->text, {node.maximum->text});
    }
    if (node.minimum && is_below(*node.minimum, exact(value))) {
      report("minimum", "must have a minimum value of " + node.minimum->text, {node.minimum->text});
    }
    if (node.multiple_of && !is_multiple_of(*node.multiple_of, value))
      report("multipleOf", "must be multiple of " + node.multiple_of_text, {node.multiple_of_text});
  }

  void explain_not(const Node& node, const Value& value) {
    if (node.negated == nullptr || !accepts(*node.negated, value)) return;
    report("not", "should not be valid to the schema " + node.negated_text, {node.negated_text});
  }

  void explain_one_of(const Node& node, const Value& value) {
    if (node.one_of.empty()) return;
    const std::size_t valid = matches(node.one_of, value);
    if (valid == 0) {
      for (const Node* alternative : node.one_of) explain(*alternative, value);
    } else if (valid > 1) {
      report("oneOf",
             "should be valid to one and only one of schema, but more than one are valid: " +
                 node.one_of_text,
             {node.one_of_text});
    }
  }

  void explain_patterns(const Node& node, const Value& object) {
    for (const PatternProperty& pattern : node.patterns) {
      for (const Member member : object.members())
        if (pattern.pattern.finds(member.key))
          inside(fmt::format(".{}", member.key), *pattern.schema, member.value);
    }
  }

  void explain_required(const Node& node, const Value& object) {
    for (const std::string& name : node.required) {
      if (!object[name].exists())
        report_part("required", "." + name, "is missing but it is required", name);
    }
  }

  void explain_type(const Node& node, Type type) {
    const std::string found(type_name(type));
    if (node.union_type) {
      report("unionType", fmt::format("{} found, but {} is required", found, node.type_text),
             {found, node.type_text});
    } else {
      report("type", fmt::format("{} found, {} expected", found, node.type_text),
             {found, node.type_text});
    }
  }

  std::string path_ = "$";
  std::vector<Report> reports_;
};

}  // namespace

bool accepts(const Node& node, const Value& value) {
  const Type type = value.type();
  if (!node.types.contains(type)) return false;
  if (node.combines && !accepts_combined(node, value)) return false;
  switch (type) {
    case Type::integer:
    case Type::number:
      return accepts_number(node, value);
    case Type::string:
      return accepts_text(node, *value.string());
    case Type::array:
      return accepts_array(node, value);
    case Type::object:
      return accepts_object(node, value);
    case Type::absent:
    case Type::null:
    case Type::boolean:
      return true;
  }
  return true;
}

std::vector<Report> explain(const Node& node, const Value& value) {
  return Explainer().run(node, value);
}

}  // namespace lvp::iglu
