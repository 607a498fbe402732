// Which events of a device were applied, so that none is applied twice (P2).
//
// A repeated delivery has the created time of the first, so only events of one millisecond are
// compared, by 32 bits of a hash. How often that takes a new event for a repeated one, and how many
// are remembered: docs/state-machine.md#duplicates.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"
#include "wire/media_event.h"

namespace lvp::profile {

/// An id counts as used again if another event with it was created within this time.
inline constexpr Duration id_reuse_max = std::chrono::minutes(1);

struct SeenEvent {
  Timestamp created;
  std::uint32_t event = 0;  ///< hash of its id and fingerprint
  std::uint32_t id = 0;     ///< hash of its id

  auto operator<=>(const SeenEvent&) const = default;
};

SeenEvent seen_event(const MediaEvent& event);

/// The event was applied before. `seen` is in order.
bool is_repeated(const std::vector<SeenEvent>& seen, const MediaEvent& event);

/// How many more events have an id that was used before, once `event` is among them: the same
/// total, whatever the order of arrival.
int ids_reused(const std::vector<SeenEvent>& seen, const SeenEvent& event);

/// Another event had the same id not long before, or it may be one of its own millisecond. `recent`
/// is in order, and not behind the event.
bool is_recent_id(const std::vector<SeenEvent>& recent, const SeenEvent& event);

/// Inserts the newest, and drops what was created too long before it for its id to matter.
void remember_recent(std::vector<SeenEvent>& recent, const SeenEvent& event);

/// Inserts it in order.
void remember(std::vector<SeenEvent>& seen, const SeenEvent& event);

}  // namespace lvp::profile
