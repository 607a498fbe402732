// Streams on Amazon Kinesis Data Streams, spoken to by its JSON API.
//
// A record is plain: its partition key is our key, its data our value, so that others read and
// write the same stream. What Kinesis does not take as a partition key stands in it otherwise (see
// kinesis_api.h), and records of several events that the Kinesis Producer Library made are taken
// apart (kinesis_aggregate.h).
//
// A partition is a shard, named by its id. An offset is the record's sequence number in 56 digits
// and its place in its aggregate in 6. After a resharding the children of a shard are read when it
// was read to its end. Who reads which shard, and how far a group is, stands in a table of DynamoDB
// (lease.h).
//
// What differs from the other engines, because the service is as it is:
//   - a unit's appends are published before its own write, and its position after it: after a crash
//     records may repeat;
//   - when a call is refused in part, what followed the refused record under its key is sent again
//     with it: the later ones then appear early once, and again in their order;
//   - a record, key and value together, has at most 1 MiB;
//   - records without a key are spread over the shards;
//   - nobody knows how many records a shard holds: an extent says so beyond its first few thousand.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/aws_account.h"
#include "stream/stream.h"

namespace lvp::stream {

struct KinesisOptions {
  std::string name;                     ///< of the stream
  std::uint32_t shards_if_missing = 0;  ///< made with so many; 0: a missing stream is an error
  std::string lease_table = "lvp-leases";
  Duration lease_wait = std::chrono::seconds(10);  ///< an owner is dead when silent for so long
  Duration renew_every = std::chrono::seconds(3);  ///< a third of lease_wait at most
  /// How often a shard is asked for records. It answers five times a second, to all its readers
  /// together: with several groups on one stream, take a second.
  Duration get_every = std::chrono::milliseconds(200);
  Duration shards_every = std::chrono::seconds(30);  ///< how often new shards are looked for
  Duration put_wait = std::chrono::seconds(10);      ///< for all records of a unit to be taken
};

class KinesisStream : public Stream {
 public:
  /// How long ago the group had passed all that was there, as its members told with their last
  /// beats: zero is seldom, about options.renew_every usual for one that keeps up. Costs a query of
  /// the lease table. Error::unavailable if the group has not begun, or that cannot be found out.
  virtual Result<Duration> lag(std::string_view group) = 0;
};

/// Finds the stream, or makes it. Error::invalid, with what to do, if it is missing and may not be
/// made or the options make no sense; Error::unavailable if the service cannot be asked. The
/// account outlives the stream, and the stream its readers and writers.
Result<std::unique_ptr<KinesisStream>> open_kinesis_stream(const KinesisOptions& options,
                                                           net::AwsAccount& account);

}  // namespace lvp::stream
