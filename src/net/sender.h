// An HTTP/1.1 client with many kept connections on one thread: for who has thousands of requests a
// second to send and must not wait for any of them.
//
// Plain http only. Each connection has one request at a time; who sends keeps what finds none free.
// A lost connection is opened again. Answers need a Content-Length.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lvp::net {

/// Where a server listens.
struct Address {
  std::string host;
  std::uint16_t port = 80;

  /// Value of a Host header.
  std::string text() const { return host + ":" + std::to_string(port); }
};

/// "http://name:port" or "http://name", a path after it is not looked at. Error::invalid for
/// anything else.
Result<Address> parse_address(std::string_view url);

/// A connected TCP socket, not blocking from then on; the caller closes it. Error::unavailable if
/// there is no such name, or nobody listens within `wait`.
Result<int> open_socket(const Address& address, Duration wait);

struct SenderOptions {
  Address address;
  std::size_t connections = 64;
  Duration connect_wait = std::chrono::seconds(5);
  Duration answer_wait = std::chrono::seconds(10);  ///< then the connection is given up
  std::size_t answer_bytes_max = 64 * 1024 * 1024;  ///< over it, too
};

/// Belongs to one thread.
class Sender {
 public:
  struct Answer {
    std::uint64_t tag;
    int status;             ///< 0: none came, so nobody knows whether the request arrived
    std::string_view body;  ///< good during the call
  };
  using OnAnswer = std::function<void(const Answer&)>;

  /// Opens all connections. Error::unavailable if the server takes fewer.
  static Result<std::unique_ptr<Sender>> connect(const SenderOptions& options);
  virtual ~Sender() = default;

  /// A connection is free.
  virtual bool is_free() const = 0;
  /// Sends `request`, head and body, on a free connection: only if there is one. What becomes of it
  /// is told once, with the tag, by poll().
  virtual void send(std::uint64_t tag, std::string request) = 0;
  /// Requests that have not been told of.
  virtual std::size_t under_way() const = 0;
  /// Does what can be done without waiting. To be called when descriptor() is readable, and ten
  /// times a second at least.
  virtual void poll(const OnAnswer& on_answer) = 0;
  /// For ::poll(): readable when there is something to do.
  virtual int descriptor() const = 0;
};

}  // namespace lvp::net
