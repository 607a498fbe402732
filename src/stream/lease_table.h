// The table of DynamoDB in which leases stand (lease.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/aws.h"
#include "stream/lease.h"

namespace lvp::stream {

/// The items of one group. Thread-safe. The client outlives it. A condition that does not hold is
/// Error::conflict; any other error means that nobody knows whether the change took place.
class LeaseTable {
 public:
  LeaseTable(net::AwsClient& dynamodb, std::string table, std::string group)
      : client_(dynamodb), table_(std::move(table)), group_(std::move(group)) {}

  /// Makes the table, paid by request, if it is missing.
  Status create();

  Result<std::vector<Lease>> all();
  /// Nothing if it is there already.
  Status add(std::string_view shard);
  Status remove(std::string_view shard);

  /// As nobody's or a dead member's: if it is as `seen`.
  Result<Lease> take(const Lease& seen, std::string_view member);
  /// "I live", how fresh the shard is, and perhaps a new position.
  Result<Lease> beat(const Lease& mine, const std::optional<std::string>& position);
  Result<Lease> want(const Lease& seen, std::string_view member);
  Status stop_wanting(std::string_view shard, std::string_view member);
  /// To `member`, or to nobody if that is empty.
  Status give(const Lease& mine, std::string_view member,
              const std::optional<std::string>& position);
  Status finish(const Lease& mine);

 private:
  struct Change;
  Result<Lease> change(std::string_view shard, const Change& change);

  net::AwsClient& client_;
  const std::string table_;
  const std::string group_;
};

}  // namespace lvp::stream
