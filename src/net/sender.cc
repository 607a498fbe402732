#include "net/sender.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace lvp::net {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration reconnect_pause = std::chrono::milliseconds(100);
constexpr Duration look_every = std::chrono::milliseconds(100);  // for waits that are over
constexpr int events_at_once = 256;

std::string errno_text() {
  return std::strerror(errno);
}

// ---- Addresses ----

struct Resolved {
  sockaddr_storage address{};
  socklen_t size = 0;

  const sockaddr* view() const { return reinterpret_cast<const sockaddr*>(&address); }
};

Result<Resolved> resolve(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  std::string name = address.host;
  if (name.starts_with('[')) name = name.substr(1, name.size() - 2);  // IPv6
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return unavailable(fmt::format("{}: {}", address.text(), gai_strerror(error)));
  Resolved resolved;
  std::memcpy(&resolved.address, found->ai_addr, found->ai_addrlen);
  resolved.size = found->ai_addrlen;
  freeaddrinfo(found);
  return resolved;
}

// A socket on its way; writable when it is connected, or cannot be.
int begin_to_connect(const Resolved& to) {
  const int socket = ::socket(to.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return -1;
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket, to.view(), to.size) == 0 || errno == EINPROGRESS) return socket;
  const int error = errno;
  ::close(socket);
  errno = error;
  return -1;
}

int error_of(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

// ---- Answers ----

struct Head {
  int status = 0;
  std::size_t bytes = 0;  // of the head
  std::optional<std::size_t> body_bytes;
  bool closes = false;
};

std::optional<std::size_t> number(std::string_view digits) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// Nothing while the head is not whole; status 0 if it is none that we read.
std::optional<Head> read_head(std::string_view text) {
  constexpr std::string_view version = "HTTP/1.1 ";
  constexpr std::string_view line_end = "\r\n";
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  Head head;
  head.bytes = end + 4;
  if (!text.starts_with(version)) return head;
  head.status = static_cast<int>(number(text.substr(version.size(), 3)).value_or(0));
  if (head.status == 204 || head.status == 304) head.body_bytes = 0;
  std::string_view lines = text.substr(0, end + 2);
  lines.remove_prefix(lines.find(line_end) + 2);
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find(line_end));
    lines.remove_prefix(line.size() + 2);
    const std::size_t colon = std::min(line.find(':'), line.size() - 1);
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (equal_ignoring_case(name, "Content-Length")) head.body_bytes = number(value);
    if (equal_ignoring_case(name, "Connection")) head.closes = equal_ignoring_case(value, "close");
  }
  return head;
}

// ---- Connections ----

struct Connection {
  enum class State : std::uint8_t { lost, connecting, free, busy };

  State state = State::lost;
  int socket = -1;
  std::uint64_t tag = 0;
  std::string request;
  std::size_t sent = 0;  // bytes of the request
  std::string answer;    // what has come
  Clock::time_point since;
};

class Connections final : public Sender {
 public:
  Connections(const SenderOptions& options, Resolved to)
      : options_(options), to_(to), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    connections_.resize(options.connections);
  }
  ~Connections() override {
    for (const Connection& c : connections_)
      if (c.socket >= 0) ::close(c.socket);
    ::close(epoll_);
  }

  Status open() {
    if (epoll_ < 0) return unavailable(fmt::format("epoll: {}", errno_text()));
    for (Connection& c : connections_) begin(c);
    const auto limit = now_ + options_.connect_wait;
    while (free_.size() < connections_.size() && lost_ == 0 && now_ < limit) {
      pollfd ready{epoll_, POLLIN, 0};
      ::poll(&ready, 1, static_cast<int>(look_every.count()));
      happen({});
    }
    if (free_.size() == connections_.size()) return {};
    return unavailable(fmt::format("{}: {} of {} connections could be opened",
                                   options_.address.text(), free_.size(), connections_.size()));
  }

  bool is_free() const override { return !free_.empty(); }
  std::size_t under_way() const override { return under_way_; }
  int descriptor() const override { return epoll_; }

  void send(std::uint64_t tag, std::string request) override {
    LVP_CHECK(!free_.empty());
    Connection& c = *free_.front();
    free_.pop_front();
    c.state = Connection::State::busy;
    c.tag = tag;
    c.request = std::move(request);
    c.sent = 0;
    c.since = Clock::now();
    ++under_way_;
    send_on(c);  // if that fails, poll() sees it
  }

  void poll(const OnAnswer& on_answer) override {
    happen(on_answer);
    if (now_ < look_at_) return;
    look_at_ = now_ + look_every;
    for (Connection& c : connections_) {
      const auto waited = now_ - c.since;
      if (c.state == Connection::State::busy && waited > options_.answer_wait) lose(c, on_answer);
      if (c.state == Connection::State::connecting && waited > options_.connect_wait)
        lose(c, on_answer);
      if (c.state == Connection::State::lost && waited > reconnect_pause) begin(c);
    }
  }

 private:
  using State = Connection::State;

  void begin(Connection& c) {
    c.since = now_;
    c.socket = begin_to_connect(to_);
    if (c.socket < 0) {
      lost_ += c.state != State::lost;
      c.state = State::lost;
      return;
    }
    c.state = State::connecting;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &c;
    LVP_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, c.socket, &event) == 0);
  }

  void lose(Connection& c, const OnAnswer& on_answer) {
    const bool was_busy = c.state == State::busy;
    if (c.state == State::free) std::erase(free_, &c);
    ::close(c.socket);
    c.socket = -1;
    c.state = State::lost;
    c.since = now_;
    c.answer.clear();
    ++lost_;
    if (was_busy) tell(on_answer, {c.tag, 0, {}});
  }

  void release(Connection& c) {
    c.state = State::free;
    c.answer.clear();
    free_.push_back(&c);
  }

  void tell(const OnAnswer& on_answer, const Answer& answer) {
    --under_way_;
    on_answer(answer);
  }

  void happen(const OnAnswer& on_answer) {
    const int count = epoll_wait(epoll_, happened_.data(), events_at_once, 0);
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = happened_[static_cast<std::size_t>(i)];
      happen_to(*static_cast<Connection*>(event.data.ptr), event.events, on_answer);
    }
  }

  void happen_to(Connection& c, std::uint32_t events, const OnAnswer& on_answer) {
    constexpr std::uint32_t gone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if (c.state == State::connecting) {
      if (error_of(c.socket) != 0) return lose(c, on_answer);
      if ((events & EPOLLOUT) != 0) release(c);
      return;
    }
    if (c.state == State::busy && (events & EPOLLOUT) != 0) send_on(c);
    if ((events & EPOLLIN) != 0) receive(c, on_answer);
    if (c.state != State::lost && (events & gone) != 0) lose(c, on_answer);
  }

  void send_on(Connection& c) {
    const std::string_view left = std::string_view(c.request).substr(c.sent);
    if (left.empty()) return;
    const ssize_t bytes = ::send(c.socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (bytes > 0) c.sent += static_cast<std::size_t>(bytes);
  }

  void receive(Connection& c, const OnAnswer& on_answer) {
    while (true) {
      const ssize_t bytes = ::recv(c.socket, scratch_.data(), scratch_.size(), 0);
      if (bytes < 0 && errno == EAGAIN) return;
      if (bytes <= 0 || c.state != State::busy) return lose(c, on_answer);
      c.answer.append(scratch_.data(), static_cast<std::size_t>(bytes));
      const bool is_full = static_cast<std::size_t>(bytes) == scratch_.size();
      if (!take_answer(c, on_answer) || (c.state == State::free && !is_full)) return;
    }
  }

  // False if the connection is lost.
  bool take_answer(Connection& c, const OnAnswer& on_answer) {
    const auto head = read_head(c.answer);
    if (!head && c.answer.size() < options_.answer_bytes_max) return true;
    const bool readable = head && head->status >= 200 && head->body_bytes &&
                          *head->body_bytes < options_.answer_bytes_max;
    if (!readable || c.answer.size() > head->bytes + *head->body_bytes ||
        c.sent < c.request.size()) {
      lose(c, on_answer);
      return false;
    }
    if (c.answer.size() < head->bytes + *head->body_bytes) return true;
    const std::string whole = std::exchange(c.answer, {});
    const std::uint64_t tag = c.tag;
    release(c);
    tell(on_answer, {tag, head->status, std::string_view(whole).substr(head->bytes)});
    if (!head->closes) return true;
    lose(c, on_answer);
    return false;
  }

  const SenderOptions options_;
  const Resolved to_;
  const int epoll_;
  std::vector<Connection> connections_;  // never grows: pointers into it are kept
  std::deque<Connection*> free_;         // the one that has been free longest in front
  std::size_t under_way_ = 0;
  std::size_t lost_ = 0;  // so far
  Clock::time_point now_ = Clock::now();
  Clock::time_point look_at_ = now_;
  std::array<epoll_event, events_at_once> happened_{};
  std::array<char, 64 * 1024> scratch_{};
};

}  // namespace

Result<Address> parse_address(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const auto wrong = [&] { return invalid(fmt::format("{}: is not http://HOST:PORT", url)); };
  if (!url.starts_with(scheme)) return wrong();
  std::string_view rest = url.substr(scheme.size());
  rest = rest.substr(0, rest.find('/'));
  Address address;
  if (const std::size_t colon = rest.rfind(':');
      colon != std::string_view::npos && !rest.ends_with(']')) {
    const auto port = number(rest.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return wrong();
    address.port = static_cast<std::uint16_t>(*port);
    rest = rest.substr(0, colon);
  }
  if (rest.empty()) return wrong();
  address.host = rest;
  return address;
}

Result<int> open_socket(const Address& address, Duration wait) {
  LVP_TRY(const Resolved to, resolve(address));
  const int socket = begin_to_connect(to);
  const auto failure = [&](std::string_view what) {
    if (socket >= 0) ::close(socket);
    return unavailable(fmt::format("{}: {}", address.text(), what));
  };
  if (socket < 0) return failure(errno_text());
  pollfd ready{socket, POLLOUT, 0};
  if (::poll(&ready, 1, static_cast<int>(wait.count())) != 1) return failure("no answer");
  if (const int error = error_of(socket); error != 0) return failure(std::strerror(error));
  return socket;
}

Result<std::unique_ptr<Sender>> Sender::connect(const SenderOptions& options) {
  LVP_TRY(const Resolved to, resolve(options.address));
  auto connections = std::make_unique<Connections>(options, to);
  LVP_DO(connections->open());
  return connections;
}

}  // namespace lvp::net
