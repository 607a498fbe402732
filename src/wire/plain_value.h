// A value in the plain form (plain_json.h), to be asked as one asks a Value of a Parser.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "wire/plain_json.h"

namespace lvp::json {

/// A value's text as PlainReader gives it, or an absent one. What it says is what Value says of the
/// same text.
class PlainValue {
 public:
  PlainValue() = default;
  explicit PlainValue(std::string_view text) : text_(text) {}

  bool exists() const { return !text_.empty(); }
  bool is_object() const { return text_.starts_with('{'); }
  bool is_array() const { return text_.starts_with('['); }
  std::string_view text() const { return text_; }

  std::optional<std::string_view> string() const {
    if (!text_.starts_with('"')) return std::nullopt;
    return text_.substr(1, text_.size() - 2);
  }

  std::optional<bool> boolean() const {
    if (text_ == "true") return true;
    if (text_ == "false") return false;
    return std::nullopt;
  }

  std::optional<std::int64_t> integer() const {
    std::int64_t integer = 0;
    const char* const end = text_.data() + text_.size();
    const auto [read_to, error] = std::from_chars(text_.data(), end, integer);
    if (error != std::errc{} || read_to != end) return std::nullopt;
    return integer;
  }

  std::optional<double> number() const {
    if (text_.empty() || (text_[0] != '-' && (text_[0] < '0' || text_[0] > '9')))
      return std::nullopt;
    const bool negative = text_[0] == '-';
    std::uint64_t digits = 0;
    std::size_t count = 0;
    std::size_t decimals = 0;
    for (std::size_t i = negative ? 1 : 0; i < text_.size(); ++i) {
      if (text_[i] == '.') {
        decimals = text_.size() - i - 1;
        continue;
      }
      digits = digits * 10 + static_cast<unsigned char>(text_[i] - '0');
      ++count;
    }
    if (count >= powers_of_ten.size()) return long_number();
    // Both are exact, so this is the nearest; a whole zero has no sign.
    const double number = static_cast<double>(digits) / powers_of_ten[decimals];
    return negative && (digits != 0 || decimals != 0) ? -number : number;
  }

  /// The member, or an absent value if there is none or this is no object.
  PlainValue operator[](std::string_view key) const {
    PlainValue found;
    if (!is_object()) return found;
    PlainReader(text_).object([&](std::string_view name, std::string_view value) {
      if (name == key) found = PlainValue(value);
    });
    return found;
  }

 private:
  static constexpr std::array powers_of_ten{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                            1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

  double long_number() const {
    if (const auto whole = integer()) return static_cast<double>(*whole);
    double number = text_[0] == '-' ? -0.0 : 0.0;  // what is nearer to it than all others
    std::from_chars(text_.data(), text_.data() + text_.size(), number);
    return number;
  }

  std::string_view text_;
};

/// As hash() of the Value.
std::uint64_t hash(const PlainValue& value, std::uint64_t seed);

}  // namespace lvp::json
