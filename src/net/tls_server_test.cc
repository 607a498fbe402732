// The server over TLS, as its clients see it.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>
#include <vector>

#include "net/server.h"
#include "net/test_tls.h"

namespace lvp::net {
namespace {

using std::chrono::milliseconds;

// Answers with the request's body, or with as many bytes as "/bytes?N" says; /ws echoes texts.
class Echo final : public Handler, public SocketHandler {
 public:
  void handle(const http::Request& request, Responder responder) override {
    std::string body(request.body);
    if (request.path() == "/bytes") body.resize(std::stoul(std::string(request.query())), 'x');
    responder.send(http::text_response(200, "text/plain", std::move(body)));
  }
  SocketHandler* upgrade(const http::Request& request) override {
    return request.path() == "/ws" ? this : nullptr;
  }
  void opened(const std::shared_ptr<Socket>& socket, const http::Request&) override {
    socket->send(std::make_shared<const std::string>(3'000'000, 'x'));
  }
  void received(const std::shared_ptr<Socket>& socket, std::string_view bytes) override {
    socket->send(std::make_shared<const std::string>(bytes));
  }
  void drained(const std::shared_ptr<Socket>&) override {}
  void closed(const std::shared_ptr<Socket>&) override {}
};

struct Site {
  explicit Site(ServerOptions options = {}) : files("first") {
    options.tls = files.tls();
    server = *Server::start(std::move(options), echo);
  }
  std::uint16_t port() const { return server->port(); }

  TestFiles files;
  Echo echo;
  std::unique_ptr<Server> server;
};

std::string get(std::string_view target) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
}
std::string post(std::string_view body) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

TEST(TlsServer, AnswersAndKeepsTheConnection) {
  Site site;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsTestClient client(site.port(), version);
    ASSERT_TRUE(client.secure());
    for (const std::size_t size : {5u, 500'000u}) {
      const std::string body(size, 'b');
      ASSERT_TRUE(client.send(post(body)));
      EXPECT_EQ(client.read_response().body, body);
    }
    ASSERT_TRUE(client.send(get("/bytes?1") + get("/bytes?20000000") + get("/bytes?3")));
    EXPECT_EQ(client.read_response().body.size(), 1u);
    EXPECT_EQ(client.read_response().body, std::string(20'000'000, 'x'));
    EXPECT_EQ(client.read_response().body.size(), 3u);
  }
}

TEST(TlsServer, SaysThatItClosesAndThe413Arrives) {
  Site site;
  TlsTestClient client(site.port());
  ASSERT_TRUE(client.send(post(std::string(10'000'000, 'x'))));
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.status, 413);
  EXPECT_TRUE(response.has("Connection: close"));
  EXPECT_TRUE(client.at_end());  // with close_notify
}

TEST(TlsServer, AHandshakeHasTheTimeOfAHeader) {
  Site site({.header_wait = milliseconds(50)});
  TestClient silent(site.port());
  TestClient begun(site.port());
  ASSERT_TRUE(begun.send({"\x16\x03\x01\x02\x00\x01", 6}));
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(begun.at_end());
  EXPECT_EQ(site.server->stats().tls_failures, 2u);
}

TEST(TlsServer, AnIdleConnectionOutlivesTheTimeOfAHandshake) {
  Site site({.header_wait = std::chrono::seconds(1), .idle_wait = std::chrono::seconds(60)});
  TlsTestClient idle(site.port());
  ASSERT_TRUE(idle.secure());
  TestClient silent(site.port());
  EXPECT_TRUE(silent.at_end());  // so the time is over
  ASSERT_TRUE(idle.send(get("/bytes?1")));
  EXPECT_EQ(idle.read_response().status, 200);
}

TEST(TlsServer, PlainTextIsCutOff) {
  Site site;
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/")));
  EXPECT_EQ(client.read_response().status, 0);
  EXPECT_EQ(site.server->stats().tls_failures, 1u);
}

TEST(TlsServer, TooManyConnectionsAreToldSo) {
  Site site({.connections_max = 1});
  TlsTestClient first(site.port());
  ASSERT_TRUE(first.send(get("/bytes?1")));
  EXPECT_EQ(first.read_response().status, 200);
  TlsTestClient second(site.port());
  ASSERT_TRUE(second.secure());
  EXPECT_EQ(second.read_response().status, 503);
  EXPECT_TRUE(second.at_end());
}

TEST(TlsServer, ResumesSessionsByTickets) {
  Site site({.threads = 2});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsTestClient first(site.port(), version);
    ASSERT_TRUE(first.send(get("/bytes?1")));
    EXPECT_EQ(first.read_response().status, 200);
    EXPECT_EQ(SSL_session_reused(first.ssl()), 0);
    const std::unique_ptr<SSL_SESSION, FreeWith<SSL_SESSION_free>> session(
        SSL_get1_session(first.ssl()));
    TlsTestClient second(site.port(), version, session.get());
    ASSERT_TRUE(second.send(get("/bytes?1")));
    EXPECT_EQ(second.read_response().status, 200);
    EXPECT_EQ(SSL_session_reused(second.ssl()), 1);
  }
}

TEST(TlsServer, ANewCertificateIsForNewConnections) {
  Site site;
  TlsTestClient old(site.port());
  EXPECT_EQ(old.server_name(), "first");
  site.files.write_certificate("second");
  EXPECT_EQ(TlsTestClient(site.port()).server_name(), "first");  // not before it is told
  ASSERT_TRUE(site.server->reload_tls());
  EXPECT_EQ(TlsTestClient(site.port()).server_name(), "second");
  ASSERT_TRUE(old.send(get("/bytes?1")));
  EXPECT_EQ(old.read_response().status, 200);

  std::ofstream(site.files.tls().key_file) << "gone\n";
  const Status reloaded = site.server->reload_tls();
  ASSERT_FALSE(reloaded);
  EXPECT_TRUE(reloaded.error().what.starts_with("key " + site.files.tls().key_file + ": "))
      << reloaded.error().what;
  EXPECT_EQ(TlsTestClient(site.port()).server_name(), "second");
}

TEST(TlsServer, DoesNotStartWithoutItsFiles) {
  Echo echo;
  const auto server = Server::start({.tls = Tls{"/nowhere/c.pem", "/nowhere/k.pem"}}, echo);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Error::Code::invalid);
  EXPECT_EQ(server.error().what, "certificate /nowhere/c.pem: No such file or directory");
}

TEST(TlsServer, ReloadWithoutTlsHasNothingToDo) {
  Echo echo;
  const auto server = *Server::start({}, echo);
  EXPECT_TRUE(server->reload_tls());
}

TEST(TlsServer, WebSockets) {
  Site site;
  TlsTestClient client(site.port());
  ASSERT_TRUE(client.send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
  EXPECT_EQ(client.read_response(false).status, 101);
  EXPECT_EQ(client.read(10), std::string_view("\x81\x7f\0\0\0\0\0\x2d\xc6\xc0", 10));
  EXPECT_EQ(client.read(3'000'000), std::string(3'000'000, 'x'));
  ASSERT_TRUE(client.send({"\x81\x82\0\0\0\0hi", 8}));  // masked with zeros
  EXPECT_EQ(client.read(4), "\x81\x02hi");
  std::jthread stopping([&site] { site.server->stop(std::chrono::seconds(30)); });
  EXPECT_EQ(client.read(4), "\x88\x02\x03\xe9");
  ASSERT_TRUE(client.send({"\x88\x82\0\0\0\0\x03\xe9", 8}));
  EXPECT_TRUE(client.at_end());
}

TEST(TlsServer, ManyClientsAtOnce) {
  Site site({.threads = 2});
  std::atomic<int> answered = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&site, &answered] {
      for (int j = 0; j < 10; ++j) {
        TlsTestClient client(site.port());
        if (client.send(post("a") + post("b")) && client.read_response().body == "a" &&
            client.read_response().body == "b") {
          ++answered;
        }
      }
    });
  }
  clients.clear();
  EXPECT_EQ(answered, 40);
}

}  // namespace
}  // namespace lvp::net
