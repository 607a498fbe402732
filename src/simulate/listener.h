// A WebSocket client (RFC 6455) that only listens: for /live.
//
//   frame = FIN(1) RSV(3) opcode(4) MASK(1) length(7) [length16 | length64] payload
//
// A server's frames are not masked; the pongs that answer its pings are.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "net/sender.h"

namespace lvp::simulate {

class Listener {
 public:
  using OnText = std::function<Status(std::string_view text)>;

  /// Connects to `path`; with a token it says so. Error::unavailable if that takes more than ten
  /// seconds, Error::invalid if the server does not want to.
  static Result<std::unique_ptr<Listener>> connect(const net::Address& address,
                                                   std::string_view path, std::string_view token);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Gives what has come, without waiting. Error::unavailable if the other end has closed, or what
  /// `on_text` returned.
  Status poll(const OnText& on_text);
  /// For ::poll(): readable when something has come.
  int descriptor() const { return socket_; }

 private:
  Listener(int socket, std::string received) : socket_(socket), received_(std::move(received)) {}

  Status take_frames(const OnText& on_text);
  Status take(unsigned opcode, bool is_final, std::string_view payload, const OnText& on_text);
  void pong(std::string_view payload);

  int socket_;
  std::string received_;
  std::string message_;  // the parts so far of one that comes in several frames
};

}  // namespace lvp::simulate
