#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace lvp {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_continuation(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xc0) == 0x80;
}

// Eight characters; most texts are little but ASCII.
using Bytes8 [[gnu::vector_size(8)]] = unsigned char;
using Units8 [[gnu::vector_size(16)]] = char16_t;

constexpr char16_t replacement = 0xfffd;

// Whether the next eight bytes are ASCII.
bool is_ascii_word(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  if (bytes.size() - at < sizeof(word)) return false;
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  return (word & high_bits) == 0;
}

bool is_ascii_word(std::u16string_view units, std::size_t at) {
  std::array<std::uint64_t, 2> words{};
  if (units.size() - at < sizeof(words) / sizeof(char16_t)) return false;
  std::memcpy(&words, units.data() + at, sizeof(words));
  constexpr std::uint64_t high_bits = 0xff80ff80ff80ff80;
  return ((words[0] | words[1]) & high_bits) == 0;
}

struct Decoded {
  std::size_t length;  // bytes that belong together
  bool valid;
};

// One step of decoding, by table 3-7 of the Unicode standard. An invalid sequence is as long as its
// longest prefix that could still have become valid.
Decoded decode(std::string_view bytes, std::size_t at) {
  const auto first = static_cast<unsigned char>(bytes[at]);
  if (first < 0x80) return {1, true};
  if (first < 0xc2 || first > 0xf4) return {1, false};
  const std::size_t length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (!is_continuation(bytes, at + 1)) return {1, false};
  const auto second = static_cast<unsigned char>(bytes[at + 1]);
  const bool second_fits = !(first == 0xe0 && second < 0xa0) && !(first == 0xed && second > 0x9f) &&
                           !(first == 0xf0 && second < 0x90) && !(first == 0xf4 && second > 0x8f);
  if (!second_fits) return {1, false};
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(bytes, at + i)) return {i, false};
  }
  return {length, true};
}

// Of one valid sequence.
char32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) return first;
  char32_t code = first & (0x7fu >> sequence.size());
  for (const char c : sequence.substr(1)) code = code << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return code;
}

}  // namespace

bool same_letters(std::string_view a, std::string_view b) {
  if (a == b) return true;  // most are spelt as usual
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string ascii_lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), lower);
  return result;
}

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  constexpr std::size_t usual = 4;
  parts.reserve(usual);
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<std::int64_t> parse_int64(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    if (is_ascii_word(bytes, at)) {
      at += sizeof(std::uint64_t);
      continue;
    }
    const Decoded step = decode(bytes, at);
    if (!step.valid) return false;
    at += step.length;
  }
  return true;
}

std::string repaired_utf8(std::string_view bytes) {
  if (is_utf8(bytes)) return std::string(bytes);
  std::string result;
  result.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded step = decode(bytes, at);
    result += step.valid ? bytes.substr(at, step.length) : std::string_view("\xef\xbf\xbd");
    at += step.length;
  }
  return result;
}

void append_utf8(std::string& out, char32_t code) {
  const auto add = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xe0 | code >> 12);
    } else {
      add(0xf0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3f));
    }
    add(0x80 | (code >> 6 & 0x3f));
  }
  add(0x80 | (code & 0x3f));
}

std::u16string to_utf16(std::string_view bytes) {
  std::u16string units(bytes.size(), u'\0');  // no character takes more units than bytes
  std::size_t size = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    if (is_ascii_word(bytes, at)) {
      Bytes8 eight;
      std::memcpy(&eight, bytes.data() + at, sizeof(eight));
      const Units8 wide = __builtin_convertvector(eight, Units8);
      std::memcpy(units.data() + size, &wide, sizeof(wide));
      at += sizeof(eight);
      size += sizeof(eight);
      continue;
    }
    const Decoded step = decode(bytes, at);
    const char32_t point = step.valid ? code_point(bytes.substr(at, step.length)) : replacement;
    at += step.length;
    if (point < 0x10000) {
      units[size++] = static_cast<char16_t>(point);
    } else {
      units[size++] = static_cast<char16_t>(0xd7c0 + (point >> 10));
      units[size++] = static_cast<char16_t>(0xdc00 + (point & 0x3ff));
    }
  }
  units.resize(size);
  return units;
}

std::string to_utf8(std::u16string_view units) {
  std::string bytes;
  bytes.reserve(units.size());
  for (std::size_t at = 0; at < units.size();) {
    if (is_ascii_word(units, at)) {
      Units8 eight;
      std::memcpy(&eight, units.data() + at, sizeof(eight));
      const Bytes8 narrow = __builtin_convertvector(eight, Bytes8);
      std::array<char, sizeof(narrow)> text;
      std::memcpy(text.data(), &narrow, sizeof(narrow));
      bytes.append(text.data(), text.size());
      at += text.size();
      continue;
    }
    char32_t point = units[at++];
    if (point >= 0xd800 && point < 0xe000) {
      const bool is_pair =
          point < 0xdc00 && at < units.size() && units[at] >= 0xdc00 && units[at] < 0xe000;
      point = is_pair ? 0x10000 + ((point - 0xd800) << 10) + (units[at++] - 0xdc00) : replacement;
    }
    append_utf8(bytes, point);
  }
  return bytes;
}

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::size_t utf16_units(std::string_view utf8) {
  const auto four_byte =
      std::ranges::count_if(utf8, [](char c) { return static_cast<unsigned char>(c) >= 0xf0; });
  return code_points(utf8) + static_cast<std::size_t>(four_byte);
}

std::string_view utf16_prefix(std::string_view utf8, std::size_t units_max) {
  if (utf8.size() <= units_max) return utf8;
  std::size_t units = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t length = decode(utf8, at).length;
    units += length == 4 ? 2 : 1;
    if (units > units_max) return utf8.substr(0, at);
    at += length;
  }
  return utf8;
}

std::uint64_t fnv1a(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  return hash;
}

}  // namespace lvp
