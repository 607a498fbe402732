#include "net/handshake.h"

#include <gtest/gtest.h>

namespace lvp::net {
namespace {

TEST(Handshake, AcceptOfTheExampleInTheRfc) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, RefusesAllButVersion13WithAKey) {
  const auto status = [](std::string_view method, std::string_view version, std::string_view key) {
    http::Request request;
    request.method = method;
    request.headers = {{"Sec-WebSocket-Version", version}, {"Sec-WebSocket-Key", key}};
    return websocket_answer(request).status;
  };
  EXPECT_EQ(status("GET", "13", "dGhlIHNhbXBsZSBub25jZQ=="), 101);
  EXPECT_EQ(status("GET", "8", "dGhlIHNhbXBsZSBub25jZQ=="), 426);
  EXPECT_EQ(status("POST", "13", "dGhlIHNhbXBsZSBub25jZQ=="), 400);
  EXPECT_EQ(status("GET", "13", "dGhlIHNhbXBsZQ=="), 400);
  EXPECT_EQ(status("GET", "13", ""), 400);
}

}  // namespace
}  // namespace lvp::net
