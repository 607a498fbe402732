// Thrift's binary protocol, as far as a bare struct of strings, integers and lists needs it.
//
//   struct := field* 0x00
//   field  := type(1) id(2) value         big-endian throughout
//   string := length(4) bytes             type 0x0b
//   i64    := value(8)                    type 0x0a
//   list   := element type(1) count(4) element*   type 0x0f
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvp::thrift {

enum class FieldType : std::uint8_t {
  stop = 0,
  boolean = 2,
  byte = 3,
  real = 4,
  i16 = 6,
  i32 = 8,
  i64 = 10,
  string = 11,
  structure = 12,
  map = 13,
  set = 14,
  list = 15,
};

class Writer {
 public:
  /// `bytes`: how many there will be, if it is known.
  explicit Writer(std::size_t bytes = 0) { bytes_.reserve(bytes); }

  void string(std::int16_t id, std::string_view value);
  void i64(std::int16_t id, std::int64_t value);
  void strings(std::int16_t id, std::span<const std::string> values);
  /// A list of `count` strings; as many calls of element() follow.
  void list_of_strings(std::int16_t id, std::size_t count);
  /// The next string of the list, given in parts.
  void element(std::initializer_list<std::string_view> parts);
  /// Ends the struct and gives its bytes.
  std::string finish();

 private:
  void header(FieldType type, std::int16_t id);
  template <class Number>
  static char* put(char* at, Number value);
  template <class Number>
  void number(Number value);
  // Has `write` fill as many new bytes.
  template <class Write>
  void extend(std::size_t by, Write write);
  std::string bytes_;
};

struct Field {
  FieldType type;
  std::int16_t id;
};

/// Reads one struct, checking every length against what is left. Views into the bytes given.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  /// The next field's header; type stop at the end of the struct.
  Result<Field> field();
  Result<std::string_view> string();
  Result<std::int64_t> i64();
  /// A list's element count; the elements follow. Error::invalid unless its elements have `type`.
  Result<std::uint32_t> list(FieldType type);
  /// Steps over a value of any type, however nested up to a fixed depth.
  Status skip(FieldType type);

 private:
  template <class Number>
  Result<Number> number();
  Status skip(FieldType type, int depth);
  Status skip_bytes(std::size_t bytes);
  std::string_view left_;
};

}  // namespace lvp::thrift
