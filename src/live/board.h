// What the dashboards show: every open viewer, and how many are in each state.
//
// The board is fed with whole profiles and keeps no counters of events: it subtracts what the old
// profile of a device contributed and adds what the new one does. So a correction, a replay or a
// duplicate repairs the board instead of spoiling it, and profiles may come in any order of
// devices.
//
// Work per profile grows with the plays of its device, and with the logarithm of what is open;
// never with how many devices a viewer has. Messages of what it holds: messages.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "live/by_name.h"
#include "live/counts.h"
#include "live/viewer.h"
#include "profile/accelerator.h"
#include "profile/profile.h"

namespace lvp::live {

class Board {
 public:
  /// Devices without an open play whose versions are remembered, so that a repeated old profile
  /// does not open them again. Beyond that the ones that closed first are forgotten.
  static constexpr std::size_t closed_devices_max = 200'000;

  /// A viewer who buffers, or whose playback failed, counts as watching only for so long.
  static constexpr Duration buffering_watched_max = std::chrono::seconds(300);
  static constexpr Duration failed_watched_max = std::chrono::seconds(10);

  Board() = default;
  Board(const Board&) = delete;  // what it holds points into it
  Board& operator=(const Board&) = delete;

  /// Replaces what is known of the profile's device. Versions not newer than the one known change
  /// nothing.
  void apply(const profile::Profile& profile);

  /// The device is gone, as if it had never been.
  void forget(std::string_view device);

  struct Changes {
    std::vector<std::string> viewers;  ///< have a new row; in order of their ids
    std::vector<std::string> gone;     ///< have no open play any more, and perhaps were never shown
    std::vector<std::string> statuses;  ///< the accelerator's messages for /ws, in order
  };

  /// What changed since the last call. They pile up until asked for: call it after every batch, and
  /// once after a restore, whose statuses were published before.
  Changes take_changes();
  /// The same in parts, for who does not need all of it: the statuses; then who changed or is gone,
  /// added to `viewers`. Statuses that were not taken before are dropped.
  std::vector<std::string> take_statuses();
  void take_changed(std::set<std::string>& viewers);
  /// The same where nobody is told: after a restore.
  void drop_changes();

  /// As of `now`, wall-clock, which must not go back: a play that stopped to count as watching does
  /// so again only when its device's next profile comes. While the pipeline stalls give the time at
  /// which it did, so that nobody is declared gone.
  Counts counts(Timestamp now);

  /// Nothing if the viewer has no open play. Good until the next apply() or forget().
  const Viewer* find(std::string_view viewer) const;

  enum class Order : std::uint8_t {
    newest_event,      ///< of the primary play
    longest_in_state,  ///< of the primary play
    viewer,            ///< by id
  };
  struct Query {
    std::optional<profile::State> state;  ///< only viewers in it
    Order order = Order::newest_event;
    std::size_t limit = 100;
  };

  /// The first `limit` viewers in that order; equal ones by id. Looks at every viewer. Good until
  /// the next apply() or forget().
  std::vector<const Viewer*> list(const Query& query) const;

 private:
  struct Entry {  // a viewer, and what was counted and published of it
    Viewer viewer;
    std::optional<profile::State> counted;
    std::size_t watched_plays = 0;
    std::optional<profile::Status> published;
  };
  struct Known {  // a transition that publish() has heard of
    Timestamp at;
    std::size_t event = 0;  // hash of its id
    profile::State state = profile::State::left;
    bool operator==(const Known&) const = default;
  };
  struct Held : OpenPlay {
    std::vector<Known> timeline;
    profile::Cause cause;  // of the newest transition
    Entry* entry = nullptr;
    bool watched = false;
    std::optional<Timestamp> watched_until;
  };
  struct Device {
    std::uint64_t version = 0;
    Timestamp seen;          // device time of the newest transition that publish() has heard of
    std::vector<Held> open;  // pointed to by viewers and deadlines: replaced whole
  };
  using Entries = std::vector<Entry*>;

  using Timeline = std::span<const profile::Transition>;
  using Plays = std::vector<const profile::Play*>;  // of a profile

  static Held hold(std::string_view key, Duration clock_offset, const profile::Play& play);
  void replace(std::string_view key, Device& device, const profile::Profile& profile);
  void attach(Held& held, const std::string& viewer, Entries& touched);
  void detach(Held& held, Entries& touched);
  void start_watching(Held& held);
  void stop_watching(Held& held);
  void settle(Entry& entry);
  static std::vector<profile::StatusChange> news(const Held& now, Timeline timeline,
                                                 const Device& before);
  void publish(Entry& entry, const Device& before, const Device& now, const Plays& open);
  void publish_one(Entry& entry, profile::Status status, const profile::Cause& cause);
  void remember_closed(const std::string& device, std::uint64_t version);

  ByName<Device> devices_;
  ByName<Entry> viewers_;
  std::deque<std::pair<std::string, std::uint64_t>> closed_;  // device and version, oldest first
  std::set<std::pair<Timestamp, Held*>> deadlines_;           // of plays watched for a limited time
  Counts counts_;
  std::uint64_t revision_ = 0;  // profiles that changed something
  std::set<std::string> changed_;
  struct NewStatus {
    std::string viewer;
    profile::Status status;
    profile::Cause cause;
  };
  std::vector<NewStatus> statuses_;  // in order
};

}  // namespace lvp::live
