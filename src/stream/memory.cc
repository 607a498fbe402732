#include "stream/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "base/check.h"
#include "base/mutex.h"
#include "stream/batch.h"
#include "stream/ledger.h"

namespace lvp::stream {
namespace {

struct Stored {
  Entry entry;
  Timestamp appended_at;
  std::size_t bytes() const { return entry.key.size() + entry.value.size(); }
};

struct Partition {
  std::deque<Stored> records;
  std::uint64_t first = 0;
};

// What units that are about to commit share with the stream.
class Records {
 public:
  Records(std::string name, const MemoryOptions& options, const Clock& clock)
      : ledger(std::move(name), std::vector<Ledger::Span>(options.partitions)),
        options_(options),
        clock_(clock),
        partitions_(options.partitions) {}

  Status make_room(const std::vector<Entry>& entries) {
    std::uint64_t bytes = 0;
    for (const Entry& entry : entries) bytes += entry.key.size() + entry.value.size();
    MutexLock lock(mutex_);
    const auto full = [&]() REQUIRES(mutex_) {
      return records_ + entries.size() > options_.records_max ||
             bytes_ + bytes > options_.bytes_max;
    };
    for (std::uint32_t p = 0; p < ledger.partitions() && full(); ++p) {
      const std::uint64_t unread = ledger.unread(p);
      while (full() && partitions_[p].first < unread) drop_first(p);
      ledger.lift(p, partitions_[p].first);
    }
    if (full()) return unavailable(fmt::format("stream {}: full", ledger.stream()));
    return {};
  }

  void append(std::vector<Entry>& entries) {
    MutexLock lock(mutex_);
    const Timestamp now = clock_.now();
    for (Entry& entry : entries) {
      Stored stored{std::move(entry), now};
      ++records_;
      bytes_ += stored.bytes();
      partitions_[partition_of(stored.entry.key, ledger.partitions())].records.push_back(
          std::move(stored));
    }
    for (std::uint32_t p = 0; p < ledger.partitions(); ++p) {
      ledger.extend(p, partitions_[p].first + partitions_[p].records.size());
    }
  }

  Batch read(std::uint32_t partition, std::uint64_t from, std::size_t records_max) {
    MutexLock lock(mutex_);
    const Partition& source = partitions_[partition];
    const std::uint64_t end = source.first + source.records.size();
    std::uint64_t next = std::max(from, source.first);
    BatchBuilder batch;
    for (; next < end && batch.size() < std::max<std::size_t>(records_max, 1); ++next) {
      const Stored& stored = source.records[next - source.first];
      if (!batch.takes(stored.bytes())) break;
      batch.add(stored.entry.key, stored.entry.value, next, stored.appended_at);
    }
    return std::move(batch).finish(partition, next >= end);
  }

  Ledger ledger;

 private:
  void drop_first(std::uint32_t partition) REQUIRES(mutex_) {
    Partition& dropping = partitions_[partition];
    --records_;
    bytes_ -= dropping.records.front().bytes();
    dropping.records.pop_front();
    ++dropping.first;
  }

  const MemoryOptions options_;
  const Clock& clock_;
  Mutex mutex_;  // taken before the ledger's
  std::vector<Partition> partitions_ GUARDED_BY(mutex_);
  std::uint64_t records_ GUARDED_BY(mutex_) = 0;
  std::uint64_t bytes_ GUARDED_BY(mutex_) = 0;
};

class MemoryReader final : public Reader {
 public:
  MemoryReader(Records& records, Ledger::Member member)
      : records_(records), member_(std::move(member)) {}
  ~MemoryReader() override { records_.ledger.leave(member_); }

  Result<Batch> poll(std::size_t records_max, Duration wait) override {
    const Ledger::Turn turn = records_.ledger.turn(member_, wait);
    if (turn.from == turn.end) return Batch{{}, {}, {}, turn.caught_up};
    return records_.read(turn.partition, turn.from, records_max);
  }

  Status commit(UnitOfWork& unit, const Position& position) override {
    return move_with(unit, records_.ledger, member_, position);
  }

  std::vector<Share> shares() const override { return records_.ledger.shares(member_); }
  bool caught_up(std::string_view partition) const override {
    return records_.ledger.caught_up(member_, partition);
  }

 private:
  Records& records_;
  const Ledger::Member member_;
};

class MemoryWriter final : public Writer {
 public:
  explicit MemoryWriter(Records& records) : records_(records) {}

  Status append(UnitOfWork& unit, std::vector<Entry> entries) override {
    LVP_DO(check_sizes(records_.ledger.stream(), entries));
    const auto shared = std::make_shared<std::vector<Entry>>(std::move(entries));
    unit.before([records = &records_, shared] { return records->make_room(*shared); });
    unit.after([records = &records_, shared] { records->append(*shared); });
    return {};
  }
  std::size_t record_bytes_max() const override { return stream::record_bytes_max; }

 private:
  Records& records_;
};

class MemoryStream final : public Stream {
 public:
  MemoryStream(std::string name, const MemoryOptions& options, const Clock& clock)
      : records_(std::move(name), options, clock) {}

  Result<std::unique_ptr<Reader>> reader(std::string_view group) override {
    return std::make_unique<MemoryReader>(records_, records_.ledger.join(group));
  }
  Result<std::unique_ptr<Reader>> follower() override {
    return std::make_unique<MemoryReader>(records_, records_.ledger.follow());
  }
  Result<std::unique_ptr<Writer>> writer() override {
    return std::make_unique<MemoryWriter>(records_);
  }
  Result<Batch> read(std::string_view partition, const Offset& after,
                     std::size_t records_max) override {
    LVP_TRY(const auto number, partition_number(partition, records_.ledger.partitions()));
    LVP_TRY(const auto from, number_after(after));
    return records_.read(number, from, records_max);
  }
  Result<std::vector<Extent>> extents() override { return extents_of(records_.ledger); }

 private:
  Records records_;
};

}  // namespace

std::unique_ptr<Stream> make_memory_stream(std::string name, const MemoryOptions& options,
                                           const Clock& clock) {
  LVP_CHECK(options.partitions >= 1 && options.partitions <= partitions_max);
  return std::make_unique<MemoryStream>(std::move(name), options, clock);
}

}  // namespace lvp::stream
