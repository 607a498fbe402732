// The calls to Kinesis that streams are made of, as functions of values.
//
//   partition key = key                      a key that Kinesis takes as it is: UTF-8, 1 to 256
//                                            characters, not beginning with "lvp:"
//                 | "lvp:" base64(key)       other bytes
//                 | "lvp:." nonce            no key: spread over the shards
//                 | "lvp:#" 16 hex digits    a longer key: read back as this
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/aws.h"
#include "stream/lease.h"
#include "stream/stream.h"

namespace lvp::stream {

/// A record as Kinesis gives it, or one of several that were sent as one.
struct Arrival {
  std::string key;
  std::string value;
  Offset offset;
  Timestamp arrived_at;
};

/// What one GetRecords answered.
struct Fetched {
  std::vector<Arrival> records;
  std::string last_sequence;  ///< of the last record; "" if there was none
  std::string next;           ///< where to go on; "" at the end of the shard
  /// Nothing lay beyond them when the shard was asked.
  bool at_tip = false;
  Duration
      behind{};  ///< how long before the call the last of them arrived, or what was seen instead
};

inline constexpr std::size_t kinesis_record_bytes_max = 1 << 20;

std::string partition_key_of(std::string_view key, std::uint64_t nonce);
std::string key_of(std::string_view partition_key);

/// The offset of a record's part, and back. Empty if the offset has not that form.
Offset kinesis_offset(std::string_view sequence_number, std::size_t part = 0);
std::optional<std::string> sequence_number_of(std::string_view offset);

/// Thread-safe. The client outlives it.
class KinesisApi {
 public:
  KinesisApi(net::AwsClient& client, std::string stream)
      : client_(client), stream_(std::move(stream)) {}

  const std::string& stream() const { return stream_; }

  /// "ACTIVE" and the like; empty if there is no such stream.
  Result<std::optional<std::string>> status(const net::Patience& patience = {});
  /// Returns when it can be used.
  Status create(std::uint32_t shards);
  /// All that still hold records, in the order of their ids.
  Result<std::vector<Shard>> shards();

  /// At the oldest record if `sequence_number` is empty, else at that record.
  net::AwsResult<std::string> iterator(std::string_view shard, std::string_view sequence_number);
  net::AwsResult<Fetched> fetch(std::string_view iterator, std::size_t records_max);

  /// One PutRecords. For each record "", or why it was refused.
  net::AwsResult<std::vector<std::string>> put(std::span<const Entry* const> entries);

 private:
  net::AwsClient& client_;
  const std::string stream_;
  std::atomic<std::uint64_t> nonce_ = 0;  // of records without a key
};

}  // namespace lvp::stream
