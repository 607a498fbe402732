#include "net/tls.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <array>
#include <fstream>

#include "net/test_tls.h"

namespace lvp::net {
namespace {

// A client that speaks to a session without a socket.
class Pair {
 public:
  explicit Pair(const TestFiles& files, int version_max = TLS1_3_VERSION)
      : identity_(*TlsIdentity::load(files.tls())),
        session(*identity_),
        context_(client_context(version_max)),
        client(SSL_new(context_.get())),
        to_client_(BIO_new(BIO_s_mem())),
        from_client_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(client.get(), to_client_, from_client_);
    SSL_set_connect_state(client.get());
  }

  // Carries what either side has to say, in pieces, until both are silent. What the client said
  // is in `heard`. False if the session broke.
  bool talk(std::size_t piece) {
    std::vector<char> room(piece + TlsSession::record_bytes_max);
    for (bool moved = true; moved;) {
      moved = false;
      SSL_do_handshake(client.get());
      std::string bytes(piece, '\0');
      const int size = BIO_read(from_client_, bytes.data(), static_cast<int>(piece));
      if (size > 0) {
        moved = true;
        const auto said = session.receive(bytes.substr(0, static_cast<std::size_t>(size)), room);
        if (!said) return false;
        heard += *said;
      }
      const std::string_view unsent = session.unsent().substr(0, piece);
      if (!unsent.empty()) {
        moved = true;
        BIO_write(to_client_, unsent.data(), static_cast<int>(unsent.size()));
        session.sent(unsent.size());
      }
    }
    return true;
  }

  std::string read() {
    std::string all;
    std::array<char, 1000> some{};
    for (int size; (size = SSL_read(client.get(), some.data(), some.size())) > 0;) {
      all.append(some.data(), static_cast<std::size_t>(size));
    }
    return all;
  }

  void write(std::string_view bytes) {
    SSL_write(client.get(), bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  std::shared_ptr<const TlsIdentity> identity_;

 public:
  TlsSession session;

 private:
  SslContext context_;

 public:
  Ssl client;
  std::string heard;

 private:
  BIO* to_client_;
  BIO* from_client_;
};

TEST(Tls, SpeaksInAnyPieces) {
  const TestFiles files("a");
  const std::string question(20'000, 'q');
  const std::string answer(40'000, 'a');
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const std::size_t piece : {1u, 7u, 1000u, 32u * 1024u}) {
      Pair pair(files, version);
      EXPECT_FALSE(pair.session.established());
      ASSERT_TRUE(pair.talk(piece));
      ASSERT_TRUE(pair.session.established());
      EXPECT_EQ(SSL_version(pair.client.get()), version);
      pair.write(question);
      ASSERT_TRUE(pair.talk(piece));
      EXPECT_EQ(pair.heard, question);
      pair.session.send(answer);
      ASSERT_TRUE(pair.talk(piece));
      EXPECT_EQ(pair.read(), answer);
      EXPECT_TRUE(pair.session.unsent().empty());
    }
  }
}

TEST(Tls, EitherSideSaysThatItHasFinished) {
  const TestFiles files("a");
  Pair pair(files);
  ASSERT_TRUE(pair.talk(1000));
  EXPECT_FALSE(pair.session.ended());
  pair.write("last words");
  SSL_shutdown(pair.client.get());
  ASSERT_TRUE(pair.talk(1000));
  EXPECT_EQ(pair.heard, "last words");
  EXPECT_TRUE(pair.session.ended());

  pair.session.send("mine");
  pair.session.finish();
  ASSERT_TRUE(pair.talk(1000));
  EXPECT_EQ(pair.read(), "mine");
  EXPECT_EQ(SSL_get_shutdown(pair.client.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
}

TEST(Tls, OldVersionsAndWeakCiphersAreRefusedWithAnAlert) {
  const TestFiles files("a");
  Pair old(files, TLS1_1_VERSION);
  EXPECT_FALSE(old.talk(1000));
  EXPECT_FALSE(old.session.unsent().empty());

  Pair weak(files, TLS1_2_VERSION);
  SSL_set_cipher_list(weak.client.get(), "ECDHE-ECDSA-AES128-SHA");
  EXPECT_FALSE(weak.talk(1000));
  EXPECT_FALSE(weak.session.unsent().empty());
}

TEST(Tls, WhatIsNotTlsEndsTheSession) {
  const TestFiles files("a");
  for (const std::string_view bytes : {std::string_view("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                                       std::string_view("\x16\x03\x01\xff\xff\x00\x00\x00", 8)}) {
    Pair pair(files);
    std::array<char, 20'000> room{};
    EXPECT_FALSE(pair.session.receive(bytes, room));
    pair.session.finish();  // nobody to hear it
  }
}

TEST(Tls, DoesNotRenegotiate) {
  const TestFiles files("a");
  Pair pair(files, TLS1_2_VERSION);
  ASSERT_TRUE(pair.talk(1000));
  ASSERT_EQ(SSL_renegotiate(pair.client.get()), 1);
  (void)pair.talk(1000);
  EXPECT_EQ(SSL_num_renegotiations(pair.client.get()), 1);
  EXPECT_EQ(SSL_renegotiate_pending(pair.client.get()), 1);  // asked, never granted
}

TEST(Tls, FilesThatAreOfNoUseAreNamed) {
  const TestFiles good("good");
  const TestFiles other("other");
  std::ofstream(good.path("text.pem")) << "no certificate, no key\n";
  std::ofstream(good.path("empty.pem"));
  const std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>> rsa(EVP_RSA_gen(2048));
  {
    const std::unique_ptr<std::FILE, FreeWith<std::fclose>> file(
        std::fopen(good.path("rsa.pem").c_str(), "w"));
    PEM_write_PrivateKey(file.get(), rsa.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  {
    const std::unique_ptr<std::FILE, FreeWith<std::fclose>> file(
        std::fopen(good.path("locked.pem").c_str(), "w"));
    const std::string_view password = "secret";
    PEM_write_PrivateKey(file.get(), rsa.get(), EVP_aes_128_cbc(),
                         reinterpret_cast<const unsigned char*>(password.data()),
                         static_cast<int>(password.size()), nullptr, nullptr);
  }
  const std::string certificate = good.tls().certificate_file;
  const std::string key = good.tls().key_file;
  const std::string stranger = ": does not belong to certificate " + certificate;
  const struct {
    std::string certificate, key, error;
  } rows[] = {
      {good.path("none.pem"), key,
       "certificate " + good.path("none.pem") + ": No such file or directory"},
      {good.path("."), key, "certificate " + good.path(".") + ": "},
      {good.path("text.pem"), key, "certificate " + good.path("text.pem") + ": "},
      {good.path("empty.pem"), key, "certificate " + good.path("empty.pem") + ": "},
      {key, key, "certificate " + key + ": "},
      {certificate, good.path("none.pem"),
       "key " + good.path("none.pem") + ": No such file or directory"},
      {certificate, good.path("text.pem"), "key " + good.path("text.pem") + ": "},
      {certificate, certificate, "key " + certificate + ": "},
      {certificate, good.path("locked.pem"), "key " + good.path("locked.pem") + ": "},
      {certificate, other.tls().key_file, "key " + other.tls().key_file + stranger},
      {certificate, good.path("rsa.pem"), "key " + good.path("rsa.pem") + stranger},
  };
  for (const auto& row : rows) {
    const auto loaded = TlsIdentity::load({row.certificate, row.key});
    ASSERT_FALSE(loaded) << row.error;
    EXPECT_EQ(loaded.error().code, Error::Code::invalid);
    EXPECT_TRUE(loaded.error().what.starts_with(row.error)) << loaded.error().what << "\n"
                                                            << row.error;
    if (row.error.ends_with(": ")) {  // and OpenSSL's reason
      EXPECT_GT(loaded.error().what.size(), row.error.size());
    }
  }
  EXPECT_TRUE(TlsIdentity::load(good.tls()));
}

}  // namespace
}  // namespace lvp::net
