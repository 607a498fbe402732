// How codec.h spells numbers, texts and lists: its grammar, written and read.
//
// A struct is spelled by the function fields(archive, value) of its type (fields.h), which names
// its fields once for both.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <iterator>
#include <memory>
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

// ---- UUIDs: most ids are, in lower case. 16 bytes instead of 36. ----

inline constexpr std::size_t uuid_bytes = 16;
inline constexpr std::size_t uuid_chars = 36;
/// Where the two digits of each byte begin in the text.
inline constexpr std::array<std::uint8_t, uuid_bytes> uuid_places{0,  2,  4,  6,  9,  11, 14, 16,
                                                                  19, 21, 24, 26, 28, 30, 32, 34};

/// The value of each lower-case hexadecimal digit; 0x80 for all else.
inline constexpr std::array<std::uint8_t, 256> digit_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0x80);
  for (std::size_t i = 0; i < 10; ++i) values['0' + i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 0; i < 6; ++i) values['a' + i] = static_cast<std::uint8_t>(10 + i);
  return values;
}();

/// False if the text is no such UUID; the bytes may have been changed then.
inline bool pack_uuid(std::string_view text, char* bytes) {
  if (text.size() != uuid_chars || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-')
    return false;
  const auto digit = [&](std::size_t at) {
    return digit_values[static_cast<unsigned char>(text[at])];
  };
  unsigned wrong = 0;
  for (std::size_t i = 0; i < uuid_bytes; ++i) {
    const unsigned high = digit(uuid_places[i]);
    const unsigned low = digit(uuid_places[i] + 1u);
    wrong |= high | low;
    bytes[i] = static_cast<char>(high << 4 | low);
  }
  return (wrong & 0x80) == 0;
}

inline void unpack_uuid(const char* bytes, char* text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (const std::size_t dash : {8, 13, 18, 23}) text[dash] = '-';
  for (std::size_t i = 0; i < uuid_bytes; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    text[uuid_places[i]] = digits[byte >> 4];
    text[uuid_places[i] + 1u] = digits[byte & 15];
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
  Writer() { more(1024); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// The fields of a struct, or values one after the other.
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }

  /// Bytes as they are.
  void raw(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
    at_ += bytes.size();
  }
  /// The low bytes of a number, the lowest first.
  void fixed(std::uint64_t value, std::size_t bytes) {
    char* const at = room(bytes);
    for (std::size_t i = 0; i < bytes; ++i) at[i] = static_cast<char>(value >> (8 * i));
    at_ += bytes;
  }

  /// Writes the size of what follows the byte at `start` there: most are short enough for it.
  void set_size(std::size_t start) {
    const std::size_t bytes = size() - start - 1;
    std::size_t extra = 0;
    for (std::size_t rest = bytes >> 7; rest > 0; rest >>= 7) ++extra;
    if (extra > 0) {
      room(extra);
      char* const body = begin_.get() + start + 1;
      std::memmove(body + extra, body, bytes);
    }
    at_ = begin_.get() + start;
    put_varint(bytes);
    at_ += bytes;
  }

  /// Good until the next write.
  std::string_view bytes() const { return {begin_.get(), size()}; }
  void clear() { at_ = begin_.get(); }

 private:
  void put(bool value) {
    *room(1) = value ? 1 : 0;
    ++at_;
  }
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
    if (value.size() == uuid_chars && pack_uuid(value, room(uuid_bytes + 1) + 1)) {
      *at_ = 1;
      at_ += uuid_bytes + 1;
      return;
    }
    put_varint(value.size() << 1);
    raw(value);
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
    const std::size_t start = size();
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
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    at_ = at;
  }

  std::size_t size() const { return static_cast<std::size_t>(at_ - begin_.get()); }
  // Where the next bytes go, with room for so many.
  char* room(std::size_t bytes) {
    if (static_cast<std::size_t>(end_ - at_) < bytes) more(bytes);
    return at_;
  }
  void more(std::size_t bytes) {
    const std::size_t used = begin_ ? size() : 0;
    const std::size_t capacity = 2 * used + bytes;
    auto grown = std::make_unique_for_overwrite<char[]>(capacity);
    if (used > 0) std::memcpy(grown.get(), begin_.get(), used);
    begin_ = std::move(grown);
    at_ = begin_.get() + used;
    end_ = begin_.get() + capacity;
  }

  std::unique_ptr<char[]> begin_;
  char* at_ = nullptr;
  char* end_ = nullptr;
};

/// Once something is wrong, nothing more is read and good() is false.
class Reader {
 public:
  Reader(std::string_view bytes, char version)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), version_(version) {}

  bool good() const { return good_; }
  bool at_end() const { return at_ == end_; }

  /// Where the next byte to be read is.
  const char* at() const { return at_; }

  std::string_view raw(std::uint64_t bytes) { return take(bytes); }
  std::string_view rest() { return take(left()); }
  /// What has its size in front.
  std::string_view sized() { return take(get_varint()); }
  std::uint64_t fixed(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view bytes = take(size);
    for (std::size_t i = bytes.size(); i-- > 0;)
      value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  /// Of a list: how many elements follow.
  std::uint64_t count() {
    const std::uint64_t count = get_varint();
    if (count > left() || count > elements_max) fail();
    return good_ ? count : 0;
  }

  /// A field that must be there.
  template <class T>
  T value() {
    T value{};
    if (at_ == end_) {
      fail();
    } else {
      get(value);
    }
    return value;
  }

  // Of version 2, for who does not need what is there.

  /// Numbers, booleans and enumerators: so many.
  void skip(std::uint64_t varints) {
    for (; varints > 0; --varints) {
      while (at_ != end_ && static_cast<signed char>(*at_) < 0) ++at_;
      if (at_ == end_) return fail();
      ++at_;
    }
  }
  void skip_text() {
    const std::uint64_t header = get_varint();
    take(header == 1 ? uuid_bytes : header >> 1);
  }
  void skip_double() {
    if ((get_varint() & 3) == raw_double) take(8);
  }
  /// Structs: so many.
  void skip_sized(std::uint64_t structs) {
    for (; structs > 0 && good_; --structs) sized();
  }
  /// Reads a text and says whether it is this one.
  bool is_text(std::string_view text) {
    const std::uint64_t header = get_varint();
    if (header != 1) return take(header >> 1) == text && (header & 1) == 0;
    const std::string_view bytes = take(uuid_bytes);
    if (bytes.empty() || text.size() != uuid_chars) return false;
    std::array<char, uuid_chars> unpacked;
    unpack_uuid(bytes.data(), unpacked.data());
    return text == std::string_view(unpacked.data(), unpacked.size());
  }

  // Fields that the writer did not know stay as they are.
  template <class... T>
  void operator()(T&&... values) {
    ((at_ != end_ ? get(values) : leave()), ...);
  }
  /// Whether there were such: then what was read into was to be made anew.
  bool left_some() const { return left_some_; }

 private:
  void leave() { left_some_ = true; }
  void get(bool& value) {
    const auto byte = static_cast<unsigned char>(*at_);
    if (byte > 1) return fail();
    ++at_;
    value = byte != 0;
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
    if ((header & 3) == raw_double) {
      value = std::bit_cast<double>(fixed(8));
    } else {
      value = static_cast<double>(unzigzag(header >> 2)) / scales[header & 3];
    }
  }
  void get(std::string& value) {
    const std::uint64_t header = get_varint();
    if (version_ == 1) {
      value = take(header);
    } else if ((header & 1) == 0) {
      value = take(header >> 1);
    } else if (const std::string_view bytes = take(header == 1 ? uuid_bytes : left() + 1);
               !bytes.empty()) {
      value.resize(uuid_chars);
      unpack_uuid(bytes.data(), value.data());
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
    (*this)(value.emplace());
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
    const std::string_view own = version_ == 1 ? take(fixed(4)) : sized();
    if (!good_) return;
    const char* const behind = std::exchange(end_, own.data() + own.size());
    at_ = own.data();
    fields(*this, value);
    const char* const next = end_;
    end_ = behind;
    at_ = good_ ? next : end_;
  }

  // Into what is there, as far as it goes, to use its memory again.
  template <class Items>
  void get_all(Items& values) {
    const std::uint64_t elements = count();
    if (values.size() > elements) values.resize(elements);
    if constexpr (requires { values.reserve(elements); })
      values.reserve(std::min<std::uint64_t>(elements, 64));
    for (std::uint64_t i = 0; i < elements && good_; ++i) {
      if (at_ == end_) return fail();
      get(i < values.size() ? values[i] : values.emplace_back());
    }
  }
  // Most numbers are small.
  std::uint64_t get_varint() {
    if (at_ != end_ && static_cast<signed char>(*at_) >= 0)
      return static_cast<unsigned char>(*at_++);
    return get_long_varint();
  }
  std::uint64_t get_long_varint() {
    std::uint64_t value = 0;
    const char* at = at_;
    for (unsigned shift = 0; shift < 64 && at != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at++);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        at_ = at;
        return value;
      }
    }
    fail();
    return 0;
  }
  std::string_view take(std::uint64_t count) {
    if (count > left()) {
      fail();
      return {};
    }
    const std::string_view taken(at_, count);
    at_ += count;
    return taken;
  }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  // Then there is nothing left to read, either.
  void fail() {
    good_ = false;
    at_ = end_;
  }

  const char* at_;
  const char* end_;
  char version_;
  bool good_ = true;
  bool left_some_ = false;
};

}  // namespace lvp::profile
