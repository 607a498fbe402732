#include "wire/thrift.h"

#include <bit>
#include <cstring>
#include <limits>

namespace lvp::thrift {
namespace {

constexpr int nesting_max = 16;

std::unexpected<Error> ended() {
  return invalid("Reached end of bytes when parsing as thrift format");
}

}  // namespace

template <class Number>
Result<Number> Reader::number() {
  if (left_.size() < sizeof(Number)) return ended();
  Number value;
  std::memcpy(&value, left_.data(), sizeof(Number));
  left_.remove_prefix(sizeof(Number));
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}

Result<Field> Reader::field() {
  LVP_TRY(const auto type, number<std::uint8_t>());
  if (type == 0) return Field{FieldType::stop, 0};
  LVP_TRY(const auto id, number<std::int16_t>());
  return Field{static_cast<FieldType>(type), id};
}

Result<std::string_view> Reader::string() {
  LVP_TRY(const auto length, number<std::int32_t>());
  if (length < 0) return invalid("Negative size");
  const auto size = static_cast<std::size_t>(length);
  if (left_.size() < size) return ended();
  const std::string_view value = left_.substr(0, size);
  left_.remove_prefix(size);
  return value;
}

Result<std::int64_t> Reader::i64() {
  return number<std::int64_t>();
}

Result<std::uint32_t> Reader::list(FieldType type) {
  LVP_TRY(const auto element, number<std::uint8_t>());
  LVP_TRY(const auto count, number<std::uint32_t>());
  if (element != static_cast<std::uint8_t>(type)) return invalid("list of unexpected element type");
  if (count > left_.size()) return ended();  // every element takes at least a byte
  return count;
}

Status Reader::skip_bytes(std::size_t bytes) {
  if (left_.size() < bytes) return ended();
  left_.remove_prefix(bytes);
  return {};
}

Status Reader::skip(FieldType type) {
  return skip(type, 0);
}

Status Reader::skip(FieldType type, int depth) {
  if (depth > nesting_max) return invalid("nested too deeply");
  switch (type) {
    case FieldType::stop:
      return {};
    case FieldType::boolean:
    case FieldType::byte:
      return skip_bytes(1);
    case FieldType::i16:
      return skip_bytes(2);
    case FieldType::i32:
      return skip_bytes(4);
    case FieldType::real:
    case FieldType::i64:
      return skip_bytes(8);
    case FieldType::string:
      LVP_DO(string());
      return {};
    case FieldType::structure:
      for (;;) {
        LVP_TRY(const Field inner, field());
        if (inner.type == FieldType::stop) return {};
        LVP_DO(skip(inner.type, depth + 1));
      }
    case FieldType::map: {
      LVP_TRY(const auto key, number<std::uint8_t>());
      LVP_TRY(const auto value, number<std::uint8_t>());
      LVP_TRY(const auto count, number<std::uint32_t>());
      if (count > left_.size()) return ended();
      for (std::uint64_t i = 0; i < count; ++i) {
        LVP_DO(skip(static_cast<FieldType>(key), depth + 1));
        LVP_DO(skip(static_cast<FieldType>(value), depth + 1));
      }
      return {};
    }
    case FieldType::set:
    case FieldType::list: {
      LVP_TRY(const auto element, number<std::uint8_t>());
      LVP_TRY(const auto count, number<std::uint32_t>());
      if (count > left_.size()) return ended();
      for (std::uint64_t i = 0; i < count; ++i)
        LVP_DO(skip(static_cast<FieldType>(element), depth + 1));
      return {};
    }
  }
  return invalid("unknown field type");
}

}  // namespace lvp::thrift
