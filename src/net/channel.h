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
  /// Without `tls` the bytes go as they are.
  Channel(Loop& loop, TcpSocket socket, std::unique_ptr<TlsSession> tls);
  ~Channel();
  Channel(Channel&&) noexcept;

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

  /// Calls once, with an error if the channel was closed meanwhile.
  template <class Function>
  void when_readable(Function function) {
    const auto what = reads_by_writing() ? TcpSocket::wait_write : TcpSocket::wait_read;
    socket_.async_wait(what, std::move(function));
  }
  template <class Function>
  void when_writable(Function function) {
    socket_.async_wait(TcpSocket::wait_write, std::move(function));
  }

  void finish();  ///< says that nothing will follow; what is read after it has no meaning
  void close();

 private:
  std::string_view read_tls(ErrorCode& error);
  std::size_t write_tls(std::span<const asio::const_buffer> buffers, ErrorCode& error);
  void flush(ErrorCode& error);
  void say_end();
  bool reads_by_writing() const;

  Loop& loop_;
  TcpSocket socket_;
  std::unique_ptr<TlsSession> tls_;  // nullptr: plain
  bool finished_ = false;
};

}  // namespace lvp::net
