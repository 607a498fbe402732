#include "net/channel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "net/tls.h"

namespace lvp::net {
namespace {

constexpr std::size_t buffers_max = 64;                 // in one call
constexpr std::size_t encrypted_bytes_max = 64 * 1024;  // by one write
constexpr std::size_t record_bytes = 16 * 1024;         // the most that TLS puts into one
// What a client may make us say without listening, e.g. by asking for new keys.
constexpr std::size_t unsent_bytes_max = 4 * encrypted_bytes_max;

}  // namespace

Channel::Channel(Loop& loop, int socket, std::unique_ptr<TlsSession> tls)
    : loop_(loop), socket_(socket), watch_(loop.watch(socket)), tls_(std::move(tls)) {
  // A connection that is already broken fails at its first read.
  const int on = 1;
  (void)setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Channel::~Channel() {
  release();
}

void Channel::release() {
  if (socket_ < 0) return;
  ::close(std::exchange(socket_, -1));
  watch_->wants_readable = watch_->wants_writable = false;
  loop_.retire(std::move(watch_));
}

Channel::Channel(Channel&& other) noexcept
    : loop_(other.loop_),
      socket_(std::exchange(other.socket_, -1)),
      watch_(std::move(other.watch_)),
      tls_(std::move(other.tls_)),
      finished_(other.finished_) {}

void Channel::when_readable() {
  if (socket_ < 0) return;
  if (reads_by_writing()) return when_writable();
  watch_->wants_readable = true;
  if (watch_->may_have_more || watch_->has_ended) loop_.watch_again(socket_, *watch_);
}

void Channel::when_writable() {
  if (socket_ < 0) return;
  watch_->wants_writable = true;
  loop_.watch_again(socket_, *watch_);
}

std::size_t Channel::receive(std::span<char> room, ErrorCode& error) {
  const ssize_t size = ::recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
  watch_->may_have_more = size == static_cast<ssize_t>(room.size());
  if (size > 0) {
    error = {};
    return static_cast<std::size_t>(size);
  }
  error =
      size == 0 ? ErrorCode(asio::error::eof) : ErrorCode(errno, boost::system::system_category());
  return 0;
}

std::size_t Channel::send(std::span<const asio::const_buffer> buffers, ErrorCode& error) {
  ssize_t size = 0;
  constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (buffers.size() == 1) {  // costs the system less than a list of one
    size = ::send(socket_, buffers.front().data(), buffers.front().size(), flags);
  } else {
    std::array<iovec, buffers_max> parts;
    msghdr message{};
    message.msg_iov = parts.data();
    for (const asio::const_buffer& buffer : buffers.first(std::min(buffers.size(), parts.size())))
      parts[message.msg_iovlen++] = {const_cast<void*>(buffer.data()), buffer.size()};
    size = ::sendmsg(socket_, &message, flags);
  }
  error = size < 0 ? ErrorCode(errno, boost::system::system_category()) : ErrorCode();
  return static_cast<std::size_t>(std::max<ssize_t>(size, 0));
}

bool Channel::established() const {
  return !tls_ || tls_->established();
}

bool Channel::holds_bytes() const {
  return tls_ && !tls_->unsent().empty();
}

// The client waits for the rest of our part of the handshake.
bool Channel::reads_by_writing() const {
  return !established() && holds_bytes();
}

std::string_view Channel::read(ErrorCode& error) {
  if (tls_ && !finished_) return read_tls(error);
  const std::size_t size = receive(loop_.scratch, error);
  loop_.counts().add(Count::bytes_in, size);
  return {loop_.scratch.data(), size};
}

std::string_view Channel::read_tls(ErrorCode& error) {
  if (tls_->ended()) {
    error = asio::error::eof;
    return {};
  }
  flush(error);
  if (error && (error != asio::error::would_block || reads_by_writing())) return {};
  const std::size_t size = receive(loop_.encrypted, error);
  if (error) return {};
  loop_.counts().add(Count::bytes_in, size);

  const auto said = tls_->receive({loop_.encrypted.data(), size}, loop_.scratch);
  ErrorCode ignored;  // met again by whoever writes next
  flush(ignored);
  if (!said || tls_->unsent().size() > unsent_bytes_max) {
    loop_.counts().add(Count::tls_failures);
    error = asio::error::connection_aborted;
    return {};
  }
  if (said->empty()) error = tls_->ended() ? ErrorCode(asio::error::eof) : asio::error::would_block;
  return *said;
}

std::size_t Channel::write(std::span<const asio::const_buffer> buffers, ErrorCode& error) {
  if (tls_) return write_tls(buffers, error);
  const std::size_t size = send(buffers, error);
  loop_.counts().add(Count::bytes_out, size);
  return size;
}

std::size_t Channel::write_tls(std::span<const asio::const_buffer> buffers, ErrorCode& error) {
  flush(error);
  if (error) return 0;
  // Gathered, so that a short answer's head and body are one record.
  std::array<char, record_bytes> record;
  std::size_t filled = 0;
  std::size_t taken = 0;
  for (asio::const_buffer buffer : buffers) {
    while (buffer.size() > 0 && taken < encrypted_bytes_max) {
      const std::size_t size = std::min(buffer.size(), record.size() - filled);
      std::copy_n(static_cast<const char*>(buffer.data()), size, record.data() + filled);
      filled += size;
      taken += size;
      buffer += size;
      if (filled == record.size()) tls_->send({record.data(), std::exchange(filled, 0)});
    }
  }
  if (filled > 0) tls_->send({record.data(), filled});
  flush(error);
  return taken;
}

// Error would_block if some is left.
void Channel::flush(ErrorCode& error) {
  error = {};
  while (!error && !tls_->unsent().empty()) {
    const asio::const_buffer unsent = asio::buffer(tls_->unsent());
    const std::size_t size = send({&unsent, 1}, error);
    loop_.counts().add(Count::bytes_out, size);
    tls_->sent(size);
  }
}

void Channel::finish() {
  say_end();
  (void)::shutdown(socket_, SHUT_WR);
}

void Channel::say_end() {
  if (std::exchange(finished_, true) || !tls_) return;
  ErrorCode ignored;
  tls_->finish();
  flush(ignored);
}

void Channel::close() {
  if (socket_ < 0) return;
  say_end();
  release();
}

}  // namespace lvp::net
