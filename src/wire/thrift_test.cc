#include "wire/thrift.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace lvp::thrift {
namespace {

// What `write` writes.
template <class Write>
std::string written(Write write) {
  std::array<char, 256> room;
  Writer writer(room.data());
  write(writer);
  return {room.data(), writer.finish()};
}

TEST(Thrift, WritesTheBinaryProtocol) {
  const std::string bytes = written([](Writer& writer) {
    writer.string(300, "ab");
    writer.i64(200, 1);
    writer.list_of_strings(350, 1);
    writer.element({"x"});
  });
  EXPECT_EQ(bytes, std::string("\x0b\x01\x2c\0\0\0\2ab"
                               "\x0a\0\xc8\0\0\0\0\0\0\0\1"
                               "\x0f\x01\x5e\x0b\0\0\0\1\0\0\0\1x\0",
                               9 + 11 + 13 + 1));
}

TEST(Thrift, WritesStringsFromTheirParts) {
  const std::string bytes = written([](Writer& writer) {
    writer.list_of_strings(350, 2);
    writer.element({"a", ": ", "b"});
    writer.element({});
  });
  EXPECT_EQ(bytes, std::string("\x0f\x01\x5e\x0b\0\0\0\2\0\0\0\4a: b\0\0\0\0\0", 21));
}

TEST(Thrift, SkipsWhatItDoesNotKnow) {
  // A struct with a map of i32 to list of bool, and a nested struct, then a string.
  const std::string bytes(
      "\x0d\0\1\x08\x0f\0\0\0\1\0\0\0\7\x02\0\0\0\2\1\0"
      "\x0c\0\2\x06\0\1\0\5\0"
      "\x0b\0\3\0\0\0\1z\0",
      20 + 9 + 9);
  Reader reader(bytes);
  for (int i = 0; i < 2; ++i) {
    const auto field = reader.field();
    ASSERT_TRUE(field);
    ASSERT_TRUE(reader.skip(field->type));
  }
  ASSERT_EQ(reader.field()->id, 3);
  EXPECT_EQ(*reader.string(), "z");
  EXPECT_EQ(reader.field()->type, FieldType::stop);
}

TEST(Thrift, NeverReadsPastTheEnd) {
  const std::string whole = written([](Writer& writer) {
    writer.string(1, "hello");
    writer.list_of_strings(2, 2);
    writer.element({"a"});
    writer.element({"b"});
  });
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Reader reader(std::string_view(whole).substr(0, length));
    Status status;
    for (;;) {
      const auto field = reader.field();
      if (!field) break;
      ASSERT_NE(field->type, FieldType::stop) << length;
      if (!reader.skip(field->type)) break;
    }
  }
  Reader huge(std::string_view("\x7f\xff\xff\xff", 4));
  EXPECT_FALSE(huge.string());
  const std::string structures(200, '\x0c');
  Reader nested(structures);
  EXPECT_FALSE(nested.skip(FieldType::structure));
}

}  // namespace
}  // namespace lvp::thrift
