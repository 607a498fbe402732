#include "wire/base64.h"

#include <array>
#include <cstdint>

namespace lvp {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  table['-'] = 62;
  table['_'] = 63;
  return table;
}();

}  // namespace

std::string base64_decode(std::string_view text) {
  std::string bytes;
  bytes.resize_and_overwrite(text.size() / 4 * 3 + 3, [&](char* out, std::size_t) {
    char* const begin = out;
    std::size_t at = 0;
    const auto value = [&](std::size_t i) { return values[static_cast<unsigned char>(text[i])]; };
    const auto put = [&](int byte) { *out++ = static_cast<char>(byte); };
    // Groups of four symbols, until one has something else in it.
    for (; at + 4 <= text.size(); at += 4) {
      const int a = value(at);
      const int b = value(at + 1);
      const int c = value(at + 2);
      const int d = value(at + 3);
      if ((a | b | c | d) < 0) break;
      put(a << 2 | b >> 4);
      put(b << 4 | c >> 2);
      put(c << 6 | d);
    }
    std::uint32_t bits = 0;
    int count = 0;
    for (; at < text.size() && text[at] != '='; ++at) {
      if (value(at) < 0) continue;
      bits = bits << 6 | static_cast<std::uint32_t>(value(at));
      count += 6;
      if (count >= 8) {
        count -= 8;
        put(static_cast<int>(bits >> count & 0xff));
      }
    }
    return static_cast<std::size_t>(out - begin);
  });
  return bytes;
}

std::string base64_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= group.size() ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

}  // namespace lvp
