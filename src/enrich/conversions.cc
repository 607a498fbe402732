#include "enrich/conversions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/text.h"
#include "base/time.h"
#include "wire/byte_tests.h"

namespace lvp::enrich {
namespace {

struct Code {
  std::string_view code;
  std::string_view event;
};
constexpr std::array<Code, 8> codes{{{"pv", "page_view"},
                                     {"pp", "page_ping"},
                                     {"se", "struct"},
                                     {"ev", "struct"},
                                     {"ue", "unstruct"},
                                     {"tr", "transaction"},
                                     {"ti", "transaction_item"},
                                     {"ad", "ad_impression"}}};

constexpr std::array<std::string_view, 9> platforms{"web",  "iot", "app", "mob",    "pc",
                                                    "cnsl", "tv",  "srv", "headset"};

constexpr std::int64_t padding_max = 1000;  // zeros that a decimal's exponent may add

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// Java's parse methods for whole numbers: one optional sign, digits, in the range of T.
template <class T>
std::optional<T> whole_number(std::string_view text, int base = 10) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Whether `text` is a number that fits 32 bits and is written as such numbers are printed.
bool is_plain_number(std::string_view text) {
  constexpr std::size_t digits_max = 9;
  if (text.empty() || text.size() > digits_max) return false;
  if (text.front() == '0' && text.size() > 1) return false;
  for (const char c : text)
    if (!is_digit(c)) return false;
  return true;
}

std::string_view take_digits(std::string_view& text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

std::string_view first_character(std::string_view text) {
  const std::string_view unit = utf16_prefix(text, 1);
  return unit.empty() ? utf16_prefix(text, 2) : unit;
}

// unscaled × 10^-scale, the way java.math.BigDecimal holds a number.
struct Unscaled {
  bool negative = false;
  std::string digits;  // without leading zeros; "0" for zero
  std::int64_t scale = 0;
};

// The error is the JDK's text.
std::expected<Unscaled, std::string> read_decimal(std::string_view text) {
  if (text.empty()) return std::unexpected("null");
  Unscaled number;
  if (text.front() == '+' || text.front() == '-') {
    number.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  number.digits = take_digits(text);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::string_view fraction = take_digits(text);
    number.digits += fraction;
    number.scale = static_cast<std::int64_t>(fraction.size());
  }
  if (text.starts_with('.'))
    return std::unexpected("Character array contains more than one decimal point.");
  if (!text.empty() && text.front() != 'e' && text.front() != 'E') {
    return std::unexpected(
        fmt::format("Character {} is neither a decimal digit number, decimal point, nor \"e\" "
                    "notation exponential mark.",
                    first_character(text)));
  }
  if (number.digits.empty()) return std::unexpected("No digits found.");
  if (!text.empty()) {
    const auto exponent = whole_number<std::int32_t>(text.substr(1));
    if (!exponent) return std::unexpected("No exponent digits.");
    number.scale -= *exponent;
  }
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size() - 1));
  if (number.digits == "0") number.negative = false;
  return number;
}

// 8-4-4-4-12 digits of either case in lower case, "" if `text` is anything else.
std::string canonical_uuid(std::string_view text) {
  constexpr std::string_view pattern = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  if (text.size() != pattern.size()) return {};
  std::array<char, pattern.size()> lower;
  Hits wrong{};
  for (const std::size_t at : {std::size_t{0}, sizeof(Bytes), pattern.size() - sizeof(Bytes)}) {
    Bytes bytes;
    Bytes wanted;
    std::memcpy(&bytes, text.data() + at, sizeof(bytes));
    std::memcpy(&wanted, pattern.data() + at, sizeof(wanted));
    const Bytes letters = bytes | 0x20;
    const Hits is_letter = (letters >= 'a') & (letters <= 'f');
    const Hits is_digit = (bytes >= '0') & (bytes <= '9');
    wrong |= (wanted == '-') ? (bytes != '-') : ~(is_letter | is_digit);
    const Bytes written = is_letter ? letters : bytes;
    std::memcpy(lower.data() + at, &written, sizeof(written));
  }
  std::array<std::uint64_t, 2> halves;
  std::memcpy(halves.data(), &wrong, sizeof(wrong));
  return (halves[0] | halves[1]) == 0 ? std::string(lower.data(), lower.size()) : std::string();
}

struct Date {
  std::int64_t year;
  int month;
  int day;
};

// The proleptic Gregorian date of a day counted from 1970-01-01, for any year a 64-bit count of
// milliseconds can reach: std::chrono::year ends at 32767. Years begin in March, so that the leap
// day is the last one.
Date date_of(std::int64_t days) {
  constexpr std::int64_t days_per_era = 146'097;  // 400 years
  const std::int64_t since_0000_03_01 = days + 719'468;
  const std::int64_t era =
      (since_0000_03_01 >= 0 ? since_0000_03_01 : since_0000_03_01 - days_per_era + 1) /
      days_per_era;
  const std::int64_t day_of_era = since_0000_03_01 - era * days_per_era;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const int day = static_cast<int>(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  const int month =
      static_cast<int>(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

std::string out_of_range_text(std::int64_t ms) {
  constexpr std::int64_t ms_per_day = 86'400'000;
  const std::int64_t days = ms / ms_per_day - (ms % ms_per_day < 0 ? 1 : 0);
  const std::int64_t rest = ms - days * ms_per_day;
  const Date date = date_of(days);
  return fmt::format("{}{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}", date.year < 0 ? "-" : "",
                     date.year < 0 ? -date.year : date.year, date.month, date.day, rest / 3'600'000,
                     rest / 60'000 % 60, rest / 1000 % 60, rest % 1000);
}

}  // namespace

std::string clean(std::string_view text) {
  std::string out;
  set_clean(out, text);
  return out;
}

void set_clean(std::string& out, std::string_view text) {
  if (!any_byte(text, byte_tests::control)) {
    out = text;
    return;
  }
  out.clear();
  for (const char c : text) {
    if (c == '\t') {
      out += "    ";
    } else if (!is_control(c)) {
      out += c;
    }
  }
}

void make_utf8(std::string& bytes) {
  if (any_byte(bytes, byte_tests::not_ascii)) bytes = repaired_utf8(bytes);
}

std::string clean_user_agent(std::string_view text) {
  if (!any_byte(text, byte_tests::control)) return std::string(text);
  std::string out;
  for (const char c : text) {
    if (c == '\t') {
      out += "    ";
    } else if (c != '\r' && c != '\n') {
      out += c;
    }
  }
  return out;
}

Converted event_from_code(std::string_view code) {
  const auto found = std::ranges::find(codes, code, &Code::code);
  if (found == codes.end()) return std::unexpected("Not a valid event type");
  return std::string(found->event);
}

Converted platform(std::string_view text) {
  if (std::ranges::find(platforms, text) == platforms.end())
    return std::unexpected("Not a valid platform");
  return std::string(text);
}

Converted integer(std::string_view text) {
  if (is_plain_number(text)) return std::string(text);
  if (equal_ignoring_case(text, "null")) return "";
  const auto value = whole_number<std::int32_t>(text);
  if (!value) return std::unexpected("Cannot be converted to java.lang.Integer");
  return std::to_string(*value);
}

Converted decimal(std::string_view text) {
  if (equal_ignoring_case(text, "null")) return "";
  auto number = read_decimal(text);
  if (number && number->scale < -padding_max && number->digits != "0")
    number = std::unexpected("Exponent out of range.");
  if (!number) {
    return std::unexpected(
        fmt::format("Cannot be converted to java.math.BigDecimal. Error : {}", number.error()));
  }
  std::string& digits = number->digits;
  if (number->scale < 0) {
    if (digits != "0") digits.append(static_cast<std::size_t>(-number->scale), '0');
    number->scale = 0;
  }
  const std::int64_t adjusted = static_cast<std::int64_t>(digits.size()) - 1 - number->scale;
  const std::string_view sign = number->negative ? "-" : "";
  if (adjusted < -6) {
    const std::string_view point = digits.size() > 1 ? "." : "";
    return fmt::format("{}{}{}{}E{}", sign, digits.front(), point, digits.substr(1), adjusted);
  }
  const auto scale = static_cast<std::size_t>(number->scale);
  if (scale == 0) return fmt::format("{}{}", sign, digits);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, 1, '.');
  return fmt::format("{}{}", sign, digits);
}

Converted boolean(std::string_view text) {
  if (text != "1" && text != "0")
    return std::unexpected("Cannot be converted to Boolean-like java.lang.Byte");
  return std::string(text);
}

Converted uuid(std::string_view text) {
  std::string canonical = canonical_uuid(text);
  if (canonical.empty()) return std::unexpected("Not a valid UUID");
  return canonical;
}

Converted column_time(std::int64_t ms) {
  constexpr std::int64_t year_0 = -62'167'219'200'000;
  constexpr std::int64_t year_10000 = 253'402'300'800'000;
  if (ms < year_0 || ms >= year_10000) return std::unexpected(out_of_range_text(ms));
  return snowplow_text(from_ms(ms));
}

Converted timestamp(std::string_view ms) {
  const auto value = whole_number<std::int64_t>(ms);
  if (!value) return std::unexpected("Not in the expected format: ms since epoch");
  auto text = column_time(*value);
  if (!text) {
    return std::unexpected(
        fmt::format("Formatting as {} is not Redshift-compatible", text.error()));
  }
  return text;
}

std::expected<std::pair<std::string, std::string>, std::string> dimensions(std::string_view text) {
  std::string_view rest = text;
  const std::string_view left = take_digits(rest);
  const bool by = rest.starts_with('x');
  if (by) rest.remove_prefix(1);
  const std::string_view right = take_digits(rest);
  if (left.empty() || !by || right.empty() || !rest.empty())
    return std::unexpected("Does not conform to regex (\\d+)x(\\d+)");
  auto width = integer(left);
  auto height = integer(right);
  if (!width || !height) return std::unexpected("Could not be converted to java.lang.Integer s");
  return std::pair(std::move(*width), std::move(*height));
}

std::string first_address(std::string_view text) {
  std::string cleaned = clean(text);
  cleaned.resize(std::min(cleaned.find_first_of(",| "), cleaned.size()));
  return cleaned;
}

std::optional<std::string> java_uuid(std::string_view text) {
  if (std::string usual = canonical_uuid(text); !usual.empty()) return usual;
  constexpr std::array<int, 5> widths{8, 4, 4, 4, 12};  // hexadecimal digits
  if (text.size() > 36) return std::nullopt;
  const auto groups = split(text, '-');
  if (groups.size() != widths.size()) return std::nullopt;
  std::string canonical;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const auto value = whole_number<std::int64_t>(groups[i], 16);
    if (!value) return std::nullopt;
    const std::int64_t mask = (std::int64_t{1} << (4 * widths[i])) - 1;
    if (i > 0) canonical += '-';
    canonical += fmt::format("{:0{}x}", *value & mask, widths[i]);
  }
  return canonical;
}

}  // namespace lvp::enrich
