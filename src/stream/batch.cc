#include "stream/batch.h"

#include <fmt/format.h>

#include <charconv>

#include "base/text.h"

namespace lvp::stream {
namespace {

constexpr std::size_t offset_digits = 20;

template <class T>
bool parse_decimal(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Offset offset_text(std::uint64_t number) {
  Offset text(offset_digits, '0');
  for (std::size_t i = offset_digits; number != 0; number /= 10) {
    text[--i] = static_cast<char>('0' + number % 10);
  }
  return text;
}

Result<std::uint64_t> number_after(std::string_view offset) {
  if (offset.empty()) return std::uint64_t{0};
  std::uint64_t number = 0;
  if (offset.size() != offset_digits || !parse_decimal(offset, number) || number == UINT64_MAX) {
    return invalid(fmt::format("stream: \"{}\" is not an offset", offset));
  }
  return number + 1;
}

Result<std::uint32_t> partition_number(std::string_view name, std::uint32_t partitions) {
  std::uint32_t number = 0;
  if (!parse_decimal(name, number) || number >= partitions) {
    return invalid(fmt::format("stream: there is no partition \"{}\"", name));
  }
  return number;
}

std::uint32_t partition_of(std::string_view key, std::uint32_t partitions) {
  return partitions == 1 ? 0 : static_cast<std::uint32_t>(fnv1a(key) % partitions);
}

Status check_sizes(std::string_view stream, const std::vector<Entry>& entries, std::size_t most) {
  for (const Entry& entry : entries) {
    const std::size_t bytes = entry.key.size() + entry.value.size();
    if (bytes > most) {
      return invalid(fmt::format("stream {}: a record of {} bytes; at most {} are taken", stream,
                                 bytes, most));
    }
  }
  return {};
}

void BatchBuilder::add(std::string_view key, std::string_view value, std::uint64_t number,
                       Timestamp at) {
  places_.push_back({bytes_.size(), key.size(), value.size(), number, at});
  bytes_ += key;
  bytes_ += value;
}

Batch BatchBuilder::finish(std::uint32_t partition, bool caught_up) && {
  const auto storage = std::make_shared<const std::string>(std::move(bytes_));
  const std::string_view bytes = *storage;
  Batch batch{std::to_string(partition), {}, storage, caught_up};
  batch.records.reserve(places_.size());
  for (const Place& place : places_) {
    batch.records.push_back({bytes.substr(place.at, place.key_bytes),
                             bytes.substr(place.at + place.key_bytes, place.value_bytes),
                             offset_text(place.number), place.appended_at});
  }
  return batch;
}

}  // namespace lvp::stream
