#include "base/uuid.h"

#include <sys/random.h>

#include <cstring>

#include "base/check.h"

namespace lvp {
namespace {

constexpr std::array<std::size_t, 4> dashes{8, 13, 18, 23};

bool is_dash_position(std::size_t i) {
  return i == dashes[0] || i == dashes[1] || i == dashes[2] || i == dashes[3];
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// 16 bytes of the system's randomness, drawn in blocks: a system call an identifier costs more than
// the identifier.
UuidBytes random_bytes() {
  thread_local std::array<std::uint8_t, 256> block;  // getentropy gives at most 256 bytes at once
  thread_local std::size_t used = block.size();
  if (used == block.size()) {
    LVP_CHECK(::getentropy(block.data(), block.size()) == 0);
    used = 0;
  }
  UuidBytes bytes;
  std::memcpy(bytes.data(), block.data() + used, bytes.size());
  used += bytes.size();
  return bytes;
}

}  // namespace

std::optional<UuidBytes> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  UuidBytes bytes;
  std::size_t at = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int high = hex_value(text[i]);
    const int low = hex_value(text[++i]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[at++] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return bytes;
}

std::string uuid_text(const UuidBytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (const std::uint8_t byte : bytes) {
    if (is_dash_position(text.size())) text += '-';
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string uuid_v4(UuidBytes random) {
  random[6] = static_cast<std::uint8_t>((random[6] & 0x0f) | 0x40);
  random[8] = static_cast<std::uint8_t>((random[8] & 0x3f) | 0x80);
  return uuid_text(random);
}

std::string random_uuid() {
  return uuid_v4(random_bytes());
}

}  // namespace lvp
