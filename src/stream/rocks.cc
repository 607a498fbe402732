// How a stream is kept (integers big-endian; stream ids are given once and never again):
//
//   meta       "stream:" name                → version:u8=1 id:u32 partitions:u32
//              "trimmed:" id:u32 partition:u32 → version:u8=1 first:u64 bytes:u64
//   log        id:u32 partition:u32 last:u64   → chunk (stream/chunk.h)
//   positions  id:u32 partition:u32 group      → version:u8=1 next:u64
//
// A chunk is found by the offset of its last record, so that a search for any of its records ends
// at it. The sizes in it are sums, so the size of any piece of a partition is a difference. `first`
// is the oldest record that counts, and the first of its chunk: what lies before it may be there
// for a while, and is as good as gone; `bytes` beside it is the sum of the sizes of everything
// before. `next` is the first record that the group has not passed.
#include "stream/rocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "base/log.h"
#include "base/mutex.h"
#include "rocks/bytes.h"
#include "rocks/db.h"
#include "stream/batch.h"
#include "stream/chunk.h"
#include "stream/ledger.h"
#include "stream/recent.h"

namespace lvp::stream {
namespace {

using rocks::append_u32;
using rocks::append_u64;
using rocks::Family;
using rocks::u32_at;
using rocks::u64_at;

constexpr char version = 1;
constexpr std::size_t name_bytes_max = 200;
constexpr std::size_t partition_key_bytes = 8;
constexpr std::size_t chunk_key_bytes = 16;
constexpr std::size_t recent_bytes_max = 8 << 20;  // of all partitions

// What trimming leaves of a limit, so that it has something worth doing each time.
template <class T>
T trimmed_limit(T limit) {
  return limit - limit / 16;
}

std::string partition_key(std::uint32_t id, std::uint32_t partition) {
  std::string key;
  append_u32(key, id);
  append_u32(key, partition);
  return key;
}

std::string chunk_key(std::uint32_t id, std::uint32_t partition, std::uint64_t last) {
  std::string key = partition_key(id, partition);
  append_u64(key, last);
  return key;
}

std::string stored_next(std::uint64_t next) {
  std::string value(1, version);
  append_u64(value, next);
  return value;
}

// The newest record of a partition, as far as appending needs to know.
struct Tail {
  std::uint64_t end = 0;
  std::uint64_t bytes = 0;
  Timestamp appended_at;
};

// A chunk as a search finds it. Its records are those from `first` to `last`.
struct Found {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  Timestamp appended_at;
  std::uint64_t bytes_before = 0;
  std::uint64_t end_bytes = 0;
};

// The records from `next` up to `until`, as far as a batch takes them. They stay where they are:
// the batch holds the contents of their chunks.
class Gathering {
 public:
  Gathering(std::uint64_t next, std::uint64_t until) : next_(next), until_(until) {}

  std::uint64_t next() const { return next_; }
  bool is_full() const { return is_full_ || next_ == until_; }

  // The chunk that holds the record `next`. False if it is damaged.
  bool add(const PlacedChunk& chunk) {
    if (!read_items(*chunk.content, chunk.records, items_)) return false;
    contents_->push_back(chunk.content);
    for (const Item& item : std::span(items_).subspan(next_ - chunk.first)) {
      if (next_ == until_) break;
      const std::size_t bytes = item.key.size() + item.value.size();
      is_full_ = !batch_takes(records_.size(), bytes_, bytes);
      if (is_full_) break;
      bytes_ += bytes;
      records_.push_back({item.key, item.value, offset_text(next_++), chunk.appended_at});
    }
    return true;
  }

  Batch finish(std::uint32_t partition, std::uint64_t end) && {
    return {std::to_string(partition), std::move(records_), std::move(contents_), next_ == end};
  }

 private:
  std::uint64_t next_;
  const std::uint64_t until_;
  bool is_full_ = false;
  std::size_t bytes_ = 0;
  std::vector<Item> items_;  // of a chunk; its memory is used again
  std::vector<Record> records_;
  std::shared_ptr<std::vector<Content>> contents_ = std::make_shared<std::vector<Content>>();
};

// What is known of a stream before its records are looked at.
struct Setup {
  std::uint32_t id = 0;
  std::uint32_t partitions = 0;
};

std::optional<Setup> decode_setup(std::string_view bytes) {
  if (bytes.size() != 9 || bytes[0] != version) return std::nullopt;
  return Setup{u32_at(bytes, 1), u32_at(bytes, 5)};
}

constexpr std::string_view setup_prefix = "stream:";

Result<std::uint32_t> unused_id(const rocks::Db& db) {
  std::uint32_t id = 0;
  rocks::Cursor cursor = db.cursor(Family::meta, setup_prefix, rocks::end_of_prefix(setup_prefix));
  for (; cursor.valid(); cursor.next()) {
    const auto setup = decode_setup(cursor.value());
    if (!setup) return corrupt(fmt::format("rocks: \"{}\" is damaged", cursor.key()));
    id = std::max(id, setup->id + 1);
  }
  LVP_DO(cursor.status());
  return id;
}

Result<Setup> set_up(rocks::Db& db, std::string_view name, std::uint32_t partitions) {
  const std::string key = fmt::format("{}{}", setup_prefix, name);
  LVP_TRY(const auto stored, db.get(Family::meta, key));
  if (stored) {
    const auto setup = decode_setup(*stored);
    if (!setup) return corrupt(fmt::format("stream {}: its setup is damaged", name));
    if (setup->partitions != partitions) {
      log::info("stream {}: keeps its {} partitions, {} are configured", name, setup->partitions,
                partitions);
    }
    return *setup;
  }
  LVP_TRY(const std::uint32_t id, unused_id(db));
  std::string value(1, version);
  append_u32(value, id);
  append_u32(value, partitions);
  const auto unit = db.unit();
  unit->put(Family::meta, key, std::move(value));
  LVP_DO(unit->commit());
  return Setup{id, partitions};
}

}  // namespace

// What readers, writers and units in commit share.
class RocksStream::Log {
 public:
  static Result<std::unique_ptr<Log>> open(rocks::Db& db, std::string_view name,
                                           const RocksOptions& options, const Clock& clock);

  // Gives the records their offsets and adds them to the batch. In the order of commits.
  void stage(rocks::Batch& batch, std::uint32_t partition, const LooseChunk& chunk, Timestamp now);
  // The tails that the commit in progress has reached; nobody else looks at them.
  std::vector<Tail>& tails() { return tails_; }

  // They are there from now on.
  void publish(std::uint32_t partition, std::uint64_t first, const std::vector<LooseChunk>& chunks,
               Timestamp appended_at);

  Result<Batch> read(std::uint32_t partition, std::uint64_t from, std::uint64_t end,
                     std::size_t records_max) const;
  Result<Ledger::Member> join(std::string_view group);
  Status trim(Timestamp now);

  std::string position_key(std::uint32_t partition, std::string_view group) const {
    return partition_key(id_, partition).append(group);
  }

  rocks::Db& db;
  const Clock& clock;
  Ledger ledger;

 private:
  // All that open() finds of the partitions.
  struct Restored {
    std::vector<Ledger::Span> spans;
    std::vector<Tail> tails;
    std::vector<std::uint64_t> trimmed_bytes;
  };

  Log(rocks::Db& db_, rocks::Db::Claim claim, std::string_view name, std::uint32_t id,
      Restored found, const RocksOptions& options, const Clock& clock_)
      : db(db_),
        clock(clock_),
        ledger(std::string(name), std::move(found.spans)),
        claim_(std::move(claim)),
        id_(id),
        options_(options),
        tails_(std::move(found.tails)),
        trimmed_bytes_(std::move(found.trimmed_bytes)) {
    for (std::size_t p = 0; p < tails_.size(); ++p)
      recent_.emplace_back(recent_bytes_max / tails_.size());
  }

  static Status find(const rocks::Db& db, std::uint32_t id, std::uint32_t partition,
                     Restored& found);
  Status restore_positions();

  Status read_stored(std::uint32_t partition, std::uint64_t end, Gathering& batch) const;

  // The chunk that holds the record.
  Result<Found> chunk_of(std::uint32_t partition, std::uint64_t offset) const;

  // The first record of the first chunk of `span` of which `goes` is false; it is true up to some.
  template <class Goes>
  Result<std::uint64_t> first_kept(std::uint32_t partition, Ledger::Span span, Goes goes) const;
  Result<std::uint64_t> cut(std::uint32_t partition, Ledger::Span span, Timestamp now) const;
  Status trim(std::uint32_t partition, Timestamp now);

  std::unexpected<Error> corrupt_record(std::uint32_t partition, std::uint64_t offset) const {
    return corrupt(fmt::format("stream {}: partition {}: record {} is damaged or missing",
                               ledger.stream(), partition, offset));
  }

  const rocks::Db::Claim claim_;
  const std::uint32_t id_;
  const RocksOptions options_;
  std::vector<Tail> tails_;
  std::deque<Recent> recent_;                 // by partition
  Mutex joining_;                             // a group is made once
  Mutex trimming_;                            // one trim at a time
  std::vector<std::uint64_t> trimmed_bytes_;  // by partition: of all records before the first
};

Result<std::unique_ptr<RocksStream::Log>> RocksStream::Log::open(rocks::Db& db,
                                                                 std::string_view name,
                                                                 const RocksOptions& options,
                                                                 const Clock& clock) {
  if (name.empty() || name.size() > name_bytes_max) return invalid("stream: needs a name");
  if (options.partitions < 1 || options.partitions > partitions_max) {
    return invalid(fmt::format("stream {}: partitions must be 1 to {}", name, partitions_max));
  }
  LVP_TRY(rocks::Db::Claim claim, db.claim(fmt::format("stream {}", name)));
  LVP_TRY(const rocks::Db::Claim opening, db.claim("streams"));
  LVP_TRY(const Setup setup, set_up(db, name, options.partitions));
  Restored found;
  for (std::uint32_t p = 0; p < setup.partitions; ++p) LVP_DO(find(db, setup.id, p, found));
  std::unique_ptr<Log> log(
      new Log(db, std::move(claim), name, setup.id, std::move(found), options, clock));
  LVP_DO(log->restore_positions());
  return log;
}

Status RocksStream::Log::find(const rocks::Db& db, std::uint32_t id, std::uint32_t partition,
                              Restored& found) {
  Ledger::Span span;
  std::uint64_t trimmed_bytes = 0;
  LVP_TRY(const auto trimmed, db.get(Family::meta, "trimmed:" + partition_key(id, partition)));
  if (trimmed) {
    if (trimmed->size() != 17 || trimmed->front() != version) {
      return corrupt(fmt::format("stream {}: its mark of trimming is damaged", id));
    }
    span.first = u64_at(*trimmed, 1);
    trimmed_bytes = u64_at(*trimmed, 9);
  }
  Tail tail{span.first, trimmed_bytes, {}};
  const std::string begin = chunk_key(id, partition, span.first);
  LVP_TRY(const auto last,
          db.last(Family::log, begin, rocks::end_of_prefix(partition_key(id, partition))));
  if (last) {
    const auto chunk = decode_chunk(last->second);
    if (last->first.size() != chunk_key_bytes || !chunk) {
      return corrupt(fmt::format(
          "stream {}: the last records of partition {} are damaged, or of another version of lvp",
          id, partition));
    }
    tail = {u64_at(last->first, partition_key_bytes) + 1, chunk->end_bytes, chunk->appended_at};
  }
  span.end = tail.end;
  found.spans.push_back(span);
  found.tails.push_back(tail);
  found.trimmed_bytes.push_back(trimmed_bytes);
  return {};
}

Status RocksStream::Log::restore_positions() {
  std::string prefix;
  append_u32(prefix, id_);
  rocks::Cursor cursor = db.cursor(Family::positions, prefix, rocks::end_of_prefix(prefix));
  for (; cursor.valid(); cursor.next()) {
    const std::string_view key = cursor.key();
    const std::string_view value = cursor.value();
    const std::uint32_t partition = key.size() < partition_key_bytes ? UINT32_MAX : u32_at(key, 4);
    if (partition >= ledger.partitions() || value.size() != 9 || value[0] != version ||
        u64_at(value, 1) > ledger.span(partition).end) {
      return corrupt(fmt::format("stream {}: a position is damaged or behind the last record",
                                 ledger.stream()));
    }
    ledger.restore(key.substr(partition_key_bytes), partition, u64_at(value, 1));
  }
  LVP_DO(cursor.status());
  for (std::uint32_t p = 0; p < ledger.partitions(); ++p) ledger.lift(p, ledger.span(p).first);
  return {};
}

void RocksStream::Log::stage(rocks::Batch& batch, std::uint32_t partition, const LooseChunk& chunk,
                             Timestamp now) {
  Tail& tail = tails_[partition];
  tail.end += chunk.records;
  tail.bytes += chunk.own_bytes;
  tail.appended_at = std::max(tail.appended_at, now);  // trimming searches by it
  batch.put(Family::log, chunk_key(id_, partition, tail.end - 1),
            {chunk_head(chunk, tail.appended_at, tail.bytes), chunk.body});
}

void RocksStream::Log::publish(std::uint32_t partition, std::uint64_t first,
                               const std::vector<LooseChunk>& chunks, Timestamp appended_at) {
  if (chunks.empty()) return;
  Recent& recent = recent_[partition];
  recent.forget_before(ledger.unread_by_any(partition));
  for (const LooseChunk& chunk : chunks) {
    recent.add({first, chunk.records, appended_at, chunk.content});
    first += chunk.records;
  }
  ledger.extend(partition, first);
}

Result<Batch> RocksStream::Log::read(std::uint32_t partition, std::uint64_t from, std::uint64_t end,
                                     std::size_t records_max) const {
  const std::uint64_t next = std::max(from, ledger.span(partition).first);
  const std::uint64_t until =
      std::min<std::uint64_t>(end, next + std::clamp<std::uint64_t>(records_max, 1, UINT32_MAX));
  Gathering batch(next, until);
  for (const PlacedChunk& chunk : recent_[partition].find(next, until)) {
    if (!batch.is_full()) LVP_CHECK(batch.add(chunk));
  }
  if (!batch.is_full()) LVP_DO(read_stored(partition, end, batch));
  if (!batch.is_full()) {
    if (ledger.span(partition).first <= batch.next())
      return corrupt_record(partition, batch.next());
    return read(partition, from, end, records_max);  // it was trimmed under our hands
  }
  return std::move(batch).finish(partition, end);
}

Status RocksStream::Log::read_stored(std::uint32_t partition, std::uint64_t end,
                                     Gathering& batch) const {
  rocks::Cursor cursor = db.cursor(Family::log, chunk_key(id_, partition, batch.next()),
                                   chunk_key(id_, partition, std::max(batch.next(), end)));
  for (; cursor.valid() && !batch.is_full(); cursor.next()) {
    const std::uint64_t last = u64_at(cursor.key(), partition_key_bytes);
    const auto chunk = decode_chunk(cursor.value());
    if (!chunk || chunk->records > last + 1) return corrupt_record(partition, batch.next());
    const std::uint64_t first = last + 1 - chunk->records;
    if (first > batch.next()) break;
    const Content content = unpack(*chunk);
    if (!content || !batch.add({first, chunk->records, chunk->appended_at, content}))
      return corrupt_record(partition, batch.next());
  }
  return cursor.status();
}

// Positions are stored at once, so that trimming spares what a new group has not read, even if it
// never gets to commit.
Result<Ledger::Member> RocksStream::Log::join(std::string_view group) {
  MutexLock lock(joining_);
  if (!ledger.knows(group)) {
    const auto unit = db.unit();
    for (std::uint32_t p = 0; p < ledger.partitions(); ++p) {
      unit->put(Family::positions, position_key(p, group), stored_next(ledger.span(p).first));
    }
    LVP_DO(unit->commit());
  }
  return ledger.join(group);
}

Result<Found> RocksStream::Log::chunk_of(std::uint32_t partition, std::uint64_t offset) const {
  const rocks::Cursor cursor = db.cursor(Family::log, chunk_key(id_, partition, offset),
                                         rocks::end_of_prefix(partition_key(id_, partition)));
  LVP_DO(cursor.status());
  const auto chunk = cursor.valid() ? decode_chunk(cursor.value()) : std::nullopt;
  const std::uint64_t last = chunk ? u64_at(cursor.key(), partition_key_bytes) : 0;
  if (!chunk || chunk->records > last + 1 || last + 1 - chunk->records > offset)
    return corrupt_record(partition, offset);
  return Found{last + 1 - chunk->records, last, chunk->appended_at, chunk->bytes_before(),
               chunk->end_bytes};
}

template <class Goes>
Result<std::uint64_t> RocksStream::Log::first_kept(std::uint32_t partition, Ledger::Span span,
                                                   Goes goes) const {
  while (span.first < span.end) {
    const std::uint64_t middle = span.first + (span.end - span.first) / 2;
    LVP_TRY(const Found chunk, chunk_of(partition, middle));
    if (goes(chunk)) {
      span.first = chunk.last + 1;
    } else {
      span.end = std::max(span.first, chunk.first);
    }
  }
  return span.first;
}

// The first record that stays, the first of a chunk: see RocksOptions.
Result<std::uint64_t> RocksStream::Log::cut(std::uint32_t partition, Ledger::Span span,
                                            Timestamp now) const {
  LVP_TRY(const Found oldest, chunk_of(partition, span.first));
  LVP_TRY(const Found newest, chunk_of(partition, span.end - 1));
  const std::uint64_t share = options_.bytes_max / ledger.partitions();
  const std::uint64_t bytes = newest.end_bytes - oldest.bytes_before;
  const auto over = [&newest](std::uint64_t limit) {
    return [limit, end = newest.end_bytes](const Found& chunk) {
      return end - chunk.bytes_before > limit;
    };
  };

  std::uint64_t first = span.first;
  if (now - oldest.appended_at > options_.age_max + options_.age_max / 16) {
    const Timestamp horizon = now - options_.age_max;
    LVP_TRY(first, first_kept(partition, span, [horizon](const Found& chunk) {
              return chunk.appended_at < horizon;
            }));
  }
  if (bytes > share) {
    LVP_TRY(const auto by_size, first_kept(partition, span, over(trimmed_limit(share))));
    first = std::max(first, by_size);
  }
  if (const std::uint64_t unread = ledger.unread(partition); unread < first) {
    LVP_TRY(const Found chunk, chunk_of(partition, unread));
    first = chunk.first;
  }
  if (bytes > 2 * share) {
    LVP_TRY(const auto at_most, first_kept(partition, span, over(trimmed_limit(2 * share))));
    first = std::max(first, at_most);
  }
  return std::max(first, span.first);
}

Status RocksStream::Log::trim(Timestamp now) {
  MutexLock lock(trimming_);
  for (std::uint32_t p = 0; p < ledger.partitions(); ++p) LVP_DO(trim(p, now));
  return {};
}

Status RocksStream::Log::trim(std::uint32_t partition, Timestamp now) {
  const Ledger::Span span = ledger.span(partition);
  if (span.first == span.end) return {};
  LVP_TRY(const std::uint64_t first, cut(partition, span, now));
  if (first == span.first) return {};

  LVP_TRY(const Found last_gone, chunk_of(partition, first - 1));
  ledger.lift(partition, first);  // nobody reads what is about to go
  std::string trimmed(1, version);
  append_u64(trimmed, first);
  append_u64(trimmed, last_gone.end_bytes);
  const std::string begin = chunk_key(id_, partition, 0);
  const std::string end = chunk_key(id_, partition, first);
  const auto unit = db.unit();
  unit->put(Family::meta, "trimmed:" + partition_key(id_, partition), std::move(trimmed));
  unit->erase_range(Family::log, begin, end);
  unit->durably();  // files go at once, so the mark must be there after any crash
  LVP_DO(unit->commit());
  return db.reclaim(Family::log, begin, end);
}

// The appends of a unit to one stream. Everything that takes time is done before it is staged.
class RocksStream::Appending final : public rocks::Participant {
 public:
  Appending(Log& log, const std::vector<Entry>& entries) : log_(log) {
    std::vector<std::vector<const Entry*>> by_partition(log.ledger.partitions());
    for (const Entry& entry : entries)
      by_partition[partition_of(entry.key, log.ledger.partitions())].push_back(&entry);
    for (const auto& of_one : by_partition) chunks_.push_back(make_chunks(of_one));
  }

  Status stage(rocks::Batch& batch) override {
    before_ = log_.tails();
    const Timestamp now = log_.clock.now();
    for (std::uint32_t p = 0; p < chunks_.size(); ++p) {
      for (const LooseChunk& chunk : chunks_[p]) log_.stage(batch, p, chunk, now);
    }
    after_ = log_.tails();
    return {};
  }
  void publish() override {
    for (std::uint32_t p = 0; p < chunks_.size(); ++p)
      log_.publish(p, before_[p].end, chunks_[p], after_[p].appended_at);
  }
  void abandon() override { log_.tails() = before_; }

 private:
  Log& log_;
  std::vector<std::vector<LooseChunk>> chunks_;  // by partition
  std::vector<Tail> before_;
  std::vector<Tail> after_;
};

class RocksStream::Moving final : public rocks::Participant {
 public:
  Moving(Log& log, Ledger::Member member, std::uint32_t partition, std::uint64_t next)
      : log_(log), member_(std::move(member)), partition_(partition), next_(next) {}

  Status stage(rocks::Batch& batch) override {
    LVP_TRY(const auto next, log_.ledger.begin_move(member_, partition_, next_));
    batch.put(Family::positions, log_.position_key(partition_, member_.group), stored_next(next));
    return {};
  }
  void publish() override { log_.ledger.end_move(member_, partition_, true); }
  void abandon() override { log_.ledger.end_move(member_, partition_, false); }

 private:
  Log& log_;
  const Ledger::Member member_;
  const std::uint32_t partition_;
  const std::uint64_t next_;
};

class RocksStream::LogReader final : public Reader {
 public:
  LogReader(Log& log, Ledger::Member member, bool is_kept)
      : log_(log), member_(std::move(member)), is_kept_(is_kept) {}
  ~LogReader() override { log_.ledger.leave(member_); }

  Result<Batch> poll(std::size_t records_max, Duration wait) override {
    const Ledger::Turn turn = log_.ledger.turn(member_, wait);
    if (turn.from == turn.end) return Batch{{}, {}, {}, turn.caught_up};
    return log_.read(turn.partition, turn.from, turn.end, records_max);
  }

  Status commit(UnitOfWork& unit, const Position& position) override {
    if (!is_kept_) return move_with(unit, log_.ledger, member_, position);
    LVP_TRY(const auto partition, partition_number(position.partition, log_.ledger.partitions()));
    LVP_TRY(const auto next, number_after(position.offset));
    LVP_DO(log_.ledger.may_move(member_, partition, next));
    auto moving = std::make_unique<Moving>(log_, member_, partition, next);
    if (rocks::Unit* const own = rocks::own_unit(unit, log_.db)) {
      own->join(std::move(moving));
      return {};
    }
    unit.before([log = &log_, member = member_, partition, next] {
      return log->ledger.may_move(member, partition, next);
    });
    const std::shared_ptr<rocks::Unit> apart = log_.db.unit();
    apart->join(std::move(moving));
    unit.after([apart, log = &log_] {
      const Status moved = apart->commit();
      if (!moved) log::warn("stream {}: {}; will repeat", log->ledger.stream(), moved.error().what);
    });
    return {};
  }

  std::vector<Share> shares() const override { return log_.ledger.shares(member_); }
  bool caught_up(std::string_view partition) const override {
    return log_.ledger.caught_up(member_, partition);
  }

 private:
  Log& log_;
  const Ledger::Member member_;
  const bool is_kept_;  ///< whether its positions are
};

class RocksStream::LogWriter final : public Writer {
 public:
  explicit LogWriter(Log& log) : log_(log) {}

  Status append(UnitOfWork& unit, std::vector<Entry> entries) override {
    LVP_DO(check_sizes(log_.ledger.stream(), entries));
    if (entries.empty()) return {};
    rocks::unit_in(unit, log_.db).join(std::make_unique<Appending>(log_, entries));
    return {};
  }
  std::size_t record_bytes_max() const override { return stream::record_bytes_max; }

 private:
  Log& log_;
};

RocksStream::RocksStream(std::unique_ptr<Log> log) : log_(std::move(log)) {}
RocksStream::~RocksStream() = default;

Result<std::unique_ptr<RocksStream>> RocksStream::open(rocks::Db& db, std::string_view name,
                                                       const RocksOptions& options,
                                                       const Clock& clock) {
  LVP_TRY(auto log, Log::open(db, name, options, clock));
  return std::unique_ptr<RocksStream>(new RocksStream(std::move(log)));
}

Result<std::unique_ptr<Reader>> RocksStream::reader(std::string_view group) {
  LVP_TRY(auto member, log_->join(group));
  return std::make_unique<LogReader>(*log_, std::move(member), /*is_kept=*/true);
}

Result<std::unique_ptr<Reader>> RocksStream::follower() {
  return std::make_unique<LogReader>(*log_, log_->ledger.follow(), /*is_kept=*/false);
}

Result<std::unique_ptr<Writer>> RocksStream::writer() {
  return std::make_unique<LogWriter>(*log_);
}

Result<Batch> RocksStream::read(std::string_view partition, const Offset& after,
                                std::size_t records_max) {
  LVP_TRY(const auto number, partition_number(partition, log_->ledger.partitions()));
  LVP_TRY(const auto from, number_after(after));
  const std::uint64_t end = log_->ledger.span(number).end;
  return log_->read(number, std::min(from, end), end, records_max);
}

Result<std::vector<Extent>> RocksStream::extents() {
  return extents_of(log_->ledger);
}

Status RocksStream::trim(Timestamp now) {
  return log_->trim(now);
}

}  // namespace lvp::stream
