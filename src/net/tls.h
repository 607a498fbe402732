// TLS on the server's side as a transform of bytes: no socket here. The door to OpenSSL's TLS.
//
//   bytes from the client ── receive() ──► what they say
//   what we say ── send() ──► unsent() ──► bytes to the client
//
// TLS 1.2 with forward secrecy and authenticated ciphers, and 1.3; no compression, no
// renegotiation, no early data. Sessions are resumed by tickets, so that the server remembers
// nothing of them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/server.h"

struct ssl_st;
struct ssl_ctx_st;

namespace lvp::net {

/// A certificate chain and its key. Thread-safe; sessions that began with it keep what they need.
class TlsIdentity {
 public:
  /// Error::invalid names the file that cannot be read or makes no sense, and why.
  static Result<std::shared_ptr<const TlsIdentity>> load(const Tls& files);

  ~TlsIdentity();
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;

 private:
  friend class TlsSession;
  explicit TlsIdentity(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
};

/// One connection's TLS, from the client's first byte on. A message of the handshake may be 128 KiB
/// long at most; between requests a session keeps a few kilobytes.
class TlsSession {
 public:
  /// The most that a call of receive() says beyond the size of its bytes: a record that had begun.
  static constexpr std::size_t record_bytes_max = 17 * 1024;

  explicit TlsSession(const TlsIdentity& identity);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Takes all the bytes, and puts what they say into `room`, which must have record_bytes_max more
  /// bytes than they. Nothing if they break the rules: the session is over, and unsent() tells why.
  std::optional<std::string_view> receive(std::string_view bytes, std::span<char> room);
  /// Says it. Only when established, and before finish().
  void send(std::string_view bytes);
  /// Says that nothing will follow, if there is anybody to hear it.
  void finish();

  bool established() const;  ///< the handshake is done
  bool ended() const;        ///< the other end will say nothing more

  /// What the other end must get next.
  std::string_view unsent() const { return std::string_view(out_).substr(out_sent_); }
  /// So much of it is out.
  void sent(std::size_t bytes);

 private:
  friend struct Transport;  // OpenSSL's side of in_ and out_

  ssl_st* ssl_;
  std::string_view in_;  // during receive(): what OpenSSL has not read
  std::string out_;
  std::size_t out_sent_ = 0;
  bool failed_ = false;
};

}  // namespace lvp::net
