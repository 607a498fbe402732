#include "wire/update.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(Update, IsSpelledAsTheGrammarSays) {
  const Update update{UpdateKind::profile, "0", "00000000000000000007", std::string("a\0b", 3)};
  const std::string bytes(
      "\x01\x01\x01"
      "0\x14"
      "00000000000000000007a\0b",
      28);
  EXPECT_EQ(encode(update), bytes);
  EXPECT_EQ(decode_update(bytes), update);
  const auto view = view_update(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->payload, update.payload);
  EXPECT_EQ(view->payload.end(), std::string_view(bytes).end());
}

TEST(Update, CarriesEveryKind) {
  for (const UpdateKind kind : {UpdateKind::profile, UpdateKind::status, UpdateKind::clock}) {
    const Update update{kind, "", "", std::string(clock_stands)};
    EXPECT_EQ(decode_update(encode(update)), update);
  }
}

TEST(Update, WhatIsNoUpdateIsCorrupt) {
  const std::string good = encode({UpdateKind::status, "12", "034", "{}"});
  for (std::size_t length = 0; length < 9; ++length) {  // 2 of header, 1 + 2, 1 + 3
    const auto cut = decode_update(std::string_view(good).substr(0, length));
    ASSERT_FALSE(cut) << length;
    EXPECT_EQ(cut.error().code, Error::Code::corrupt);
  }
  EXPECT_FALSE(decode_update(std::string_view("\x02\x01\0\0", 4)));
  EXPECT_FALSE(decode_update(std::string_view("\x01\x04\0\0", 4)));
  EXPECT_FALSE(decode_update(std::string_view("\x01\0\0\0", 4)));
}

}  // namespace
}  // namespace lvp
