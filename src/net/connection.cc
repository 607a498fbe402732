#include "net/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <span>
#include <utility>

#include "net/give_back.h"
#include "net/handshake.h"
#include "net/response_text.h"
#include "net/websocket.h"

namespace lvp::net {
namespace {

constexpr Duration linger_wait = std::chrono::seconds(10);
constexpr std::size_t linger_bytes_max = 64 * 1024 * 1024;
constexpr std::size_t joined_body_bytes_max = 256;  // cheaper to copy than to send apart
constexpr std::string_view continue_text = "HTTP/1.1 100 Continue\r\n\r\n";

RequestParser::Limits limits_of(const ServerOptions& options) {
  return {options.header_bytes_max, options.body_bytes_max};
}

void count_error(Counts& counts, int status) {
  switch (status) {
    case 400:
      return counts.add(Count::errors_400);
    case 408:
      return counts.add(Count::errors_408);
    case 413:
      return counts.add(Count::errors_413);
    case 431:
      return counts.add(Count::errors_431);
    case 503:
      return counts.add(Count::errors_503);
  }
}

}  // namespace

Connection::Connection(std::shared_ptr<Loop> loop, Channel channel, std::string peer)
    : Session(*loop),
      kept_loop_(std::move(loop)),
      channel_(std::move(channel)),
      peer_(std::move(peer)),
      parser_(limits_of(loop_.shared().options)) {
  channel_.belongs_to(*this);
}

void Connection::Rest::clear() {
  give_back(bytes);
  used = 0;
}

void Connection::start(bool refused) {
  refused_ = refused;
  if (channel_.established()) return open();
  wait_for(loop_.shared().options.header_wait);
  read();
}

void Connection::open() {
  if (refused_) return fail(503);
  read_next();
}

const http::Request& Connection::request() {
  parser_.request(request_);
  request_.peer = peer_;
  return request_;
}

void Connection::read_next() {
  const ServerOptions& options = loop_.shared().options;
  state_ = State::reading;
  wait_for(loop_.stopping() ? options.drain_grace : options.idle_wait);
  if (rest_.empty()) return read();
  // Not from here, since a handler may be calling: many small requests would nest deeply.
  asio::post(loop_.context(), [self = shared_from_this()] { self->take_rest(); });
}

void Connection::take_rest() {
  if (state_ != State::reading) return;
  const RequestParser::State before = parser_.state();
  rest_.used += parser_.take(rest_.view());
  if (rest_.empty()) rest_.clear();
  go_on(before);
}

void Connection::read() {
  channel_.when_readable();
}

void Connection::on_readable() {
  const auto self = shared_from_this();  // it may end here
  read_some();
}

void Connection::on_writable() {
  const auto self = shared_from_this();
  if (state_ == State::opening) return read_some();  // the rest of our part of the handshake
  write();
}

void Connection::read_some() {
  if (state_ != State::opening && state_ != State::reading && state_ != State::lingering) return;
  ErrorCode error;
  const std::string_view bytes = channel_.read(error);
  if (error && error != asio::error::would_block) return close();
  if (state_ == State::opening && channel_.established()) {
    open();
    if (state_ != State::reading) return;
  }
  if (error) return read();
  if (state_ == State::lingering) return drain(bytes.size());
  on_bytes(bytes);
}

void Connection::on_bytes(std::string_view bytes) {
  const RequestParser::State before = parser_.state();
  const std::size_t taken = parser_.take(bytes);
  if (taken < bytes.size()) rest_.bytes.assign(bytes.substr(taken));
  go_on(before);
}

void Connection::go_on(RequestParser::State before) {
  using enum RequestParser::State;
  const ServerOptions& options = loop_.shared().options;
  if (!count_buffers()) return fail(503);
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
      return handle();
    case failed:
      return fail(parser_.error_status());
  }
}

// False if there is more than the server may hold, and we have just made it so.
bool Connection::count_buffers() {
  const std::size_t held = parser_.held_bytes() + rest_.bytes.capacity();
  const std::size_t before = buffered_;
  buffered_ = held - std::min(held, RequestParser::kept_bytes_max);
  if (buffered_ == before) return true;
  std::atomic<std::size_t>& all = loop_.shared().buffered;
  if (buffered_ < before) {
    all -= before - buffered_;
    return true;
  }
  return (all += buffered_ - before) <= loop_.shared().options.buffer_bytes_max;
}

// Gives back what the request took.
void Connection::release() {
  parser_.release();
  rest_.clear();
  request_ = {};
  count_buffers();
}

void Connection::send_continue() {
  // Nothing else is being written, so these few bytes fit into any send buffer.
  ErrorCode error;
  const std::array text{asio::buffer(continue_text)};
  if (channel_.write(text, error) != continue_text.size()) return close();
  read();
}

void Connection::handle() {
  state_ = State::answering;
  wait_without_limit();
  loop_.counts().add(Count::requests);
  ++requests_;
  Handler& handler = loop_.shared().handler;
  const http::Request& asked = request();
  if (parser_.asks_for_websocket()) {
    if (SocketHandler* sockets = handler.upgrade(asked)) return upgrade(*sockets);
  }
  handing_out_ = true;
  handler.handle(asked, Responder(shared_from_this()));
  handing_out_ = false;
  if (std::exchange(answered_, false)) begin_answer(std::move(answer_));
}

void Connection::upgrade(SocketHandler& handler) {
  if (loop_.stopping()) return fail(503);
  http::Response answer = websocket_answer(request_);
  if (answer.status != 101) return fail(std::move(answer));
  const auto socket = std::make_shared<WebSocket>(loop_, std::move(channel_), handler);
  loop_.add(socket);
  const auto self = shared_from_this();
  state_ = State::closed;
  loop_.remove(this);
  socket->start(request_, head_text(answer, {loop_.date(), "Upgrade"}), rest_.view());
  release();
}

void Connection::fail(int status) {
  count_error(loop_.counts(), status);
  fail(http::text_response(status, "text/plain", std::string(http::reason(status)) + "\n"));
}

// Answers by ourselves and closes, whatever else the other end has sent or will.
void Connection::fail(http::Response response) {
  response.close = true;
  if (const auto& on_error = loop_.shared().options.on_error) on_error(request(), response);
  release();
  begin_answer(std::move(response));
}

void Connection::send(http::Response response) {
  if (loop_.is_mine()) return answer(std::move(response));
  put(std::move(response));
  wake();
}

void Connection::put(http::Response response) {
  if (loop_.is_mine()) return answer(std::move(response));
  loop_.answer(shared_from_this(), std::move(response));
}

void Connection::answer(http::Response response) {
  if (state_ != State::answering) return;
  if (!handing_out_) return begin_answer(std::move(response));
  answered_ = true;
  answer_ = std::move(response);
}

void Connection::begin_answer(http::Response response) {
  answer_ = std::move(response);
  if (answer_.delay <= Duration(0) || loop_.stopping()) return begin_writing();
  state_ = State::delaying;
  wait_for(answer_.delay);
  parser_.release();
  request_ = {};
  count_buffers();
}

void Connection::begin_writing() {
  state_ = State::writing;
  closing_ = answer_.close || !parser_.keep_alive() || loop_.stopping() ||
             requests_ >= loop_.shared().options.requests_per_connection_max;
  const bool promise = !closing_ && parser_.http_1_0();
  write_head(head_, answer_,
             {loop_.date(), closing_  ? std::string_view("close")
                            : promise ? std::string_view("keep-alive")
                                      : std::string_view()});
  if (!parser_.is_head()) body_ = body_of(answer_);
  if (body_.size() <= joined_body_bytes_max) head_ += std::exchange(body_, {});
  written_ = 0;
  wait_for(loop_.shared().options.write_wait);
  write();
}

// As much as goes at once; a fast reader of a long answer must not keep the loop for itself.
void Connection::write() {
  if (state_ != State::writing) return;
  const std::string_view head = std::string_view(head_).substr(std::min(written_, head_.size()));
  const std::string_view body = body_.substr(written_ - (head_.size() - head.size()));
  ErrorCode error;
  const std::array buffers{asio::buffer(head), asio::buffer(body)};
  written_ += channel_.write(std::span(buffers).first(body.empty() ? 1 : 2), error);
  if (error && error != asio::error::would_block) return close();
  if (!error && written_ == head_.size() + body_.size()) return on_written();
  wait_for(loop_.shared().options.write_wait);
  channel_.when_writable();
}

void Connection::on_written() {
  std::exchange(answer_, {});
  body_ = {};
  if (closing_) return linger();
  parser_.reset();
  count_buffers();
  read_next();
}

void Connection::linger() {
  channel_.finish();
  state_ = State::lingering;
  wait_for(loop_.stopping() ? std::min(linger_wait, loop_.shared().options.drain_grace)
                            : linger_wait);
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
  if (state_ == State::delaying) return begin_writing();
  if (state_ == State::opening) loop_.counts().add(Count::tls_failures);
  close();
}

// Who may be about to send a request, or to read an answer, gets the grace for it.
void Connection::stop() {
  const bool idle = state_ == State::reading && parser_.state() == RequestParser::State::empty;
  if (state_ == State::delaying) return begin_writing();
  if (idle || state_ == State::lingering) wait_for(loop_.shared().options.drain_grace);
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  channel_.close();
  release();
  std::exchange(answer_, {});
  loop_.remove(this);
}

}  // namespace lvp::net
