// The head of a request as nearly all are, read without a general parser: HTTP/1.1, one Host,
// printable ASCII, and nothing that changes how the body is framed or what becomes of the
// connection. What is anything else, right or wrong, is left to that parser. Pure.
//
//   head  = method SP target SP "HTTP/1.1" CRLF ( name ":" value CRLF )* CRLF
//   value = printable ASCII and spaces, without those at its ends
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace lvp::net {

/// A view of the head's bytes that survives their moving.
struct Place {
  std::size_t at = 0;
  std::size_t size = 0;
};

struct Field {
  Place name;
  Place value;
};

struct PlainHead {
  Place method;
  Place target;
  std::size_t bytes = 0;         ///< of the head, its empty line included
  std::uint64_t body_bytes = 0;  ///< Content-Length, or none
};

/// Reads the head that `bytes` begin with, up to its empty line, and appends its fields in their
/// order. Nothing if it is not plain or not whole; then `fields` may have more than before. Not
/// plain are Expect, Transfer-Encoding, Upgrade, Proxy-Connection, a Connection other than
/// keep-alive, none or several of Host, several of Content-Length or one that is no number.
std::optional<PlainHead> read_plain_head(std::string_view bytes, std::vector<Field>& fields);

}  // namespace lvp::net
