#include "bridge/keyed_hash.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"

namespace lvp::bridge {
namespace {

const EVP_MD* digest_of(std::string_view algorithm) {
  if (algorithm == "sha1") return EVP_sha1();
  if (algorithm == "sha256") return EVP_sha256();
  if (algorithm == "md5") return EVP_md5();
  return nullptr;
}

}  // namespace

std::string keyed_hash(std::string_view text, std::string_view algorithm, std::string_view salt) {
  const EVP_MD* digest = digest_of(algorithm);
  if (digest == nullptr) return {};
  constexpr int iterations = 1000;
  std::array<unsigned char, 24> key{};
  const int done = PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()),
                                     reinterpret_cast<const unsigned char*>(salt.data()),
                                     static_cast<int>(salt.size()), iterations, digest,
                                     static_cast<int>(key.size()), key.data());
  LVP_CHECK(done == 1);
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : key) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

}  // namespace lvp::bridge
