// Who reads what: the extents of a stream's partitions, its groups, their members and positions.
//
// The streams of one process (memory, rocks) keep records in different places and share everything
// else, which is here. A ledger knows numbers only: record n of partition p. Partition p of a group
// belongs to member p modulo their number, in the order in which they joined.
//
// A move is what makes a position and the rest of a unit of work one: from begin_move to end_move
// no member is given the partition to read, so that whoever owns it next starts from what became of
// the move, and a member that lost the partition before begin_move is refused.
//
// Thread-safe. One lock, nothing called under it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "stream/stream.h"

namespace lvp::stream {

class Ledger {
 public:
  /// Records first … end - 1 are there.
  struct Span {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };

  struct Member {
    std::string group;
    std::uint64_t id = 0;
  };

  /// What a member reads next.
  struct Turn {
    std::uint32_t partition = 0;
    std::uint64_t from = 0;  ///< the same as `end` if there is nothing
    std::uint64_t end = 0;
    bool caught_up = true;  ///< if there is nothing: false if that is only so because of a move
  };

  Ledger(std::string stream, std::vector<Span> partitions);

  const std::string& stream() const { return stream_; }
  std::uint32_t partitions() const { return partitions_; }
  Span span(std::uint32_t partition) const;
  std::vector<Span> spans() const;

  /// There are records up to `end` now. Wakes those who wait.
  void extend(std::uint32_t partition, std::uint64_t end);
  /// There are no records before `first` any more. Groups that had not passed them are moved on,
  /// and the log says how many records each one lost.
  void lift(std::uint32_t partition, std::uint64_t first);
  /// The first record that some group has not passed; the end if there is no group.
  std::uint64_t unread(std::uint32_t partition) const;
  /// The same of all who read, followers included.
  std::uint64_t unread_by_any(std::uint32_t partition) const;

  bool knows(std::string_view group) const;
  /// A group is at the first record of every partition until told otherwise.
  void restore(std::string_view group, std::uint32_t partition, std::uint64_t next);
  Member join(std::string_view group);
  /// A member of a group of its own, which is gone when it leaves and holds up no trimming.
  Member follow();
  void leave(const Member& member);

  /// Whether the member's group has read all of the partition. False if there is none.
  bool caught_up(const Member& member, std::string_view partition) const;
  /// What `member` owns now.
  std::vector<Share> shares(const Member& member) const;

  /// Waits for a record that `member` owns and its group has not passed. Stays with a partition
  /// until the member moved on in it, then goes round.
  Turn turn(const Member& member, Duration wait);

  /// Says whether `member` may move to `next` in that partition: conflict if it does not own it,
  /// invalid if there are no such records.
  Status may_move(const Member& member, std::uint32_t partition, std::uint64_t next) const;
  /// As may_move, and begins the move. Returns where the group will be: never behind where it is.
  Result<std::uint64_t> begin_move(const Member& member, std::uint32_t partition,
                                   std::uint64_t next);
  void end_move(const Member& member, std::uint32_t partition, bool committed);

 private:
  struct Place {
    std::uint64_t next = 0;
    std::optional<std::uint64_t> moving_to;
  };
  struct Group {
    std::vector<Place> places;                       // by partition
    std::vector<std::uint64_t> members;              // in the order of joining
    std::map<std::uint64_t, std::uint32_t> cursors;  // by member: where its round is
    std::vector<std::uint64_t> stints;               // by partition: changes of its owner
    bool is_follower = false;

    bool owns(std::uint64_t member, std::uint32_t partition) const {
      return !members.empty() && members[partition % members.size()] == member;
    }
  };

  Group& group_of(std::string_view name) REQUIRES(mutex_);
  std::uint64_t least_next(std::uint32_t partition, bool of_followers) const REQUIRES(mutex_);
  template <class Change>
  void change_members(Group& group, Change change) REQUIRES(mutex_);
  std::optional<Turn> next_turn(const Member& member, bool& moving) REQUIRES(mutex_);
  Status check_move(const Member& member, std::uint32_t partition, std::uint64_t next) const
      REQUIRES(mutex_);

  const std::string stream_;
  const std::uint32_t partitions_;
  mutable Mutex mutex_;
  Condition changed_;
  std::vector<Span> spans_ GUARDED_BY(mutex_);
  std::map<std::string, Group, std::less<>> groups_ GUARDED_BY(mutex_);
  std::uint64_t members_made_ GUARDED_BY(mutex_) = 0;
};

/// Reader::commit for positions that are kept nowhere but in the ledger: the move begins before the
/// unit writes and ends with it, in nothing if the unit fails or goes.
Status move_with(UnitOfWork& unit, Ledger& ledger, const Ledger::Member& member,
                 const Position& position);

/// The spans of all partitions in the words of stream.h.
std::vector<Extent> extents_of(const Ledger& ledger);

}  // namespace lvp::stream
