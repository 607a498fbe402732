// How codec.h spells numbers, texts and lists: its grammar, written and read.
//
// A struct is spelled by the function fields(archive, value) of its type (fields.h), which names
// its fields once for both.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.h"
#include "profile/profile.h"
#include "wire/media_event.h"

namespace lvp::profile {

inline constexpr std::size_t elements_max = 1 << 16;  ///< of one list

// The last enumerator of each enumeration: what is beyond it does not decode.
constexpr State last_of(State) {
  return State::failed;
}
constexpr AdOutcome last_of(AdOutcome) {
  return AdOutcome::unknown;
}
constexpr BreakType last_of(BreakType) {
  return BreakType::companion;
}
constexpr Startup last_of(Startup) {
  return Startup::undefined;
}
constexpr MediaKind last_of(MediaKind) {
  return MediaKind::ad_resume;
}

// A canonical UUID in lower case: how trackers spell most ids. 16 bytes instead of 36.
inline bool pack_uuid(std::string_view text, char* bytes) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
    return false;
  int nibbles = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) continue;
    const char c = text[i];
    int nibble = 0;
    if (c >= '0' && c <= '9') {
      nibble = c - '0';
    } else if (c >= 'a' && c <= 'f') {
      nibble = c - 'a' + 10;
    } else {
      return false;
    }
    char& byte = bytes[nibbles / 2];
    byte = static_cast<char>(nibbles % 2 == 0 ? nibble << 4 : byte | nibble);
    ++nibbles;
  }
  return true;
}

inline void unpack_uuid(std::string_view bytes, std::string& text) {
  constexpr std::string_view digits = "0123456789abcdef";
  text.resize(36);
  char* out = text.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    *out++ = digits[byte >> 4];
    *out++ = digits[byte & 15];
  }
}

inline constexpr double scales[] = {1, 1e3, 1e6};
inline constexpr std::uint64_t raw_double = 3;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

/// Appends to bytes that it keeps.
class Writer {
 public:
  /// The fields of a struct, or values one after the other.
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

  /// Bytes as they are.
  void raw(std::string_view bytes) {
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    size_ += bytes.size();
  }
  /// The low bytes of a number, the lowest first.
  void fixed(std::uint64_t value, std::size_t bytes) {
    char* const at = room(bytes);
    for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<char>(value >> (8 * i));
    size_ += bytes;
  }

  /// Writes the size of what follows the byte at `start` there: most are short enough for it.
  void set_size(std::size_t start) {
    const std::size_t bytes = size_ - start - 1;
    std::size_t extra = 0;
    for (std::size_t rest = bytes >> 7; rest > 0; rest >>= 7) ++extra;
    if (extra > 0) {
      room(extra);
      std::memmove(&bytes_[start + 1 + extra], &bytes_[start + 1], bytes);
    }
    size_ = start;
    put_varint(bytes);
    size_ += bytes;
  }

  /// Good until the next write.
  std::string_view bytes() const { return std::string_view(bytes_).substr(0, size_); }
  void clear() { size_ = 0; }

 private:
  void put(bool value) { *room(1) = value ? 1 : 0, ++size_; }
  void put(int value) { put_varint(zigzag(value)); }
  void put(std::uint64_t value) { put_varint(value); }
  void put(std::uint32_t value) { put_varint(value); }
  void put(Timestamp value) { put_varint(zigzag(to_ms(value))); }
  void put(Duration value) { put_varint(zigzag(value.count())); }
  // Most are counted in whole seconds, milliseconds or microseconds.
  void put(double value) {
    for (std::uint64_t scale = 0; scale < std::size(scales); ++scale) {
      const double scaled = value * scales[scale];
      if (!(std::abs(scaled) < 1e15)) break;
      const auto whole = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
      if (static_cast<double>(whole) / scales[scale] != value) continue;
      if (whole == 0 && std::signbit(value)) break;
      return put_varint(zigzag(whole) << 2 | scale);
    }
    put_varint(raw_double);
    fixed(std::bit_cast<std::uint64_t>(value), 8);
  }
  void put(const std::string& value) {
    char* const at = room(value.size() + 17);
    if (pack_uuid(value, at + 1)) {
      *at = 1;
      size_ += 17;
      return;
    }
    put_varint(value.size() << 1);
    std::memcpy(room(value.size()), value.data(), value.size());
    size_ += value.size();
  }
  template <class T>
    requires std::is_enum_v<T>
  void put(T value) {
    put_varint(static_cast<std::uint64_t>(value));
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::vector<T>& values) {
    put_all(values);
  }
  template <class T>
  void put(const std::deque<T>& values) {
    put_all(values);
  }
  template <class T>
    requires requires(Writer& w, const T& v) { fields(w, v); }
  void put(const T& value) {
    const std::size_t start = size_;
    fixed(0, 1);
    fields(*this, value);
    set_size(start);
  }

  template <class Items>
  void put_all(const Items& values) {
    put_varint(values.size());
    for (const auto& value : values) put(value);
  }
  void put_varint(std::uint64_t value) {
    char* at = room(10);
    char* const begin = at;
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    size_ += static_cast<std::size_t>(at - begin);
  }

  // Where the next bytes go, with room for so many.
  char* room(std::size_t bytes) {
    if (size_ + bytes > bytes_.size()) bytes_.resize(2 * (size_ + bytes) + 512);
    return bytes_.data() + size_;
  }

  std::string bytes_;  // with room behind size_
  std::size_t size_ = 0;
};

/// Once something is wrong, nothing more is read and good() is false.
class Reader {
 public:
  Reader(std::string_view bytes, char version) : bytes_(bytes), version_(version) {}

  bool good() const { return good_; }
  bool at_end() const { return bytes_.empty(); }

  std::string_view raw(std::uint64_t bytes) { return take(bytes); }
  /// Of a list: how many elements follow.
  std::uint64_t count() {
    const std::uint64_t count = get_varint();
    if (count > bytes_.size() || count > elements_max) fail();
    return good_ ? count : 0;
  }
  std::string_view rest() { return take(bytes_.size()); }
  /// What has its size in front.
  std::string_view sized() { return take(get_varint()); }
  std::uint64_t fixed(std::size_t bytes) { return get_fixed(bytes); }

  // Fields that the writer did not know stay as they are.
  template <class... T>
  void operator()(T&&... values) {
    ((good_ && !bytes_.empty() ? get(values) : void()), ...);
  }

 private:
  void get(bool& value) {
    const std::string_view byte = take(1);
    if (!good_ || static_cast<unsigned char>(byte[0]) > 1) return fail();
    value = byte[0] != 0;
  }
  void get(int& value) {
    const std::int64_t wide = unzigzag(get_varint());
    if (!std::in_range<int>(wide)) return fail();
    value = static_cast<int>(wide);
  }
  void get(std::uint64_t& value) { value = get_varint(); }
  void get(std::uint32_t& value) { value = static_cast<std::uint32_t>(get_varint()); }
  void get(Timestamp& value) { value = from_ms(unzigzag(get_varint())); }
  void get(Duration& value) { value = Duration(unzigzag(get_varint())); }
  void get(double& value) {
    const std::uint64_t header = version_ == 1 ? raw_double : get_varint();
    if ((header & 3) != raw_double) {
      value = static_cast<double>(unzigzag(header >> 2)) / scales[header & 3];
      return;
    }
    value = std::bit_cast<double>(get_fixed(8));
  }
  void get(std::string& value) {
    const std::uint64_t header = get_varint();
    if (version_ == 1) {
      value = take(header);
    } else if ((header & 1) == 0) {
      value = take(header >> 1);
    } else if (header == 1) {
      unpack_uuid(take(16), value);
    } else {
      fail();
    }
  }
  template <class T>
    requires std::is_enum_v<T>
  void get(T& value) {
    const std::uint64_t number = get_varint();
    if (number > static_cast<std::uint64_t>(last_of(T()))) return fail();
    value = static_cast<T>(number);
  }
  template <class T>
  void get(std::optional<T>& value) {
    bool present = false;
    get(present);
    if (!good_ || !present) return value.reset();
    get(value.emplace());
  }
  template <class T>
  void get(std::vector<T>& values) {
    get_all(values);
  }
  template <class T>
  void get(std::deque<T>& values) {
    get_all(values);
  }
  template <class T>
    requires requires(Reader& r, T& v) { fields(r, v); }
  void get(T& value) {
    const std::string_view own = version_ == 1 ? take(get_fixed(4)) : sized();
    const std::string_view rest = std::exchange(bytes_, own);
    fields(*this, value);
    bytes_ = rest;
  }

  template <class Items>
  void get_all(Items& values) {
    values.clear();
    const std::uint64_t elements = count();
    if constexpr (requires { values.reserve(elements); })
      values.reserve(std::min<std::uint64_t>(elements, 64));
    for (std::uint64_t i = 0; i < elements && good_; ++i) get(values.emplace_back());
  }
  std::uint64_t get_fixed(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view bytes = take(size);
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::uint64_t get_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0, i = 0; shift < 64 && i < bytes_.size(); shift += 7, ++i) {
      const auto byte = static_cast<unsigned char>(bytes_[i]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        bytes_.remove_prefix(i + 1);
        return value;
      }
    }
    fail();
    return 0;
  }
  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size()) fail();
    if (!good_) return {};
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  void fail() { good_ = false; }

  std::string_view bytes_;
  const char version_;
  bool good_ = true;
};

}  // namespace lvp::profile
