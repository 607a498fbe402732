// The schemas that are part of the program, by Iglu URI. iglu/resolver.h knows more.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "iglu/schema.h"

namespace lvp::iglu {

class Registry {
 public:
  /// Every schema that is part of the program (src/iglu/schemas). Error::invalid if one of them
  /// cannot be compiled, which a test rules out.
  static Result<Registry> embedded();

  ~Registry();
  Registry(Registry&&) noexcept;
  Registry& operator=(Registry&&) noexcept;

  /// The schema, or nullptr if the program does not have it. `uri` is
  /// "iglu:vendor/name/jsonschema/1-0-0".
  const Schema* find(std::string_view uri) const;

  std::size_t size() const { return schemas_.size(); }

  /// As it is called in bad rows that say where a schema was looked for.
  static constexpr std::string_view repository = "lvp embedded";

 private:
  Registry();

  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, Schema, Hash, std::equal_to<>> schemas_;
};

}  // namespace lvp::iglu
