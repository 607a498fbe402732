// One connection while it speaks HTTP: reads a request, has it answered, writes the answer, and so
// on, one at a time; pipelined requests wait in their order.
//
//   reading ──► answering ──► writing ──► reading …
//      └──────────(error)────────▲ └────► lingering ──► closed
//
// Lingering: the answer is out and our half closed, but the other end may still be sending. What it
// sends is read and dropped, within limits; closing at once would reset the connection, and the
// answer would be lost on its way.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "net/loop.h"
#include "net/request_parser.h"

namespace lvp::net {

class Connection final : public Session, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, tcp::socket socket, std::string peer);

  void start();   ///< reads the first request
  void refuse();  ///< answers 503 and closes

  /// The answer to the request that was handed out. Nothing happens if the connection is closed.
  void answer(http::Response response);

  void expired() override;
  void stop() override;
  void abort() override { close(); }

 private:
  enum class State { reading, answering, writing, lingering, closed };

  http::Request request() const;
  void read_next();  // the next request, of which bytes may be here
  void read();
  void on_readable();
  void consume(std::string_view bytes);
  void send_continue();
  void handle();
  void upgrade(SocketHandler& handler, const http::Request& request);
  void fail(int status);
  void fail(http::Response response);
  void on_written(const ErrorCode& error);
  void linger();
  void drain(std::size_t bytes);
  void close();

  tcp::socket socket_;
  std::string peer_;
  RequestParser parser_;
  State state_ = State::reading;
  bool waits_readable_ = false;
  bool closing_ = false;   // after the answer that is being written
  std::string rest_;       // bytes after the request that is being answered
  std::string head_;       // of the answer
  http::Response answer_;  // keeps the body alive
  std::size_t drained_ = 0;
};

}  // namespace lvp::net
