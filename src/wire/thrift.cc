#include "wire/thrift.h"

#include <bit>
#include <limits>

namespace lvp::thrift {
namespace {

constexpr int nesting_max = 16;

std::unexpected<Error> ended() {
  return invalid("Reached end of bytes when parsing as thrift format");
}

}  // namespace

template <class Number>
void Writer::number(Number value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void Writer::header(FieldType type, std::int16_t id) {
  bytes_ += static_cast<char>(type);
  number(id);
}

void Writer::string(std::int16_t id, std::string_view value) {
  header(FieldType::string, id);
  element({value});
}

void Writer::i64(std::int16_t id, std::int64_t value) {
  header(FieldType::i64, id);
  number(value);
}

void Writer::strings(std::int16_t id, std::span<const std::string> values) {
  list_of_strings(id, values.size());
  for (const std::string& value : values) element({value});
}

void Writer::list_of_strings(std::int16_t id, std::size_t count) {
  header(FieldType::list, id);
  bytes_ += static_cast<char>(FieldType::string);
  number(static_cast<std::uint32_t>(count));
}

void Writer::element(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  number(static_cast<std::uint32_t>(size));
  for (const std::string_view part : parts) bytes_ += part;
}

std::string Writer::finish() {
  bytes_ += '\0';
  return std::move(bytes_);
}

Result<std::uint64_t> Reader::number(std::size_t bytes) {
  if (left_.size() < bytes) return ended();
  std::uint64_t value = 0;
  for (const char c : left_.substr(0, bytes)) value = value << 8 | static_cast<unsigned char>(c);
  left_.remove_prefix(bytes);
  return value;
}

Result<Field> Reader::field() {
  LVP_TRY(const auto type, number(1));
  if (type == 0) return Field{FieldType::stop, 0};
  LVP_TRY(const auto id, number(2));
  return Field{static_cast<FieldType>(type), static_cast<std::int16_t>(id)};
}

Result<std::string_view> Reader::string() {
  LVP_TRY(const auto length, number(4));
  if (length > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()))
    return invalid("Negative size");
  if (left_.size() < length) return ended();
  const std::string_view value = left_.substr(0, length);
  left_.remove_prefix(length);
  return value;
}

Result<std::int64_t> Reader::i64() {
  LVP_TRY(const auto value, number(8));
  return static_cast<std::int64_t>(value);
}

Result<std::uint32_t> Reader::list(FieldType type) {
  LVP_TRY(const auto element, number(1));
  LVP_TRY(const auto count, number(4));
  if (element != static_cast<std::uint64_t>(type))
    return invalid("list of unexpected element type");
  if (count > left_.size()) return ended();  // every element takes at least a byte
  return static_cast<std::uint32_t>(count);
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
      LVP_TRY(const auto key, number(1));
      LVP_TRY(const auto value, number(1));
      LVP_TRY(const auto count, number(4));
      if (count > left_.size()) return ended();
      for (std::uint64_t i = 0; i < count; ++i) {
        LVP_DO(skip(static_cast<FieldType>(key), depth + 1));
        LVP_DO(skip(static_cast<FieldType>(value), depth + 1));
      }
      return {};
    }
    case FieldType::set:
    case FieldType::list: {
      LVP_TRY(const auto element, number(1));
      LVP_TRY(const auto count, number(4));
      if (count > left_.size()) return ended();
      for (std::uint64_t i = 0; i < count; ++i)
        LVP_DO(skip(static_cast<FieldType>(element), depth + 1));
      return {};
    }
  }
  return invalid("unknown field type");
}

}  // namespace lvp::thrift
