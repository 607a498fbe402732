// One thread's event loop: its acceptor, and the sessions that stay with it.
//
// Waits are counted in ticks of one timer per loop, not with a timer per session: a request then
// costs no timer operation at all. A wait is over at most a quarter of a second late, or an eighth
// of the shortest wait in the options.
//
// The sockets of sessions are not Asio's, which asks the system for each wait: they are in an epoll
// set of the loop's own, that Asio waits for as a whole, and tell by edges. A request then costs no
// call beside the one that reads it and the one that answers it.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "net/counts.h"
#include "net/server.h"

namespace lvp::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;
// With the executor's own type: the type-erased one costs an allocation here and there.
using TcpSocket = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;
using Descriptor = asio::posix::basic_stream_descriptor<asio::io_context::executor_type>;
using TcpAcceptor = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

class Connection;
class Loop;
class TlsIdentity;

/// One open connection, whatever it speaks. Belongs to its loop's thread.
class Session {
 public:
  explicit Session(Loop& loop) : loop_(loop) {}
  virtual ~Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  virtual void on_readable() = 0;  ///< once after Channel::when_readable(); may end the session
  virtual void on_writable() = 0;  ///< the same of when_writable()
  virtual void expired() = 0;      ///< the wait is over
  virtual void stop() = 0;         ///< finish what has begun, then close
  virtual void abort() = 0;        ///< close now

  /// Counts down one tick. True if the wait is over with it.
  bool tick() { return ticks_left_ > 0 && --ticks_left_ == 0; }

 protected:
  void wait_for(Duration wait);
  void wait_without_limit() { ticks_left_ = 0; }

  Loop& loop_;

 private:
  std::uint64_t ticks_left_ = 0;  // 0: no limit
};

/// A session's socket in the loop's epoll set. Edges come once, so what was seen is remembered.
struct Watch {
  Session* session = nullptr;
  bool wants_readable = false;
  bool wants_writable = false;
  bool may_have_more = false;  ///< an edge came that no read has used up
  bool has_ended = false;      ///< the other end's half is closed: no edge will tell again
};

/// What the loops of one server share.
struct Shared {
  Shared(ServerOptions given, Handler& answers, std::size_t loops)
      : options(std::move(given)), handler(answers), busy(loops) {}

  const ServerOptions options;
  Handler& handler;
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> buffered = 0;   ///< bytes that count for buffer_bytes_max
  std::atomic<std::uint64_t> sockets = 0;  ///< WebSockets opened so far: their ids
  std::atomic<std::size_t> busy;           ///< sessions, and loops that have not begun to stop
  std::promise<void> quiet;                ///< kept when nothing is busy any more

  /// For the next connections; nullptr: without TLS. Thread-safe.
  std::shared_ptr<const TlsIdentity> identity();
  void use(std::shared_ptr<const TlsIdentity> identity);

 private:
  Mutex mutex_;
  std::shared_ptr<const TlsIdentity> identity_ GUARDED_BY(mutex_);
};

/// Lives until the last Responder or Socket that may still speak to it is gone.
class Loop : public std::enable_shared_from_this<Loop> {
 public:
  explicit Loop(std::shared_ptr<Shared> shared);
  ~Loop();

  /// Takes connections at `at`, together with other sockets that share it if `share`. Before run().
  Status listen(const tcp::endpoint& at, bool share);
  std::uint16_t port() const;

  /// Until everything is closed after stop() and abort().
  void run();

  // Thread-safe.
  /// Stops the sessions, and takes no connections after those that are here, or, on a shared port,
  /// on their way; `wait` limits how long it looks out for these.
  void stop(Duration wait);
  void abort();  ///< closes what is still open; after stop()
  /// Has `connection` answer, at the latest after wake().
  void answer(std::shared_ptr<Connection> connection, http::Response response);
  void wake();  ///< for the answers that lie there
  bool is_mine() const { return std::this_thread::get_id() == thread_; }  ///< the calling thread
  asio::io_context& context() { return context_; }
  Shared& shared() { return *shared_; }
  Counts& counts() { return counts_; }  ///< to add to: on the loop's thread only

  // On the loop's thread only.
  void add(const std::shared_ptr<Session>& session);
  void remove(Session* session);  ///< may destroy it
  bool stopping() const { return stopping_; }
  std::string_view date();  ///< value of a Date header, made once a second
  Duration tick() const { return tick_; }
  std::unique_ptr<Watch> watch(int socket);
  /// Has the edges of what is ready now come again, for `watch` with those of writing if it wants.
  void watch_again(int socket, Watch& watch);
  /// Its socket is closed; events that were taken with others may still point to it.
  void retire(std::unique_ptr<Watch> watch) { retired_.push_back(std::move(watch)); }

  /// Where whoever is called reads into: empty again when the call is over.
  std::array<char, 64 * 1024> scratch;
  std::array<char, 32 * 1024> encrypted;  ///< the same for what TLS turns into `scratch`

 private:
  struct Answer {
    std::shared_ptr<Connection> connection;
    http::Response response;
  };

  void begin_stop(Duration wait);
  void end_accept();
  void accept();
  void accepted(const ErrorCode& error, TcpSocket socket);
  void begin(TcpSocket socket);
  void hand_out_answers();
  void wait_ready();
  void on_ready();
  void end_if_done();
  void schedule_tick();
  void on_tick();
  std::vector<std::shared_ptr<Session>> sessions() const;  // a copy: they leave while we walk
  void less_busy();

  std::shared_ptr<Shared> shared_;
  Duration tick_;
  std::thread::id thread_;  // set by run()
  asio::io_context context_{1};
  TcpAcceptor acceptor_{context_};
  asio::steady_timer ticks_{context_};
  asio::steady_timer accept_again_{context_};  // and, when stopping, no more
  Descriptor ready_{context_};                 // the epoll set
  std::array<epoll_event, 256> events_{};
  std::vector<std::unique_ptr<Watch>> retired_;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions_;
  std::vector<Answer> handed_out_;  // empty between calls; keeps its room
  Counts counts_;
  bool stopping_ = false;
  Timestamp date_at_{};
  std::string date_;

  Mutex mutex_;
  std::vector<Answer> answers_ GUARDED_BY(mutex_);
  bool woken_ GUARDED_BY(mutex_) = false;  // and has not looked yet
  bool ended_ GUARDED_BY(mutex_) = false;  // run() has returned
};

inline void Session::wait_for(Duration wait) {
  // One more, because the tick that is running has begun already.
  ticks_left_ = static_cast<std::uint64_t>((wait + loop_.tick() - Duration(1)) / loop_.tick()) + 1;
}

}  // namespace lvp::net
