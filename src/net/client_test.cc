#include "net/client.h"

#include <gtest/gtest.h>

#include "net/server.h"

namespace lvp::net {
namespace {

class Echo final : public Handler {
 public:
  void handle(const http::Request& request, Responder responder) override {
    if (request.path() == "/never") return late.push_back(std::move(responder));
    http::Response response = http::text_response(200, "text/plain", std::string(request.body));
    if (request.path() == "/missing") response.status = 404;
    if (request.path() == "/lines") response.body = "a\nb\r\n\nlast";
    response.headers.add("X-Method", request.method);
    response.headers.add("X-Token", request.header("X-Token"));
    response.headers.add("X-Empty", request.has_header("X-Empty") ? "there" : "not there");
    responder.send(std::move(response));
  }

  std::vector<Responder> late;
};

class ClientTest : public testing::Test {
 protected:
  std::string url(std::string_view path) const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + std::string(path);
  }

  Echo echo;
  std::unique_ptr<Server> server = *Server::start({}, echo);
};

TEST_F(ClientTest, RequestsAndAnswers) {
  for (const std::string_view method : {"GET", "POST", "PUT", "DELETE"}) {
    const auto response = fetch({.method = std::string(method),
                                 .url = url("/"),
                                 .headers = {{"X-Token", "secret"}, {"X-Empty", ""}},
                                 .body = method == "GET" ? "" : "body"});
    ASSERT_TRUE(response) << response.error().what;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->header("x-method"), method);
    EXPECT_EQ(response->header("X-Token"), "secret");
    EXPECT_EQ(response->header("X-Empty"), "there");
    EXPECT_EQ(response->body, method == "GET" ? "" : "body");
  }
}

TEST_F(ClientTest, HeadHasNoBody) {
  const auto response = fetch({.method = "HEAD", .url = url("/lines")});
  ASSERT_TRUE(response) << response.error().what;
  EXPECT_EQ(response->header("Content-Length"), "10");
  EXPECT_EQ(response->body, "");
}

TEST_F(ClientTest, AnErrorStatusIsAnAnswer) {
  const auto response = fetch({.url = url("/missing")});
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404);
}

TEST_F(ClientTest, Failures) {
  const std::string closed = url("/");
  const auto late = fetch({.url = url("/never"), .timeout = std::chrono::milliseconds(50)});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Error::Code::unavailable);

  server->stop(std::chrono::milliseconds(0));
  const auto refused = fetch({.url = closed});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Error::Code::unavailable);
  EXPECT_TRUE(refused.error().what.starts_with("GET " + closed + ": ")) << refused.error().what;

  for (const std::string_view bad : {"", "http://", "file:///etc/hosts", "http://a:b/"}) {
    const auto response = fetch({.url = std::string(bad)});
    ASSERT_FALSE(response) << bad;
    EXPECT_EQ(response.error().code, Error::Code::invalid) << bad;
  }
  EXPECT_EQ(fetch({.method = "", .url = closed}).error().code, Error::Code::invalid);
}

TEST_F(ClientTest, LinesUntilTheEnd) {
  std::vector<std::string> lines;
  const auto keep = [&lines](std::string_view line) {
    lines.emplace_back(line);
    return true;
  };
  ASSERT_TRUE(fetch_lines({.url = url("/lines")}, keep));
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b", "", "last"}));
}

TEST_F(ClientTest, LinesUntilTheCallerHasEnough) {
  std::vector<std::string> lines;
  const auto two = [&lines](std::string_view line) {
    lines.emplace_back(line);
    return lines.size() < 2;
  };
  ASSERT_TRUE(fetch_lines({.url = url("/lines")}, two));
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b"}));
}

TEST_F(ClientTest, LinesOfAnErrorAreNone) {
  const auto never = [](std::string_view) {
    ADD_FAILURE();
    return true;
  };
  const Status status = fetch_lines({.method = "POST", .url = url("/missing"), .body = "x"}, never);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Error::Code::invalid);
  EXPECT_NE(status.error().what.find("status 404"), std::string::npos);
}

}  // namespace
}  // namespace lvp::net
