// The types of JSON that a schema's `type` lets through, and their names.
#pragma once

#include <cstdint>
#include <string_view>

#include "wire/json.h"

namespace lvp::iglu {

/// As schemas and reports call it.
std::string_view type_name(json::Type type);
/// json::Type::absent if no type is called that.
json::Type type_named(std::string_view name);

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

}  // namespace lvp::iglu
