// One connection after its upgrade to a WebSocket (RFC 6455), without extensions.
//
// Texts that go to many sockets are shared: each socket adds only its frame header and gives header
// and text to the system as they are, several frames at once. A slow client fills its own queue and
// then hears nothing; nobody else waits for it.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/channel.h"
#include "net/frames.h"
#include "net/loop.h"

namespace lvp::net {

class WebSocket final : public Session, public std::enable_shared_from_this<WebSocket> {
 public:
  WebSocket(Loop& loop, Channel channel, SocketHandler& handler);
  ~WebSocket() override;

  /// Sends the handshake's answer and begins; `bytes` came after the request.
  void start(const http::Request& request, std::string answer, std::string_view bytes);

  void on_readable() override;
  void on_writable() override;
  void expired() override;
  void stop() override;
  void abort() override { end(); }

 private:
  class End;  // what the domain holds of it

  // closing: a close frame is on its way, the other end's is awaited (or was its cause).
  // failed: the same after an error; nothing that arrives is looked at any more.
  enum class State { open, closing, failed, closed };

  struct Frame {
    FrameHeader header;
    std::shared_ptr<const std::string> payload;
    bool queued = false;  // counts in the End's queue
  };

  void consume(std::string_view bytes);
  void on_message(const Message& message);
  void push(Opcode opcode, std::string payload);
  void leave(CloseCode code);
  void fail(CloseCode code);
  void drop_unsent();
  void flush();
  bool write();
  bool on_empty();
  void on_written(std::size_t bytes);
  void wait_writable();
  void end();

  Channel channel_;
  SocketHandler& handler_;
  std::shared_ptr<End> end_;
  FrameReader reader_;
  State state_ = State::open;
  bool close_received_ = false;
  unsigned silent_pings_ = 0;   // sent since anything arrived
  std::size_t discarded_ = 0;   // bytes, after a failure
  std::deque<Frame> out_;       // the next to be written
  std::size_t front_sent_ = 0;  // bytes of the first frame that are out
  bool waits_writable_ = false;
  bool flushing_ = false;
  std::vector<asio::const_buffer> buffers_;
};

}  // namespace lvp::net
