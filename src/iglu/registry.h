// The schemas the program knows, by Iglu URI.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iglu/schema.h"

namespace lvp::iglu {

class Registry {
 public:
  /// Every schema that is part of the program (src/iglu/schemas). Error::invalid if one of them
  /// cannot be compiled, which a test rules out.
  static Result<Registry> embedded();

  /// The schema, or nullptr if no repository has it. `uri` is "iglu:vendor/name/jsonschema/1-0-0".
  const Schema* find(std::string_view uri) const;

  std::size_t size() const { return schemas_.size(); }

  /// As it is called in bad rows that say where a schema was looked for.
  static constexpr std::string_view repository = "lvp embedded";

 private:
  std::map<std::string, Schema, std::less<>> schemas_;
};

}  // namespace lvp::iglu
