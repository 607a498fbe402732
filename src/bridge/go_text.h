// How Go programs print what events hold: Snowbridge's filters match these texts, its messages are
// made of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wire/json.h"

namespace lvp::bridge {

/// A timestamp column as Go's time package reads it: "2006-01-02 15:04:05.999", where the hour may
/// have one digit and the fraction any number of them, after a point or a comma. Nine count.
struct GoTime {
  std::string
      text;  ///< RFC 3339 in UTC, no trailing zeros in the fraction: 2024-11-16T13:33:29.17Z

  static std::optional<GoTime> parse(std::string_view column);
  std::string printed() const;  ///< 2024-11-16 13:33:29.17 +0000 UTC
};

/// Go's ParseInt: decimal, optional sign, 64 bits.
std::optional<std::int64_t> parse_go_integer(std::string_view text);
/// Go's ParseFloat, without underscores: decimal, hexadecimal with exponent, inf, infinity, nan.
std::optional<double> parse_go_number(std::string_view text);
/// Go's ParseBool: 1 t T TRUE true True, 0 f F FALSE false False.
std::optional<bool> parse_go_bool(std::string_view text);

/// %v of a float64: the shortest digits that read back the same, with an exponent from 1e+06 on.
std::string printed(double number);
/// %v of a JSON value: text as it is, null as <nil>, map[a:1 b:2], [1 2].
std::string printed(const json::Value& value);

/// The shortest digits, with an exponent below 1e-6 and from 1e+21 on. `number` is finite.
void append_json(std::string& out, double number);
/// Compact, all numbers float64.
void append_json(std::string& out, const json::Value& value);
/// With its quotes. U+2028, U+2029 and, if asked for, <, > and & are escaped.
void append_json(std::string& out, std::string_view utf8, bool escapes_html);

}  // namespace lvp::bridge
