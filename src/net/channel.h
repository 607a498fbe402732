// The bytes of one connection, as they are or inside TLS. Never waits: what cannot be done at once
// is done when the socket is ready.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "net/loop.h"

namespace lvp::net {

class TlsSession;

class Channel {
 public:
  /// Owns the socket. Without `tls` the bytes go as they are.
  Channel(Loop& loop, int socket, std::unique_ptr<TlsSession> tls);
  ~Channel();
  Channel(Channel&& other) noexcept;

  /// Whom it tells from now on. At the latest before the first wait.
  void belongs_to(Session& session) { watch_->session = &session; }

  /// False as long as a TLS handshake is under way: reading moves it.
  bool established() const;

  /// What has arrived, good until the loop's next call of anything. Error would_block if it is not
  /// here yet, eof if no more will come.
  std::string_view read(ErrorCode& error);

  /// Takes bytes from the front of `buffers`, as many as possible, and returns how many. Error
  /// would_block if it must be called again when writable: also with nothing left, because TLS may
  /// hold what it has taken.
  std::size_t write(std::span<const asio::const_buffer> buffers, ErrorCode& error);

  /// TLS has taken bytes that are not out yet.
  bool holds_bytes() const;

  /// Session::on_readable() is called once, from the loop; not after close().
  void when_readable();
  void when_writable();  ///< the same of on_writable()

  void finish();  ///< says that nothing will follow; what is read after it has no meaning
  void close();

 private:
  std::size_t receive(std::span<char> room, ErrorCode& error);
  std::size_t send(std::span<const asio::const_buffer> buffers, ErrorCode& error);
  std::string_view read_tls(ErrorCode& error);
  std::size_t write_tls(std::span<const asio::const_buffer> buffers, ErrorCode& error);
  void flush(ErrorCode& error);
  void say_end();
  void release();
  bool reads_by_writing() const;

  Loop& loop_;
  int socket_;  // negative: closed, or moved from
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<TlsSession> tls_;  // nullptr: plain
  bool finished_ = false;
};

}  // namespace lvp::net
