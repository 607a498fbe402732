#include "collect/body.h"

#include <array>
#include <utility>

#include "base/compressed.h"
#include "base/text.h"
#include "collect/ascii.h"
#include "collect/charset.h"
#include "collect/incoming.h"

namespace lvp::collect {
namespace {

enum class Coding : std::uint8_t { none, gzip, unknown };

// Of all Content-Encoding headers together: codings are applied one after the other, and we undo
// one.
Coding coding_of(const http::Request& request) {
  Coding coding = Coding::none;
  for (const http::Header& header : request.headers) {
    if (!is_named(header, "Content-Encoding")) continue;
    for (const std::string_view part : split(header.value, ',')) {
      const std::string_view name = trim(part);
      if (name.empty() || equal_ignoring_case(name, "identity")) continue;
      const bool gzip = equal_ignoring_case(name, "gzip") || equal_ignoring_case(name, "x-gzip");
      coding = gzip && coding == Coding::none ? Coding::gzip : Coding::unknown;
    }
  }
  return coding;
}

std::string_view without_mark(std::string_view utf8) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (utf8.starts_with(byte_order_mark)) utf8.remove_prefix(byte_order_mark.size());
  return utf8;
}

// The text of bytes that cannot stay as they are; nothing if they can, but for their mark.
std::optional<std::string> decoded(std::string_view bytes, std::string_view charset) {
  if (!charset.empty() && charset != "utf-8") {
    if (const auto utf8 = utf8_from(charset, bytes)) return std::string(without_mark(*utf8));
  }
  if (is_utf8_text(bytes)) return std::nullopt;
  return repaired_utf8(without_mark(bytes));
}

}  // namespace

std::expected<Body, BodyError> read_body(const http::Request& request, std::string_view charset,
                                         std::size_t bytes_max) {
  Body body;
  switch (coding_of(request)) {
    case Coding::none:
      body.made = decoded(request.body, charset);
      body.received = without_mark(request.body);
      return body;
    case Coding::unknown:
      return std::unexpected(BodyError::unknown_coding);
    case Coding::gzip:
      break;
  }
  auto bytes = decompress(Compression::gzip, request.body, bytes_max);
  if (!bytes) {
    return std::unexpected(bytes.error() == DecompressError::too_large ? BodyError::too_large
                                                                       : BodyError::corrupt);
  }
  body.was_compressed = true;
  body.made = decoded(*bytes, charset);
  if (!body.made) body.made = std::string(without_mark(*bytes));
  return body;
}

}  // namespace lvp::collect
