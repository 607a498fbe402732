#include "wire/forget_request.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(ForgetRequest, ReadsWhatItWrote) {
  const ForgetRequest request{"zoë \"1\"", from_ms(1'700'000'000'123)};
  EXPECT_EQ(encode(request), R"({"forget_viewer":"zoë \"1\"","asked_at":1700000000123})");
  const auto read = decode_forget_request(encode(request));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, request);
}

TEST(ForgetRequest, RefusesAnythingElse) {
  for (const std::string_view bytes :
       {"", "{}", "[]", R"({"forget_viewer":"a"})", R"({"forget_viewer":"","asked_at":1})",
        R"({"forget_viewer":1,"asked_at":1})", R"({"forget_viewer":"a","asked_at":"1"})",
        R"({"forget_viewer":"a","asked_at":1.5})"}) {
    const auto read = decode_forget_request(bytes);
    ASSERT_FALSE(read) << bytes;
    EXPECT_EQ(read.error().code, Error::Code::invalid);
  }
}

}  // namespace
}  // namespace lvp
