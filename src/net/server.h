// An HTTP/1.1 and WebSocket server that knows no domain: requests come in as plain values
// (wire/http_message.h), answers go out whenever the handler has one.
//
// Each of `threads` runs its own acceptor and event loop (SO_REUSEPORT), and a connection stays
// with its thread. A request may be answered at once or later, from any thread; requests of one
// connection are answered in order. Everything has a limit, and what is over it is told so and
// closed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "wire/http_message.h"

namespace lvp::net {

/// What a server proves itself with: PEM files.
struct Tls {
  std::string certificate_file;  ///< its own certificate first, then those that vouch for it
  std::string key_file;          ///< without a password
};

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6; "::" takes both
  std::uint16_t port = 0;             ///< 0: chosen by the system
  unsigned threads = 1;
  /// Several servers on one port, also of several processes of one user: each gets its part of the
  /// new connections. False: start() fails if anybody has the port.
  bool share_port = false;
  std::optional<Tls> tls = {};               ///< TLS 1.2 or 1.3 instead of plain text
  std::size_t header_bytes_max = 16 * 1024;  ///< request line and headers; over it: 431
  /// Over it: 413, as soon as it is known, without "100 Continue" and without reading the rest. It
  /// holds for every method: a GET or HEAD may have a body, which must be read to reach the next
  /// request.
  std::size_t body_bytes_max = 1024 * 1024;
  /// For a whole header, from its first byte; over it: 408. Also for a TLS handshake; then closed.
  Duration header_wait = std::chrono::seconds(10);
  Duration body_wait = std::chrono::seconds(10);  ///< for a whole body; over it: 408
  Duration idle_wait = std::chrono::seconds(75);  ///< between requests; then closed
  Duration write_wait =
      std::chrono::seconds(10);  ///< without a byte of a response taken; then closed
  /// After stop(): for an idle client to send one more request, and for one that has its last
  /// answer to close.
  Duration drain_grace = std::chrono::seconds(1);
  /// A WebSocket is pinged that often, and dropped when nothing came for three times as long.
  Duration ping_wait = std::chrono::seconds(20);
  std::size_t connections_max = 10'000;  ///< over it: 503 and closed
  /// Then the answer carries Connection: close, so that load spreads again.
  std::uint64_t requests_per_connection_max = 10'000;
  /// Memory for requests that are being received or answered, of all connections together. The one
  /// that goes over it is answered 503 and gives back its own. It grows as bytes come, not by what
  /// is announced, and is up to twice as large as they. The first 16 KiB of a connection are not
  /// counted, so that small requests always have room; connections_max limits those.
  std::size_t buffer_bytes_max = 256 * 1024 * 1024;
  std::size_t socket_queue_bytes_max = 4 * 1024 * 1024;  ///< of one WebSocket, see Socket::send
  /// Made before each error that the server answers itself (400, 408, 413, 431, 503): lets the
  /// owner add headers, e.g. CORS. The request holds what was understood so far. May be empty.
  std::function<void(const http::Request&, http::Response&)> on_error = {};
};

/// Answers one request, once, from any thread. Destroyed unanswered, it answers 500. Does nothing
/// if the connection is gone, or the server.
class Responder {
 public:
  /// Where the answer goes: the server's side of a request, or a test's.
  class Exchange {
   public:
    virtual ~Exchange() = default;
    /// Called once at most.
    virtual void send(http::Response response) = 0;
    /// The same, but it may be left lying until wake().
    virtual void put(http::Response response) { send(std::move(response)); }
    virtual void wake() {}
  };

  explicit Responder(std::shared_ptr<Exchange> exchange);
  ~Responder();
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;

  /// Only the first call counts.
  void send(http::Response response);

 private:
  friend void send_all(std::vector<struct Answer> answers);
  std::shared_ptr<Exchange> exchange_;
};

struct Answer {
  Responder responder;
  http::Response response;
};

/// As many calls of Responder::send(), at a lower price: each event loop is woken once.
void send_all(std::vector<Answer> answers);

/// One end of a WebSocket. Thread-safe.
class Socket {
 public:
  virtual ~Socket() = default;

  /// Queues a text frame (valid UTF-8); many sockets may share its bytes. False, and nothing
  /// queued, if the socket is closed, or if the queue would grow over its limit: the other end is
  /// slow, and `drained` will say when it has caught up. An empty queue takes a frame of any size.
  virtual bool send(std::shared_ptr<const std::string> text) = 0;
  /// Closes (code 1000) after what is queued. `closed` follows.
  virtual void close() = 0;
  /// Different for each socket of a server, never 0.
  virtual std::uint64_t id() const = 0;
};

/// What happens on WebSockets. Called on the socket's event loop: must not block. First `opened`,
/// last `closed`, each once; a socket has one loop, so its calls never overlap. A client's binary
/// message closes the socket (1003), as does a text of more than 64 KiB (1009).
class SocketHandler {
 public:
  virtual ~SocketHandler() = default;
  /// The request's views are good during the call only.
  virtual void opened(const std::shared_ptr<Socket>& socket, const http::Request& request) = 0;
  virtual void received(const std::shared_ptr<Socket>& socket, std::string_view text) = 0;
  /// The queue is empty again after a send() was refused.
  virtual void drained(const std::shared_ptr<Socket>& socket) = 0;
  virtual void closed(const std::shared_ptr<Socket>& socket) = 0;
};

/// What to do with requests. Called on event loops, from several threads at once: must not block.
class Handler {
 public:
  virtual ~Handler() = default;

  /// The request's views are good during the call only.
  virtual void handle(const http::Request& request, Responder responder) = 0;

  /// The handler of a WebSocket upgrade at this request's path, or nullptr: then handle() is asked.
  /// It must outlive the server.
  virtual SocketHandler* upgrade(const http::Request&) { return nullptr; }
};

/// What a server has done and holds. The errors are those that it answered itself.
struct ServerStats {
  std::uint64_t connections_open = 0;   ///< WebSockets too
  std::uint64_t connections_total = 0;  ///< taken since the start
  std::uint64_t refused_connections = 0;
  std::uint64_t requests_total = 0;  ///< given to the handler
  std::uint64_t buffer_bytes = 0;    ///< what counts for buffer_bytes_max
  std::uint64_t bytes_in = 0;        ///< on the wire
  std::uint64_t bytes_out = 0;
  std::uint64_t tls_failures = 0;  ///< handshakes that failed or took too long, broken records
  std::uint64_t errors_400 = 0;
  std::uint64_t errors_408 = 0;
  std::uint64_t errors_413 = 0;
  std::uint64_t errors_431 = 0;
  std::uint64_t errors_503 = 0;
};

class Server {
 public:
  /// Listens and answers. Error::invalid if the address cannot be bound, with its name and number,
  /// or the TLS files are of no use, with the file's name and the reason.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, Handler& handler);

  virtual ~Server() = default;  ///< stops
  virtual std::uint16_t port() const = 0;

  /// Cheap and thread-safe, also after stop(). Its values may be a moment apart.
  virtual ServerStats stats() const = 0;

  /// Reads the TLS files again: connections from now on get the new certificate, open ones go on.
  /// After an error (as of start()) the old one stays. Thread-safe; nothing to do without TLS.
  virtual Status reload_tls() = 0;

  /// Ends without losing a request, in this order, all of it up to `wait`, and sooner when nothing
  /// is open any more:
  ///   - connections that wait to be taken are taken, then no more;
  ///   - requests that have begun, also on these, are read and answered; each connection's next
  ///     answer carries Connection: close;
  ///   - a connection without a request has drain_grace to send one, which is answered like that,
  ///     and is then closed. What a client sends at that very moment is lost, as after idle_wait;
  ///   - WebSockets are closed with code 1001.
  /// What is open after `wait` is cut off. No handler is called after it. Idempotent; not from an
  /// event loop. The destructor does it without a wait.
  ///
  /// With share_port, an upgrade loses nothing: start the new server, then stop the old one. For
  /// its first 250 ms the old one completes the TCP handshakes that have begun, and lets the system
  /// drop the first packet of new ones; those clients send it again a second later, and reach
  /// another server. Left out is a handshake that takes longer than these 250 ms: it belongs to the
  /// socket that saw its first packet, and is reset with it. On Linux, net.ipv4.tcp_migrate_req=1
  /// gives it to another socket on the port.
  virtual void stop(Duration wait) = 0;
};

}  // namespace lvp::net
