// Thrift's binary protocol, as far as a bare struct of strings, integers and lists needs it.
//
//   struct := field* 0x00
//   field  := type(1) id(2) value         big-endian throughout
//   string := length(4) bytes             type 0x0b
//   i64    := value(8)                    type 0x0a
//   list   := element type(1) count(4) element*   type 0x0f
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
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

/// Writes one struct into room that is given and must be large enough: nothing is checked, since
/// whoever writes knows what is coming, and this is done for every request.
class Writer {
 public:
  // What a value takes beside its own bytes.
  static constexpr std::size_t string_overhead = 7;   ///< type, id, length
  static constexpr std::size_t element_overhead = 4;  ///< length
  static constexpr std::size_t list_overhead = 8;     ///< type, id, type of elements, count
  static constexpr std::size_t i64_bytes = 11;        ///< type, id, value
  static constexpr std::size_t end_bytes = 1;

  explicit Writer(char* room) : at_(room) {}

  void string(std::int16_t id, std::string_view value) {
    header(FieldType::string, id);
    element(value);
  }
  void i64(std::int16_t id, std::int64_t value) {
    header(FieldType::i64, id);
    number(static_cast<std::uint64_t>(value));
  }
  /// A list of `count` strings; as many calls of element() follow.
  void list_of_strings(std::int16_t id, std::size_t count) {
    header(FieldType::list, id);
    *at_++ = static_cast<char>(FieldType::string);
    number(static_cast<std::uint32_t>(count));
  }
  /// The next string of the list.
  void element(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    at_ += value.copy(at_, value.size());
  }
  /// The same, given in parts.
  void element(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) size += part.size();
    number(static_cast<std::uint32_t>(size));
    for (const std::string_view part : parts) at_ += part.copy(at_, part.size());
  }
  /// Ends the struct: where it ends in the room.
  char* finish() {
    *at_++ = static_cast<char>(FieldType::stop);
    return at_;
  }

 private:
  void header(FieldType type, std::int16_t id) {
    *at_++ = static_cast<char>(type);
    number(static_cast<std::uint16_t>(id));
  }
  template <class Number>
  void number(Number value) {
    if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
    std::memcpy(at_, &value, sizeof value);
    at_ += sizeof value;
  }

  char* at_;
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
