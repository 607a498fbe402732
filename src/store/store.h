// State at rest: named tables of bytes, written as part of a unit of work.
//
// A stage keeps its state in tables and commits it with its outputs and its position, so that the
// three never disagree after a crash. Tables know nothing of what they hold; the spelling of a
// profile is profile/codec.h's. Every implementation passes tests/store_contract.h.
//
// Failures: Error::unavailable (retry), Error::invalid (the name of a table), Error::corrupt
// (stop). Nothing here throws.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unit_of_work.h"

namespace lvp::store {

/// Thread-safe. Reads see committed units only.
class Table {
 public:
  virtual ~Table() = default;

  /// Nothing if there is no such key.
  virtual Result<std::optional<std::string>> get(std::string_view key) const = 0;

  /// Calls `visit` for each key that starts with `prefix`, in order of bytes, until it returns an
  /// error, which is passed on. The views live during the call. What is committed meanwhile may be
  /// missed.
  using Visit = std::function<Status(std::string_view key, std::string_view value)>;
  virtual Status scan(std::string_view prefix, const Visit& visit) const = 0;

  /// Take effect when `unit` commits. The last change of a key in a unit wins.
  virtual Status put(UnitOfWork& unit, std::string_view key, std::string value) = 0;
  virtual Status erase(UnitOfWork& unit, std::string_view key) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  /// The table with that name, made if need be. Names are [a-z_]+, else Error::invalid.
  virtual Result<std::unique_ptr<Table>> table(std::string_view name) = 0;
};

inline Status check_table_name(std::string_view name) {
  if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") != name.npos) {
    return invalid("store: \"" + std::string(name) + "\" is not a table name");
  }
  return {};
}

}  // namespace lvp::store
