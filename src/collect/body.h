// The body of a request as text, whatever it was packed in.
//
//   Content-Encoding   none, identity, gzip, x-gzip
//   charset            UTF-8, or what charset.h knows; an unknown one is read as UTF-8
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "wire/http_message.h"

namespace lvp::collect {

/// A body in valid UTF-8: invalid bytes are U+FFFD, and a byte order mark is left out.
struct Body {
  std::string_view received;        ///< views the request
  std::optional<std::string> made;  ///< instead, where the bytes could not stay as they were
  bool was_compressed = false;

  std::string_view text() const { return made ? *made : received; }
};

enum class BodyError : std::uint8_t {
  corrupt,         ///< not what its Content-Encoding claims
  too_large,       ///< more than `bytes_max` when decompressed
  unknown_coding,  ///< a Content-Encoding that is none of the above, or several
};

/// `charset`: of the Content-Type, in lower case; empty if there is none. `bytes_max` is for what a
/// compressed body becomes; the others are as large as the server let them be.
std::expected<Body, BodyError> read_body(const http::Request& request, std::string_view charset,
                                         std::size_t bytes_max);

}  // namespace lvp::collect
