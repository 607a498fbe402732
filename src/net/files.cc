#include "net/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.h"

namespace lvp::net {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 13> types{{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".mp4", "video/mp4"},
    {".webm", "video/webm"},
    {".vtt", "text/vtt; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
}};

std::string_view type_of(std::string_view name) {
  for (const auto& [extension, type] : types) {
    if (name.ends_with(extension)) return type;
  }
  return "application/octet-stream";
}

// If-None-Match: a list of tags, perhaps weak, or "*" (RFC 9110 §13.1.2).
bool matches(std::string_view if_none_match, std::string_view etag) {
  return std::ranges::any_of(split(if_none_match, ','), [etag](std::string_view tag) {
    tag = trim(tag);
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag == "*" || tag == etag;
  });
}

struct Range {
  std::size_t first;
  std::size_t size;  // 0: beyond the end
};

std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(parse_int64(text).value_or(INT64_MAX));  // or as far as can be
}

// One range of bytes of a file of `size` (RFC 9110 §14.1.2): "bytes=first-last", "bytes=first-" or
// "bytes=-how-many". Nothing for what we do not understand or serve, several ranges included.
std::optional<Range> parse_range(std::string_view text, std::size_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!text.starts_with(unit)) return std::nullopt;
  text.remove_prefix(unit.size());
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first_text = text.substr(0, dash);
  const std::string_view last_text = text.substr(dash + 1);
  const auto first = number(first_text);
  const auto last = number(last_text);
  if (first_text.empty()) {
    if (!last) return std::nullopt;
    const std::size_t taken = std::min<std::size_t>(*last, size);
    return Range{size - taken, taken};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return Range{0, 0};
  const std::size_t end = last && *last < size ? *last + 1 : size;
  return Range{*first, end - *first};
}

}  // namespace

Files::Files(std::span<const embedded::File> files) {
  for (const embedded::File& file : files) {
    files_.emplace(
        fmt::format("/{}", file.name),
        Served{file.bytes(), type_of(file.name), fmt::format("\"{:016x}\"", fnv1a(file.bytes()))});
  }
}

http::Response Files::serve(const http::Request& request) const {
  std::string path(request.path());
  if (path.ends_with('/')) path += "index.html";
  const auto found = files_.find(path);
  if (found == files_.end()) return http::text_response(404, "text/plain", "not found\n");
  if (request.method != "GET" && request.method != "HEAD") {
    http::Response refused = http::text_response(405, "text/plain", "GET or HEAD only\n");
    refused.headers.add("Allow", "GET, HEAD");
    return refused;
  }

  const Served& file = found->second;
  http::Response response;
  response.headers.add("ETag", file.etag);
  response.headers.add("Cache-Control", path.starts_with("/assets/")
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  if (matches(request.header("If-None-Match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", file.type);
  response.headers.add("Accept-Ranges", "bytes");
  response.static_body = file.bytes;

  // A range of another version of the file is of no use (If-Range); HEAD has none (RFC 9110 §14.2).
  const bool same = !request.has_header("If-Range") || request.header("If-Range") == file.etag;
  if (request.method != "GET" || !same) return response;
  const auto range = parse_range(request.header("Range"), file.bytes.size());
  if (!range) return response;
  if (range->size == 0) {
    http::Response refused = http::text_response(416, "text/plain", "no such range\n");
    refused.headers.add("Content-Range", fmt::format("bytes */{}", file.bytes.size()));
    return refused;
  }
  response.status = 206;
  response.headers.add("Content-Range",
                       fmt::format("bytes {}-{}/{}", range->first, range->first + range->size - 1,
                                   file.bytes.size()));
  response.static_body = file.bytes.substr(range->first, range->size);
  return response;
}

}  // namespace lvp::net
