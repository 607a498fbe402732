#include "iglu/checker.h"

#include <algorithm>

#include "iglu/keywords.h"

namespace lvp::iglu {
namespace {

using json::Member;
using json::Type;
using json::Value;

bool accepts_combination(const Node& node, const Value& value) {
  const Combination& rules = *node.combination;
  if (is_unlisted(node, value)) return false;
  if (rules.reference != nullptr && !accepts(*rules.reference, value)) return false;
  if (matches(rules.all_of, value) < rules.all_of.size()) return false;
  if (!rules.any_of.empty() && matches(rules.any_of, value) == 0) return false;
  if (!rules.one_of.empty() && matches(rules.one_of, value) != 1) return false;
  return rules.negated == nullptr || !accepts(*rules.negated, value);
}

bool accepts_number(const NumberRules& rules, const Value& value) {
  const long double number = exact(value);
  if (rules.minimum && is_below(*rules.minimum, number)) return false;
  if (rules.maximum && is_above(*rules.maximum, number)) return false;
  return !rules.multiple_of || is_multiple_of(*rules.multiple_of, value);
}

bool accepts_text(const TextRules& rules, std::string_view text) {
  if (is_longer(text, rules.length_max) || is_shorter(text, rules.length_min)) return false;
  if (rules.pattern && !rules.pattern->finds(text)) return false;
  return !rules.format || rules.format->accepts(text);
}

bool accepts_array(const ArrayRules& rules, const Value& array) {
  std::size_t size = 0;
  for (const Value element : array.elements()) {
    if (is_refused_item(rules, size)) return false;
    const Node* schema = item_schema(rules, size++);
    if (schema != nullptr && !accepts(*schema, element)) return false;
  }
  return size >= rules.size_min && size <= rules.size_max && !(rules.unique && has_twins(array));
}

bool accepts_member(const ObjectRules& rules, const Member& member, const Property* property) {
  for (const PatternProperty& pattern : rules.patterns)
    if (pattern.name.finds(member.key) && !accepts(*pattern.schema, member.value)) return false;
  if (property != nullptr && property->schema != nullptr)
    return accepts(*property->schema, member.value);
  if (!rules.closed && rules.additional == nullptr) return true;
  if (!is_additional(rules, member.key)) return true;
  return !rules.closed && accepts(*rules.additional, member.value);
}

bool keeps_dependencies(const ObjectRules& rules, const Value& object) {
  return std::ranges::all_of(rules.dependencies, [&](const Dependency& dependency) {
    if (!object[dependency.name].exists()) return true;
    if (lacks_names(dependency, object)) return false;
    return dependency.schema == nullptr || accepts(*dependency.schema, object);
  });
}

bool accepts_object(const ObjectRules& rules, const Value& object) {
  std::size_t size = 0;
  std::uint64_t missing = rules.required_bits;
  for (const Member member : object.members()) {
    ++size;
    const Property* property = rules.properties.find(member.key);
    if (property != nullptr) missing &= ~property->required_bit;
    if (!accepts_member(rules, member, property)) return false;
  }
  if (missing != 0 || size < rules.size_min || size > rules.size_max) return false;
  for (std::size_t i = PropertyTable::required_bits; i < rules.required.size(); ++i)
    if (!object[rules.required[i]].exists()) return false;
  return rules.dependencies.empty() || keeps_dependencies(rules, object);
}

}  // namespace

std::size_t matches(std::span<const Node* const> alternatives, const Value& value) {
  return static_cast<std::size_t>(std::ranges::count_if(
      alternatives, [&](const Node* alternative) { return accepts(*alternative, value); }));
}

bool accepts(const Node& node, const Value& value) {
  const Type type = value.type();
  if (!node.types.contains(type)) return false;
  if (node.combination && !accepts_combination(node, value)) return false;
  switch (type) {
    case Type::integer:
    case Type::number:
      return !node.numbers || accepts_number(*node.numbers, value);
    case Type::string:
      return !node.texts || accepts_text(*node.texts, *value.string());
    case Type::array:
      return !node.arrays || accepts_array(*node.arrays, value);
    case Type::object:
      return !node.objects || accepts_object(*node.objects, value);
    case Type::absent:
    case Type::null:
    case Type::boolean:
      return true;
  }
  return true;
}

}  // namespace lvp::iglu
