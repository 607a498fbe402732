#include "net/connection.h"

#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "net/handshake.h"
#include "net/response_text.h"
#include "net/websocket.h"

namespace lvp::net {
namespace {

constexpr Duration linger_wait = std::chrono::seconds(10);
constexpr std::size_t linger_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t piece_bytes = 256 * 1024;  // handed to the system at once
constexpr std::string_view continue_text = "HTTP/1.1 100 Continue\r\n\r\n";

// Speaks to the connection of one request from any thread. It keeps the loop alive but not the
// connection, which must go on its own thread.
class ConnectionExchange final : public Responder::Exchange {
 public:
  ConnectionExchange(std::shared_ptr<Loop> loop, std::weak_ptr<Connection> connection)
      : loop_(std::move(loop)), connection_(std::move(connection)) {}

  void send(http::Response response) override {
    asio::dispatch(loop_->context(),
                   [connection = std::move(connection_), response = std::move(response)]() mutable {
                     if (const auto open = connection.lock()) open->answer(std::move(response));
                   });
  }

 private:
  std::shared_ptr<Loop> loop_;
  std::weak_ptr<Connection> connection_;
};

RequestParser::Limits limits_of(const ServerOptions& options) {
  return {options.header_bytes_max, options.body_bytes_max};
}

}  // namespace

Connection::Connection(Loop& loop, tcp::socket socket, std::string peer)
    : Session(loop),
      socket_(std::move(socket)),
      peer_(std::move(peer)),
      parser_(limits_of(loop.shared().options)) {
  ErrorCode ignored;  // a connection that is already broken fails at its first read
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
}

void Connection::start() {
  read_next();
}

void Connection::refuse() {
  fail(503);
}

http::Request Connection::request() const {
  http::Request request = parser_.request();
  request.peer = peer_;
  return request;
}

void Connection::read_next() {
  state_ = State::reading;
  wait_for(loop_.shared().options.idle_wait);
  if (rest_.empty()) return read();
  const std::string bytes = std::exchange(rest_, {});
  consume(bytes);
}

void Connection::read() {
  if (waits_readable_) return;
  waits_readable_ = true;
  socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const ErrorCode& error) {
    self->waits_readable_ = false;
    if (error) return self->close();
    self->on_readable();
  });
}

void Connection::on_readable() {
  if (state_ != State::reading && state_ != State::lingering) return;
  ErrorCode error;
  const std::size_t bytes = socket_.read_some(asio::buffer(loop_.scratch), error);
  if (error == asio::error::would_block) return read();
  if (error) return close();
  if (state_ == State::lingering) return drain(bytes);
  consume({loop_.scratch.data(), bytes});
}

void Connection::consume(std::string_view bytes) {
  using enum RequestParser::State;
  const ServerOptions& options = loop_.shared().options;
  const RequestParser::State before = parser_.state();
  const std::size_t taken = parser_.take(bytes);
  switch (parser_.state()) {
    case empty:
      return read();
    case header:
      if (before == empty) wait_for(options.header_wait);
      return read();
    case body:
      if (before != body) wait_for(options.body_wait);
      if (before != body && parser_.awaits_continue()) return send_continue();
      return read();
    case done:
      rest_.assign(bytes.substr(taken));
      return handle();
    case failed:
      return fail(parser_.error_status());
  }
}

void Connection::send_continue() {
  // Nothing else is being written, so these few bytes fit into any send buffer.
  ErrorCode error;
  if (socket_.write_some(asio::buffer(continue_text), error) != continue_text.size()) {
    return close();
  }
  read();
}

void Connection::handle() {
  state_ = State::answering;
  wait_without_limit();
  Handler& handler = loop_.shared().handler;
  const http::Request asked = request();
  if (parser_.asks_for_websocket()) {
    if (SocketHandler* sockets = handler.upgrade(asked)) return upgrade(*sockets, asked);
  }
  handler.handle(asked, Responder(std::make_shared<ConnectionExchange>(loop_.shared_from_this(),
                                                                       weak_from_this())));
}

void Connection::upgrade(SocketHandler& handler, const http::Request& request) {
  if (loop_.stopping()) return fail(503);
  http::Response answer = websocket_answer(request);
  if (answer.status != 101) return fail(std::move(answer));
  const auto socket = std::make_shared<WebSocket>(loop_, std::move(socket_), handler);
  loop_.add(socket);
  const auto self = shared_from_this();
  state_ = State::closed;
  loop_.remove(this);
  socket->start(request, head_text(answer, {loop_.date(), "Upgrade"}), rest_);
}

void Connection::fail(int status) {
  fail(http::text_response(status, "text/plain", std::string(http::reason(status)) + "\n"));
}

// Answers by ourselves and closes, whatever else the other end has sent or will.
void Connection::fail(http::Response response) {
  response.close = true;
  if (const auto& on_error = loop_.shared().options.on_error) on_error(request(), response);
  state_ = State::answering;
  answer(std::move(response));
}

void Connection::answer(http::Response response) {
  if (state_ != State::answering) return;
  state_ = State::writing;
  closing_ = response.close || !parser_.keep_alive() || loop_.stopping();
  const bool promise = !closing_ && parser_.http_1_0();
  answer_ = std::move(response);
  head_ = head_text(answer_, {loop_.date(), closing_  ? std::string_view("close")
                                            : promise ? std::string_view("keep-alive")
                                                      : std::string_view()});
  const std::string_view body = parser_.is_head() ? std::string_view() : body_of(answer_);

  wait_for(loop_.shared().options.write_wait);
  asio::async_write(
      socket_, std::array{asio::buffer(std::as_const(head_)), asio::buffer(body)},
      [this](const ErrorCode& error, std::size_t) -> std::size_t {  // between pieces: it moves
        if (error || state_ != State::writing) return 0;
        wait_for(loop_.shared().options.write_wait);
        return piece_bytes;
      },
      [self = shared_from_this()](const ErrorCode& error, std::size_t) {
        self->on_written(error);
      });
}

void Connection::on_written(const ErrorCode& error) {
  if (state_ != State::writing) return;
  if (error) return close();
  answer_ = {};
  const bool read_all = parser_.state() == RequestParser::State::done && rest_.empty();
  if (closing_ || loop_.stopping()) return loop_.stopping() && read_all ? close() : linger();
  parser_.reset();
  read_next();
}

void Connection::linger() {
  ErrorCode ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  state_ = State::lingering;
  wait_for(linger_wait);
  read();
}

void Connection::drain(std::size_t bytes) {
  drained_ += bytes;
  if (drained_ > linger_bytes_max) return close();
  read();
}

void Connection::expired() {
  using enum RequestParser::State;
  const bool in_request = parser_.state() == header || parser_.state() == body;
  if (state_ == State::reading && in_request) return fail(408);
  close();
}

void Connection::stop() {
  using enum RequestParser::State;
  const bool idle = state_ == State::reading && parser_.state() == empty;
  const bool answered = state_ == State::lingering && parser_.state() == done && rest_.empty();
  if (idle || answered) close();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  ErrorCode ignored;
  socket_.close(ignored);
  loop_.remove(this);
}

}  // namespace lvp::net
