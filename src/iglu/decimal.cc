#include "iglu/decimal.h"

#include <array>
#include <charconv>
#include <cmath>

namespace lvp::iglu {
namespace {

Decimal without_trailing_zeros(Decimal number) {
  if (number.digits == 0) return {};
  while (number.digits % 10 == 0) {
    number.digits /= 10;
    ++number.exponent;
  }
  return number;
}

}  // namespace

Decimal to_decimal(double number) {
  std::array<char, 32> text;  // "d.ddde±dd"
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), std::fabs(number),
                                        std::chars_format::scientific)
                              .ptr;
  Decimal result;
  const char* at = text.data();
  for (bool in_fraction = false; at != end && *at != 'e'; ++at) {
    if (*at == '.') {
      in_fraction = true;
      continue;
    }
    result.digits = result.digits * 10 + static_cast<std::uint64_t>(*at - '0');
    result.exponent -= in_fraction;
  }
  int power = 0;
  if (at != end) std::from_chars(at + (at[1] == '+' ? 2 : 1), end, power);
  result.exponent += power;
  return without_trailing_zeros(result);
}

Decimal to_decimal(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  return without_trailing_zeros({number < 0 ? 0 - bits : bits, 0});
}

bool is_multiple(Decimal number, Decimal divisor) {
  if (number.digits == 0) return true;
  // No power of ten divides digits that do not end in zero.
  if (number.exponent < divisor.exponent) return false;
  std::uint64_t rest = number.digits % divisor.digits;
  for (int power = number.exponent - divisor.exponent; power > 0 && rest != 0; --power)
    rest = rest * 10 % divisor.digits;  // fits: the divisor has 17 digits at most
  return rest == 0;
}

}  // namespace lvp::iglu
