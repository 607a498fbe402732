// JSON in the plain form that nearly all events have, read in one pass over its text: compact, no
// escapes, no control characters, whole numbers that 64 bits hold, no two members of one name.
//
// What is plain is valid, and json::compact() would give it as it is, so pieces of it can be passed
// on. Of what is not plain nothing is known: it takes a Parser to tell.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "wire/byte_tests.h"

namespace lvp::json {

/// A place in a text. After a false or an empty answer it is of no more use.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text)
      : text_(text), at_(text.data()), end_(text.data() + text.size()) {}

  /// Steps over `literal` if it is next.
  bool take(std::string_view literal) {
    if (static_cast<std::size_t>(end_ - at_) < literal.size() ||
        std::memcmp(at_, literal.data(), literal.size()) != 0)
      return false;
    at_ += literal.size();
    return true;
  }

  /// A string, without its quotes.
  std::optional<std::string_view> string() {
    if (at_ == end_ || *at_ != '"') return std::nullopt;
    const char* const from = ++at_;
    if (!to_quote()) return std::nullopt;
    return std::string_view(from, at_++);
  }

  /// Any value, with its quotes or brackets.
  std::optional<std::string_view> value() {
    const char* const from = at_;
    if (!skip_value(0)) return std::nullopt;
    return std::string_view(from, at_);
  }

  /// An object: on_member(name, value) for each. The views are texts as value() gives them, and
  /// names without their quotes.
  template <class OnMember>
  std::optional<std::string_view> object(OnMember on_member) {
    const char* const from = at_;
    if (!skip_object(0, on_member)) return std::nullopt;
    return std::string_view(from, at_);
  }

  /// The same where on_member(name) reads the value, from this reader, and says whether it could.
  template <class OnMember>
  std::optional<std::string_view> members(OnMember on_member) {
    const char* const from = at_;
    if (!skip_members(0, on_member)) return std::nullopt;
    return std::string_view(from, at_);
  }

  /// An array: on_element(value) for each.
  template <class OnElement>
  std::optional<std::string_view> array(OnElement on_element) {
    const char* const from = at_;
    if (at_ == end_ || *at_ != '[' || !skip_array(0, on_element)) return std::nullopt;
    return std::string_view(from, at_);
  }

  bool is_at_object() const { return at_ != end_ && *at_ == '{'; }

  /// True if the text was read to its end and is UTF-8.
  bool is_done() const { return at_ == end_ && (!has_wide_ || is_utf8(text_)); }

 private:
  static constexpr int depth_max = 40;  // below that of Parser
  static constexpr std::size_t members_max = 64;
  static constexpr std::size_t whole_digits_max = 18;  // always within 64 bits

  struct Name {
    const char* begin;
    std::size_t size;
  };

  static bool is_end(unsigned char c) {
    return c < 0x20 || c == '"' || c == '\\' || c == 0x7f || c == 0xc2;
  }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  // To the quote that ends the string, if nothing in it needs escaping. U+0080 to U+009F, which do,
  // and the rest up to U+00BF begin with C2.
  bool to_quote() {
    while (static_cast<std::size_t>(end_ - at_) >= sizeof(Bytes)) {
      Bytes bytes;
      std::memcpy(&bytes, at_, sizeof(bytes));
      has_wide_ |= mask_of(bytes) != 0;  // by their highest bits
      const unsigned hits = mask_of((bytes < 0x20) | (bytes == '"') | (bytes == '\\') |
                                    (bytes == 0x7f) | (bytes == 0xc2));
      if (hits == 0) {
        at_ += sizeof(Bytes);
        continue;
      }
      at_ += std::countr_zero(hits);
      return *at_ == '"';
    }
    for (; at_ != end_; ++at_) {
      const auto c = static_cast<unsigned char>(*at_);
      if (is_end(c)) return c == '"';
      has_wide_ |= c >= 0x80;
    }
    return false;
  }

  bool skip_value(int depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"':
        ++at_;
        return to_quote() && (++at_, true);
      case '{':
        return skip_object(depth, [](std::string_view, std::string_view) {});
      case '[':
        return skip_array(depth, [](std::string_view) {});
      case 't':
        return take("true");
      case 'f':
        return take("false");
      case 'n':
        return take("null");
      default:
        return skip_number();
    }
  }

  std::size_t skip_digits() {
    const char* const from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return static_cast<std::size_t>(at_ - from);
  }

  bool skip_number() {
    if (at_ != end_ && *at_ == '-') ++at_;
    const bool has_zero = at_ != end_ && *at_ == '0';
    const std::size_t digits = skip_digits();
    if (digits == 0 || digits > whole_digits_max || (has_zero && digits > 1)) return false;
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (skip_digits() == 0) return false;
    }
    return at_ == end_ || (*at_ != 'e' && *at_ != 'E');
  }

  template <class OnElement>
  bool skip_array(int depth, OnElement on_element) {
    if (depth == depth_max) return false;
    ++at_;
    if (take("]")) return true;
    do {
      const char* const from = at_;
      if (!skip_value(depth + 1)) return false;
      on_element(std::string_view(from, at_));
    } while (take(","));
    return take("]");
  }

  template <class OnMember>
  bool skip_object(int depth, OnMember on_member) {
    return skip_members(depth, [&](std::string_view name) {
      const char* const from = at_;
      if (!skip_value(depth + 1)) return false;
      on_member(name, std::string_view(from, at_));
      return true;
    });
  }

  template <class OnMember>
  bool skip_members(int depth, OnMember on_member) {
    if (depth == depth_max || !take("{")) return false;
    if (take("}")) return true;
    std::array<Name, members_max>
        names;               // not set before it is used: that would cost more than all
    std::uint64_t seen = 0;  // a bit for what names look like, to compare few of them
    std::size_t count = 0;
    do {
      const auto name = string();
      if (!name || count == members_max || !take(":")) return false;
      const std::uint64_t bit = bit_of(*name);
      if ((seen & bit) != 0) {
        for (std::size_t i = 0; i < count; ++i) {
          if (std::string_view(names[i].begin, names[i].size) == *name) return false;
        }
      }
      seen |= bit;
      names[count++] = {name->data(), name->size()};
      if (!on_member(*name)) return false;
    } while (take(","));
    return take("}");
  }

  static std::uint64_t bit_of(std::string_view name) {
    if (name.empty()) return 1;
    const auto first = static_cast<unsigned char>(name.front());
    const auto last = static_cast<unsigned char>(name.back());
    return std::uint64_t{1} << ((first * 7 + last * 3 + name.size()) & 63);
  }

  std::string_view text_;
  const char* at_;
  const char* end_;
  bool has_wide_ = false;
};

}  // namespace lvp::json
