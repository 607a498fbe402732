// A member of a group that shares shards by leases (lease.h), and a follower that shares none.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "stream/lease_table.h"

namespace lvp::stream {

using ListShards = std::function<Result<std::vector<Shard>>()>;

/// What a reader has now.
struct Held {
  std::string shard;
  std::uint64_t stint = 0;
  std::string position;  ///< the offset that was passed; "" if none
  bool wanted = false;   ///< somebody else should have it: give it up when nothing is under way

  bool operator==(const Held&) const = default;
};

/// The shards of one reader, for its thread.
class Ownership {
 public:
  virtual ~Ownership() = default;

  /// In the order of their names.
  virtual std::vector<Held> held() = 0;
  /// The stream has such a shard.
  virtual bool knows(std::string_view shard) = 0;

  /// It still has the shard, and nobody else gets it for as long as a unit takes to commit:
  /// Error::conflict, or Error::unavailable if that cannot be found out.
  virtual Status confirm(std::string_view shard, std::uint64_t stint) = 0;
  /// The position is passed. Kept at once if possible, else with the next beat.
  virtual void pass(std::string_view shard, std::uint64_t stint, const std::string& position) = 0;
  /// All that was there at that moment has been passed. Told to others with the next beat.
  virtual void note_fresh(std::string_view shard, std::uint64_t stint, Timestamp at) = 0;
  virtual void give_up(std::string_view shard, std::uint64_t stint) = 0;
  /// All of the shard's records are passed, and there will be no more.
  virtual void finish(std::string_view shard, std::uint64_t stint) = 0;

  /// Until held() may be another, for `wait` at most.
  virtual void wait(Duration wait) = 0;
};

struct LeaseOptions {
  Duration lease_wait = std::chrono::seconds(10);
  Duration renew_every = std::chrono::seconds(3);
  Duration shards_every = std::chrono::seconds(30);
};

/// A member of the group, with a thread that keeps its leases. Leaves when destroyed: others get
/// its leases at once. `member` is unlike any other's.
Result<std::unique_ptr<Ownership>> join_group(LeaseTable table, std::string member,
                                              const LeaseOptions& options, ListShards list_shards);

/// Has every shard, for itself alone.
Result<std::unique_ptr<Ownership>> follow_shards(Duration shards_every, ListShards list_shards);

}  // namespace lvp::stream
