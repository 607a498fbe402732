// The embedded stream: a partitioned log in a rocks::Db, for one process.
//
// Appends, positions and tables of one rocks::Unit are one write: all of them or none. Records get
// their offsets, dense and from 0, when their unit commits, in the order of commits. A unit of
// another kind appends by a write of its own before its own atomic part, and moves positions after
// it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/time.h"
#include "stream/stream.h"

namespace lvp::rocks {
class Db;
}

namespace lvp::stream {

struct RocksOptions {
  /// 1 to 1024. Only for a stream that does not exist yet: another number would send keys elsewhere
  /// and break their order, so an existing stream keeps its own.
  std::uint32_t partitions = 1;

  // When trim() drops records, oldest first, in a partition:
  //   - once the oldest is older than age_max by a sixteenth: those older than age_max;
  //   - once it holds more than its share of bytes_max (an equal one; keys and values as they are
  //     before compression, 40 bytes added for each record): down to fifteen sixteenths of the
  //     share.
  // Records that some group has not passed stay until the partition holds twice its share; beyond
  // that they go too, which the log tells as an error, and the group resumes at what is left.
  Duration age_max = std::chrono::hours(72);
  std::uint64_t bytes_max = std::uint64_t{2} << 30;
};

/// Outlives its readers and writers and the units they took part in.
class RocksStream final : public Stream {
 public:
  /// The stream with that name in `db`, made if need be. `db` and `clock`, which dates the records,
  /// outlive it. A name can be open once at a time, and streams are opened one after the other,
  /// else Error::conflict. Error::invalid if the name or the number of partitions is not
  /// acceptable.
  static Result<std::unique_ptr<RocksStream>> open(rocks::Db& db, std::string_view name,
                                                   const RocksOptions& options, const Clock& clock);
  ~RocksStream() override;

  Result<std::unique_ptr<Reader>> reader(std::string_view group) override;
  Result<std::unique_ptr<Reader>> follower() override;
  Result<std::unique_ptr<Writer>> writer() override;
  Result<Batch> read(std::string_view partition, const Offset& after,
                     std::size_t records_max) override;
  Result<std::vector<Extent>> extents() override;

  /// Drops what RocksOptions says. Cheap when nothing is due; call it every few seconds.
  Status trim(Timestamp now);

 private:
  class Log;
  class Appending;
  class Moving;
  class LogReader;
  class LogWriter;
  explicit RocksStream(std::unique_ptr<Log> log);

  std::unique_ptr<Log> log_;
};

}  // namespace lvp::stream
