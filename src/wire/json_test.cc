#include "wire/json.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <vector>

namespace lvp::json {
namespace {

TEST(Json, ReadsEveryType) {
  Parser parser;
  const auto root = parser.parse(
      R"({"n":null,"b":true,"i":-3,"u":18446744073709551615,"d":1.0,"s":"x","a":[1,2],"o":{"k":"v"}})");
  ASSERT_TRUE(root);
  EXPECT_EQ((*root)["n"].type(), Type::null);
  EXPECT_EQ((*root)["b"].boolean(), true);
  EXPECT_EQ((*root)["i"].integer(), -3);
  EXPECT_EQ((*root)["i"].number(), -3.0);
  EXPECT_EQ((*root)["u"].type(), Type::integer);
  EXPECT_FALSE((*root)["u"].integer());
  EXPECT_EQ((*root)["d"].type(), Type::number);
  EXPECT_FALSE((*root)["d"].integer());
  EXPECT_EQ((*root)["s"].string(), "x");
  EXPECT_EQ((*root)["a"].size(), 2u);
  EXPECT_EQ((*root)["o"]["k"].string(), "v");
  EXPECT_FALSE((*root)["o"]["missing"]["deeper"].exists());
  EXPECT_EQ((*root)["missing"].type(), Type::absent);
}

TEST(Json, IteratesInOrder) {
  Parser parser;
  const auto root = parser.parse(R"({"b":[10,20],"a":2})");
  ASSERT_TRUE(root);
  std::string keys;
  for (const Member member : root->members()) keys += member.key;
  EXPECT_EQ(keys, "ba");
  double sum = 0;
  for (const Value value : (*root)["b"].elements()) sum += *value.number();
  EXPECT_EQ(sum, 30);
  EXPECT_EQ((*root)["a"].size(), 0u);
}

TEST(Json, RefusesWithAReason) {
  Parser parser;
  EXPECT_EQ(parser.parse("").error().what, "exhausted input");
  EXPECT_FALSE(parser.parse("{test:"));
  EXPECT_FALSE(parser.parse("{} {}"));
  EXPECT_FALSE(parser.parse("\"\xff\""));
  EXPECT_TRUE(parser.parse("[]")) << "a parser works again after an error";
}

TEST(Json, DepthIsLimited) {
  Parser parser;
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_TRUE(parser.parse(nested(50)));
  EXPECT_EQ(parser.parse(nested(51)).error().what, "maximum allowed JSON depth exceeded");
  EXPECT_FALSE(parser.parse(std::string(1'000'000, '[')));
  EXPECT_TRUE(parser.parse(nested(60), 60));
  EXPECT_FALSE(parser.parse(nested(51)));
}

TEST(Json, TellsWhereTokensBegin) {
  Parser parser;
  EXPECT_TRUE(parser.tokens().empty());
  ASSERT_TRUE(parser.parse(R"({"a:" : [12,"\"{"], "b":null})"));
  const auto tokens = parser.tokens();
  EXPECT_EQ(std::vector(tokens.begin(), tokens.end()),
            (std::vector<std::uint32_t>{0, 1, 6, 8, 9, 11, 12, 17, 18, 20, 23, 24, 28}));
}

TEST(Json, Writes) {
  Writer writer;
  writer.begin_object()
      .key("a")
      .integer(-1)
      .key("b")
      .begin_array()
      .number(0.1)
      .number(30)
      .boolean(false)
      .null();
  writer.begin_object()
      .end_object()
      .end_array()
      .key("s")
      .string("x\"y")
      .key("r")
      .raw("{\"z\":1}")
      .end_object();
  EXPECT_EQ(writer.text(), R"({"a":-1,"b":[0.1,30,false,null,{}],"s":"x\"y","r":{"z":1}})");
}

TEST(Json, NumbersReadBack) {
  for (const double value : {0.112652, 1700000000.0, 1e300, -2.5e-7, 29.926184}) {
    Writer writer;
    writer.number(value);
    Parser parser;
    EXPECT_EQ(parser.parse(writer.text())->number(), value) << writer.text();
  }
  EXPECT_EQ(Writer().number(1.0 / 0.0).text(), "null");
}

TEST(Json, EqualityHashAndPrintGoByValue) {
  Parser left;
  Parser right;
  const Value a = *left.parse(R"({"x":[1,2.50,"s",null,true],"y":{}})");
  const Value b = *right.parse(R"( { "y" : { } , "x" : [ 1.0, 2.5, "s", null, true ] } )");
  EXPECT_TRUE(equal(a, b));
  EXPECT_EQ(hash(a["x"]), hash(b["x"]));
  EXPECT_EQ(print(a), R"({"x":[1,2.5,"s",null,true],"y":{}})");
  EXPECT_FALSE(equal(a["x"], a["y"]));
  EXPECT_NE(hash(a["x"]), hash(a["y"]));
}

TEST(Json, EscapesAsCirceDoes) {
  std::string out;
  append_quoted(out,
                std::string_view("\"\\/\b\f\n\r\t\x01\x7f\xc2\x80\xc2\x9f\xc2\xa0\xc3\xa9\0", 19));
  EXPECT_EQ(out, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f\\u0080\\u009f\xc2\xa0\xc3\xa9\\u0000\"");
}

// Of every byte what RFC 8259 asks for, and circe beyond it; in the middle of long texts and short.
TEST(Json, EscapesOneByteAsAmongMany) {
  const auto escaped = [](int c) -> std::string {
    switch (c) {
      case '\b':
        return "\\b";
      case '\t':
        return "\\t";
      case '\n':
        return "\\n";
      case '\f':
        return "\\f";
      case '\r':
        return "\\r";
      case '"':
      case '\\':
        return {'\\', static_cast<char>(c)};
      default:
        if (c >= 0x20 && c != 0x7f) return {static_cast<char>(c)};
        char text[7];
        std::snprintf(text, sizeof(text), "\\u%04x", static_cast<unsigned>(c));
        return text;
    }
  };
  for (int c = 0; c < 256; ++c) {
    for (const std::size_t around : {0, 3, 40}) {
      const std::string rest(around, 'a');
      std::string out = "before ";
      append_quoted(out, rest + static_cast<char>(c) + rest);
      EXPECT_EQ(out, "before \"" + rest + escaped(c) + rest + '"') << c << ' ' << around;
    }
  }
}

}  // namespace
}  // namespace lvp::json
