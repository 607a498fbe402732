// What the dashboard's WebSocket /live carries, and the answers of the API, as JSON.
//
// A client gets a snapshot first, then updates; each row it gets replaces the one it had, whole.
// Points in time are milliseconds of wall time since 1970. Grammar: docs/live-protocol.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "live/counts.h"
#include "live/history.h"
#include "live/viewer.h"
#include "profile/profile.h"

namespace lvp::live {

/// Plays that a viewer's row or description lists, best first; `sessions` counts all of them.
inline constexpr std::size_t plays_listed_max = 32;

/// What every frame says, beside its viewers.
struct Frame {
  std::uint64_t seq = 0;  ///< grows by one with each frame of a feed
  Timestamp now;
  Counts counts;
  bool stale = false;  ///< the pipeline stalls: what is shown is what was last known
};

/// {"type":"snapshot",…,"viewers":[…],"stale":…}
std::string snapshot(const Frame& frame, std::span<const Viewer* const> viewers);

/// {"type":"update",…,"viewers":[…],"gone":["id",…],"stale":…}
std::string update(const Frame& frame, std::span<const Viewer* const> viewers,
                   std::span<const std::string> gone);

/// {"viewers":[…]}: GET /api/v1/viewers
std::string viewer_list(std::span<const Viewer* const> viewers);

/// {"viewer":"id","state":"PLAYING","sessions":[…]}: GET /api/v1/viewers/{id}. `profiles` are those
/// of the devices that the viewer used, or of the device that has that id. Each of the viewer's
/// plays (all of them, of a device) is a session, as profile/describe.h writes it, best first, what is over last.
std::string viewer_detail(std::string_view id, std::span<const profile::Profile> profiles,
                          Timestamp now);

/// {"points":[{"at":…,"watching":…,"states":{…}},…]}
std::string history(const History& history);

}  // namespace lvp::live
