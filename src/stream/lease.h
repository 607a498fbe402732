// Who reads which shard, and how far it is read: leases, agreed upon in a table of DynamoDB.
//
// One item is one shard in one group:
//
//   lease_group  S  partition key: the group and its stream
//   shard        S  sort key
//   member       S  who has it; "-": nobody
//   stint        N  grows each time it changes hands
//   beat         N  grows when the member says that it lives, every renew_every
//   position     S  the offset that the group has passed; "-": none; "end": the shard is read out
//   wanted       S  who asks for it; "-": nobody
//   fresh        N  the newest moment, in ms since 1970 on its member's clock, of which is known
//   that
//                   all that was there then has been passed; 0: none yet
//
// Every change is conditional on member and stint, so that of two who think they have a lease one
// is refused. A member takes what nobody has, and what did not beat for lease_wait; it asks for
// leases of the member that has most when that has two more than itself, and gets them when the
// other has finished what it was doing. A shard is given out once its parents are read out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lvp::stream {

/// A shard and what it came from by splitting or merging.
struct Shard {
  std::string id;
  std::vector<std::string> parents;
};
/// An item of the table.
struct Lease {
  std::string shard = {};
  std::string member = {};  ///< "" for nobody, as `wanted`
  std::uint64_t stint = 0;
  std::uint64_t beat = 0;
  std::string position = {};
  std::string wanted = {};
  Timestamp fresh = {};
  bool read_out = false;
};

/// Which shards `member` should take and which ask for, by what was agreed upon: pure, for tests.
/// `is_dead` marks those of `leases` whose member is silent; only what may be given out is in it.
struct Plan {
  std::vector<std::size_t> take;  ///< places in `leases`
  std::vector<std::size_t> want;
};
Plan plan_shares(const std::vector<Lease>& leases, const std::vector<bool>& is_dead,
                 std::string_view member);

/// The leases that may be given out: not read out, and every parent read out or gone.
std::vector<Lease> open_leases(const std::vector<Lease>& leases, const std::vector<Shard>& shards);

}  // namespace lvp::stream
