// A stream: an append-only, partitioned sequence of byte records. Stages meet only here.
//
// The streams raw, enriched, media, updates and bad join the stages. Each is named in the
// configuration by a URL, and the scheme picks the implementation:
//
//   rocks:            stream/rocks.h     embedded, one process (the default)
//   memory:           stream/memory.h    tests and simulation
//   kafka:TOPIC       stream/kafka.h     Apache Kafka, shared by a consumer group
//   kinesis:NAME      stream/kinesis.h   Amazon Kinesis, shared by leases in DynamoDB
//
// Because a stage sees nothing but this header, where a stream lives is a matter of configuration.
// Every implementation passes tests/stream_contract.h:
//   - records of one key keep their order; nothing is promised across partitions;
//   - delivery is at least once: after a crash, reading resumes at or before the last commit;
//   - what a unit of work appended appears whole when it commits, or not at all where stream and
//     unit share an engine; elsewhere before the unit's own write, so it may repeat, never be lost.
//
// Failures: Error::unavailable (retry), Error::conflict (the partition moved to another member),
// Error::invalid (the record is too large), Error::corrupt. Nothing here throws.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"

namespace lvp::stream {

/// Where a record sits in its partition. Opaque and ordered: decimal digits padded with zeros to a
/// fixed width per stream (20 for rocks and memory). "" is before every record.
using Offset = std::string;

struct Position {
  std::string partition;  ///< "0", "1", …
  Offset offset;

  auto operator<=>(const Position&) const = default;
};

/// A record as read. The views live as long as the Batch they came in.
struct Record {
  std::string_view key;
  std::string_view value;
  Offset offset;
  Timestamp appended_at;
};

/// Records of one partition, in order. Empty when nothing arrived in time.
struct Batch {
  std::string partition;
  std::vector<Record> records;
  std::shared_ptr<const void> storage;  ///< keeps the records' bytes alive
  /// Nothing lay beyond these records in their partition when they were read. Of an empty batch:
  /// nothing lay ahead in any partition of the reader.
  bool caught_up = true;

  Position end() const { return {partition, records.back().offset}; }  ///< records not empty
};

/// A partition that a reader has now. The stint is a larger one each time the partition comes to
/// it: in between another member may have had it, so what is kept beside a partition (its state)
/// holds for one stint.
struct Share {
  std::string partition;
  std::uint64_t stint = 0;

  auto operator<=>(const Share&) const = default;
};

/// One member of a consumer group. Reading does not move it; committing does. Not thread-safe: one
/// thread per reader, and readers share nothing.
class Reader {
 public:
  virtual ~Reader() = default;

  /// The records after the last commit, of one partition, waiting up to `wait` for the first. Asked
  /// again without a commit in between, it answers with the same records, so a caller that failed
  /// half-way simply asks again. Partitions take turns; they come and go as members join and leave.
  /// At least one record, else at most `records_max` and about a fixed number of bytes.
  virtual Result<Batch> poll(std::size_t records_max, Duration wait) = 0;

  /// Moves past everything up to and including `position` when `unit` commits. Error::conflict,
  /// here or from the unit, if another member has the partition now: forget what was read from it.
  /// The new owner's first batch of it begins only after the last commit that succeeded here.
  /// Error::invalid if there is no such record. A position that was passed already changes nothing.
  virtual Status commit(UnitOfWork& unit, const Position& position) = 0;

  /// The partitions it has, in order, as of the last poll where others may take part in the group
  /// from elsewhere: there they change in poll() alone.
  virtual std::vector<Share> shares() const = 0;

  /// Nothing lies ahead in that partition, as far as is known without asking: of one that is among
  /// the shares. What a batch says of its own partition, this says of those that had no turn.
  virtual bool caught_up(std::string_view partition) const = 0;
};

struct Entry {
  std::string key;  ///< records of one key keep their order
  std::string value;
};

/// Thread-safe.
class Writer {
 public:
  virtual ~Writer() = default;

  /// The entries appear, in this order, when `unit` commits. Error::invalid if one is larger than
  /// the stream takes, key and value together; then none is appended.
  virtual Status append(UnitOfWork& unit, std::vector<Entry> entries) = 0;
  /// What the stream takes of one record, key and value together.
  virtual std::size_t record_bytes_max() const = 0;
};

/// What a partition holds now, for people and for lag figures.
struct Extent {
  std::string partition;
  Offset first;  ///< the oldest record kept; "" if there is none
  Offset last;   ///< the newest record; "" if there is none
  std::uint64_t records = 0;
  bool exact = true;  ///< if not, there are at most so many records
};

class Stream {
 public:
  virtual ~Stream() = default;

  /// A member of `group`, which remembers its positions across restarts. The partitions are shared
  /// out among the members that exist; where others take part from elsewhere it is one from its
  /// first poll on. A new group starts at the oldest record.
  virtual Result<std::unique_ptr<Reader>> reader(std::string_view group) = 0;
  /// Reads every partition from its oldest record on and belongs to no group: nobody shares with
  /// it, nothing is kept for it, and a commit moves it alone.
  virtual Result<std::unique_ptr<Reader>> follower() = 0;
  virtual Result<std::unique_ptr<Writer>> writer() = 0;

  /// Reads without a group: up to `records_max` records of `partition` after `after`, fewer if they
  /// are large. For tools. Error::invalid if there is no such partition.
  virtual Result<Batch> read(std::string_view partition, const Offset& after,
                             std::size_t records_max) = 0;
  virtual Result<std::vector<Extent>> extents() = 0;
};

}  // namespace lvp::stream
