#include "bridge/go_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace lvp::bridge {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes `digits` decimal digits off the front.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  unsigned number = 0;
  for (const char c : text.substr(0, digits)) {
    if (!is_digit(c)) return std::nullopt;
    number = number * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// "1.5e+06" for 1500000: shortest digits, at least two for the exponent, as Go prints it.
std::string_view scientific(std::array<char, 32>& buffer, double number) {
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                 std::chars_format::scientific)
                       .ptr;
  return {buffer.data(), end};
}

int exponent_of(std::string_view scientific) {
  std::string_view digits = scientific.substr(scientific.find('e') + 1);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int exponent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  return exponent;
}

// With an exponent if the decimal one is outside of [min, max).
void append_number(std::string& out, double number, int min, int max) {
  std::array<char, 32> buffer;
  const std::string_view text = scientific(buffer, number);
  const int exponent = exponent_of(text);
  if (number == 0 || (exponent >= min && exponent < max)) {
    std::array<char, 64> fixed;
    const auto end =
        std::to_chars(fixed.data(), fixed.data() + fixed.size(), number, std::chars_format::fixed)
            .ptr;
    out.append(fixed.data(), end);
  } else {
    out += text;
  }
}

}  // namespace

std::optional<GoTime> GoTime::parse(std::string_view column) {
  const std::string_view date = column.substr(0, std::min<std::size_t>(column.size(), 10));
  const auto year = take_number(column, 4);
  if (!year || !take(column, '-')) return std::nullopt;
  const auto month = take_number(column, 2);
  if (!month || !take(column, '-')) return std::nullopt;
  const auto day = take_number(column, 2);
  if (!day || !take(column, ' ')) return std::nullopt;
  const bool one_digit_hour = column.size() > 1 && column[1] == ':';
  const std::string_view time = column.substr(0, one_digit_hour ? 7 : 8);
  const auto hour = take_number(column, one_digit_hour ? 1 : 2);
  if (!hour || *hour > 23 || !take(column, ':')) return std::nullopt;
  const auto minute = take_number(column, 2);
  if (!minute || *minute > 59 || !take(column, ':')) return std::nullopt;
  const auto second = take_number(column, 2);
  if (!second || *second > 59) return std::nullopt;
  const std::chrono::year_month_day civil{std::chrono::year(static_cast<int>(*year)),
                                          std::chrono::month(*month), std::chrono::day(*day)};
  if (!civil.ok()) return std::nullopt;

  GoTime made{fmt::format("{}T{}{}", date, one_digit_hour ? "0" : "", time)};
  if (!column.empty()) {
    if (!take(column, '.') && !take(column, ',')) return std::nullopt;
    if (column.empty() || !std::ranges::all_of(column, is_digit)) return std::nullopt;
    std::string_view fraction = column.substr(0, std::min<std::size_t>(column.size(), 9));
    while (fraction.ends_with('0')) fraction.remove_suffix(1);
    if (!fraction.empty()) (made.text += '.') += fraction;
  }
  made.text += 'Z';
  return made;
}

std::string GoTime::printed() const {
  const std::string_view view = text;
  return fmt::format("{} {} +0000 UTC", view.substr(0, 10), view.substr(11, view.size() - 12));
}

std::optional<std::int64_t> parse_go_integer(std::string_view text) {
  if (text.starts_with("+") && text.size() > 1 && is_digit(text[1])) text.remove_prefix(1);
  return parse_int64(text);
}

std::optional<double> parse_go_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  const bool has_sign = negative || text.starts_with('+');
  if (has_sign) text.remove_prefix(1);
  if (text.starts_with('-')) return std::nullopt;
  double number = 0;
  const std::string lower = ascii_lower(text);
  if (lower == "inf" || lower == "infinity") {
    number = std::numeric_limits<double>::infinity();
  } else if (lower == "nan" && !has_sign) {
    return std::numeric_limits<double>::quiet_NaN();
  } else {
    const bool hexadecimal = lower.starts_with("0x");
    const std::string_view digits = std::string_view(lower).substr(hexadecimal ? 2 : 0);
    if (digits.starts_with("n") || digits.starts_with("i")) return std::nullopt;
    if (hexadecimal && digits.find('p') == digits.npos) return std::nullopt;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number,
                        hexadecimal ? std::chars_format::hex : std::chars_format::general);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  }
  return negative ? -number : number;
}

std::optional<bool> parse_go_bool(std::string_view text) {
  constexpr std::array<std::string_view, 6> yes{"1", "t", "T", "TRUE", "true", "True"};
  constexpr std::array<std::string_view, 6> no{"0", "f", "F", "FALSE", "false", "False"};
  if (std::ranges::find(yes, text) != yes.end()) return true;
  if (std::ranges::find(no, text) != no.end()) return false;
  return std::nullopt;
}

std::string printed(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  std::string text;
  constexpr int exponent_min = -4;
  constexpr int exponent_max = 6;
  append_number(text, number, exponent_min, exponent_max);
  return text;
}

std::string printed(const json::Value& value) {
  switch (value.type()) {
    case json::Type::absent:
    case json::Type::null:
      return "<nil>";
    case json::Type::boolean:
      return *value.boolean() ? "true" : "false";
    case json::Type::integer:
    case json::Type::number:
      return printed(*value.number());
    case json::Type::string:
      return std::string(*value.string());
    case json::Type::array: {
      std::string text = "[";
      for (const json::Value element : value.elements()) {
        if (text.size() > 1) text += ' ';
        text += printed(element);
      }
      return text + ']';
    }
    case json::Type::object: {
      std::multimap<std::string_view, json::Value> sorted;
      for (const json::Member member : value.members()) sorted.emplace(member.key, member.value);
      std::string text = "map[";
      for (const auto& [key, member] : sorted) {
        if (text.back() != '[') text += ' ';
        text += fmt::format("{}:{}", key, printed(member));
      }
      return text + ']';
    }
  }
  return {};
}

void append_json(std::string& out, double number) {
  constexpr int exponent_min = -6;
  constexpr int exponent_max = 21;
  append_number(out, number, exponent_min, exponent_max);
}

void append_json(std::string& out, const json::Value& value) {
  switch (value.type()) {
    case json::Type::absent:
    case json::Type::null:
      out += "null";
      return;
    case json::Type::boolean:
      out += *value.boolean() ? "true" : "false";
      return;
    case json::Type::integer:
    case json::Type::number:
      append_json(out, *value.number());
      return;
    case json::Type::string:
      append_json(out, *value.string(), false);
      return;
    case json::Type::array: {
      char before = '[';
      if (value.size() == 0) out += before;
      for (const json::Value element : value.elements()) {
        out += std::exchange(before, ',');
        append_json(out, element);
      }
      out += ']';
      return;
    }
    case json::Type::object: {
      char before = '{';
      if (value.size() == 0) out += before;
      for (const json::Member member : value.members()) {
        out += std::exchange(before, ',');
        append_json(out, member.key, false);
        out += ':';
        append_json(out, member.value);
      }
      out += '}';
      return;
    }
  }
}

void append_json(std::string& out, std::string_view utf8, bool escapes_html) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  std::size_t from = 0;  // start of the run not yet copied
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    const bool html = escapes_html && (c == '<' || c == '>' || c == '&');
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0xe2 && !html) continue;
    if (c == 0xe2 && utf8.substr(i, 3) != "\u2028" && utf8.substr(i, 3) != "\u2029") continue;
    out.append(utf8, from, i - from);
    from = i + 1;
    out += '\\';
    constexpr std::string_view short_forms = "\"\\\n\"\r\t\b\f";
    constexpr std::string_view letters = "\"\\n\"rtbf";
    if (c == 0xe2) {
      out += utf8[i + 2] == '\xa8' ? "u2028" : "u2029";
      i += 2;
      from = i + 1;
    } else if (const auto at = short_forms.find(static_cast<char>(c)); at != short_forms.npos) {
      out += letters[at];
    } else {
      out += "u00";
      out += digits[c >> 4];
      out += digits[c & 15];
    }
  }
  out.append(utf8, from, utf8.size() - from);
  out += '"';
}

}  // namespace lvp::bridge
