// A table in somebody else's database, which others read: what it must be able to do.
//
// Items have two keys and typed attributes, as in DynamoDB; a shape names them, and an engine that
// has columns makes one of each. A change may have a version: it then takes effect only on an item
// that is older, so that what arrives late or twice changes nothing. Every implementation passes
// tests/external_table_contract.h:
//
//   dynamodb:         store/dynamodb.h
//   postgres:         store/postgres.h
//   memory            store/external_memory.h, for tests
//
// What becomes of each change is a value, throttling included: to wait is the caller's. Nothing
// here is part of a unit of work; changes that are made twice leave the same table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lvp::store {

enum class ValueType : std::uint8_t { text, number, boolean };

/// Text as it is; a number in decimal digits ("29.926184", "-3"); "true" or "false".
struct Value {
  ValueType type = ValueType::text;
  std::string text;

  bool operator==(const Value&) const = default;
};

struct Attribute {
  std::string name;
  ValueType type = ValueType::text;
};

/// What a table's items look like. Keys are texts, and not empty.
struct TableShape {
  std::string name;
  std::string partition_key;          ///< name of the attribute by which items are spread
  std::string sort_key;               ///< with it one item
  std::vector<Attribute> attributes;  ///< the others, none of which must be there
  std::string version;  ///< of `attributes`, a number: what conditions compare; "": there are none
};

struct ItemKey {
  std::string partition;
  std::string sort;

  auto operator<=>(const ItemKey&) const = default;
};

struct Field {
  std::string name;
  Value value;

  bool operator==(const Field&) const = default;
};

struct Item {
  ItemKey key;
  std::vector<Field> fields;  ///< attributes that it has, each once; an engine answers in its order

  bool operator==(const Item&) const = default;
};

/// The value of a field; nullptr if there is none.
const Value* field(const Item& item, std::string_view name);

struct Change {
  enum class Kind : std::uint8_t { put, erase };
  Kind kind = Kind::put;
  Item item;  ///< of an erasure the key alone
  /// Takes effect only if the stored item's version is lower, or there is no item. A put has the
  /// same as a field.
  std::optional<std::uint64_t> version = {};
};

struct Outcome {
  enum class Kind : std::uint8_t {
    done,
    outdated,   ///< what is stored is as new: nothing to do
    throttled,  ///< nothing happened: again, after a wait
    refused,    ///< the item will never be taken
  };
  Kind kind = Kind::done;
  std::string why = {};  ///< of the last two

  bool operator==(const Outcome&) const = default;
};

/// One thread at a time.
class ExternalTable {
 public:
  virtual ~ExternalTable() = default;

  /// For people, without secrets: "dynamodb: table video_events".
  virtual const std::string& name() const = 0;

  /// Checks that the table is there and has the shape; makes it if it is missing and `create`.
  /// Error::unavailable: not reachable, not allowed, or not made yet: ask again. Error::invalid: it
  /// is missing, or has another shape.
  virtual Status prepare(bool create) = 0;

  /// Makes changes of different items, in no particular order, and says what became of each. After
  /// an error (unavailable) some may have been made; making them again does no harm.
  virtual Result<std::vector<Outcome>> write(std::span<const Change> changes) = 0;

  /// The items, as they are after all writes; nothing where there is none.
  virtual Result<std::vector<std::optional<Item>>> read(std::span<const ItemKey> keys) = 0;
};

}  // namespace lvp::store
