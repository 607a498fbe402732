#include "net/loop.h"

#include <fmt/format.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <cerrno>
#include <span>
#include <system_error>
#include <vector>

#include "base/log.h"
#include "net/connection.h"
#include "net/tls.h"

namespace lvp::net {
namespace {

// Connections over the limit that are told so at the same time; others are closed without a word.
constexpr std::size_t refusals_max = 256;
// After a failed accept: out of file descriptors, most likely.
constexpr Duration accept_again_wait = std::chrono::milliseconds(100);

// How long a client may take to complete the handshake of TCP after its server began to stop.
constexpr Duration handshakes_wait = std::chrono::milliseconds(250);

Duration tick_of(const ServerOptions& o) {
  const Duration shortest =
      std::min({o.header_wait, o.body_wait, o.idle_wait, o.write_wait, o.ping_wait, o.drain_grace});
  return std::clamp<Duration>(shortest / 8, std::chrono::milliseconds(5),
                              std::chrono::milliseconds(250));
}

std::string peer_of(const TcpSocket& socket) {
  ErrorCode error;
  const tcp::endpoint end = socket.remote_endpoint(error);
  if (error) return {};
  const asio::ip::address address = end.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

// From now on nobody gets a place in the acceptor's queue who has not begun to ask for it. The
// system drops the first packet of a new connection; the client sends it again after a second, when
// this socket is closed, and so reaches another one on the same port.
void hold_back_new(TcpAcceptor& acceptor) {
  constexpr std::uint16_t flags_at = 13;  // in the TCP header
  constexpr std::uint32_t syn = 0x02, ack = 0x10;
  std::array<sock_filter, 5> drop_first{
      {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, flags_at), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, syn | ack),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, syn, 0, 1), BPF_STMT(BPF_RET | BPF_K, 0),
       BPF_STMT(BPF_RET | BPF_K, ~0u)}};
  const sock_fprog program{drop_first.size(), drop_first.data()};
  if (setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_ATTACH_FILTER, &program,
                 sizeof program) != 0) {
    log::warn("net: stop: new connections are not held back: {}",
              std::generic_category().message(errno));
  }
}

}  // namespace

std::shared_ptr<const TlsIdentity> Shared::identity() {
  const MutexLock lock(mutex_);
  return identity_;
}

void Shared::use(std::shared_ptr<const TlsIdentity> identity) {
  const MutexLock lock(mutex_);
  identity_.swap(identity);
}

Loop::Loop(std::shared_ptr<Shared> shared)
    : shared_(std::move(shared)), tick_(tick_of(shared_->options)) {}

Loop::~Loop() = default;

Status Loop::listen(const tcp::endpoint& at, bool share) {
  ErrorCode error;
  const auto set = [this, &error](const auto& option) {
    if (!error) acceptor_.set_option(option, error);
  };
  acceptor_.open(at.protocol(), error);
  set(TcpAcceptor::reuse_address(true));
  if (at.address().is_v6()) set(asio::ip::v6_only(false));
  if (share) set(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true));
  if (!error) acceptor_.bind(at, error);
  if (!error) acceptor_.listen(TcpAcceptor::max_listen_connections, error);
  if (!error) {
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0)
      return unavailable(fmt::format("epoll: {}", std::generic_category().message(errno)));
    ready_.assign(epoll, error);
  }
  if (!error) return {};
  return invalid(fmt::format("listen on {} port {}: {}", at.address().to_string(), at.port(),
                             error.message()));
}

std::uint16_t Loop::port() const {
  ErrorCode error;
  return acceptor_.local_endpoint(error).port();
}

void Loop::run() {
  thread_ = std::this_thread::get_id();
  accept();
  wait_ready();
  schedule_tick();
  context_.run();
  std::vector<Answer> too_late;  // their connections are closed, and would keep us alive
  const MutexLock lock(mutex_);
  ended_ = true;
  too_late.swap(answers_);
}

void Loop::stop(Duration wait) {
  asio::post(context_, [this, wait] { begin_stop(wait); });
}

void Loop::begin_stop(Duration wait) {
  stopping_ = true;
  for (const auto& session : sessions()) session->stop();
  const Duration handshakes = std::min(wait, handshakes_wait);
  if (!shared_->options.share_port || handshakes <= Duration(0)) return end_accept();
  hold_back_new(acceptor_);
  accept_again_.expires_after(handshakes);
  accept_again_.async_wait([this](const ErrorCode&) { end_accept(); });
}

// Takes what waits in the queue: closing the acceptor would reset it.
void Loop::end_accept() {
  if (!acceptor_.is_open()) return;
  ErrorCode error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    TcpSocket socket(context_);
    acceptor_.accept(socket, error);
    if (!error) begin(std::move(socket));
  }
  acceptor_.close(error);
  accept_again_.cancel();
  if (sessions_.empty()) ticks_.cancel();
  end_if_done();
  less_busy();
}

// Nothing will be ready any more.
void Loop::end_if_done() {
  ErrorCode ignored;
  if (sessions_.empty() && !acceptor_.is_open()) ready_.cancel(ignored);
}

void Loop::abort() {
  asio::post(context_, [this] {
    end_accept();
    for (const auto& session : sessions()) session->abort();
  });
}

void Loop::answer(std::shared_ptr<Connection> connection, http::Response response) {
  const MutexLock lock(mutex_);
  if (!ended_) answers_.push_back({std::move(connection), std::move(response)});
}

void Loop::wake() {
  {
    const MutexLock lock(mutex_);
    if (answers_.empty() || std::exchange(woken_, true)) return;
  }
  asio::post(context_, [this] { hand_out_answers(); });
}

void Loop::hand_out_answers() {
  {
    const MutexLock lock(mutex_);
    handed_out_.swap(answers_);
    woken_ = false;
  }
  for (Answer& answer : handed_out_) answer.connection->answer(std::move(answer.response));
  handed_out_.clear();
}

void Loop::add(const std::shared_ptr<Session>& session) {
  sessions_.emplace(session.get(), session);
  ++shared_->connections;
  ++shared_->busy;
}

void Loop::remove(Session* session) {
  const auto gone = sessions_.extract(session);
  if (gone.empty()) return;
  --shared_->connections;
  if (stopping_ && sessions_.empty()) ticks_.cancel();
  end_if_done();
  less_busy();
}

std::unique_ptr<Watch> Loop::watch(int socket) {
  auto watch = std::make_unique<Watch>();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
  event.data.ptr = watch.get();
  if (epoll_ctl(ready_.native_handle(), EPOLL_CTL_ADD, socket, &event) != 0) {
    log::warn("net: epoll: {}", std::generic_category().message(errno));  // its wait will end it
  }
  return watch;
}

void Loop::watch_again(int socket, Watch& watch) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLRDHUP | EPOLLET | (watch.wants_writable ? EPOLLOUT : 0u);
  event.data.ptr = &watch;
  epoll_ctl(ready_.native_handle(), EPOLL_CTL_MOD, socket, &event);
}

void Loop::wait_ready() {
  ready_.async_wait(Descriptor::wait_read, [this](const ErrorCode& cancelled) {
    if (!cancelled) on_ready();
  });
}

void Loop::on_ready() {
  constexpr std::uint32_t over = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
  const int count =
      epoll_wait(ready_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  for (const epoll_event& event :
       std::span(events_).first(static_cast<std::size_t>(std::max(count, 0)))) {
    Watch& watch = *static_cast<Watch*>(event.data.ptr);
    if ((event.events & (EPOLLIN | over)) != 0) watch.may_have_more = true;
    if ((event.events & over) != 0) watch.has_ended = true;
    // Either call may end the session, which then wants nothing.
    if (watch.may_have_more && std::exchange(watch.wants_readable, false))
      watch.session->on_readable();
    // Not when the other end has only said its last word: it may still be slow to read ours.
    if ((event.events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 &&
        std::exchange(watch.wants_writable, false))
      watch.session->on_writable();
  }
  retired_.clear();
  if (!sessions_.empty() || acceptor_.is_open()) wait_ready();
}

std::string_view Loop::date() {
  const Timestamp now = std::chrono::floor<std::chrono::seconds>(system_clock().now());
  if (now != date_at_) {
    date_at_ = now;
    date_ = http_date(now);
  }
  return date_;
}

void Loop::accept() {
  acceptor_.async_accept(
      [this](const ErrorCode& error, TcpSocket socket) { accepted(error, std::move(socket)); });
}

void Loop::accepted(const ErrorCode& error, TcpSocket socket) {
  if (!acceptor_.is_open()) return;
  if (error) {
    log::warn("net: accept: {}", error.message());
    accept_again_.expires_after(accept_again_wait);
    accept_again_.async_wait([this](const ErrorCode& cancelled) {
      if (!cancelled && acceptor_.is_open()) accept();
    });
    return;
  }
  begin(std::move(socket));
  accept();
}

void Loop::begin(TcpSocket socket) {
  counts_.add(Count::connections);
  const std::size_t open = shared_->connections;
  const std::size_t most = shared_->options.connections_max;
  if (open >= most) counts_.add(Count::connections_refused);
  if (open >= most + refusals_max) return;
  std::string peer = peer_of(socket);
  ErrorCode error;
  const int own = socket.release(error);
  if (error) return;
  const auto identity = shared_->identity();
  auto tls = identity ? std::make_unique<TlsSession>(*identity) : nullptr;
  const auto connection = std::make_shared<Connection>(
      shared_from_this(), Channel(*this, own, std::move(tls)), std::move(peer));
  add(connection);
  connection->start(open >= most);
}

void Loop::schedule_tick() {
  ticks_.expires_after(tick_);
  ticks_.async_wait([this](const ErrorCode& cancelled) {
    if (!cancelled) on_tick();
  });
}

void Loop::on_tick() {
  std::vector<std::shared_ptr<Session>> late;
  for (const auto& [_, session] : sessions_) {
    if (session->tick()) late.push_back(session);
  }
  for (const auto& session : late) session->expired();
  retired_.clear();
  if (!stopping_ || !sessions_.empty()) schedule_tick();
}

std::vector<std::shared_ptr<Session>> Loop::sessions() const {
  std::vector<std::shared_ptr<Session>> all;
  for (const auto& [_, session] : sessions_) all.push_back(session);
  return all;
}

void Loop::less_busy() {
  if (--shared_->busy == 0) shared_->quiet.set_value();
}

}  // namespace lvp::net
