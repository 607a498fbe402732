// Reading and writing JSON values.
//
// Reading is simdjson's DOM behind a small face, so that its header enters one file only. Writing
// appends to a string. json_text.h treats JSON as text, where number spellings must survive.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvp::json {

enum class Type : std::uint8_t { absent, null, boolean, integer, number, string, array, object };

class Members;
class Elements;

/// One value of a parsed document, or an absent one. A value views its Parser's memory and is good
/// until that parser parses again.
class Value {
 public:
  Value() = default;

  Type type() const;
  bool exists() const { return raw_[0] != 0; }  ///< true for null
  bool is_object() const { return type() == Type::object; }
  bool is_array() const { return type() == Type::array; }

  /// Each is empty unless the value has that type. number() also takes integers; integer() takes
  /// only what was written without fraction and exponent and fits.
  std::optional<std::string_view> string() const;
  std::optional<double> number() const;
  std::optional<std::int64_t> integer() const;
  std::optional<bool> boolean() const;

  /// The member, or an absent value if there is none or this is no object. Calls can be chained.
  Value operator[](std::string_view key) const;

  /// Empty ranges unless the value is an object or an array.
  Members members() const;
  Elements elements() const;
  std::size_t size() const;  ///< members or elements; 0 for anything else

 private:
  friend class Parser;
  friend class MemberIterator;
  friend class ElementIterator;
  using Raw = std::array<std::uintptr_t, 2>;  // a simdjson tape reference: document, index
  explicit Value(Raw raw) : raw_(raw) {}

  Raw raw_{};
};

struct Member {
  std::string_view key;
  Value value;
};

class MemberIterator {
 public:
  explicit MemberIterator(Value::Raw at) : at_(at) {}
  Member operator*() const;
  MemberIterator& operator++();
  bool operator!=(const MemberIterator& other) const { return at_ != other.at_; }

 private:
  Value::Raw at_;
};

class ElementIterator {
 public:
  explicit ElementIterator(Value::Raw at) : at_(at) {}
  Value operator*() const;
  ElementIterator& operator++();
  bool operator!=(const ElementIterator& other) const { return at_ != other.at_; }

 private:
  Value::Raw at_;
};

class Members {
 public:
  Members(MemberIterator begin, MemberIterator end) : begin_(begin), end_(end) {}
  MemberIterator begin() const { return begin_; }
  MemberIterator end() const { return end_; }

 private:
  MemberIterator begin_;
  MemberIterator end_;
};

class Elements {
 public:
  Elements(ElementIterator begin, ElementIterator end) : begin_(begin), end_(end) {}
  ElementIterator begin() const { return begin_; }
  ElementIterator end() const { return end_; }

 private:
  ElementIterator begin_;
  ElementIterator end_;
};

/// Most containers inside each other that a document may have unless a caller says otherwise. An
/// empty container at the very bottom does not count.
inline constexpr std::size_t depth_max_default = 50;

/// Parses documents, reusing its memory. Not thread-safe.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  /// The document's root, valid until the next call. Error::invalid if `text` is not one JSON value
  /// in UTF-8, is nested deeper than `depth_max`, or holds an integer beyond 64 bits.
  Result<Value> parse(std::string_view text, std::size_t depth_max = depth_max_default);

  /// Where the tokens of the text last parsed begin, in order: its brackets, commas, colons,
  /// strings and other scalars. For json_text.h; valid until the next call of parse().
  std::span<const std::uint32_t> tokens() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes compact JSON. Keys and values alternate inside objects as the caller says; commas are
/// placed by the writer. Escapes follow circe's noSpaces printer: the short forms, and \u00xx for
/// other controls including U+007F to U+009F.
class Writer {
 public:
  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  Writer& key(std::string_view key);
  Writer& string(std::string_view utf8);
  Writer& integer(std::int64_t value);
  Writer& number(double value);  ///< shortest digits that read back the same; null if not finite
  Writer& boolean(bool value);
  Writer& null();
  Writer& raw(std::string_view json);  ///< text that is JSON already

  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  void separate();
  std::string text_;
};

/// The same for values that are equal: numbers by value, members by name in the order of the
/// document.
std::uint64_t hash(const Value& value, std::uint64_t seed = 0);

/// Deep equality, numbers by value: 1.0 equals 1.
bool equal(const Value& a, const Value& b);

/// The value as compact JSON, numbers in their shortest spelling.
std::string print(const Value& value);

/// Appends `utf8` as a JSON string with its quotes.
void append_quoted(std::string& out, std::string_view utf8);

}  // namespace lvp::json
