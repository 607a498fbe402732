#include "wire/base64.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include <array>
#include <cstdint>
#include <cstring>

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

// The two symbols of twelve bits.
constexpr std::array<std::array<char, 2>, 4096> pairs = [] {
  std::array<std::array<char, 2>, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  return table;
}();

// Bytes beyond the decoded ones that decoding may overwrite.
constexpr std::size_t slack_bytes = 8;

#ifdef __x86_64__

// Decodes blocks of 32 symbols, up to one with something else in it. Gives the number of symbols
// decoded, a multiple of 32.
[[gnu::target("avx2")]] std::size_t decode_blocks(std::string_view text, char* out) {
  using Block [[gnu::vector_size(32)]] = signed char;
  const __m256i reversed_threes = _mm256_setr_epi8(            //
      2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,  //
      2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m256i joined = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
  std::size_t at = 0;
  for (; at + sizeof(Block) <= text.size(); at += sizeof(Block), out += sizeof(Block) / 4 * 3) {
    Block c;
    std::memcpy(&c, text.data() + at, sizeof(c));
    // What makes a symbol its value, which is not 0, and 0 of what is no symbol.
    const Block shift =
        ((c >= 'A') & (c <= 'Z') & (0 - 'A')) | ((c >= 'a') & (c <= 'z') & (26 - 'a')) |
        ((c >= '0') & (c <= '9') & (52 - '0')) | ((c == '+') & (62 - '+')) |
        ((c == '-') & (62 - '-')) | ((c == '/') & (63 - '/')) | ((c == '_') & (63 - '_'));
    if (_mm256_movemask_epi8(reinterpret_cast<__m256i>(shift == 0)) != 0) break;
    // Two values make 12 bits, two of those 24: three bytes, the last of them first.
    const __m256i twelve =
        _mm256_maddubs_epi16(reinterpret_cast<__m256i>(c + shift), _mm256_set1_epi32(0x0140'0140));
    const __m256i threes = _mm256_madd_epi16(twelve, _mm256_set1_epi32(0x0001'1000));
    const __m256i bytes =
        _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(threes, reversed_threes), joined);
    std::memcpy(out, &bytes, sizeof(bytes));
  }
  return at;
}

std::size_t decode_front(std::string_view text, char* out) {
  return __builtin_cpu_supports("avx2") ? decode_blocks(text, out) : 0;
}

#else

std::size_t decode_front(std::string_view, char*) {
  return 0;
}

#endif

}  // namespace

std::string base64_decode(std::string_view text) {
  std::string bytes;
  base64_decode(text, bytes);
  return bytes;
}

void base64_decode(std::string_view text, std::string& bytes) {
  bytes.resize_and_overwrite(text.size() / 4 * 3 + slack_bytes, [&](char* out, std::size_t) {
    char* const begin = out;
    std::size_t at = decode_front(text, out);
    out += at / 4 * 3;
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
}

std::string base64_encode(std::string_view bytes) {
  std::string text;
  append_base64(text, bytes);
  return text;
}

void append_base64(std::string& text, std::string_view bytes) {
  const std::size_t from = text.size();
  const std::size_t size = from + (bytes.size() + 2) / 3 * 4;
  text.resize_and_overwrite(size, [&](char* begin, std::size_t) {
    char* out = begin + from;
    const auto byte = [&](std::size_t i) {
      return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
    };
    std::size_t at = 0;
    for (; at < bytes.size(); at += 3) {
      const std::uint32_t bits = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
      for (const auto& pair : {pairs[bits >> 12], pairs[bits & 4095]}) {
        std::memcpy(out, pair.data(), pair.size());
        out += pair.size();
      }
    }
    for (; at > bytes.size(); --at) *--out = '=';
    return size;
  });
}

}  // namespace lvp
