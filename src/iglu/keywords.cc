#include "iglu/keywords.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace lvp::iglu {
namespace {

using json::Member;
using json::Type;
using json::Value;

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

}  // namespace

bool is_multiple_of(const Decimal& divisor, const Value& number) {
  const auto whole = number.integer();
  return is_multiple(whole ? to_decimal(*whole) : to_decimal(*number.number()), divisor);
}

bool is_unlisted(const Node& node, const Value& value) {
  if (!node.combination || node.combination->enumeration.empty()) return false;
  if (node.nullable && value.type() == Type::null) return false;
  return std::ranges::none_of(node.combination->enumeration,
                              [&](const Value& other) { return json::equal(other, value); });
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

bool is_additional(const ObjectRules& rules, std::string_view name) {
  if (name.starts_with('#')) return false;  // networknt lets them through
  return std::ranges::none_of(rules.patterns,
                              [&](const PatternProperty& p) { return p.name.finds(name); });
}

bool lacks_names(const Dependency& dependency, const Value& object) {
  return std::ranges::any_of(dependency.names,
                             [&](const std::string& name) { return !object[name].exists(); });
}

}  // namespace lvp::iglu
