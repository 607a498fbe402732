#include "enrich/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace lvp::enrich {
namespace {

struct FreeDigest {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};

constexpr std::array<const char*, 5> functions{"MD5", "SHA1", "SHA256", "SHA384", "SHA512"};

}  // namespace

struct Digest::State {
  std::unique_ptr<EVP_MD, FreeDigest> digest;
};

Digest::Digest(std::unique_ptr<State> state) : state_(std::move(state)) {}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

Result<Digest> Digest::named(std::string_view function) {
  std::string name(function);
  std::erase(name, '-');
  if (std::ranges::find(functions, name) == functions.end())
    return invalid("hash function " + std::string(function) + " is not supported");
  auto state = std::make_unique<State>();
  state->digest.reset(EVP_MD_fetch(nullptr, name.c_str(), nullptr));
  if (!state->digest) return invalid("hash function " + name + " is not available here");
  return Digest(std::move(state));
}

std::string Digest::hex(std::string_view bytes) const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  LVP_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, state_->digest.get(),
                       nullptr) == 1);
  std::string text;
  text.reserve(2 * size);
  for (unsigned int i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4];
    text += digits[digest[i] & 15];
  }
  return text;
}

}  // namespace lvp::enrich
