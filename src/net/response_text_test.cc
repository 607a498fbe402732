#include "net/response_text.h"

#include <gtest/gtest.h>

namespace lvp::net {
namespace {

constexpr std::string_view date = "Thu, 01 Jan 2026 00:00:00 GMT";

TEST(ResponseText, HeadersLengthAndConnection) {
  const http::Response response = http::text_response(200, "text/plain", "hello");
  EXPECT_EQ(head_text(response, {date, "close"}),
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
            "Content-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

TEST(ResponseText, NoLengthWhereThereCanBeNoBody) {
  for (const int status : {101, 204, 304}) {
    http::Response response;
    response.status = status;
    response.body = "x";
    EXPECT_EQ(head_text(response, {date, ""}).find("Content-Length"), std::string::npos) << status;
    EXPECT_EQ(body_of(response), "") << status;
  }
  EXPECT_NE(head_text({}, {date, ""}).find("\r\nContent-Length: 0\r\n"), std::string::npos);
}

TEST(ResponseText, AStaticBodyComesFirst) {
  http::Response response;
  response.body = "a";
  response.static_body = "bcd";
  EXPECT_EQ(body_of(response), "bcd");
  EXPECT_NE(head_text(response, {date, ""}).find("\r\nContent-Length: 3\r\n"), std::string::npos);
}

TEST(ResponseText, NoValueForgesAHeaderAndTheFramingIsOurs) {
  http::Response response;
  response.status = 302;
  response.headers = {{"Location", "/\r\nSet-Cookie: a=b"},
                      {"content-length", "7"},
                      {"Transfer-Encoding", "chunked"}};
  EXPECT_EQ(head_text(response, {date, ""}),
            "HTTP/1.1 302 Found\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
            "Location: /  Set-Cookie: a=b\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace lvp::net
