#include "net/sender.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <map>
#include <vector>

#include "net/server.h"

namespace lvp::net {
namespace {

using namespace std::chrono_literals;

// Answers with the request's body; "/close" closes, "/never" does not answer.
class Echo final : public Handler {
 public:
  void handle(const http::Request& request, Responder responder) override {
    ++requests;
    if (request.path() == "/never") return kept_.push_back(std::move(responder));
    http::Response response = http::text_response(request.path() == "/503" ? 503 : 200,
                                                  "text/plain", std::string(request.body));
    response.close = request.path() == "/close";
    responder.send(std::move(response));
  }
  std::atomic<int> requests = 0;

 private:
  std::vector<Responder> kept_;
};

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

class SenderTest : public testing::Test {
 protected:
  void start(std::size_t connections, Duration answer_wait = 10s) {
    server = *Server::start({.body_bytes_max = 8 << 20}, echo);
    SenderOptions options;
    options.address = {"127.0.0.1", server->port()};
    options.connections = connections;
    options.answer_wait = answer_wait;
    sender = *Sender::connect(options);
  }

  // Until nothing is under way, for ten seconds at most.
  void finish() {
    for (int i = 0; i < 200 && sender->under_way() > 0; ++i) wait();
    EXPECT_EQ(sender->under_way(), 0u);
  }

  void wait() {
    pollfd ready{sender->descriptor(), POLLIN, 0};
    ::poll(&ready, 1, 50);
    sender->poll([this](const Sender::Answer& answer) {
      EXPECT_TRUE(answers.try_emplace(answer.tag, answer.status, answer.body).second);
    });
  }

  void send(std::uint64_t tag, std::string_view path, std::string_view body) {
    for (int i = 0; i < 200 && !sender->is_free(); ++i) wait();
    ASSERT_TRUE(sender->is_free());
    sender->send(tag, post(path, body));
  }

  Echo echo;
  std::unique_ptr<Server> server;
  std::unique_ptr<Sender> sender;
  std::map<std::uint64_t, std::pair<int, std::string>> answers;
};

TEST_F(SenderTest, EachRequestIsAnsweredOnce) {
  start(3);
  for (std::uint64_t tag = 0; tag < 300; ++tag) send(tag, "/", "body " + std::to_string(tag));
  finish();
  ASSERT_EQ(answers.size(), 300u);
  for (const auto& [tag, answer] : answers)
    EXPECT_EQ(answer, std::pair(200, "body " + std::to_string(tag)));
}

TEST_F(SenderTest, LargeBodiesGoBothWays) {
  start(1);
  const std::string body(5 << 20, 'x');
  send(1, "/", body);
  finish();
  EXPECT_EQ(answers[1].first, 200);
  EXPECT_EQ(answers[1].second.size(), body.size());
}

TEST_F(SenderTest, StatusesAreTold) {
  start(1);
  send(1, "/503", "");
  send(2, "/", "");
  finish();
  EXPECT_EQ(answers[1].first, 503);
  EXPECT_EQ(answers[2].first, 200);
}

TEST_F(SenderTest, AClosedConnectionIsOpenedAgain) {
  start(1);
  for (std::uint64_t tag = 0; tag < 5; ++tag) send(tag, "/close", "x");
  finish();
  for (const auto& [tag, answer] : answers) EXPECT_EQ(answer.first, 200) << tag;
}

TEST_F(SenderTest, NoAnswerInTimeIsNone) {
  start(2, 200ms);
  send(1, "/never", "");
  send(2, "/", "");
  finish();
  EXPECT_EQ(answers[1].first, 0);
  EXPECT_EQ(answers[2].first, 200);
  send(3, "/", "again");
  finish();
  EXPECT_EQ(answers[3].second, "again");
}

TEST_F(SenderTest, AServerThatIsGoneAnswersNothing) {
  start(1);
  send(1, "/never", "");
  for (int i = 0; i < 200 && echo.requests == 0; ++i) wait();
  server->stop(0ms);
  finish();
  EXPECT_EQ(answers[1].first, 0);
}

TEST(Sender, SaysThatNobodyListens) {
  Echo echo;
  const auto port = (*Server::start({}, echo))->port();  // free again
  const auto sender = Sender::connect({.address = {"127.0.0.1", port}});
  ASSERT_FALSE(sender);
  EXPECT_EQ(sender.error().code, Error::Code::unavailable);
  EXPECT_FALSE(open_socket({"127.0.0.1", port}, 1s));
}

TEST(Address, IsReadFromUrls) {
  const struct {
    std::string_view url;
    std::string_view host;  // empty: refused
    std::uint16_t port;
  } rows[] = {
      {"http://127.0.0.1:9090", "127.0.0.1", 9090},
      {"http://collector.example/", "collector.example", 80},
      {"http://a:1/b:2", "a", 1},
      {"https://a:1", "", 0},
      {"a:1", "", 0},
      {"http://:1", "", 0},
      {"http://a:0", "", 0},
      {"http://a:65536", "", 0},
      {"http://a:x", "", 0},
  };
  for (const auto& row : rows) {
    const auto address = parse_address(row.url);
    ASSERT_EQ(address.has_value(), !row.host.empty()) << row.url;
    if (!address) continue;
    EXPECT_EQ(address->host, row.host);
    EXPECT_EQ(address->port, row.port);
  }
}

}  // namespace
}  // namespace lvp::net
