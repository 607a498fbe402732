#include "net/server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "net/test_site.h"

namespace lvp::net {
namespace {

using std::chrono::milliseconds;

TEST(Server, KeepsTheConnection) {
  Site site(echo);
  TestClient client(site.port());
  for (const std::string_view target : {"/1", "/2?q", "/3"}) {
    ASSERT_TRUE(client.send(get(target)));
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "GET " + std::string(target) + " ");
    EXPECT_EQ(response.head.find("Connection:"), std::string::npos);
    EXPECT_NE(response.head.find("\r\nDate: "), std::string::npos);
    EXPECT_NE(response.head.find(" GMT\r\n"), std::string::npos);
  }
}

TEST(Server, ClosesWhenAskedTo) {
  Site site([](const http::Request& request, Responder responder) {
    http::Response response = text("x");
    response.close = request.target == "/close";
    responder.send(std::move(response));
  });
  for (const std::string& request :
       {std::string("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
        std::string("GET / HTTP/1.0\r\n\r\n"), get("/close")}) {
    TestClient client(site.port());
    ASSERT_TRUE(client.send(request));
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.body, "x");
    EXPECT_TRUE(response.has("Connection: close")) << response.head;
    EXPECT_TRUE(client.at_end());
  }
}

TEST(Server, KeepsAnOldConnectionThatAsksForIt) {
  Site site(echo);
  TestClient client(site.port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_TRUE(client.read_response().has("Connection: keep-alive"));
  }
}

// Each request is answered by a thread of its own, the later ones sooner if the server let them.
TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  std::vector<std::jthread> threads;
  Site site([&threads](const http::Request& request, Responder responder) {
    threads.emplace_back(
        [target = std::string(request.target),
         r = std::make_shared<Responder>(std::move(responder))] { r->send(text(target)); });
  });
  TestClient client(site.port());
  std::string all;
  for (int i = 0; i < 50; ++i) all += get("/" + std::to_string(i));
  ASSERT_TRUE(client.send(all));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.read_response().body, "/" + std::to_string(i));
  site.server->stop(milliseconds(0));
}

TEST(Server, AClientThatHasFinishedSendingIsAnswered) {
  Site site(echo);
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/1") + get("/2")));
  client.finish();
  EXPECT_EQ(client.read_response().body, "GET /1 ");
  EXPECT_EQ(client.read_response().body, "GET /2 ");
  EXPECT_TRUE(client.at_end());
}

TEST(Server, HeadHasTheHeadersOfGetAndNoBody) {
  Site site([](const http::Request&, Responder responder) { responder.send(text("12345")); });
  TestClient client(site.port());
  ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/")));
  const RawResponse head = client.read_response(false);
  EXPECT_TRUE(head.has("Content-Length: 5")) << head.head;
  EXPECT_EQ(client.read_response().body, "12345");
}

TEST(Server, NoContentHasNoLength) {
  Site site([](const http::Request&, Responder responder) {
    http::Response response;
    response.status = 204;
    responder.send(std::move(response));
  });
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/")));
  const RawResponse response = client.read_response();
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.head.find("Content-Length"), std::string::npos);
}

TEST(Server, Bodies) {
  Site site(echo);
  TestClient client(site.port());
  ASSERT_TRUE(client.send(post("Content-Length: 5\r\n", "hello")));
  EXPECT_EQ(client.read_response().body, "POST /p hello");
  ASSERT_TRUE(client.send(
      post("Transfer-Encoding: chunked\r\n", "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n") + get("/next")));
  EXPECT_EQ(client.read_response().body, "POST /p hello");
  EXPECT_EQ(client.read_response().body, "GET /next ");
  const std::string large(500'000, 'x');
  ASSERT_TRUE(client.send(post("Content-Length: 500000\r\n", large)));
  EXPECT_EQ(client.read_response().body, "POST /p " + large);
}

TEST(Server, InvitesABodyThatWaits) {
  Site site(echo);
  TestClient client(site.port());
  ASSERT_TRUE(client.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n")));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  ASSERT_TRUE(client.send("hello"));
  EXPECT_EQ(client.read_response().body, "POST /p hello");
}

TEST(Server, KnowsThePeer) {
  for (const std::string_view address : {"127.0.0.1", "::"}) {
    Site site([](const http::Request& request,
                 Responder responder) { responder.send(text(std::string(request.peer))); },
              {.address = std::string(address)});
    TestClient client(site.port());
    ASSERT_TRUE(client.send(get("/")));
    EXPECT_EQ(client.read_response().body, "127.0.0.1") << address;
  }
}

TEST(Server, ErrorsAreToldAndTheOwnerMayAddHeaders) {
  ServerOptions options;
  options.header_bytes_max = 1000;
  options.body_bytes_max = 1000;
  options.on_error = [](const http::Request& request, http::Response& response) {
    response.headers.add("X-Origin", request.header("Origin"));
    response.headers.add("X-Peer", request.peer);
  };
  Site site(echo, options);
  const struct {
    std::string request;
    int status;
    std::string_view origin;
  } rows[] = {
      {"nonsense\r\n\r\n", 400, ""},
      {"GET / HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nBad Name: x\r\n\r\n", 400, "o"},
      {"GET / HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nX: " + std::string(2000, 'x'), 431, "o"},
      {post("Origin: o\r\nContent-Length: 1001\r\n"), 413, "o"},
      {post("Origin: o\r\nTransfer-Encoding: chunked\r\n", "3e9\r\n"), 413, "o"},
  };
  for (const auto& row : rows) {
    TestClient client(site.port());
    ASSERT_TRUE(client.send(row.request));
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.status, row.status) << row.request;
    EXPECT_TRUE(response.has("X-Origin: " + std::string(row.origin))) << response.head;
    EXPECT_TRUE(response.has("X-Peer: 127.0.0.1")) << response.head;
    EXPECT_TRUE(response.has("Connection: close")) << response.head;
    EXPECT_TRUE(client.at_end()) << row.request;
  }
}

TEST(Server, AClientThatGoesOnSendingStillReceivesThe413) {
  Site site(echo);
  TestClient client(site.port());
  const std::string body(10'000'000, 'x');
  ASSERT_TRUE(client.send(post("Content-Length: 10000000\r\n", body)));
  EXPECT_EQ(client.read_response().status, 413);
  EXPECT_TRUE(client.at_end());
}

TEST(Server, ABodyThatIsTooLargeIsNotInvited) {
  Site site(echo, {.body_bytes_max = 1000});
  TestClient client(site.port());
  ASSERT_TRUE(client.send(post("Expect: 100-continue\r\nContent-Length: 1001\r\n")));
  EXPECT_EQ(client.read_response().status, 413);
  EXPECT_TRUE(client.at_end());
}

// RFC 9110 9.3.1: a body of GET has no meaning, but it must not be taken for the next request.
TEST(Server, AnyMethodMayHaveABodyWithinTheLimits) {
  Site site(echo, {.body_bytes_max = 10});
  TestClient client(site.port());
  ASSERT_TRUE(client.send("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n"));
  ASSERT_TRUE(client.send("0123456789" + get("/next")));
  EXPECT_EQ(client.read_response().body, "GET /health 0123456789");
  EXPECT_EQ(client.read_response().body, "GET /next ");
  ASSERT_TRUE(
      client.send("HEAD /h HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" + get("/2")));
  EXPECT_TRUE(client.read_response(false).has("Content-Length: 11"));
  EXPECT_EQ(client.read_response().body, "GET /2 ");
  ASSERT_TRUE(client.send("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"));
  EXPECT_EQ(client.read_response().status, 413);
  EXPECT_TRUE(client.at_end());
}

// Waits until the server counts as many bytes of requests.
void await_buffers(const Server& server, std::size_t least, std::size_t most) {
  for (std::size_t bytes = most + 1; bytes < least || bytes > most;) {
    bytes = server.stats().buffer_bytes;
    std::this_thread::yield();
  }
}

TEST(Server, RequestsTogetherHaveALimitThatSmallOnesDoNotMeet) {
  ServerOptions options;
  options.body_bytes_max = 10'000'000;
  options.buffer_bytes_max = 3'000'000;
  options.body_wait = std::chrono::seconds(60);  // for a slow machine
  options.on_error = [](const http::Request& request, http::Response& response) {
    response.headers.add("Retry-After", "1");
    response.headers.add("X-Target", request.target);
  };
  Site site(echo, options);
  const std::string part(1'000'000, 'a');
  TestClient slow(site.port());
  ASSERT_TRUE(slow.send(post("Content-Length: 1000001\r\n", part)));
  await_buffers(*site.server, part.size() - 16 * 1024, 2 * part.size());

  TestClient large(site.port());
  const std::string body(4'000'000, 'b');
  ASSERT_TRUE(large.send(post("Content-Length: 4000000\r\n", body)));
  const RawResponse refused = large.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Retry-After: 1")) << refused.head;
  EXPECT_TRUE(refused.has("X-Target: /p")) << refused.head;
  EXPECT_TRUE(refused.has("Connection: close")) << refused.head;
  EXPECT_TRUE(large.at_end());
  await_buffers(*site.server, 1, 2 * part.size());  // given back while it is still connected
  EXPECT_EQ(site.server->stats().errors_503, 1u);

  ASSERT_TRUE(slow.send("z"));
  EXPECT_EQ(slow.read_response().body, "POST /p " + part + "z");
  await_buffers(*site.server, 0, 0);
}

TEST(Server, SmallRequestsAreServedWithoutBuffersOfTheServer) {
  Site site(echo, {.buffer_bytes_max = 0});
  TestClient client(site.port());
  const std::string body(8 * 1024, 'x');
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(post("Content-Length: 8192\r\n", body)));
    EXPECT_EQ(client.read_response().status, 200);
  }
  const std::string larger(17 * 1024, 'x');
  ASSERT_TRUE(client.send(post("Content-Length: 17408\r\n", larger)));
  EXPECT_EQ(client.read_response().status, 503);
}

TEST(Server, AnAnnouncedLengthTakesNoMemory) {
  Site site(echo, {.body_bytes_max = 2'000'000'000, .buffer_bytes_max = 1'000'000});
  TestClient client(site.port());
  ASSERT_TRUE(client.send(post("Expect: 100-continue\r\nContent-Length: 1999999999\r\n")));
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(site.server->stats().buffer_bytes, 0u);
}

TEST(Server, AConnectionEndsAfterItsRequests) {
  Site site(echo, {.requests_per_connection_max = 3});
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/1") + get("/2") + get("/3") + get("/4")));
  EXPECT_FALSE(client.read_response().has("Connection: close"));
  EXPECT_FALSE(client.read_response().has("Connection: close"));
  const RawResponse last = client.read_response();
  EXPECT_EQ(last.body, "GET /3 ");
  EXPECT_TRUE(last.has("Connection: close"));
  EXPECT_TRUE(client.at_end());
}

// Small requests in one piece do not nest, nor is what waits copied for each of them.
TEST(Server, ManyPipelinedRequestsInOnePiece) {
  constexpr int requests = 20'000;
  Site site(echo, {.requests_per_connection_max = requests});
  TestClient client(site.port());
  std::string all;
  for (int i = 0; i < requests; ++i) all += get("/");
  std::jthread sending([&] { EXPECT_TRUE(client.send(all)); });
  for (int i = 0; i < requests; ++i) ASSERT_EQ(client.read_response().body, "GET / ");
}

TEST(Server, CountsWhatItDoes) {
  Site site(echo, {.threads = 2,
                   .header_bytes_max = 1000,
                   .body_bytes_max = 1000,
                   .header_wait = milliseconds(50),
                   .connections_max = 7});
  const std::string bad = "nonsense\r\n\r\n";
  const std::string slow = "GET /";
  const std::string long_header = "GET / HTTP/1.1\r\nX: " + std::string(2000, 'x');
  const std::string large = post("Content-Length: 1001\r\n");
  const std::string good = get("/");
  std::size_t sent = 0;
  std::size_t received = 0;
  std::vector<std::unique_ptr<TestClient>> clients;
  for (const std::string& request : {bad, bad, slow, long_header, large, good, good}) {
    auto& client = clients.emplace_back(std::make_unique<TestClient>(site.port()));
    ASSERT_TRUE(client->send(request));
    const RawResponse response = client->read_response();
    sent += request.size();
    received += response.head.size() + response.body.size();
  }
  TestClient refused(site.port());
  const RawResponse response = refused.read_response();
  EXPECT_EQ(response.status, 503);
  received += response.head.size() + response.body.size();

  EXPECT_EQ(site.server->stats().connections_open, 8u);
  site.server->stop(milliseconds(0));  // so that it has counted all
  const ServerStats stats = site.server->stats();
  EXPECT_EQ(stats.connections_open, 0u);
  EXPECT_EQ(stats.connections_total, 8u);
  EXPECT_EQ(stats.refused_connections, 1u);
  EXPECT_EQ(stats.requests_total, 2u);
  EXPECT_EQ(stats.bytes_in, sent);
  EXPECT_EQ(stats.bytes_out, received);
  EXPECT_EQ(stats.errors_400, 2u);
  EXPECT_EQ(stats.errors_408, 1u);
  EXPECT_EQ(stats.errors_413, 1u);
  EXPECT_EQ(stats.errors_431, 1u);
  EXPECT_EQ(stats.errors_503, 1u);
  EXPECT_EQ(stats.buffer_bytes, 0u);
}

TEST(Server, SlowHeadersAndBodiesEndIn408) {
  ServerOptions options;
  options.header_wait = milliseconds(50);
  options.body_wait = milliseconds(50);
  Site site(echo, options);
  for (const std::string& begun :
       {std::string("GET / HT"), std::string("GET / HTTP/1.1\r\nHost:"),
        post("Content-Length: 5\r\n", "he"), post("Transfer-Encoding: chunked\r\n", "5\r\nhe")}) {
    TestClient client(site.port());
    ASSERT_TRUE(client.send(begun));
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.status, 408) << begun;
    EXPECT_TRUE(response.has("Connection: close")) << response.head;
    EXPECT_TRUE(client.at_end());
  }
}

TEST(Server, IdleConnectionsAreClosedWithoutAWord) {
  Site site(echo, {.idle_wait = milliseconds(200)});
  TestClient fresh(site.port());
  EXPECT_TRUE(fresh.at_end());
  TestClient used(site.port());
  ASSERT_TRUE(used.send(get("/")));
  EXPECT_EQ(used.read_response().status, 200);
  EXPECT_TRUE(used.at_end());
}

TEST(Server, AClientThatDoesNotReadIsCutOff) {
  std::promise<void> answered;
  Site site(
      [&answered](const http::Request&, Responder responder) {
        responder.send(text(std::string(50'000'000, 'x')));
        answered.set_value();
      },
      {.write_wait = milliseconds(50)});
  TestClient client(site.port(), 4096);
  ASSERT_TRUE(client.send(get("/")));
  answered.get_future().wait();
  site.server->stop(std::chrono::seconds(10));  // returns when the connection is gone
  EXPECT_LT(client.read_response().body.size(), 50'000'000u);
}

// Its end of the connection is readable all the time, and must not be taken for writable.
TEST(Server, AClientThatHasFinishedSendingAndDoesNotReadIsCutOff) {
  Site site([](const http::Request&,
               Responder responder) { responder.send(text(std::string(50'000'000, 'x'))); },
            {.write_wait = milliseconds(50)});
  TestClient client(site.port(), 4096);
  ASSERT_TRUE(client.send(get("/")));
  client.finish();
  while (site.server->stats().requests_total == 0 || site.server->stats().connections_open > 0)
    std::this_thread::yield();
  EXPECT_LT(client.read_response().body.size(), 50'000'000u);
}

TEST(Server, TooManyConnectionsAreTurnedAway) {
  Site site(echo, {.connections_max = 1});
  std::optional<TestClient> first(site.port());
  ASSERT_TRUE(first->send(get("/")));
  EXPECT_EQ(first->read_response().status, 200);

  TestClient second(site.port());
  const RawResponse refused = second.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Connection: close"));
  EXPECT_TRUE(second.at_end());
  second.close();

  first.reset();
  int status = 503;  // until the server has seen both go
  while (status == 503) {
    TestClient next(site.port());
    if (next.send(get("/"))) status = next.read_response().status;
  }
  EXPECT_EQ(status, 200);
}

TEST(Server, AnswersFromAnotherThread) {
  std::promise<Responder> waiting;
  Site site([&waiting](const http::Request&, Responder responder) {
    waiting.set_value(std::move(responder));
  });
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/")));
  waiting.get_future().get().send(text("later"));
  EXPECT_EQ(client.read_response().body, "later");
}

// On several loops, pipelined requests among them, and two that were or cannot be answered.
TEST(Server, AnswersManyTogether) {
  constexpr std::size_t clients_count = 6;
  std::mutex mutex;
  std::vector<Answer> waiting;
  std::promise<std::vector<Answer>> all;
  Site site(
      [&](const http::Request& request, Responder responder) {
        const std::string target(request.target);
        if (target == "/second") return responder.send(text(target));
        const std::lock_guard lock(mutex);
        waiting.push_back({std::move(responder), text(target)});
        if (waiting.size() == clients_count) all.set_value(std::move(waiting));
      },
      {.threads = 3});
  std::vector<std::unique_ptr<TestClient>> clients;
  for (std::size_t i = 0; i < clients_count; ++i) {
    clients.push_back(std::make_unique<TestClient>(site.port()));
    ASSERT_TRUE(clients[i]->send(get("/" + std::to_string(i)) + get("/second")));
  }
  std::vector<Answer> answers = all.get_future().get();
  const auto gone =
      std::ranges::find(answers, "/0", [](const Answer& a) { return a.response.body; });
  ASSERT_NE(gone, answers.end());
  gone->responder.send(text("before"));
  clients.back().reset();
  send_all(std::move(answers));

  EXPECT_EQ(clients[0]->read_response().body, "before");
  EXPECT_EQ(clients[0]->read_response().body, "/second");
  for (std::size_t i = 1; i + 1 < clients_count; ++i) {
    EXPECT_EQ(clients[i]->read_response().body, "/" + std::to_string(i));
    EXPECT_EQ(clients[i]->read_response().body, "/second");
  }
}

TEST(Server, AResponderThatIsDroppedAnswers500) {
  Site site([](const http::Request&, Responder) {});
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/")));
  EXPECT_EQ(client.read_response().status, 500);
}

TEST(Server, OnlyTheFirstAnswerCounts) {
  Site site([](const http::Request&, Responder responder) {
    responder.send(text("first"));
    responder.send(text("second"));
  });
  TestClient client(site.port());
  ASSERT_TRUE(client.send(get("/") + get("/")));
  EXPECT_EQ(client.read_response().body, "first");
  EXPECT_EQ(client.read_response().body, "first");
}

TEST(Server, AnAnswerAfterTheConnectionOrTheServerIsGoneIsDropped) {
  std::promise<Responder> waiting;
  std::optional<Site> site;
  site.emplace([&waiting](const http::Request&, Responder responder) {
    waiting.set_value(std::move(responder));
  });
  {
    TestClient client(site->port());
    ASSERT_TRUE(client.send(get("/")));
  }
  Responder responder = waiting.get_future().get();
  site->server->stop(milliseconds(0));
  site.reset();
  responder.send(text("nobody there"));
}

TEST(Server, AnAnswerMayBeHeldBackWithWhatFollowsIt) {
  constexpr Duration delay = milliseconds(60);
  std::atomic<int> handled = 0;
  Site site([&](const http::Request& request, Responder responder) {
    http::Response response = text(std::string(request.target));
    if (++handled == 1) response.delay = delay;
    responder.send(std::move(response));
  });
  TestClient client(site.port());
  TestClient other(site.port());
  const auto asked = std::chrono::steady_clock::now();
  ASSERT_TRUE(client.send(get("/held") + get("/behind")));
  const RawResponse held = client.read_response();
  EXPECT_GE(std::chrono::steady_clock::now() - asked, delay);
  EXPECT_EQ(held.body, "/held");
  EXPECT_EQ(client.read_response().body, "/behind");
  ASSERT_TRUE(other.send(get("/other")));
  EXPECT_EQ(other.read_response().body, "/other");
}

TEST(Server, ManyThreadsShareThePort) {
  Site site(echo, {.threads = 3});
  std::atomic<int> answered = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&site, &answered] {
      for (int j = 0; j < 10; ++j) {
        TestClient client(site.port());
        if (client.send(get("/a") + get("/b")) && client.read_response().body == "GET /a " &&
            client.read_response().body == "GET /b ") {
          ++answered;
        }
      }
    });
  }
  clients.clear();
  EXPECT_EQ(answered, 80);
}

TEST(Server, AnAddressThatCannotBeBoundIsNamed) {
  Site site(echo, {.threads = 2});
  for (const unsigned threads : {1u, 2u}) {
    const auto second = Server::start({.port = site.port(), .threads = threads}, site.answers);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Error::Code::invalid);
    EXPECT_NE(second.error().what.find("127.0.0.1 port " + std::to_string(site.port())),
              std::string::npos)
        << second.error().what;
  }
  const auto no_address = Server::start({.address = "nowhere"}, site.answers);
  ASSERT_FALSE(no_address);
  EXPECT_EQ(no_address.error().what, "listen on nowhere: not an IP address");
}

}  // namespace
}  // namespace lvp::net
