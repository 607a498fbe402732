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
char* Writer::put(char* at, Number value) {
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(at, &value, sizeof value);
  return at + sizeof value;
}

template <class Number>
void Writer::number(Number value) {
  extend(sizeof value, [value](char* at) { put(at, value); });
}

template <class Write>
void Writer::extend(std::size_t by, Write write) {
  const std::size_t before = bytes_.size();
  const std::size_t after = before + by;
  bytes_.resize_and_overwrite(after, [&](char* bytes, std::size_t) {
    write(bytes + before);
    return after;  // not the size given to us: that is the capacity
  });
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
  extend(sizeof(std::uint32_t) + size, [&](char* at) {
    at = put(at, static_cast<std::uint32_t>(size));
    for (const std::string_view part : parts) at += part.copy(at, part.size());
  });
}

std::string Writer::finish() {
  bytes_ += '\0';
  return std::move(bytes_);
}

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
