#include "net/tls.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <system_error>

#include "base/check.h"

namespace lvp::net {

// A BIO that reads and writes the strings of a session. It never blocks on writing.
struct Transport {
  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "session");
      LVP_CHECK(m != nullptr);
      BIO_meth_set_read(m, read);
      BIO_meth_set_write(m, write);
      BIO_meth_set_ctrl(m, control);
      return m;
    }();
    return made;
  }

  static TlsSession& session(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* to, int size) {
    std::string_view& in = session(bio).in_;
    BIO_clear_retry_flags(bio);
    if (in.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t taken = in.copy(to, static_cast<std::size_t>(size));
    in.remove_prefix(taken);
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* from, int size) {
    session(bio).out_.append(from, static_cast<std::size_t>(size));
    return size;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }
};

namespace {

// What a session keeps for bytes to send when it has none.
constexpr std::size_t kept_bytes_max = 4 * 1024;

// Without this OpenSSL would ask the terminal.
int no_password(char*, int, int, void*) {
  return 0;
}

// Why the last call failed, in OpenSSL's words or the system's.
std::string reason() {
  const unsigned long error = ERR_peek_error();
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  const char* text = ERR_reason_error_string(error);
  return text != nullptr ? text : "not understood";
}

bool is_mismatch(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_X509 &&
         (ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH ||
          ERR_GET_REASON(error) == X509_R_KEY_TYPE_MISMATCH);
}

void configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of 1.2; 1.3 has no others
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_passwd_cb(context, no_password);
}

}  // namespace

Result<std::shared_ptr<const TlsIdentity>> TlsIdentity::load(const Tls& files) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  if (context == nullptr) return unavailable("tls: " + reason());
  const std::shared_ptr<const TlsIdentity> identity(new TlsIdentity(context));
  configure(context);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate_file.c_str()) != 1) {
    return invalid(fmt::format("certificate {}: {}", files.certificate_file, reason()));
  }
  const bool read =
      SSL_CTX_use_PrivateKey_file(context, files.key_file.c_str(), SSL_FILETYPE_PEM) == 1;
  if (!read && !is_mismatch(ERR_peek_error())) {
    return invalid(fmt::format("key {}: {}", files.key_file, reason()));
  }
  if (!read || SSL_CTX_check_private_key(context) != 1) {
    return invalid(fmt::format("key {}: does not belong to certificate {}", files.key_file,
                               files.certificate_file));
  }
  return identity;
}

TlsIdentity::~TlsIdentity() {
  SSL_CTX_free(context_);
}

TlsSession::TlsSession(const TlsIdentity& identity) : ssl_(SSL_new(identity.context_)) {
  LVP_CHECK(ssl_ != nullptr);
  BIO* bio = BIO_new(Transport::method());
  LVP_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
}

TlsSession::~TlsSession() {
  SSL_free(ssl_);
}

std::optional<std::string_view> TlsSession::receive(std::string_view bytes, std::span<char> room) {
  LVP_CHECK(room.size() >= bytes.size() + record_bytes_max);
  in_ = bytes;
  std::size_t size = 0;
  std::size_t read = 0;
  ERR_clear_error();
  while (SSL_read_ex(ssl_, room.data() + size, room.size() - size, &read) == 1) size += read;
  const int why = SSL_get_error(ssl_, 0);
  in_ = {};
  failed_ = why != SSL_ERROR_WANT_READ && why != SSL_ERROR_ZERO_RETURN;
  if (failed_) return std::nullopt;
  return std::string_view(room.data(), size);
}

void TlsSession::send(std::string_view bytes) {
  std::size_t written = 0;
  ERR_clear_error();
  failed_ = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written) != 1;
}

void TlsSession::finish() {
  if (failed_ || !established()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

bool TlsSession::established() const {
  return SSL_is_init_finished(ssl_) == 1;
}

bool TlsSession::ended() const {
  return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void TlsSession::sent(std::size_t bytes) {
  out_sent_ += bytes;
  if (out_sent_ < out_.size()) return;
  out_sent_ = 0;
  out_.clear();
  if (out_.capacity() > kept_bytes_max) out_.shrink_to_fit();
}

}  // namespace lvp::net
