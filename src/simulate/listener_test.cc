#include "simulate/listener.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <atomic>
#include <vector>

#include "net/server.h"

namespace lvp::simulate {
namespace {

using namespace std::chrono_literals;

// Sends what it is given to whoever connects to /live, then closes.
class Speaker final : public net::Handler, public net::SocketHandler {
 public:
  explicit Speaker(std::vector<std::string> texts) : texts_(std::move(texts)) {}

  void handle(const http::Request&, net::Responder responder) override {
    responder.send(http::text_response(401, "text/plain", "no"));
  }
  net::SocketHandler* upgrade(const http::Request& request) override {
    return request.path() == "/live" && request.header("Authorization") == "Bearer t" ? this
                                                                                      : nullptr;
  }
  void opened(const std::shared_ptr<net::Socket>& socket, const http::Request&) override {
    for (const std::string& text : texts_) socket->send(std::make_shared<std::string>(text));
    if (closes) socket->close();
  }
  void received(const std::shared_ptr<net::Socket>&, std::string_view) override {}
  void drained(const std::shared_ptr<net::Socket>&) override {}
  void closed(const std::shared_ptr<net::Socket>&) override { ++gone; }

  bool closes = true;
  std::atomic<int> gone = 0;

 private:
  const std::vector<std::string> texts_;
};

// Polls until it fails, for ten seconds at most.
Status listen_to_the_end(Listener& listener, std::vector<std::string>& heard) {
  Status status;
  for (int i = 0; i < 200 && status; ++i) {
    pollfd ready{listener.descriptor(), POLLIN, 0};
    ::poll(&ready, 1, 50);
    status = listener.poll([&](std::string_view text) -> Status {
      heard.emplace_back(text);
      return {};
    });
  }
  return status;
}

TEST(Listener, HearsFramesOfAnyLength) {
  std::vector<std::string> texts;
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u, 3'000'000u})
    texts.emplace_back(size, 'x');
  Speaker speaker(texts);
  const auto server = *net::Server::start({.socket_queue_bytes_max = 16 << 20}, speaker);
  const auto listener = Listener::connect({"127.0.0.1", server->port()}, "/live", "t");
  ASSERT_TRUE(listener) << listener.error().what;
  std::vector<std::string> heard;
  const Status end = listen_to_the_end(**listener, heard);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, Error::Code::unavailable);
  EXPECT_EQ(heard, texts);
}

TEST(Listener, AnswersPings) {
  Speaker speaker({});
  speaker.closes = false;
  const auto server = *net::Server::start({.ping_wait = 50ms}, speaker);
  const auto listener = Listener::connect({"127.0.0.1", server->port()}, "/live", "t");
  ASSERT_TRUE(listener);
  // One that answers nothing is dropped after three waits; this outlives ten.
  std::vector<std::string> heard;
  for (int i = 0; i < 10; ++i) {
    pollfd ready{(*listener)->descriptor(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, 10'000), 1);
    ASSERT_TRUE((*listener)->poll([](std::string_view) -> Status { return {}; }));
  }
  EXPECT_EQ(speaker.gone, 0);
}

TEST(Listener, SaysWhenItIsNotWanted) {
  Speaker speaker({});
  const auto server = *net::Server::start({}, speaker);
  const auto listener = Listener::connect({"127.0.0.1", server->port()}, "/live", "");
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, Error::Code::invalid);
  EXPECT_NE(listener.error().what.find("401"), std::string::npos);
}

}  // namespace
}  // namespace lvp::simulate
