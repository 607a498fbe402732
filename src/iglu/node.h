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

#include "iglu/decimal.h"
#include "iglu/format.h"
#include "iglu/text_pattern.h"
#include "iglu/type_set.h"
#include "wire/json.h"

namespace lvp::iglu {

struct Node;

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
  /// So many required names have a bit of their own.
  static constexpr std::size_t required_bits = 64;

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
  // Cheap, and nearly perfect for the names of one schema.
  static std::size_t hash(std::string_view name) {
    if (name.empty()) return 0;
    const auto byte = [&](std::size_t at) {
      return std::uint64_t{static_cast<unsigned char>(name[at])};
    };
    const std::uint64_t sample = name.size() ^ byte(0) << 8 ^ byte(name.size() / 2) << 16 ^
                                 byte(name.size() - 1) << 24 ^ byte(name.size() / 4) << 32;
    return static_cast<std::size_t>(sample * 0x9e3779b97f4a7c15u >> 40);
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
  TextPattern name;
  const Node* schema;
};

inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

/// enum, $ref, allOf, anyOf, oneOf, not: rules for any value.
struct Combination {
  std::vector<json::Value> enumeration;
  std::string enumeration_text;  ///< "[a, b]"
  const Node* reference = nullptr;
  std::vector<const Node*> all_of, any_of, one_of;
  std::string one_of_text;  ///< the alternatives' schemas, one after the other
  const Node* negated = nullptr;
  std::string negated_text;
};

struct NumberRules {
  std::optional<Limit> minimum, maximum;
  std::optional<Decimal> multiple_of;
  std::string multiple_of_text;
};

struct TextRules {
  std::size_t length_min = 0, length_max = unlimited;  ///< in code points
  std::optional<TextPattern> pattern;
  std::optional<Format> format;
};

struct ArrayRules {
  std::vector<const Node*> tuple;  ///< the schemas of the first items
  const Node* items = nullptr;     ///< the schema of the others, or nullptr
  bool closed = false;             ///< nothing may follow the tuple
  bool unique = false;
  std::size_t size_min = 0, size_max = unlimited;
};

struct ObjectRules {
  PropertyTable properties;
  std::uint64_t required_bits = 0;
  bool closed = false;               ///< additionalProperties: false
  const Node* additional = nullptr;  ///< additionalProperties: {…}
  std::size_t size_min = 0, size_max = unlimited;
  std::vector<std::string> required;
  std::vector<PatternProperty> patterns;
  std::vector<Dependency> dependencies;
  std::string dependencies_text;  ///< "{a=[b, c]}": those by name
};

/// One (sub)schema: which types it lets through, and the rules for values of each. What is not
/// there is no rule.
struct Node {
  TypeSet types;            ///< with null if `nullable`
  bool union_type = false;  ///< `type` is a list
  bool nullable = false;
  std::unique_ptr<Combination> combination;
  std::unique_ptr<NumberRules> numbers;
  std::unique_ptr<TextRules> texts;
  std::unique_ptr<ArrayRules> arrays;
  std::unique_ptr<ObjectRules> objects;
  std::string type_text;  ///< "string", or "[string, null]"
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
