// Points in time, lengths of time, and the text forms in which they travel.
//
// Everything is UTC and counted in milliseconds, as in the Snowplow tracker protocol. Only a Clock
// knows what time it is; pure code gets `now` as an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lvp {

using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Duration>;

constexpr Timestamp from_ms(std::int64_t ms) {
  return Timestamp(Duration(ms));
}
constexpr std::int64_t to_ms(Timestamp t) {
  return t.time_since_epoch().count();
}
constexpr double to_seconds(Duration d) {
  return static_cast<double>(d.count()) / 1000.0;
}

/// "2024-11-16 13:33:29.170": a timestamp column of an enriched event.
std::string snowplow_text(Timestamp t);
/// "2024-11-16T13:33:29.170Z", always three decimals.
std::string iso_text(Timestamp t);
/// As java.time.Instant prints it: three decimals, or none when they are zero.
std::string java_instant_text(Timestamp t);
/// RFC 3339 with trailing zeros of the fraction removed, as Go's time.Time becomes JSON.
std::string go_text(Timestamp t);
/// "Thu, 01 Jan 2026 00:00:00 GMT" (RFC 9110 IMF-fixdate), for cookies and the Date header.
std::string http_date(Timestamp t);

/// Reads any of the first four forms: date, 'T', 't' or space, time, optional fraction of up to
/// nine digits (cut to milliseconds), optional "Z" or "±hh:mm". Nothing else may follow.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// "250ms", "90s", "15m", "12h", "7d" or a bare number of seconds.
std::optional<Duration> parse_duration(std::string_view text);
/// The shortest of those forms that is exact.
std::string duration_text(Duration d);

/// What time it is. Tests and replays give their own.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

/// The machine's wall clock.
const Clock& system_clock();

}  // namespace lvp
