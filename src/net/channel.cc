#include "net/channel.h"

#include <algorithm>
#include <array>

#include "net/tls.h"

namespace lvp::net {
namespace {

constexpr std::size_t encrypted_bytes_max = 64 * 1024;  // by one write
constexpr std::size_t record_bytes = 16 * 1024;         // the most that TLS puts into one
// What a client may make us say without listening, e.g. by asking for new keys.
constexpr std::size_t unsent_bytes_max = 4 * encrypted_bytes_max;

}  // namespace

Channel::Channel(Loop& loop, TcpSocket socket, std::unique_ptr<TlsSession> tls)
    : loop_(loop), socket_(std::move(socket)), tls_(std::move(tls)) {
  ErrorCode ignored;  // a connection that is already broken fails at its first read
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

Channel::~Channel() = default;
Channel::Channel(Channel&&) noexcept = default;

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
  const std::size_t size = socket_.read_some(asio::buffer(loop_.scratch), error);
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
  const std::size_t size = socket_.read_some(asio::buffer(loop_.encrypted), error);
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
  // One buffer costs the system less than a list of one.
  const std::size_t size = buffers.size() == 1 ? socket_.write_some(buffers.front(), error)
                                               : socket_.write_some(buffers, error);
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
    const std::size_t size = socket_.write_some(asio::buffer(tls_->unsent()), error);
    loop_.counts().add(Count::bytes_out, size);
    tls_->sent(size);
  }
}

void Channel::finish() {
  say_end();
  ErrorCode ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
}

void Channel::say_end() {
  if (std::exchange(finished_, true) || !tls_) return;
  ErrorCode ignored;
  tls_->finish();
  flush(ignored);
}

void Channel::close() {
  say_end();
  ErrorCode ignored;
  socket_.close(ignored);
}

}  // namespace lvp::net
