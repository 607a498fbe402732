#include "enrich/container.h"

#include <fmt/format.h>

#include <algorithm>

namespace lvp::enrich {
namespace {

constexpr std::size_t header_bytes = 2;
constexpr std::size_t length_bytes = 4;
constexpr std::uint32_t length_max = 0x7fff'ffff;  // Java's int

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

std::uint32_t read_length(std::string_view bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8 | byte_at(bytes, i);
  return length;
}

// -1 for what is missing, as Java's InputStream.read.
int version_at(std::string_view bytes, std::size_t i) {
  return i < bytes.size() ? byte_at(bytes, i) : -1;
}

}  // namespace

Unpacked unpack(std::string_view container, std::size_t payload_bytes_max) {
  constexpr std::string_view corrupt = "corrupt compressed payload";
  Unpacked out;
  if (const int one = version_at(container, 0), two = version_at(container, 1);
      one != 1 || two != 1) {
    out.error = fmt::format("Unsupported versions in compressed record header: {}, {}", one, two);
    return out;
  }
  std::string_view left = container.substr(header_bytes);
  while (!left.empty()) {
    if (left.size() < length_bytes || out.payloads.size() == container_payloads_max) {
      out.error = corrupt;
      return out;
    }
    const std::uint32_t length = read_length(left);
    left.remove_prefix(length_bytes);
    if (length > length_max) {
      out.error = corrupt;
      return out;
    }
    if (length > payload_bytes_max) {
      out.oversized.push_back(length);
      left.remove_prefix(std::min<std::size_t>(length, left.size()));
      continue;
    }
    if (length > left.size()) {
      out.error = corrupt;
      return out;
    }
    out.payloads.push_back(left.substr(0, length));
    left.remove_prefix(length);
  }
  return out;
}

}  // namespace lvp::enrich
