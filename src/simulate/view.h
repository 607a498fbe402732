// What /live says (docs/live-protocol.md), as any dashboard would know it: which of our viewers is
// in which state, and whether the counts are those of the rows. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "simulate/event.h"
#include "simulate/ids.h"
#include "wire/json.h"

namespace lvp::simulate {

/// Of a snapshot (docs/live-protocol.md).
inline constexpr std::size_t snapshot_viewers_max = 10'000;

class View {
 public:
  View(const Ids& ids, std::uint32_t viewers)
      : ids_(ids), devices_(viewers, State::left), users_(viewers, State::left) {}

  /// One of our viewers, as a frame shows it; `left` when it is shown under no name any more.
  struct Row {
    Ids::Viewer viewer;
    State state;
    double position_s;
  };
  /// Takes a frame, and tells of its rows. Error::invalid if it is none of the protocol.
  Status read(std::string_view frame, const std::function<void(const Row&)>& on_row);

  /// `left` if the viewer is not shown under this name.
  State of(Ids::Viewer viewer) const {
    return (viewer.logged_in ? users_ : devices_)[viewer.number];
  }
  std::uint32_t watching() const { return watching_; }  ///< our viewers
  std::size_t others() const { return others_.size(); }

  /// Every open viewer is shown as it is: no frame was missed, and what a snapshot left out has
  /// come since.
  bool complete() const { return !gap_ && !cut_; }
  bool stale() const { return stale_; }
  std::uint64_t frames() const { return frames_; }
  /// Snapshots after the first: in place of frames that were dropped since nobody took them.
  std::uint64_t new_snapshots() const { return snapshots_ == 0 ? 0 : snapshots_ - 1; }
  bool has_lagged() const { return lagged_; }  ///< a frame was stale
  /// The longest time between two frames, by when the server made them.
  Duration longest_pause() const { return longest_pause_; }
  /// Updates whose counts of viewers and of watching viewers are not what their rows amount to.
  std::uint64_t wrong_counts() const { return wrong_counts_; }

 private:
  bool has_left(std::uint32_t viewer) const;
  void begin_snapshot();
  void note_time(Timestamp made_at);
  void show(std::string_view id, State state);
  void check(const json::Value& counts);

  const Ids& ids_;
  json::Parser parser_;
  std::vector<State> devices_;  // by viewer: what is shown under the device's id
  std::vector<State> users_;    // and under the user's
  std::unordered_map<std::string, State> others_;
  std::uint32_t shown_ = 0;  // rows of ours
  std::uint32_t watching_ = 0;
  std::uint32_t others_watching_ = 0;
  std::int64_t seq_ = 0;
  Timestamp made_at_;  // the newest frame
  Duration longest_pause_{};
  bool gap_ = false;  // a frame is missing since the last snapshot
  bool cut_ = true;   // not all that are open have a row
  bool stale_ = false;
  bool lagged_ = false;  // was stale once
  std::uint64_t frames_ = 0;
  std::uint64_t snapshots_ = 0;
  std::uint64_t wrong_counts_ = 0;
};

}  // namespace lvp::simulate
