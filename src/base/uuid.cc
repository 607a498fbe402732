#include "base/uuid.h"

#include <sys/random.h>

#include <cstring>

#include "base/check.h"

namespace lvp {
namespace {

constexpr std::array<std::size_t, 4> dashes{8, 13, 18, 23};

// Where a byte's two digits begin.
constexpr std::array<std::uint8_t, 16> places{0,  2,  4,  6,  9,  11, 14, 16,
                                              19, 21, 24, 26, 28, 30, 32, 34};

// By character; more than 15: not a hexadecimal digit.
constexpr std::array<std::uint8_t, 256> hex_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xff);
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = i;
  for (std::uint8_t i = 0; i < 6; ++i) values['a' + i] = values['A' + i] = 10 + i;
  return values;
}();

std::uint8_t hex_value(char c) {
  return hex_values[static_cast<unsigned char>(c)];
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
  for (const std::size_t dash : dashes) {
    if (text[dash] != '-') return std::nullopt;
  }
  UuidBytes bytes;
  unsigned all = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const unsigned high = hex_value(text[places[i]]);
    const unsigned low = hex_value(text[places[i] + 1U]);
    all |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  if (all > 15) return std::nullopt;
  return bytes;
}

std::string uuid_text(const UuidBytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(36, '-');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[places[i]] = digits[bytes[i] >> 4];
    text[places[i] + 1U] = digits[bytes[i] & 15];
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
