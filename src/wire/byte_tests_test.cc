#include "wire/byte_tests.h"

#include <gtest/gtest.h>

#include <string>

namespace lvp {
namespace {

bool is_control(unsigned byte) {
  return byte < 0x20 || byte == 0x7f;
}

// Every byte, at every place of texts of many lengths.
TEST(ByteTests, AByteIsFoundWhereverItIs) {
  for (std::size_t length = 1; length <= 150; length += length < 50 ? 1 : 13) {
    for (std::size_t place = 0; place < length; ++place) {
      for (unsigned byte = 0; byte < 256; ++byte) {
        std::string text(length, 'b');
        text[place] = static_cast<char>(byte);
        ASSERT_EQ(any_byte(text, byte_tests::not_ascii), byte >= 0x80) << length << ' ' << byte;
        ASSERT_EQ(any_byte(text, byte_tests::control), is_control(byte)) << length << ' ' << byte;
        const auto c2 = [](Bytes bytes) { return bytes == 0xc2; };
        ASSERT_EQ(any_byte(text, c2), byte == 0xc2) << length << ' ' << byte;
      }
    }
  }
}

TEST(ByteTests, NothingIsInAnEmptyText) {
  EXPECT_FALSE(any_byte("", byte_tests::not_ascii));
}

}  // namespace
}  // namespace lvp
