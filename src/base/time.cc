#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace lvp {
namespace {

using std::chrono::days;
using std::chrono::floor;

struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Duration> time;

  explicit Civil(Timestamp t) : date(floor<days>(t)), time(t - floor<days>(t)) {}
};

// Numbers of two and four digits.
char* put_2(char* at, std::int64_t number) {
  *at++ = static_cast<char>('0' + number / 10);
  *at++ = static_cast<char>('0' + number % 10);
  return at;
}
char* put_4(char* at, std::int64_t number) {
  return put_2(put_2(at, number / 100), number % 100);
}

// Date, separator, time and as many digits of its fraction as asked for. Written by hand, because
// an event has half a dozen of these.
std::string text(Timestamp t, char separator, int decimals, std::string_view end) {
  const Civil c(t);
  const int year(c.date.year());
  constexpr std::size_t length_max = 32;
  std::array<char, length_max> text;
  char* at = text.data();
  at = year >= 0 && year <= 9999 ? put_4(at, year) : fmt::format_to(at, "{:04}", year);
  *at++ = '-';
  at = put_2(at, unsigned(c.date.month()));
  *at++ = '-';
  at = put_2(at, unsigned(c.date.day()));
  *at++ = separator;
  at = put_2(at, c.time.hours().count());
  *at++ = ':';
  at = put_2(at, c.time.minutes().count());
  *at++ = ':';
  at = put_2(at, c.time.seconds().count());
  if (decimals > 0) {
    const std::int64_t ms = c.time.subseconds().count();
    *at++ = '.';
    *at++ = static_cast<char>('0' + ms / 100);
    at = put_2(at, ms % 100) - 3 + decimals;
  }
  at = std::ranges::copy(end, at).out;
  return {text.data(), at};
}

// Writes the last `digits` decimal digits of a number over those at a place.
void write_number(std::string& text, std::size_t at, std::size_t digits, std::int64_t number) {
  for (std::size_t i = digits; i-- > 0; number /= 10)
    text[at + i] = static_cast<char>('0' + number % 10);
}

// Takes exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456" → 123 ms; "" → 0.
std::optional<Duration> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return Duration(0);
  int ms = 0;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    if (++digits <= 3) ms = ms * 10 + (text.front() - '0');
  }
  if (digits > 9) return std::nullopt;
  for (; digits < 3; ++digits) ms *= 10;
  return Duration(ms);
}

// "", "Z" or "±hh:mm": how far local time is ahead of UTC.
std::optional<Duration> take_zone(std::string_view& text) {
  if (text.empty() || take(text, "Zz")) return Duration(0);
  const bool behind = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || *hours > 18 || !take(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const Duration ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return behind ? -ahead : ahead;
}

class SystemClock final : public Clock {
 public:
  Timestamp now() const override { return floor<Duration>(std::chrono::system_clock::now()); }
};

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

std::string snowplow_text(Timestamp t) {
  return text(t, ' ', 3, "");
}
std::string iso_text(Timestamp t) {
  return text(t, 'T', 3, "Z");
}

std::string java_instant_text(Timestamp t) {
  return text(t, 'T', Civil(t).time.subseconds().count() == 0 ? 0 : 3, "Z");
}

std::string go_text(Timestamp t) {
  const auto ms = Civil(t).time.subseconds().count();
  return text(t, 'T', ms == 0 ? 0 : ms % 100 == 0 ? 1 : ms % 10 == 0 ? 2 : 3, "Z");
}

std::string http_date(Timestamp t) {
  constexpr std::string_view days_of_week = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const Civil c(t);
  const std::chrono::weekday day{floor<days>(t)};
  std::string text = "ddd, 00 mmm 0000 00:00:00 GMT";
  text.replace(0, 3, days_of_week, 3 * day.c_encoding(), 3);
  write_number(text, 5, 2, unsigned(c.date.day()));
  text.replace(8, 3, months, 3 * (unsigned(c.date.month()) - 1), 3);
  write_number(text, 12, 4, int(c.date.year()));
  write_number(text, 17, 2, c.time.hours().count());
  write_number(text, 20, 2, c.time.minutes().count());
  write_number(text, 23, 2, c.time.seconds().count());
  return text;
}

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  constexpr std::string_view fixed = "0000-00-00T00:00:00";
  if (text.size() < fixed.size()) return std::nullopt;
  bool digits = true;
  const auto two = [&](std::size_t at) {
    const unsigned tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
    const unsigned ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
    digits = digits && tens <= 9 && ones <= 9;
    return static_cast<int>(tens * 10 + ones);
  };
  const int year = two(0) * 100 + two(2);
  const int month = two(5);
  const int day = two(8);
  const int hour = two(11);
  const int minute = two(14);
  const int second = two(17);
  const char between = text[10];
  if (!digits || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' ||
      (between != 'T' && between != 't' && between != ' ') || hour > 23 || minute > 59 ||
      second > 59) {
    return std::nullopt;
  }
  text.remove_prefix(fixed.size());
  const auto sub = take_fraction(text);
  if (!sub) return std::nullopt;
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
         std::chrono::minutes(minute) + std::chrono::seconds(second) + *sub - *zone;
}

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& unit : units) {
    if (suffix != unit.name && !(suffix.empty() && unit.name == "s")) continue;
    if (number > INT64_MAX / 4 / unit.ms) return std::nullopt;
    return Duration(number * unit.ms);
  }
  return std::nullopt;
}

std::string duration_text(Duration d) {
  for (const Unit& unit : units) {
    if (d.count() != 0 && d.count() % unit.ms == 0)
      return fmt::format("{}{}", d.count() / unit.ms, unit.name);
  }
  return "0s";
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace lvp
