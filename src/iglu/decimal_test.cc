#include "iglu/decimal.h"

#include <gtest/gtest.h>

namespace lvp::iglu {
namespace {

TEST(Decimal, IsTheNumberAsItIsWritten) {
  const struct {
    double number;
    std::uint64_t digits;
    int exponent;
  } rows[] = {{0, 0, 0},
              {1, 1, 0},
              {-1500, 15, 2},
              {0.0075, 75, -4},
              {1e308, 1, 308},
              {5e-324, 5, -324},
              {123.456, 123456, -3},
              {0.1, 1, -1},
              {9007199254740992.0, 9007199254740992, 0}};
  for (const auto& row : rows) {
    EXPECT_EQ(to_decimal(row.number).digits, row.digits) << row.number;
    EXPECT_EQ(to_decimal(row.number).exponent, row.exponent) << row.number;
  }
  EXPECT_EQ(to_decimal(std::int64_t{-9223372036854775807 - 1}).digits, 9223372036854775808u);
  EXPECT_EQ(to_decimal(std::int64_t{-1200}).exponent, 2);
}

TEST(Decimal, Divides) {
  const struct {
    double number;
    double divisor;
    bool whole;
  } rows[] = {
      {0, 0.01, true},          {4.5, 1.5, true},   {35, 1.5, false},  {0.0075, 0.0001, true},
      {0.00751, 0.0001, false}, {1e308, 0.5, true}, {1e308, 3, false}, {-6, 2, true},
      {0.3, 0.1, true},         {1, 10, false},     {1000, 10, true},  {3e-320, 1e-320, true}};
  for (const auto& row : rows) {
    EXPECT_EQ(is_multiple(to_decimal(row.number), to_decimal(row.divisor)), row.whole)
        << row.number << " / " << row.divisor;
  }
}

}  // namespace
}  // namespace lvp::iglu
