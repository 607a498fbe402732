#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "net/server.h"
#include "net/test_client.h"

namespace lvp::net {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using Text = std::shared_ptr<const std::string>;

Text text(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// Upgrades /ws, echoes texts ("bye" closes), and keeps promises about the rest, for one socket.
class Echo final : public Handler, public SocketHandler {
 public:
  void handle(const http::Request&, Responder responder) override {
    responder.send(http::text_response(200, "text/plain", "plain"));
  }
  SocketHandler* upgrade(const http::Request& request) override {
    return request.path() == "/ws" ? this : nullptr;
  }
  void opened(const std::shared_ptr<Socket>& socket, const http::Request& request) override {
    if (request.query() == "greet") socket->send(text("hello"));
    open.set_value(socket);
  }
  void received(const std::shared_ptr<Socket>& socket, std::string_view bytes) override {
    if (bytes == "bye") return socket->close();
    socket->send(text("echo " + std::string(bytes)));
  }
  void drained(const std::shared_ptr<Socket>&) override { empty.set_value(); }
  void closed(const std::shared_ptr<Socket>& socket) override { gone.set_value(socket->id()); }

  std::promise<std::shared_ptr<Socket>> open;
  std::promise<void> empty;
  std::promise<std::uint64_t> gone;
};

struct Site {
  explicit Site(ServerOptions options = {}) : server(*Server::start(std::move(options), echo)) {}
  Echo echo;
  std::unique_ptr<Server> server;
};

std::string handshake(std::string_view target) {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

// A client's frame, masked; `first` is FIN and opcode.
std::string frame(unsigned first, std::string_view payload) {
  const std::string mask = "mask";
  std::string out{static_cast<char>(first)};
  if (payload.size() < 126) {
    out += static_cast<char>(0x80u | payload.size());
  } else {
    out += static_cast<char>(0xffu);
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  }
  out += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return out;
}

struct ServerFrame {
  unsigned first = 0;  // 0: the connection has ended
  std::string payload;

  bool operator==(const ServerFrame&) const = default;
};

ServerFrame read_frame(TestClient& client) {
  const std::string start = client.read(2);
  if (start.size() < 2) return {};
  std::size_t size = static_cast<unsigned char>(start[1]);
  EXPECT_LT(size, 128u) << "a server does not mask";
  if (size > 125) {
    std::size_t longer = 0;
    for (const char c : client.read(size == 126 ? 2 : 8)) {
      longer = longer << 8 | static_cast<unsigned char>(c);
    }
    size = longer;
  }
  return {static_cast<unsigned char>(start[0]), client.read(size)};
}

void open(TestClient& client, std::string_view target = "/ws") {
  ASSERT_TRUE(client.send(handshake(target)));
  ASSERT_EQ(client.read_response().status, 101);
}

TEST(WebSocket, Handshake) {
  Site site;
  TestClient client(site.server->port());
  ASSERT_TRUE(client.send(handshake("/ws?greet")));
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.status, 101);
  EXPECT_TRUE(response.has("Upgrade: websocket"));
  EXPECT_TRUE(response.has("Connection: Upgrade"));
  EXPECT_TRUE(response.has("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x81, "hello"}));
}

TEST(WebSocket, OtherPathsAreAnsweredAsHttp) {
  Site site;
  TestClient client(site.server->port());
  ASSERT_TRUE(client.send(handshake("/other")));
  EXPECT_EQ(client.read_response().body, "plain");
}

TEST(WebSocket, AnUpgradeWithoutAKeyIsRefused) {
  Site site;
  TestClient client(site.server->port());
  ASSERT_TRUE(client.send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"));
  EXPECT_EQ(client.read_response().status, 400);
  EXPECT_TRUE(client.at_end());
}

TEST(WebSocket, TextsPingsAndFragmentsInOrder) {
  Site site;
  TestClient client(site.server->port());
  // The first frames come in one piece with the handshake.
  ASSERT_TRUE(client.send(handshake("/ws") + frame(0x81, "a") + frame(0x01, "Hel")));
  ASSERT_EQ(client.read_response().status, 101);
  EXPECT_EQ(read_frame(client), (ServerFrame{0x81, "echo a"}));
  ASSERT_TRUE(client.send(frame(0x89, "ping")));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x8a, "ping"}));
  ASSERT_TRUE(client.send(frame(0x8a, "unasked") + frame(0x80, "lo")));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x81, "echo Hello"}));
  const std::string most(64 * 1024, 'x');
  ASSERT_TRUE(client.send(frame(0x81, most)));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x81, "echo " + most}));
}

TEST(WebSocket, TheClientCloses) {
  Site site;
  TestClient client(site.server->port());
  open(client);
  const auto socket = site.echo.open.get_future().get();
  ASSERT_TRUE(client.send(frame(0x88,
                                "\x03\xe9"
                                "bye")));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x88, "\x03\xe9"}));
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(site.echo.gone.get_future().get(), socket->id());
  EXPECT_FALSE(socket->send(text("too late")));
}

TEST(WebSocket, TheServerClosesAfterWhatIsQueued) {
  Site site;
  TestClient client(site.server->port());
  open(client);
  ASSERT_TRUE(client.send(frame(0x81, "1") + frame(0x81, "2") + frame(0x81, "bye")));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x81, "echo 1"}));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x81, "echo 2"}));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x88, "\x03\xe8"}));
  ASSERT_TRUE(client.send(frame(0x88, "\x03\xe8")));
  EXPECT_TRUE(client.at_end());
  EXPECT_NE(site.echo.gone.get_future().get(), 0u);
}

TEST(WebSocket, ErrorsCloseWithTheirCode) {
  const struct {
    std::string bytes;
    std::string code;
  } rows[] = {
      {"\x81\x05Hello", "\x03\xea"},                               // 1002: not masked
      {frame(0x80, "x"), "\x03\xea"},                              // 1002: continues nothing
      {frame(0x82, "x"), "\x03\xeb"},                              // 1003: binary
      {frame(0x81, "\xff"), "\x03\xef"},                           // 1007: not UTF-8
      {frame(0x81, std::string(64 * 1024 + 1, 'x')), "\x03\xf1"},  // 1009: too long
      {frame(0x81, std::string(10'000'000, 'x')), "\x03\xf1"},     // and goes on sending
  };
  for (const auto& row : rows) {
    Site site;
    TestClient client(site.server->port());
    open(client);
    ASSERT_TRUE(client.send(row.bytes));
    EXPECT_EQ(read_frame(client), (ServerFrame{0x88, row.code}));
    EXPECT_TRUE(client.at_end());
    client.close();
    EXPECT_NE(site.echo.gone.get_future().get(), 0u);
  }
}

TEST(WebSocket, ASlowReaderIsRefusedAndToldWhenItHasCaughtUp) {
  Site site({.socket_queue_bytes_max = 300'000});
  TestClient client(site.server->port(), 4096);
  open(client);
  const auto socket = site.echo.open.get_future().get();
  const Text large = text(std::string(100'000, 'x'));
  std::size_t sent = 0;
  while (socket->send(large)) ++sent;
  EXPECT_GE(sent, 3u);
  for (std::size_t i = 0; i < sent; ++i) {
    ASSERT_EQ(read_frame(client), (ServerFrame{0x81, *large})) << i;
  }
  site.echo.empty.get_future().wait();
  EXPECT_TRUE(socket->send(large));
  EXPECT_EQ(read_frame(client), (ServerFrame{0x81, *large}));
}

TEST(WebSocket, AnEmptyQueueTakesATextOfAnySize) {
  Site site({.socket_queue_bytes_max = 10});
  TestClient client(site.server->port());
  open(client);
  EXPECT_TRUE(site.echo.open.get_future().get()->send(text(std::string(1000, 'x'))));
  EXPECT_EQ(read_frame(client).payload.size(), 1000u);
}

TEST(WebSocket, ManyTextsFromManyThreadsArriveWhole) {
  Site site;
  TestClient client(site.server->port());
  open(client);
  const auto socket = site.echo.open.get_future().get();
  std::vector<std::jthread> threads;
  for (char letter = 'a'; letter < 'e'; ++letter) {
    threads.emplace_back([socket, letter] {
      for (std::size_t i = 0; i < 500; ++i) socket->send(text(letter + std::to_string(i)));
    });
  }
  std::size_t next[4] = {};
  for (int i = 0; i < 2000; ++i) {
    const ServerFrame got = read_frame(client);
    ASSERT_EQ(got.first, 0x81u);
    const auto thread = static_cast<std::size_t>(got.payload[0] - 'a');
    ASSERT_LT(thread, 4u);
    EXPECT_EQ(got.payload.substr(1), std::to_string(next[thread]++));
  }
}

TEST(WebSocket, ASilentClientIsPingedThenDropped) {
  Site site({.ping_wait = milliseconds(100)});
  TestClient client(site.server->port());
  open(client);
  for (int i = 0; i < 5; ++i) {  // answered: it stays
    EXPECT_EQ(read_frame(client), (ServerFrame{0x89, ""}));
    ASSERT_TRUE(client.send(frame(0x8a, "")));
  }
  int unanswered = 0;
  while (read_frame(client) == ServerFrame{0x89, ""}) ++unanswered;
  EXPECT_GE(unanswered, 3);
  EXPECT_TRUE(client.at_end());
  EXPECT_NE(site.echo.gone.get_future().get(), 0u);
}

TEST(WebSocket, StopSaysGoingAway) {
  Site site;
  TestClient client(site.server->port());
  open(client);
  const auto socket = site.echo.open.get_future().get();
  std::jthread stopping([&site] { site.server->stop(std::chrono::seconds(30)); });
  EXPECT_EQ(read_frame(client), (ServerFrame{0x88, "\x03\xe9"}));
  ASSERT_TRUE(client.send(frame(0x88, "\x03\xe9")));
  EXPECT_TRUE(client.at_end());
  stopping.join();
  EXPECT_EQ(site.echo.gone.get_future().get(), socket->id());
}

TEST(WebSocket, OutlivesTheServerAsAClosedSocket) {
  std::optional<Site> site;
  site.emplace();
  TestClient client(site->server->port());
  open(client);
  const auto socket = site->echo.open.get_future().get();
  site.reset();
  EXPECT_FALSE(socket->send(text("nobody there")));
  socket->close();
}

}  // namespace
}  // namespace lvp::net
