// One connection while it speaks HTTP: reads a request, has it answered, writes the answer, and so
// on, one at a time; pipelined requests wait in their order.
//
//   opening ──► reading ──► answering ──► (delaying) ──► writing ──► reading …
//                  └──────────────(error)───────────────────▲ └────► lingering ──► closed
//
// Opening: the TLS handshake, if there is one. Lingering: the answer is out and our half closed,
// but the other end may still be sending. What it sends is read and dropped, within limits; closing
// at once would reset the connection, and the answer would be lost on its way.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/channel.h"
#include "net/loop.h"
#include "net/request_parser.h"

namespace lvp::net {

/// Is itself what Responders speak to: they keep its memory and the loop's, not its socket.
class Connection final : public Session,
                         public Responder::Exchange,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Loop> loop, Channel channel, std::string peer);

  /// Reads the first request, or answers 503 and closes.
  void start(bool refused);

  /// The answer to the request that was handed out, from any thread. Nothing happens if the
  /// connection is closed.
  void send(http::Response response) override;
  void put(http::Response response) override;
  void wake() override { loop_.wake(); }
  void answer(http::Response response);  ///< the same, on the loop's thread

  void on_readable() override;
  void on_writable() override;
  void expired() override;
  void stop() override;
  void abort() override { close(); }

 private:
  enum class State { opening, reading, answering, delaying, writing, lingering, closed };

  // Bytes after the request that is being answered.
  struct Rest {
    std::string bytes;
    std::size_t used = 0;

    std::string_view view() const { return std::string_view(bytes).substr(used); }
    bool empty() const { return used == bytes.size(); }
    void clear();
  };

  void open();
  void read_next();  // the next request, of which bytes may be here
  void take_rest();
  void read();
  void read_some();
  void on_bytes(std::string_view bytes);
  void go_on(RequestParser::State before);
  bool count_buffers();
  void release();
  void send_continue();
  void handle();
  void upgrade(SocketHandler& handler);
  void fail(int status);
  void fail(http::Response response);
  void begin_answer(http::Response response);
  void begin_writing();
  void write();
  void on_written();
  void linger();
  void drain(std::size_t bytes);
  void close();

  const http::Request& request();

  const std::shared_ptr<Loop> kept_loop_;  // by Responders, through us
  Channel channel_;
  std::string peer_;
  RequestParser parser_;
  State state_ = State::opening;
  bool refused_ = false;
  bool handing_out_ = false;  // the handler is looking at the request
  bool answered_ = false;     // meanwhile
  bool closing_ = false;      // after the answer that is being written
  std::uint64_t requests_ = 0;
  std::size_t buffered_ = 0;  // bytes of ours in the server's count
  http::Request request_;     // keeps its room
  Rest rest_;
  std::string head_;       // of the answer
  http::Response answer_;  // keeps its body alive
  std::string_view body_;  // of the answer, as it is sent
  std::size_t written_ = 0;
  std::size_t drained_ = 0;
};

}  // namespace lvp::net
