#include "wire/plain_value.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "wire/json.h"

namespace lvp::json {
namespace {

constexpr std::string_view values[] = {
    "null",
    "true",
    "false",
    R"("")",
    R"("text")",
    R"("12")",
    "0",
    "-0",
    "7",
    "-7",
    "0.0",
    "-0.0",
    "-0.5",
    "1.25",
    "0.1",
    "100.0",
    "596.474195",
    "999999999999999",
    "9007199254740993",
    "123456789012345678",
    "-123456789012345678",
    "0.123456789012345678901234567890",
    "123456789012.3456789",
    "99999999999999.9",
    "-1.7976931348623157",
    "0.000000000000001",
    "0.30000000000000004",
    "{}",
    "[]",
    R"({"a":1,"b":[true,null,{"c":"d"}]})",
    "[1.50,[],{}]",
};

// All that is smaller than every other number: 400 zeros behind the point.
std::string tiny(std::string_view sign) {
  return std::string(sign) + "0." + std::string(400, '0') + "1";
}

TEST(PlainValue, SaysWhatAParsersValueSays) {
  std::vector<std::string> texts(std::begin(values), std::end(values));
  texts.push_back(tiny(""));
  texts.push_back(tiny("-"));
  Parser parser;
  for (const std::string& text : texts) {
    PlainReader reader(text);
    ASSERT_TRUE(reader.value() && reader.is_done()) << text;
    const PlainValue plain(text);
    const auto parsed = parser.parse(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(plain.exists(), parsed->exists()) << text;
    EXPECT_EQ(plain.is_object(), parsed->is_object()) << text;
    EXPECT_EQ(plain.is_array(), parsed->is_array()) << text;
    EXPECT_EQ(plain.string(), parsed->string()) << text;
    EXPECT_EQ(plain.boolean(), parsed->boolean()) << text;
    EXPECT_EQ(plain.integer(), parsed->integer()) << text;
    ASSERT_EQ(plain.number().has_value(), parsed->number().has_value()) << text;
    if (plain.number()) {
      EXPECT_EQ(std::bit_cast<std::uint64_t>(*plain.number()),
                std::bit_cast<std::uint64_t>(*parsed->number()))
          << text;
    }
    EXPECT_EQ(hash(plain, 1), hash(*parsed, 1)) << text;
    EXPECT_EQ(plain["b"].exists(), (*parsed)["b"].exists()) << text;
    EXPECT_EQ(hash(plain["b"], 1), hash((*parsed)["b"], 1)) << text;
  }
  EXPECT_FALSE(PlainValue().exists());
  EXPECT_EQ(hash(PlainValue(), 1), hash(Value(), 1));
}

}  // namespace
}  // namespace lvp::json
