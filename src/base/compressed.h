// Compressed bytes back to what they were, within a limit: a few bytes may stand for gigabytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvp {

enum class Compression : std::uint8_t { gzip, zstd };

/// By the first bytes: gzip is 1f 8b, zstd 28 b5 2f fd.
std::optional<Compression> compression_of(std::string_view bytes);

enum class DecompressError : std::uint8_t {
  corrupt,    ///< not what it claims to be, cut off, or followed by something else
  too_large,  ///< more than `bytes_max`; no more than that was made of it
};

/// All members (gzip, RFC 1952) or frames (zstd, RFC 8878), one after the other.
std::expected<std::string, DecompressError> decompress(Compression compression,
                                                       std::string_view bytes,
                                                       std::size_t bytes_max);

}  // namespace lvp
