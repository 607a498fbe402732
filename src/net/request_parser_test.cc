#include "net/request_parser.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace lvp::net {
namespace {

using State = RequestParser::State;

constexpr RequestParser::Limits limits{.header_bytes_max = 200, .body_bytes_max = 20};

// Feeds pieces of `piece` bytes until the parser is done or has failed. Returns the bytes taken.
std::size_t feed(RequestParser& parser, std::string_view bytes, std::size_t piece) {
  std::size_t taken = 0;
  while (taken < bytes.size() && parser.state() != State::done && parser.state() != State::failed) {
    taken += parser.take(bytes.substr(taken, piece));
  }
  return taken;
}

TEST(RequestParser, OneRequestInAnyPieces) {
  const struct {
    std::string text;
    std::string_view method, target, body;
    std::size_t headers;
  } rows[] = {
      {"GET /i?e=pv HTTP/1.1\r\nHost: a\r\nX-Empty:\r\ncookie:  b \r\n\r\n", "GET", "/i?e=pv", "",
       3},
      {"\r\n\r\nGET / HTTP/1.0\r\n\r\n", "GET", "/", "", 0},
      {"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "POST", "/p", "hello", 2},
      {"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST", "/p", "", 2},
      {"PUT /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
       "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: t\r\n\r\n",
       "PUT", "/p", "hello", 2},
      {"PUT /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "PUT", "/p", "",
       2},
  };
  RequestParser parser(limits);
  for (const auto& row : rows) {
    for (std::size_t piece = 1; piece <= row.text.size() + 3; ++piece) {
      EXPECT_EQ(feed(parser, row.text + "GET", piece), row.text.size()) << row.text << piece;
      ASSERT_EQ(parser.state(), State::done) << row.text << piece;
      const http::Request request = parser.request();
      EXPECT_EQ(request.method, row.method);
      EXPECT_EQ(request.target, row.target);
      EXPECT_EQ(request.body, row.body);
      EXPECT_EQ(request.headers.size(), row.headers);
      parser.reset();
    }
  }
}

TEST(RequestParser, HeadersInOrderWithNamesAsReceived) {
  RequestParser parser(limits);
  feed(parser, "GET / HTTP/1.1\r\nhOST: a\r\nX-Empty:\r\ncookie:  b \r\ncookie: c\r\n\r\n", 1000);
  const http::Request request = parser.request();
  ASSERT_EQ(request.headers.size(), 4u);
  EXPECT_EQ(request.headers[0].name, "hOST");
  EXPECT_EQ(request.headers[1].value, "");
  EXPECT_TRUE(request.has_header("X-Empty"));
  EXPECT_EQ(request.headers[2].value, "b");
  EXPECT_EQ(request.headers[3].value, "c");
}

TEST(RequestParser, Failures) {
  const std::string start = "POST / HTTP/1.1\r\nHost: a\r\n";
  const struct {
    std::string text;
    int status;
  } rows[] = {
      {"\x16\x03\x01\x02", 400},
      {"GET / HTTP/2.0\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {start + "Host: b\r\n\r\n", 400},
      {start + "Bad Name: b\r\n\r\n", 400},
      {start + "Folded: a\r\n b\r\n\r\n", 400},
      {start + "Content-Length: x\r\n\r\n", 400},
      {start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {start + "Transfer-Encoding: gzip\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked, gzip\r\n\r\n", 400},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n", 400},
      {start + "Content-Length: 21\r\n\r\n", 413},
      {start + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {start + "Transfer-Encoding: chunked\r\n\r\n15\r\nx", 413},
      {start + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\nb\r\n", 413},
      {start + "X: " + std::string(200, 'x'), 431},
      {"GET /" + std::string(200, 'x'), 431},
      {start + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(300, 'x'), 431},
      {start + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(300, 'x'), 431},
  };
  for (const auto& row : rows) {
    for (const std::size_t piece : {1, 10, 1000}) {
      RequestParser parser(limits);
      feed(parser, row.text, piece);
      EXPECT_EQ(parser.state(), State::failed) << row.text << piece;
      EXPECT_EQ(parser.error_status(), row.status) << row.text << piece;
    }
  }
}

// Breaks chunked requests at random (with a fixed seed): whatever comes of one in one piece comes
// of it in many.
TEST(RequestParser, PiecesDoNotMatterToBrokenRequestsEither) {
  const std::string whole =
      "PUT /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: t\r\n\r\n";
  constexpr std::string_view bytes("\r\n\r\n\r\n :;0123fx\0\xff", 18);
  std::mt19937 random(1);
  const auto below = [&random](std::size_t end) { return random() % end; };
  for (int round = 0; round < 20'000; ++round) {
    std::string text = whole;
    for (std::size_t change = below(4); change < 4; ++change) {
      const std::size_t at = below(text.size());
      if (below(2) == 0) text.erase(at, below(3));
      if (below(2) == 0) text.insert(at, 1, bytes[below(bytes.size())]);
    }
    RequestParser at_once(limits);
    const std::size_t taken = feed(at_once, text, text.size());
    RequestParser in_pieces(limits);
    const std::size_t taken_in_pieces = feed(in_pieces, text, 1 + below(9));
    EXPECT_EQ(at_once.state() == State::done, in_pieces.state() == State::done) << text;
    if (at_once.state() != State::done) continue;
    EXPECT_EQ(taken, taken_in_pieces) << text;
    EXPECT_EQ(at_once.request().body, in_pieces.request().body) << text;
  }
}

TEST(RequestParser, AHeaderOfExactlyTheLimitPasses) {
  const std::string start = "GET / HTTP/1.1\r\nHost: ";
  for (const std::size_t size : {199, 200, 201}) {
    const std::string text = start + std::string(size - start.size() - 4, 'h') + "\r\n\r\n";
    RequestParser parser(limits);
    feed(parser, text, 1000);
    EXPECT_EQ(parser.state(), size <= 200 ? State::done : State::failed) << size;
  }
}

TEST(RequestParser, KnowsWhatWasUnderstoodBeforeAFailure) {
  RequestParser parser(limits);
  feed(parser, "POST /p HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nContent-Length: 21\r\n\r\n", 1000);
  EXPECT_EQ(parser.request().target, "/p");
  EXPECT_EQ(parser.request().header("Origin"), "o");
}

TEST(RequestParser, Persistence) {
  const struct {
    std::string_view text;
    bool keep_alive;
  } rows[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
      {"GET / HTTP/1.0\r\n\r\n", false},
      {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
  };
  for (const auto& row : rows) {
    RequestParser parser(limits);
    feed(parser, row.text, 1000);
    EXPECT_EQ(parser.keep_alive(), row.keep_alive) << row.text;
  }
}

TEST(RequestParser, AwaitsContinueOnlyBeforeTheBody) {
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  RequestParser parser(limits);
  feed(parser, head, 1000);
  EXPECT_TRUE(parser.awaits_continue());
  feed(parser, "a", 1);
  EXPECT_FALSE(parser.awaits_continue());
  parser.reset();
  feed(parser, head + "ab", 1000);
  EXPECT_FALSE(parser.awaits_continue());
}

TEST(RequestParser, AsksForAWebsocket) {
  const auto asks = [](std::string_view headers) {
    RequestParser parser(limits);
    feed(parser, "GET / HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n", 1000);
    return parser.asks_for_websocket();
  };
  EXPECT_TRUE(asks("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"));
  EXPECT_FALSE(asks("Connection: Upgrade\r\nUpgrade: h2c\r\n"));
  EXPECT_FALSE(asks("Upgrade: websocket\r\n"));
}

TEST(RequestParser, NeverTakesMoreThanItIsGiven) {
  const std::string_view bytes = "GET / HT2TP/1.1\r\nHost: c\r\n\r\nGET / HTTP/1.1\r\n";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    RequestParser parser(RequestParser::Limits{.header_bytes_max = 1000, .body_bytes_max = 1000});
    std::string_view rest = bytes;
    while (parser.state() != RequestParser::State::failed) {
      ASSERT_FALSE(rest.empty()) << piece;
      const std::size_t given = std::min(piece, rest.size());
      const std::size_t taken = parser.take(rest.substr(0, given));
      ASSERT_LE(taken, given) << piece;
      rest.remove_prefix(taken);
    }
    EXPECT_EQ(parser.error_status(), 400) << piece;
  }
}

}  // namespace
}  // namespace lvp::net
