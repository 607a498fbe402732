#include "base/compressed.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <limits>
#include <memory>

namespace lvp {
namespace {

using Decompressed = std::expected<std::string, DecompressError>;

constexpr std::unexpected corrupt_bytes(DecompressError::corrupt);
constexpr std::size_t step_bytes = 64 * 1024;

// Makes room for the next bytes, one more than the limit at most: that one proves the excess.
std::size_t grow(std::string& out, std::size_t bytes_max) {
  const std::size_t size = out.size();
  out.resize(size + std::min(step_bytes, bytes_max + 1 - size));
  return out.size() - size;
}

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Decompressed gunzip(std::string_view bytes, std::size_t bytes_max) {
  if (bytes.empty() || bytes.size() > std::numeric_limits<uInt>::max()) return corrupt_bytes;
  constexpr int gzip_only = 15 + 16;  // largest window, header of gzip
  z_stream state{};
  if (inflateInit2(&state, gzip_only) != Z_OK) return corrupt_bytes;
  const std::unique_ptr<z_stream, EndInflate> end(&state);
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  state.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  while (true) {
    const std::size_t room = grow(out, bytes_max);
    state.next_out = reinterpret_cast<Bytef*>(out.data() + out.size() - room);
    state.avail_out = static_cast<uInt>(room);
    const int said = inflate(&state, Z_NO_FLUSH);
    out.resize(out.size() - state.avail_out);
    if (out.size() > bytes_max) return std::unexpected(DecompressError::too_large);
    if (said == Z_STREAM_END) {
      if (state.avail_in == 0) return out;
      if (inflateReset(&state) != Z_OK) return corrupt_bytes;
    } else if (said != Z_OK || (state.avail_in == 0 && state.avail_out > 0)) {
      return corrupt_bytes;
    }
  }
}

struct FreeStream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

Decompressed unzstd(std::string_view bytes, std::size_t bytes_max) {
  const std::unique_ptr<ZSTD_DStream, FreeStream> state(ZSTD_createDStream());
  if (!state) return corrupt_bytes;
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  while (true) {
    const std::size_t room = grow(out, bytes_max);
    ZSTD_outBuffer to{out.data() + out.size() - room, room, 0};
    const std::size_t said = ZSTD_decompressStream(state.get(), &to, &in);
    if (ZSTD_isError(said) != 0) return corrupt_bytes;
    out.resize(out.size() - room + to.pos);
    if (out.size() > bytes_max) return std::unexpected(DecompressError::too_large);
    if (in.pos < in.size) continue;
    if (said == 0) return out;  // the end of a frame
    if (to.pos < room) return corrupt_bytes;
  }
}

}  // namespace

std::optional<Compression> compression_of(std::string_view bytes) {
  if (bytes.starts_with("\x1f\x8b")) return Compression::gzip;
  if (bytes.starts_with("\x28\xb5\x2f\xfd")) return Compression::zstd;
  return std::nullopt;
}

Decompressed decompress(Compression compression, std::string_view bytes, std::size_t bytes_max) {
  return compression == Compression::gzip ? gunzip(bytes, bytes_max) : unzstd(bytes, bytes_max);
}

}  // namespace lvp
