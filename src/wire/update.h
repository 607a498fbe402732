// The `updates` record: what a change made of a device, and how far the `media` stream is included.
//
//   record   := version(1) kind(1) text(partition) text(offset) payload
//   version  := 0x01
//   kind     := 0x01 profile, 0x02 status, 0x03 clock
//   text     := length(1) bytes
//   payload  := the rest: of a profile profile/codec.h's spelling; of a status the accelerator's
//               message, as JSON (exact mode only); of a clock 0x00 or, if time stands still, 0x01
//
// State and position travel in one record, so they cannot disagree after a crash. Profiles and
// statuses are keyed by the device; clocks by clock_key and the partition of `media` whose clock it
// is, which is none where one process folds them all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvp {

enum class UpdateKind : std::uint8_t { profile = 1, status = 2, clock = 3 };

struct Update {
  UpdateKind kind = UpdateKind::profile;
  std::string partition;  ///< of `media`; at most 255 bytes, as the offset
  std::string offset;     ///< everything up to and including it is in the payload
  std::string payload;

  bool operator==(const Update&) const = default;
};

inline constexpr std::string_view clock_key = "lvp:clock:";

/// The clock stands still because the pipeline lags: nobody is declared gone meanwhile.
inline constexpr std::string_view clock_runs{"\0", 1};
inline constexpr std::string_view clock_stands{"\1", 1};

std::string encode(const Update& update);
/// The same of its parts, where the payload is somebody else's.
std::string encode_update(UpdateKind kind, std::string_view partition, std::string_view offset,
                          std::string_view payload);
Result<Update> decode_update(std::string_view bytes);

/// The same, of views of the record's bytes.
struct UpdateView {
  UpdateKind kind = UpdateKind::profile;
  std::string_view partition;
  std::string_view offset;
  std::string_view payload;
};
Result<UpdateView> view_update(std::string_view bytes);

}  // namespace lvp
