// The ping of a viewer who plays on: nearly all that comes, and it changes a score of numbers.
//
// They are changed in the bytes of the row (storage.h), and the rest of it is copied. So what a
// ping costs does not depend on how much is known of its device, and nothing is allocated. Whatever
// is not certainly such a ping is left to follow() (head.h). Both give the same bytes:
// quiet_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "profile/archive.h"
#include "profile/device.h"
#include "profile/seen.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// What the log is to say of the event (append_known()).
struct QuietPing {
  std::uint64_t context = 0;  ///< the number that its context has in the row
  std::uint64_t play = 0;     ///< the place of its play in the profile
  Timestamp now;              ///< stream time; never before the device's newest arrival
};

/// Keeps its memory from event to event. Not thread-safe.
class QuietPings {
 public:
  /// Writes to `out`, in place of what it holds, the row as it is after the event: the bytes that
  /// read_row(), follow() and write_row() make, where follow() says `quietly`. Nothing if the
  /// event needs those; `out` is of no use then.
  std::optional<QuietPing> follow(std::string_view row, const MediaEvent& event, Timestamp now,
                                  const Limits& limits, Writer& out);

 private:
  std::vector<Post> posts_;
  std::vector<SeenEvent> recent_;
};

}  // namespace lvp::profile
