// How a server ends, alone and with another one on its port.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "net/test_site.h"

namespace lvp::net {
namespace {

using std::chrono::milliseconds;

TEST(ServerStop, AnswersWhatHasBegun) {
  std::promise<Responder> waiting;
  Site site([&waiting](const http::Request&, Responder responder) {
    waiting.set_value(std::move(responder));
  });
  TestClient idle(site.port());
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/")));
  Responder responder = waiting.get_future().get();
  std::jthread stopping([&site] { site.server->stop(std::chrono::seconds(30)); });
  EXPECT_TRUE(idle.at_end());  // so it has begun to stop
  responder.send(text("in time"));
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.body, "in time");
  EXPECT_TRUE(response.has("Connection: close"));
  EXPECT_TRUE(client.at_end());
  stopping.join();
  EXPECT_FALSE(TestClient(site.port()).connected());
  site.server->stop(milliseconds(0));
}

TEST(ServerStop, WhoIsHeldBackIsAnsweredAtOnce) {
  std::promise<void> handled;
  Site site([&handled](const http::Request&, Responder responder) {
    http::Response response = text("held");
    response.delay = std::chrono::hours(1);
    responder.send(std::move(response));
    handled.set_value();
  });
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/")));
  handled.get_future().wait();
  std::jthread stopping([&site] { site.server->stop(std::chrono::seconds(30)); });
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.body, "held");
  EXPECT_TRUE(response.has("Connection: close"));
}

// Waits until nobody can connect any more.
void await_closed(std::uint16_t port) {
  while (TestClient(port).connected()) std::this_thread::yield();
}

TEST(ServerStop, AnswersWhoWaitedToBeTaken) {
  std::promise<void> held;
  std::promise<void> release;
  Site site([&, released = release.get_future().share()](const http::Request& request,
                                                         Responder responder) {
    if (request.target == "/hold") {  // so that the loop takes nobody
      held.set_value();
      released.wait();
    }
    responder.send(text(std::string(request.target)));
  });
  TestClient first(site.port());
  ASSERT_TRUE(first.send(get("/hold")));
  held.get_future().wait();
  TestClient waiting(site.port());
  ASSERT_TRUE(waiting.send(get("/waited")));
  std::promise<void> begun;
  std::jthread stopping([&] {
    begun.set_value();
    site.server->stop(std::chrono::seconds(30));
  });
  begun.get_future().wait();
  release.set_value();
  EXPECT_EQ(first.read_response().body, "/hold");
  EXPECT_EQ(waiting.read_response().body, "/waited");
}

TEST(ServerStop, AnswersOneMoreRequestOfWhoIsIdle) {
  Site site(echo, {.drain_grace = std::chrono::seconds(20)});
  TestClient used(site.port());
  ASSERT_TRUE(used.send(get("/1")));
  EXPECT_EQ(used.read_response().status, 200);
  TestClient fresh(site.port());
  std::jthread stopping([&site] { site.server->stop(std::chrono::seconds(30)); });
  await_closed(site.port());
  for (TestClient* client : {&used, &fresh}) {
    ASSERT_TRUE(client->send(get("/last")));
    const RawResponse response = client->read_response();
    EXPECT_EQ(response.body, "GET /last ");
    EXPECT_TRUE(response.has("Connection: close"));
    EXPECT_TRUE(client->at_end());
    client->close();
  }
  const auto begin = std::chrono::steady_clock::now();
  stopping.join();  // nothing is left, so it does not wait for the grace
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST(ServerStop, ReadsARequestThatHasBegun) {
  Site site(echo, {.drain_grace = milliseconds(1)});
  TestClient client(site.port());
  ASSERT_TRUE(client.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n")));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  TestClient idle(site.port());
  std::jthread stopping([&site] { site.server->stop(std::chrono::seconds(30)); });
  EXPECT_TRUE(idle.at_end());
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.read_response().body, "POST /p hello");
  EXPECT_TRUE(client.at_end());
}

TEST(ServerStop, GivesUpAfterItsWait) {
  std::promise<Responder> waiting;
  Site site([&waiting](const http::Request&, Responder responder) {
    waiting.set_value(std::move(responder));
  });
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/")));
  const Responder never = waiting.get_future().get();
  site.server->stop(milliseconds(20));
  EXPECT_EQ(client.read_response().status, 0);
}

// An upgrade: clients that connect for each request and clients that keep their connection go on
// while one of two servers stops.
TEST(ServerStop, OfTwoOnOnePortOneStopsAndNoRequestFails) {
  const auto named = [](std::string name) {
    return [name](const http::Request&, Responder responder) { responder.send(text(name)); };
  };
  const auto options = [](std::uint16_t port) {
    return ServerOptions{.port = port, .share_port = true, .drain_grace = std::chrono::seconds(5)};
  };
  Site old(named("old"), options(0));
  Site young(named("young"), options(old.port()));
  std::atomic<int> by_old = 0;
  std::atomic<int> by_young = 0;
  std::atomic<int> failed = 0;
  std::atomic<bool> stopped = false;
  std::vector<std::jthread> clients;
  for (const bool keeps : {false, false, true, true}) {
    clients.emplace_back([&, keeps] {
      std::optional<TestClient> client;
      for (int more = 20; more > 0; more -= stopped ? 1 : 0) {
        if (!client) client.emplace(old.port());
        const bool sent = client->send(get("/"));
        const RawResponse response = client->read_response();
        if (response.body == "old") ++by_old;
        if (response.body == "young") ++by_young;
        if (!sent || response.status != 200) ++failed;
        if (!keeps || response.has("Connection: close") || response.status == 0) client.reset();
      }
    });
  }
  while (by_old < 100 || by_young < 100) std::this_thread::yield();
  old.server->stop(std::chrono::seconds(30));
  stopped = true;
  const int last_of_old = by_old;
  clients.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(by_old, last_of_old);
}

TEST(ServerStop, APortIsSharedByThoseWhoAgree) {
  for (const bool shared : {false, true}) {
    Site first(echo, {.share_port = shared});
    for (const bool second : {false, true}) {
      for (const unsigned threads : {1u, 2u}) {
        const auto started = Server::start(
            {.port = first.port(), .threads = threads, .share_port = second}, first.answers);
        EXPECT_EQ(started.has_value(), shared && second) << shared << second << threads;
      }
    }
  }
}

}  // namespace
}  // namespace lvp::net
