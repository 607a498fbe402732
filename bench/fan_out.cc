// What it costs to tell many sockets the same: WebSockets, beside bare system calls.
//
//   bench_fan_out [--sockets N] [--texts N] [--bytes N]
//
// N sockets of loopback are open. Again and again a text is sent to all of them, and the next one
// when all of them have it:
//
//   bare   a thread waits at its epoll for what to tell; then a send() of the whole frame to each
//   lvp    a thread waits in the same way; then Socket::send() to each, and net's loop writes
//
// Counted is the processor time of all but the thread that reads at the other ends. Prints that of
// one frame to one socket, in both ways, and their ratio.
#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "net/frames.h"
#include "net/server.h"

namespace lvp::bench {
namespace {

constexpr int rounds = 5;  // the median counts

struct Plan {
  std::size_t sockets = 4000;
  std::size_t texts = 200;
  std::size_t bytes = 1000;
};

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

double processor_s(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return double(now.tv_sec) + double(now.tv_nsec) / 1e9;
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {
    if (number < 0) fail("descriptor");
  }
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// The other ends. Reads until each of them has `bytes` more.
class Audience {
 public:
  void add(Descriptor socket) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = sockets_.size()}};
    if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, socket.number(), &event) != 0) fail("epoll");
    sockets_.push_back(std::move(socket));
  }

  void read(std::size_t bytes) {
    std::size_t left = bytes * sockets_.size();
    while (left > 0) {
      std::array<epoll_event, 256> ready{};
      const int count = epoll_wait(epoll_.number(), ready.data(), int(ready.size()), 10'000);
      if (count <= 0) fail("nothing came");
      for (int i = 0; i < count; ++i) {
        const int socket = sockets_[ready[std::size_t(i)].data.u64].number();
        const ssize_t got = recv(socket, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
        if (got <= 0) fail("recv");
        left -= std::size_t(got);
      }
    }
  }

 private:
  Descriptor epoll_{epoll_create1(0)};
  std::vector<Descriptor> sockets_;
  std::array<char, 64 * 1024> scratch_{};
};

// Calls `tell` in a thread of its own, whenever it is woken.
class Teller {
 public:
  explicit Teller(std::function<void()> tell) : tell_(std::move(tell)) {
    epoll_event event{.events = EPOLLIN, .data = {}};
    if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, bell_.number(), &event) != 0) fail("epoll");
    thread_ = std::jthread([this](const std::stop_token& stop) {
      for (epoll_event ready{}; epoll_wait(epoll_.number(), &ready, 1, -1) == 1;) {
        std::uint64_t rung = 0;
        if (::read(bell_.number(), &rung, sizeof rung) != sizeof rung) fail("read");
        if (stop.stop_requested()) return;
        tell_();
      }
    });
  }
  ~Teller() {
    thread_.request_stop();
    wake();
  }
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  void wake() {
    const std::uint64_t one = 1;
    if (write(bell_.number(), &one, sizeof one) != sizeof one) fail("write");
  }

 private:
  std::function<void()> tell_;
  Descriptor epoll_{epoll_create1(0)};
  Descriptor bell_{eventfd(0, 0)};
  std::jthread thread_;  // the last: it uses the others
};

// Nanoseconds of one frame to one socket.
double measure(const Plan& plan, Audience& audience, std::size_t frame_bytes,
               std::function<void()> tell) {
  Teller teller(std::move(tell));
  const auto others_s = [] {
    return processor_s(CLOCK_PROCESS_CPUTIME_ID) - processor_s(CLOCK_THREAD_CPUTIME_ID);
  };
  const double before = others_s();
  for (std::size_t i = 0; i < plan.texts; ++i) {
    teller.wake();
    audience.read(frame_bytes);
  }
  return (others_s() - before) * 1e9 / double(plan.texts * plan.sockets);
}

Descriptor connected(std::uint16_t port) {
  Descriptor made(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(made.number(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    fail("connect");
  }
  return made;
}

double bare(const Plan& plan) {
  const Descriptor listener(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener.number(), any, size) != 0 || listen(listener.number(), 64) != 0 ||
      getsockname(listener.number(), any, &size) != 0) {
    fail("listen");
  }
  Audience audience;
  std::vector<Descriptor> sockets;
  for (std::size_t i = 0; i < plan.sockets; ++i) {
    audience.add(connected(ntohs(address.sin_port)));
    sockets.emplace_back(accept4(listener.number(), nullptr, nullptr, SOCK_NONBLOCK));
  }
  std::string frame(net::frame_header(net::Opcode::text, plan.bytes).view());
  frame.append(plan.bytes, 'x');
  return measure(plan, audience, frame.size(), [&] {
    for (const Descriptor& to : sockets) {
      const ssize_t sent = send(to.number(), frame.data(), frame.size(), MSG_NOSIGNAL);
      if (sent != ssize_t(frame.size())) fail("send");
    }
  });
}

class Sockets final : public net::Handler, public net::SocketHandler {
 public:
  void handle(const http::Request&, net::Responder) override {}
  net::SocketHandler* upgrade(const http::Request&) override { return this; }
  void opened(const std::shared_ptr<net::Socket>& socket, const http::Request&) override {
    const MutexLock lock(mutex_);
    all_.push_back(socket);
  }
  void received(const std::shared_ptr<net::Socket>&, std::string_view) override {}
  void drained(const std::shared_ptr<net::Socket>&) override {}
  void closed(const std::shared_ptr<net::Socket>&) override {}

  std::vector<std::shared_ptr<net::Socket>> all() {
    const MutexLock lock(mutex_);
    return all_;
  }

 private:
  Mutex mutex_;
  std::vector<std::shared_ptr<net::Socket>> all_ GUARDED_BY(mutex_);
};

constexpr std::string_view handshake =
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// Reads the answer's head, byte by byte: a frame may follow.
void upgrade(const Descriptor& socket) {
  if (send(socket.number(), handshake.data(), handshake.size(), 0) != ssize_t(handshake.size())) {
    fail("send");
  }
  std::string head;
  for (char c = 0; !head.ends_with("\r\n\r\n"); head += c) {
    if (recv(socket.number(), &c, 1, 0) != 1) fail("the handshake's answer");
  }
}

double websockets(const Plan& plan) {
  Sockets sockets;
  net::ServerOptions options;
  options.connections_max = plan.sockets;
  const auto server = net::Server::start(options, sockets);
  if (!server) fail(server.error().what.c_str());
  Audience audience;
  for (std::size_t i = 0; i < plan.sockets; ++i) {
    Descriptor socket = connected((*server)->port());
    upgrade(socket);
    audience.add(std::move(socket));
  }
  const auto all = sockets.all();
  const auto header_bytes = net::frame_header(net::Opcode::text, plan.bytes).size;
  return measure(plan, audience, header_bytes + plan.bytes, [&] {
    const auto text = std::make_shared<const std::string>(plan.bytes, 'x');
    for (const auto& socket : all) {
      if (!socket->send(text)) fail("a socket is slow");
    }
  });
}

// As many descriptors as the system gives.
void raise_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Plan read_plan(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    std::size_t* const value = name == "--sockets" ? &plan.sockets
                               : name == "--texts" ? &plan.texts
                               : name == "--bytes" ? &plan.bytes
                                                   : nullptr;
    if (value == nullptr || i + 1 == argc) {
      std::fputs("usage: bench_fan_out [--sockets N] [--texts N] [--bytes N]\n", stderr);
      std::exit(2);
    }
    *value = std::strtoull(argv[i + 1], nullptr, 10);
  }
  return plan;
}

}  // namespace
}  // namespace lvp::bench

int main(int argc, char** argv) {
  using namespace lvp::bench;
  const Plan plan = read_plan(argc, argv);
  raise_limit();
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    const double floor_ns = bare(plan);
    const double ours_ns = websockets(plan);
    ratios.push_back(floor_ns / ours_ns);
    fmt::print("bare {:.0f} ns, lvp {:.0f} ns of processor time for a frame to a socket\n",
               floor_ns, ours_ns);
  }
  std::ranges::sort(ratios);
  fmt::print("frames per CPU second, lvp / bare: {:.2f}\n", ratios[ratios.size() / 2]);
}
