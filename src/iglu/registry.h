// The schemas that are part of the program, by Iglu URI. iglu/resolver.h knows more.
#pragma once

#include <cstdint>
#include <cstring>
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

  // Of the end of the name and the version, which is enough for a set that nobody else makes.
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view uri) const {
      constexpr std::size_t end_bytes = 33;  // 16 of the name, and "/jsonschema/1-0-0"
      if (uri.size() < end_bytes) return std::hash<std::string_view>()(uri);
      const auto word = [&](std::size_t before_end) {
        std::uint64_t bytes;
        std::memcpy(&bytes, uri.data() + uri.size() - before_end, sizeof(bytes));
        return bytes;
      };
      constexpr std::uint64_t golden = 0x9e37'79b9'7f4a'7c15;  // 2^64 divided by the golden ratio
      const std::uint64_t mixed =
          (word(end_bytes) * golden ^ word(end_bytes - 8)) * golden ^ word(8);
      return static_cast<std::size_t>(mixed * golden >> 32);
    }
  };
  std::unordered_map<std::string, Schema, Hash, std::equal_to<>> schemas_;
};

}  // namespace lvp::iglu
