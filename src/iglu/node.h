// A compiled schema: nodes that point at each other, made by iglu/compiler.h and walked by
// iglu/checker.h. Not for other rooms: they see iglu/schema.h.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/pattern.h"
#include "iglu/decimal.h"
#include "iglu/format.h"
#include "wire/json.h"

namespace lvp::iglu {

struct Node;

/// JSON types as a set; a number includes integers.
class TypeSet {
 public:
  void add(json::Type type) {
    bits_ |= bit(type);
    if (type == json::Type::number) bits_ |= bit(json::Type::integer);
  }
  void add_all() { bits_ = 0xff; }
  bool contains(json::Type type) const { return (bits_ & bit(type)) != 0; }

 private:
  static std::uint8_t bit(json::Type type) {
    return static_cast<std::uint8_t>(1u << static_cast<unsigned>(type));
  }
  std::uint8_t bits_ = 0;
};

/// A name that `properties` or `required` mention.
struct Property {
  std::string name;
  const Node* schema = nullptr;    ///< nullptr if only required
  std::uint64_t required_bit = 0;  ///< one of the first 64 required names: its bit
};

/// Finds properties by name without touching more than one of them as a rule: an open hash table
/// over what is cheap to read of a name.
class PropertyTable {
 public:
  /// The property of that name, added if need be. Not after index().
  Property& at(std::string_view name);
  /// Makes the table; without, nothing is found.
  void index();

  const Property* find(std::string_view name) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t slot = hash(name);; ++slot) {
      const std::uint32_t number = slots_[slot & (slots_.size() - 1)];
      if (number == 0) return nullptr;
      if (properties_[number - 1].name == name) return &properties_[number - 1];
    }
  }

  const std::vector<Property>& all() const { return properties_; }

 private:
  static std::size_t hash(std::string_view name) {
    if (name.empty()) return 0;
    const auto byte = [&](std::size_t at) {
      return static_cast<std::size_t>(static_cast<unsigned char>(name[at]));
    };
    return name.size() + 5 * byte(0) + 37 * byte(name.size() / 2) + 101 * byte(name.size() - 1);
  }

  std::vector<Property> properties_;
  std::vector<std::uint32_t> slots_;  // a power of two; number of the property plus one, or 0
};

/// minimum or maximum.
struct Limit {
  long double value = 0;  ///< exact for all that a parsed number can be
  bool exclusive = false;
  std::string text;
};

struct Dependency {
  std::string name;
  std::vector<std::string> names;  ///< if present, these must be
  const Node* schema = nullptr;    ///< or this must accept the object
};

struct PatternProperty {
  Pattern pattern;
  const Node* schema;
};

/// One (sub)schema. What is not given is at its default and lets everything through.
struct Node {
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  // Any value.
  TypeSet types;
  std::string type_text;    ///< "string", or "[string, null]"
  bool union_type = false;  ///< `type` is a list
  bool nullable = false;
  std::vector<json::Value> enumeration;
  std::string enumeration_text;  ///< "[a, b]"
  const Node* reference = nullptr;
  std::vector<const Node*> all_of, any_of, one_of;
  std::string one_of_text;  ///< the alternatives' schemas, one after the other
  const Node* negated = nullptr;
  std::string negated_text;
  bool combines = false;  ///< has one of enum, $ref, allOf, anyOf, oneOf, not

  // Numbers.
  std::optional<Limit> minimum, maximum;
  std::optional<Decimal> multiple_of;
  std::string multiple_of_text;

  // Texts.
  std::size_t length_min = 0, length_max = unlimited;
  std::optional<Pattern> pattern;
  std::string pattern_text;
  std::optional<Format> format;

  // Arrays: the first items by `tuple`, the rest by `items`.
  std::vector<const Node*> tuple;
  const Node* items = nullptr;
  bool items_closed = false;  ///< nothing may follow the tuple
  std::size_t items_min = 0, items_max = unlimited;
  bool unique = false;

  // Objects.
  PropertyTable properties;
  std::vector<std::string> required;
  std::uint64_t required_bits = 0;
  std::vector<PatternProperty> patterns;
  const Node* additional = nullptr;
  bool closed = false;  ///< additionalProperties: false
  std::size_t properties_min = 0, properties_max = unlimited;
  std::vector<Dependency> dependencies;
  std::string dependencies_text;  ///< "{a=[b, c]}": those by name
};

/// Owns the nodes and the document that their enumerations view.
struct Compiled {
  json::Parser parser;
  json::Value document;
  std::deque<Node> nodes;
  const Node* root = nullptr;
  /// What the schema says without effect: "$.properties.a: const is not part of draft 4".
  std::vector<std::string> without_effect;
};

}  // namespace lvp::iglu
