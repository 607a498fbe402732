// Reads one HTTP/1 request out of the bytes of a connection, however they are cut into pieces.
//
// The door to Beast's parser: no other file sees its headers. Beast checks the grammar and the
// framing of the body; what it lets pass and RFC 9112 forbids is refused here, so that no two
// parties can disagree about where a request ends. A plain head that comes in one piece is read
// without Beast, in a quarter of the time (net/plain_head.h); what fuzz/request.cc cuts into pieces
// goes through Beast, and must come to the same.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "wire/http_message.h"

namespace lvp::net {

class RequestParser {
 public:
  struct Limits {
    std::size_t
        header_bytes_max;  ///< request line and headers; also the trailers of a chunked body
    std::size_t body_bytes_max;
  };

  enum class State {
    empty,   ///< no byte of a request yet
    header,  ///< part of the header
    body,    ///< the header, and not yet the whole body
    done,    ///< the whole request
    failed,  ///< not a request that we serve: error_status() says why
  };

  explicit RequestParser(Limits limits);
  ~RequestParser();

  /// Takes bytes up to the end of the request and returns how many: all of them, unless the state
  /// is then `done` or `failed`. Only in the first three states.
  std::size_t take(std::string_view bytes);

  State state() const;
  int error_status() const;  ///< 400, 413 or 431

  /// What has been understood so far. The views are good until the next take() or reset().
  http::Request request() const;
  void request(http::Request& out) const;  ///< the same; uses out's room, leaves its peer

  // Good once the header is there.
  bool keep_alive() const;          ///< the client will reuse the connection
  bool is_head() const;             ///< the answer must have no body
  bool http_1_0() const;            ///< its version, where a kept connection must be promised
  bool awaits_continue() const;     ///< sent "Expect: 100-continue" and nothing of the body
  bool asks_for_websocket() const;  ///< an upgrade to WebSocket, of any version

  /// Ready for the next request.
  void reset();

  /// What a connection keeps between requests at most, to use it again.
  static constexpr std::size_t kept_bytes_max = 16 * 1024;
  /// Memory of the request and of its views, as allocated: it grows as bytes come, at most to twice
  /// their number, whatever length is announced.
  std::size_t held_bytes() const;
  /// Gives it back. The request is then empty; nothing may be taken before reset().
  void release();

 private:
  struct Beast;
  std::unique_ptr<Beast> beast_;
};

}  // namespace lvp::net
