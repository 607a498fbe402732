// The client's side of TLS for the tests of this room, and certificates for the server's.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/temporary_folder.h"
#include "net/server.h"
#include "net/test_client.h"

namespace lvp::net {

template <auto free>
struct FreeWith {
  template <class T>
  void operator()(T* thing) const {
    free(thing);
  }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeWith<SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, FreeWith<SSL_free>>;

/// A folder of its own for each test, with a certificate that signs itself.
class TestFiles {
 public:
  explicit TestFiles(const std::string& name) { write_certificate(name); }

  Tls tls() const { return {path("certificate.pem"), path("key.pem")}; }
  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  /// Another certificate and key in their place.
  void write_certificate(const std::string& name) const {
    const std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, FreeWith<X509_free>> x509(X509_new());
    X509_set_version(x509.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
    X509_set_pubkey(x509.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x509.get(), subject);
    X509_sign(x509.get(), key.get(), EVP_sha256());

    const File certificate(std::fopen(tls().certificate_file.c_str(), "w"));
    PEM_write_X509(certificate.get(), x509.get());
    const File secret(std::fopen(tls().key_file.c_str(), "w"));
    PEM_write_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }

 private:
  using File = std::unique_ptr<std::FILE, FreeWith<std::fclose>>;

  const TemporaryFolder folder_;
};

inline SslContext client_context(int version_max = TLS1_3_VERSION) {
  SslContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_security_level(context.get(), 0);  // so that it offers what the server must refuse
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), version_max);
  return context;
}

class TlsTestClient final : public TestClient {
 public:
  explicit TlsTestClient(std::uint16_t port, int version_max = TLS1_3_VERSION,
                         SSL_SESSION* resumed = nullptr)
      : TestClient(port), context_(client_context(version_max)), ssl_(SSL_new(context_.get())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    SSL_set_fd(ssl_.get(), socket());
    if (resumed != nullptr) SSL_set_session(ssl_.get(), resumed);
    secure_ = connected() && SSL_connect(ssl_.get()) == 1;
  }

  bool secure() const { return secure_; }  ///< the handshake succeeded
  SSL* ssl() const { return ssl_.get(); }

  /// The common name of the server's certificate.
  std::string server_name() const {
    const X509* x509 = SSL_get0_peer_certificate(ssl_.get());
    char name[64] = "";
    if (x509 != nullptr) {
      X509_NAME_get_text_by_NID(X509_get_subject_name(x509), NID_commonName, name, sizeof name);
    }
    return name;
  }

 private:
  ssize_t put(std::string_view bytes) override {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  ssize_t get(char* bytes, std::size_t size) override {
    const int read = SSL_read(ssl_.get(), bytes, static_cast<int>(size));
    if (read > 0) return read;
    return SSL_get_error(ssl_.get(), read) == SSL_ERROR_ZERO_RETURN ? 0 : -1;
  }

  SslContext context_;
  Ssl ssl_;
  bool secure_ = false;
};

}  // namespace lvp::net
