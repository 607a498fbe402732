// A record of the `raw` stream that holds many requests: what stands in a gzip or zstd stream.
//
//   container := 0x01 0x01 { length(4) payload }*     length big-endian, payload a CollectorPayload
//
// The first byte is the version of this format, the second that of the payloads'. A plain record
// begins with 0x0b, so the three cannot be confused (base/compressed.h tells them apart).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lvp::enrich {

/// Most bytes that one record may decompress to, and most payloads in it.
inline constexpr std::size_t container_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t container_payloads_max = 100'000;

struct Unpacked {
  std::vector<std::string_view> payloads;  ///< view the container
  std::vector<std::uint32_t> oversized;    ///< lengths of those that were left out as too large
  std::string error;  ///< why the rest could not be read, "" if all was; in bad rows' words
};

/// What comes before an error is given all the same. `container` is the decompressed bytes.
Unpacked unpack(std::string_view container, std::size_t payload_bytes_max);

}  // namespace lvp::enrich
