#include "net/websocket.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/mutex.h"

namespace lvp::net {
namespace {

constexpr std::size_t message_bytes_max = 64 * 1024;  // from a client
constexpr unsigned silent_pings_max = 3;              // then the other end is gone
constexpr Duration close_wait = std::chrono::seconds(5);
constexpr std::size_t discarded_bytes_max = 16 * 1024 * 1024;
constexpr std::size_t frames_per_write = 32;                  // 64 buffers, the most of one call
constexpr std::size_t frames_out_max = 2 * frames_per_write;  // more pings are not answered

}  // namespace

// Thread-safe. Keeps the loop alive but not the WebSocket, which must go on its own thread.
class WebSocket::End final : public Socket {
 public:
  End(std::shared_ptr<Loop> loop, std::uint64_t id)
      : loop_(std::move(loop)),
        id_(id),
        bytes_max_(loop_->shared().options.socket_queue_bytes_max) {}

  void attach(std::weak_ptr<WebSocket> websocket) { websocket_ = std::move(websocket); }

  bool send(std::shared_ptr<const std::string> text) override {
    {
      const MutexLock lock(mutex_);
      if (!open_) return false;
      if (bytes_ > 0 && text->size() > bytes_max_ - std::min(bytes_, bytes_max_)) {
        refused_ = true;
        return false;
      }
      bytes_ += text->size();
      queue_.push_back(std::move(text));
      if (std::exchange(wake_pending_, true)) return true;
    }
    wake();
    return true;
  }

  void close() override {
    {
      const MutexLock lock(mutex_);
      if (!std::exchange(open_, false)) return;
      close_asked_ = true;
    }
    wake();
  }

  std::uint64_t id() const override { return id_; }

  // The WebSocket's side.

  // Moves up to `frames` texts over. If there is none, the next send() will wake the loop.
  void take(std::deque<Frame>& out, std::size_t frames) {
    const MutexLock lock(mutex_);
    if (queue_.empty()) wake_pending_ = false;
    for (; frames > 0 && !queue_.empty(); --frames) {
      auto& text = queue_.front();
      const FrameHeader header = frame_header(Opcode::text, text->size());
      out.push_back({header, std::move(text), true});
      queue_.pop_front();
    }
  }

  // That many bytes are out. True if somebody waits for the queue to be empty, and it is.
  bool sent(std::size_t bytes) {
    const MutexLock lock(mutex_);
    bytes_ -= std::min(bytes, bytes_);
    return bytes_ == 0 && std::exchange(refused_, false);
  }

  bool close_asked() {
    const MutexLock lock(mutex_);
    return close_asked_;
  }

  // Takes no more, forgets what is queued.
  void shut() {
    const MutexLock lock(mutex_);
    open_ = false;
    queue_.clear();
    bytes_ = 0;
  }

 private:
  void wake() {
    asio::post(loop_->context(), [websocket = websocket_] {
      if (const auto open = websocket.lock()) open->flush();
    });
  }

  const std::shared_ptr<Loop> loop_;
  const std::uint64_t id_;
  const std::size_t bytes_max_;
  std::weak_ptr<WebSocket> websocket_;  // set once, before anybody else sees this

  Mutex mutex_;
  std::deque<std::shared_ptr<const std::string>> queue_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;  // queued, and taken but not yet out
  bool open_ GUARDED_BY(mutex_) = true;
  bool refused_ GUARDED_BY(mutex_) = false;
  bool close_asked_ GUARDED_BY(mutex_) = false;
  bool wake_pending_ GUARDED_BY(mutex_) = false;
};

WebSocket::WebSocket(Loop& loop, Channel channel, SocketHandler& handler)
    : Session(loop),
      channel_(std::move(channel)),
      handler_(handler),
      end_(std::make_shared<End>(loop.shared_from_this(), ++loop.shared().sockets)),
      reader_(message_bytes_max) {
  channel_.belongs_to(*this);
}

WebSocket::~WebSocket() = default;

void WebSocket::start(const http::Request& request, std::string answer, std::string_view bytes) {
  end_->attach(weak_from_this());
  out_.push_back({{}, std::make_shared<const std::string>(std::move(answer))});
  wait_for(loop_.shared().options.ping_wait);
  handler_.opened(end_, request);
  flush();
  consume(bytes);
}

void WebSocket::on_readable() {
  const auto self = shared_from_this();  // it may end here
  if (state_ == State::closed) return;
  ErrorCode error;
  const std::string_view bytes = channel_.read(error);
  if (error == asio::error::would_block) return channel_.when_readable();
  if (error) return end();
  consume(bytes);
}

void WebSocket::consume(std::string_view bytes) {
  silent_pings_ = 0;
  while (!bytes.empty() && (state_ == State::open || state_ == State::closing)) {
    const auto message = reader_.next(bytes);
    if (!message) {
      fail(message.error());
    } else if (*message) {
      on_message(**message);
    }
  }
  if (state_ == State::failed) {
    discarded_ += bytes.size();
    if (discarded_ > discarded_bytes_max) return end();
  }
  if (state_ != State::closed) channel_.when_readable();
}

void WebSocket::on_message(const Message& message) {
  switch (message.opcode) {
    case Opcode::text:
      if (state_ == State::open) handler_.received(end_, message.payload);
      return;
    case Opcode::ping:
      if (out_.size() < frames_out_max) push(Opcode::pong, std::string(message.payload));
      return;
    case Opcode::close:
      close_received_ = true;
      if (state_ == State::closing) return flush();  // ends when our own close frame is out
      drop_unsent();
      state_ = State::closing;
      wait_for(close_wait);
      return push(Opcode::close, std::string(message.payload.substr(0, 2)));
    case Opcode::binary:
      return fail(CloseCode::unsupported);
    case Opcode::pong:
    case Opcode::continuation:
      return;
  }
}

void WebSocket::push(Opcode opcode, std::string payload) {
  const FrameHeader header = frame_header(opcode, payload.size());
  out_.push_back({header, std::make_shared<const std::string>(std::move(payload))});
  flush();
}

// Begins the closing handshake.
void WebSocket::leave(CloseCode code) {
  state_ = State::closing;
  wait_for(close_wait);
  push(Opcode::close, close_payload(code));
}

void WebSocket::fail(CloseCode code) {
  drop_unsent();
  const bool close_sent = state_ == State::closing;
  state_ = State::failed;
  wait_for(close_wait);
  if (close_sent) return flush();
  push(Opcode::close, close_payload(code));
}

// Forgets all but the rest of a frame that has begun.
void WebSocket::drop_unsent() {
  end_->shut();
  out_.erase(out_.begin() + (front_sent_ > 0 ? 1 : 0), out_.end());
}

// Writes until nothing is left or the other end is slow. Handlers that it calls may ask for more,
// which the loop here sees.
void WebSocket::flush() {
  if (flushing_ || waits_writable_ || state_ == State::closed) return;
  flushing_ = true;
  while (write()) {
  }
  flushing_ = false;
}

// One step of it; false if there is no other now.
bool WebSocket::write() {
  if (state_ == State::open && out_.size() < frames_per_write) {
    end_->take(out_, frames_per_write - out_.size());
  }
  if (out_.empty() && !channel_.holds_bytes()) return on_empty();
  buffers_.clear();
  std::size_t skip = front_sent_;
  for (std::size_t i = 0; i < std::min(out_.size(), frames_per_write); ++i) {
    for (const std::string_view part :
         {out_[i].header.view(), std::string_view(*out_[i].payload)}) {
      const std::size_t skipped = std::min(skip, part.size());
      skip -= skipped;
      if (skipped < part.size()) buffers_.push_back(asio::buffer(part.substr(skipped)));
    }
  }
  ErrorCode error;
  on_written(channel_.write(buffers_, error));
  if (error == asio::error::would_block) {
    wait_writable();
  } else if (error) {
    end();
  }
  return !error && state_ != State::closed;
}

// True if there is something to write after all.
bool WebSocket::on_empty() {
  if (state_ == State::open && end_->close_asked()) {
    leave(CloseCode::normal);
  } else if (close_received_) {
    end();
  } else if (state_ == State::failed) {
    channel_.finish();
  }
  return !out_.empty() && state_ != State::closed;
}

void WebSocket::on_written(std::size_t bytes) {
  front_sent_ += bytes;
  std::size_t texts_sent = 0;
  while (!out_.empty()) {
    const Frame& front = out_.front();
    const std::size_t size = front.header.size + front.payload->size();
    if (front_sent_ < size) break;
    front_sent_ -= size;
    if (front.queued) texts_sent += front.payload->size();
    out_.pop_front();
  }
  if (end_->sent(texts_sent) && state_ == State::open) handler_.drained(end_);
}

void WebSocket::wait_writable() {
  waits_writable_ = true;
  channel_.when_writable();
}

void WebSocket::on_writable() {
  const auto self = shared_from_this();
  waits_writable_ = false;
  flush();
}

void WebSocket::expired() {
  if (state_ != State::open || silent_pings_ == silent_pings_max) return end();
  ++silent_pings_;
  wait_for(loop_.shared().options.ping_wait);
  if (out_.size() < frames_out_max) push(Opcode::ping, {});
}

void WebSocket::stop() {
  if (state_ != State::open) return;
  drop_unsent();
  leave(CloseCode::going_away);
}

void WebSocket::end() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  const auto self = shared_from_this();
  channel_.close();
  end_->shut();
  loop_.remove(this);
  handler_.closed(end_);
}

}  // namespace lvp::net
