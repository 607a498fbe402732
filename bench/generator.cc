#include "bench/generator.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "bench/answer.h"

namespace lvp::bench {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto connect_wait = 5s;
constexpr auto answer_wait = 5s;        // after the last request
constexpr auto reconnect_every = 10ms;  // lost connections, all at once
constexpr auto look_every = 100ms;      // at the clock, when nothing happens
constexpr std::size_t answer_bytes_max = 64 * 1024;
constexpr int events_at_once = 256;

std::runtime_error failed(std::string_view what) {
  return std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

std::uint64_t wall_ms() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

struct Connection {
  enum class State { lost, connecting, free, sending, waiting };

  explicit Connection(TrackerRequest made) : request(std::move(made)) {}
  ~Connection() { ::close(socket); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  State state = State::lost;
  int socket = -1;
  TrackerRequest request;
  std::size_t sent = 0;   // bytes of the request
  std::string answer;     // what came of one that is not whole yet
  Clock::time_point due;  // the request's
};

class Generator {
 public:
  explicit Generator(const Plan& plan) : plan_(plan), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw failed("epoll");
    address_.sin_family = AF_INET;
    address_.sin_port = htons(plan.port);
    if (inet_pton(AF_INET, plan.host.c_str(), &address_.sin_addr) != 1)
      throw std::runtime_error(fmt::format("{}: is no IPv4 address", plan.host));
    const std::string host = fmt::format("{}:{}", plan.host, plan.port);
    for (std::size_t i = 0; i < plan.connections; ++i)
      connections_.emplace_back(TrackerRequest(host, plan.events, random_));
    outcome_.request_bytes = connections_.front().request.bytes().size();
  }
  ~Generator() { ::close(epoll_); }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  Outcome run() {
    connect_all();
    begin_ = now_ = Clock::now();
    const Clock::time_point end = begin_ + plan_.time;
    while (now_ < end) {
      if (now_ >= reconnect_at_) reconnect();
      send_due();
      poll(next_wait(end));
    }
    if (plan_.rate > 0) {
      now_ = end;
      send_due();
      outcome_.late = due_by(end) - timetable_;
    }
    ended_ = true;
    while (on_their_way_ > 0 && now_ < end + answer_wait) poll(look_every);
    outcome_.unanswered = on_their_way_;
    outcome_.time = last_answer_ - begin_;
    return std::move(outcome_);
  }

 private:
  using State = Connection::State;

  // ---- Connections ----

  void connect(Connection& c) {
    c.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c.socket < 0) throw failed("socket");
    const int on = 1;
    setsockopt(c.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = &c;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, c.socket, &event) != 0) throw failed("epoll");
    c.state = State::connecting;
    const auto* address = reinterpret_cast<const sockaddr*>(&address_);
    if (::connect(c.socket, address, sizeof address_) != 0 && errno != EINPROGRESS) lose(c);
  }

  void connect_all() {
    for (Connection& c : connections_) connect(c);
    const auto limit = Clock::now() + connect_wait;
    while (free_.size() < connections_.size() && lost_.empty() && now_ < limit) poll(look_every);
    if (free_.size() < connections_.size())
      throw std::runtime_error(fmt::format("{}:{}: {} of {} connections could be opened",
                                           plan_.host, plan_.port, free_.size(),
                                           connections_.size()));
  }

  void connected(Connection& c) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c.socket, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return lose(c);
    release(c);
  }

  void lose(Connection& c) {
    if (c.state == State::sending || c.state == State::waiting) {
      ++outcome_.broken;
      --on_their_way_;
    }
    if (c.state == State::free) std::erase(free_, &c);
    ::close(c.socket);
    c.socket = -1;
    c.state = State::lost;
    c.answer.clear();
    if (lost_.empty()) reconnect_at_ = now_ + reconnect_every;
    lost_.push_back(&c);
  }

  void reconnect() {
    reconnect_at_ = Clock::time_point::max();
    for (Connection* c : std::exchange(lost_, {})) connect(*c);
  }

  void release(Connection& c) {
    c.state = State::free;
    free_.push_back(&c);
  }

  // ---- Requests ----

  std::uint64_t due_by(Clock::time_point time) const {
    const std::chrono::duration<double> passed = time - begin_;
    return static_cast<std::uint64_t>(passed.count() * plan_.rate);
  }
  Clock::time_point due_at(std::uint64_t n) const {
    const std::chrono::duration<double> after(static_cast<double>(n) / plan_.rate);
    return begin_ + std::chrono::duration_cast<Clock::duration>(after);
  }

  void send_due() {
    if (plan_.rate > 0) {
      for (const std::uint64_t due = due_by(now_); timetable_ < due && !free_.empty();)
        send(take_free(), due_at(timetable_++));
    } else {
      while (!free_.empty()) send(take_free(), Clock::now());
    }
  }

  Connection& take_free() {
    Connection* const c = free_.front();
    free_.pop_front();
    return *c;
  }

  void send(Connection& c, Clock::time_point due) {
    c.request.renew(random_, wall_ms());
    c.due = due;
    c.sent = 0;
    c.state = State::sending;
    ++outcome_.sent;
    ++on_their_way_;
    send_on(c);
  }

  void send_on(Connection& c) {
    const std::string_view left = c.request.bytes().substr(c.sent);
    const ssize_t bytes = ::send(c.socket, left.data(), left.size(), MSG_NOSIGNAL);
    if (bytes < 0 && errno != EAGAIN) return lose(c);
    if (bytes > 0) c.sent += static_cast<std::size_t>(bytes);
    if (c.sent == c.request.bytes().size()) c.state = State::waiting;
  }

  // ---- Answers ----

  void receive(Connection& c) {
    const ssize_t bytes = ::recv(c.socket, scratch_.data(), scratch_.size(), 0);
    if (bytes < 0 && errno == EAGAIN) return;
    if (bytes <= 0) return lose(c);
    std::string_view text(scratch_.data(), static_cast<std::size_t>(bytes));
    if (!c.answer.empty()) text = c.answer.append(text);
    const Answer answer = read_answer(text);
    if (answer.state == Answer::State::partial && text.size() < answer_bytes_max) {
      if (c.answer.empty()) c.answer = text;
      return;
    }
    const bool was_asked = c.state == State::sending || c.state == State::waiting;
    if (answer.state != Answer::State::whole || !was_asked) return lose(c);
    answered(c, answer);
  }

  void answered(Connection& c, const Answer& answer) {
    last_answer_ = Clock::now();
    ++outcome_.answers[answer.status];
    if (answer.status == 200) {
      outcome_.latency.add(last_answer_ - c.due);
      if (plan_.keeps_acknowledged)
        outcome_.acknowledged.insert(outcome_.acknowledged.end(), c.request.event_ids().begin(),
                                     c.request.event_ids().end());
    }
    --on_their_way_;
    c.answer.clear();
    const bool whole = c.state == State::waiting;
    release(c);
    if (answer.closes || !whole) return lose(c);
    if (plan_.rate == 0 && !ended_) {
      free_.pop_back();
      send(c, last_answer_);
    }
  }

  // ---- The loop ----

  Clock::duration next_wait(Clock::time_point end) const {
    Clock::time_point next = std::min(end, now_ + look_every);
    next = std::min(next, reconnect_at_);
    if (plan_.rate > 0 && !free_.empty()) next = std::min(next, due_at(timetable_));
    return std::max(next - now_, Clock::duration::zero());
  }

  void poll(Clock::duration wait) {
    const timespec limit{std::chrono::floor<std::chrono::seconds>(wait).count(),
                         (wait % 1s).count()};
    const int count = epoll_pwait2(epoll_, happened_.data(), events_at_once, &limit, nullptr);
    if (count < 0 && errno != EINTR) throw failed("epoll");
    now_ = Clock::now();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = happened_[static_cast<std::size_t>(i)];
      happen(*static_cast<Connection*>(event.data.ptr), event.events);
    }
  }

  void happen(Connection& c, std::uint32_t events) {
    constexpr std::uint32_t gone = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if (c.state == State::connecting) return connected(c);
    if (c.state == State::sending && (events & EPOLLOUT) != 0) send_on(c);
    if (c.state != State::lost && (events & EPOLLIN) != 0) receive(c);
    if (c.state != State::lost && (events & gone) != 0) lose(c);
  }

  const Plan& plan_;
  const int epoll_;
  sockaddr_in address_{};
  Random random_{std::random_device{}()};
  std::deque<Connection> connections_;
  std::deque<Connection*> free_;  // the one that has been free longest first
  std::vector<Connection*> lost_;
  Clock::time_point begin_, now_ = Clock::now(), last_answer_;
  Clock::time_point reconnect_at_ = Clock::time_point::max();
  std::uint64_t timetable_ = 0;  // requests of it that were sent
  std::uint64_t on_their_way_ = 0;
  bool ended_ = false;
  Outcome outcome_;
  std::array<epoll_event, events_at_once> happened_{};
  std::array<char, answer_bytes_max> scratch_{};
};

}  // namespace

Outcome generate(const Plan& plan) {
  return std::make_unique<Generator>(plan)->run();
}

}  // namespace lvp::bench
