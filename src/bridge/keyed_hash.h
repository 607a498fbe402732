// The hash that scripts may ask for: one way, and slow on purpose.
#pragma once

#include <string>
#include <string_view>

namespace lvp::bridge {

/// PBKDF2-HMAC with 1000 iterations and a key of 24 bytes, as 48 hexadecimal digits. `algorithm` is
/// sha1, sha256 or md5; empty for any other.
std::string keyed_hash(std::string_view text, std::string_view algorithm, std::string_view salt);

}  // namespace lvp::bridge
