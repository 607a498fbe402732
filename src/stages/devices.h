// The devices of the profile stage: in memory, on the disk, and how the two agree.
//
// While the stage keeps up, a device is *told* with every event: its row, the event as a piece of
// its log, and an update are written. While it lags that waits. What an event did is kept in
// memory, and the event itself goes, with all those of the step, into one entry of the journal. If
// people see a change, the update is written, but no more: the device is *shown*. Most events are
// not even that: a player pings, and plays on. A device is told after a while, when the stage has
// caught up, or when it must be: it is new, or began a play, or did not simply follow. So events
// cost least when that matters.
//
// A crash loses nothing (P2): what a step writes is one unit of work with the position that it
// reached. A row says up to which entry it includes the journal; what the entries behind it hold of
// the device is folded again when the stage starts, and told at once: some of it was shown before,
// as the same version. Entries go once every device in them was told.
//
// In memory are rows, within bounds (shelf.h). One that is not there is read when an event or its
// timer asks for it; the window of a device is read only where an event does not simply follow
// (profile/head.h).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "profile/device.h"
#include "profile/ping_habits.h"
#include "profile/quiet.h"
#include "profile/storage.h"
#include "stages/shelf.h"
#include "stages/tables.h"
#include "stages/timers.h"
#include "stages/touched.h"
#include "wire/media_event.h"

namespace lvp::stages {

struct DevicesSettings {
  profile::Limits limits;
  std::size_t bytes_max = 0;  ///< in memory, of all of them and of what finds and wakes them
  /// A device that changed is told so long after it was told before: `told_after` while the stage
  /// keeps up, `told_after_max` at the latest, and while it does not.
  Duration told_after = std::chrono::seconds(0);
  Duration told_after_max = std::chrono::seconds(30);
};

class Devices {
 public:
  Devices(const Tables& tables, const DevicesSettings& settings);

  /// Reads what the tables hold. True if a play is open.
  Result<bool> restore(Timestamp wall);
  /// After restore(), which leaves them to work on, a few at a time: keys of devices that another
  /// program wrote whole. Each is then told.
  const std::vector<std::string>& stale() const { return stale_; }
  Status renew(const std::string& stale, Work& work);
  /// All are, and were committed. Before that the journal is kept.
  void all_renewed() { stale_.clear(); }

  Result<Touched*> touch(std::string_view key, Work& work);
  /// The device is soon touched: brings what is in memory of it nearer to the processor.
  void expect(std::string_view key);

  /// Applies the event.
  Status take(Touched& touched, const MediaEvent& event, Timestamp now,
              const profile::PingHabits& habits);
  /// Lets the versions of a device that is new begin behind `version`.
  Status begin_at(Touched& touched, std::uint64_t version);
  /// Declares left who is due by stream time `now`.
  Status expire(Touched& touched, Timestamp now);
  /// The whole device, for whatever else changes it. The row is made from it.
  Result<profile::Device*> whole(Touched& touched);

  /// Touches those whose time has come by stream time `now`, at most so many, and returns them and
  /// whoever else was touched and is due.
  Result<std::vector<Touched*>> touch_due(Timestamp now, std::size_t devices_max, Work& work);
  /// Touches those that have waited long enough to be told, about `devices_max` at the most, and
  /// those that must leave memory. True if more have waited so long.
  Result<bool> touch_waiting(Timestamp wall, bool keeps_up, std::size_t devices_max, Work& work);

  /// Decides who is told, and writes what changed. Calls `publish` with the key and the profile of
  /// each device whose version grew.
  using Publish = std::function<void(const std::string& key, std::string_view profile)>;
  Status write(UnitOfWork& unit, Work& work, Timestamp wall, bool keeps_up, const Publish& publish);
  /// After the unit was committed.
  void keep(Work& work, Timestamp wall);
  /// After it was not.
  void abandon(Work& work);

  /// Some may not be told yet.
  bool any_waiting() const { return !waiting_.empty(); }
  std::size_t in_memory() const { return shelf_.size(); }
  /// Rows, logs, tables, timers, and who waits to be told.
  std::size_t bytes_in_memory() const {
    return shelf_.bytes() + timers_.bytes() + waiting_.size() * sizeof(Waiting);
  }
  std::size_t journal_entries() const { return entries_.size(); }

 private:
  // A device with events in the journal.
  struct Waiting {
    std::uint64_t entry = 0;
    std::uint64_t device = 0;
    Timestamp since;
  };
  // What the journal holds of each device: (entry in 8 bytes, size, log)*.
  struct Hasher {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const { return hash_of(key); }
  };
  using Pending = std::unordered_map<std::string, std::string, Hasher, std::equal_to<>>;

  Result<Pending> read_journal();
  void restore_row(std::string_view key, std::string_view row, const Pending& pending,
                   Timestamp wall);

  Status load(Touched& touched);
  Status load_stored(Touched& touched);
  Status catch_up(Touched& touched);
  bool take_quietly(Touched& touched, const MediaEvent& event, Timestamp now);
  Shelf::Place find(std::uint64_t hash, std::string_view key) const;
  /// Near its limits: nothing more may wait to be told, so that whatever is here can go.
  bool is_full() const { return bytes_in_memory() > settings_.bytes_max / 8 * 7; }
  Result<std::vector<MediaEvent>> contexts(std::string_view key, std::size_t count) const;
  Result<profile::Device> join(const Touched& touched, const profile::Row& row) const;
  bool is_waiting(const Waiting& waiting) const;

  Status begin_log(Touched& touched, UnitOfWork& unit);
  Status extend_log(Touched& touched, UnitOfWork& unit);
  Status tell(Touched& touched, UnitOfWork& unit, const Publish& publish);
  Status erase(Touched& touched, UnitOfWork& unit);
  void keep_one(const Touched& touched, Timestamp wall);
  void make_room();

  const Tables& tables_;
  const DevicesSettings settings_;
  Shelf shelf_;
  Timers timers_;
  std::deque<Waiting> waiting_;        // oldest first
  std::vector<std::uint64_t> cold_;    // must leave memory, and are not told yet
  std::deque<std::uint64_t> entries_;  // of the journal, oldest first
  std::uint64_t next_entry_ = 1;
  profile::QuietPings pings_;
  // Their memory is used again and again.
  profile::Writer scratch_;
  profile::Row row_;
  std::array<std::uint64_t, 4> expected_{};  // hashes, a ring
  std::size_t next_expected_ = 0;
  std::vector<std::string> stale_;
  bool all_in_memory_ = true;  // every device in the tables is: none other need be looked for
};

}  // namespace lvp::stages
