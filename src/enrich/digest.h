// Cryptographic hashes as hexadecimal text. OpenSSL's door in this room.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvp::enrich {

/// May be used by several threads at once.
class Digest {
 public:
  /// MD5, SHA1, SHA256, SHA384 or SHA512, also written with a dash ("SHA-256"). Error::invalid for
  /// others, and where the system's cryptographic policy forbids one.
  static Result<Digest> named(std::string_view function);

  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  /// Lower case.
  std::string hex(std::string_view bytes) const;

 private:
  struct State;
  explicit Digest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lvp::enrich
