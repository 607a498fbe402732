// Numbers as they are written in base ten, for JSON Schema's multipleOf: 0.0075 is a multiple of
// 0.0001 although no binary fraction is.
#pragma once

#include <cstdint>

namespace lvp::iglu {

/// digits × 10^exponent, without sign and without trailing zeros in the digits.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

/// The shortest decimal number that reads back as `number`, which is finite: 17 digits at most.
Decimal to_decimal(double number);
Decimal to_decimal(std::int64_t number);

/// Whether number ÷ divisor is whole. `divisor` is made from a double other than 0.
bool is_multiple(Decimal number, Decimal divisor);

}  // namespace lvp::iglu
