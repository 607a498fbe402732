// What each keyword of JSON Schema means, for those that do not look into parts of the value.
#pragma once

#include <string_view>

#include "base/text.h"
#include "iglu/node.h"
#include "wire/json.h"

namespace lvp::iglu {

/// The value of a number: exact but for integers above 2^63, which are rounded to no less than it.
inline long double exact(const json::Value& number) {
  if (const auto whole = number.integer()) return static_cast<long double>(*whole);
  return static_cast<long double>(*number.number());
}

inline bool is_below(const Limit& minimum, long double number) {
  return number < minimum.value || (minimum.exclusive && number == minimum.value);
}
inline bool is_above(const Limit& maximum, long double number) {
  return number > maximum.value || (maximum.exclusive && number == maximum.value);
}
bool is_multiple_of(const Decimal& divisor, const json::Value& number);

/// Lengths are counted in code points.
inline bool is_shorter(std::string_view text, std::size_t length) {
  return text.size() < length || (length > 0 && code_points(text) < length);
}
inline bool is_longer(std::string_view text, std::size_t length) {
  return text.size() > length && code_points(text) > length;
}

/// Whether there is an enumeration and it does not have the value.
bool is_unlisted(const Node& node, const json::Value& value);

/// Whether two items are equal.
bool has_twins(const json::Value& array);

/// The schema for the item at that place, or nullptr.
inline const Node* item_schema(const ArrayRules& rules, std::size_t index) {
  return index < rules.tuple.size() ? rules.tuple[index] : rules.items;
}
inline bool is_refused_item(const ArrayRules& rules, std::size_t index) {
  return rules.closed && index >= rules.tuple.size();
}

/// Whether `additionalProperties` is about a member that `properties` does not name.
bool is_additional(const ObjectRules& rules, std::string_view name);

bool lacks_names(const Dependency& dependency, const json::Value& object);

}  // namespace lvp::iglu
