#include "rocks/db.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_partitioner.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <filesystem>

#include "base/arena.h"
#include "base/check.h"
#include "base/log.h"
#include "base/sanitizers.h"
#include "rocks/direct_files.h"
#include "rocks/log_files.h"
#include "rocks/pace.h"

namespace lvp::rocks {
namespace {

using rocksdb::Slice;

// In the order of Family. RocksDB insists on a family named "default".
constexpr std::array<const char*, 4> family_names = {"default", "log", "positions", "tables"};

Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view view(const Slice& bytes) {
  return {bytes.data(), bytes.size()};
}

std::unexpected<Error> error_of(const rocksdb::Status& status, std::string_view folder) {
  std::string what = fmt::format("rocks: {}: {}", folder, status.ToString());
  if (status.IsCorruption()) return corrupt(std::move(what));
  if (status.IsInvalidArgument()) return invalid(std::move(what));
  return unavailable(std::move(what));
}

Status result_of(const rocksdb::Status& status, std::string_view folder) {
  if (status.ok()) return {};
  return error_of(status, folder);
}

// RocksDB has no code for it: another process holds the lock, or this one does already.
bool is_locked(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return text.find("While lock file") != std::string::npos ||
         text.find("lock hold by current process") != std::string::npos;
}

// RocksDB writes a chatty log into its folder unless it is given another place for it.
class ErrorsToLog final : public rocksdb::Logger {
 public:
  ErrorsToLog() : Logger(rocksdb::InfoLogLevel::ERROR_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 512> text;
    std::vsnprintf(text.data(), text.size(), format, arguments);
    std::string_view line = text.data();
    while (line.ends_with('\n')) line.remove_suffix(1);
    log::warn("rocks: {}", line);
  }
};

// Of a key of `log`: whose it is, a partition of a stream (stream/rocks.cc). Its keys only grow.
constexpr std::size_t owner_bytes = 8;

// What is appended lies behind all that there is of its owner, so a file of one owner overlaps
// nothing below and goes down as it is. Only what has just been flushed, which is of all, is
// copied: once, and with what is in the level that takes it, which is therefore kept small.
void for_log(rocksdb::ColumnFamilyOptions& options) {
  options.compression = rocksdb::kNoCompression;  // chunks are compressed already
  options.sst_partitioner_factory = rocksdb::NewSstPartitionerFixedPrefixFactory(owner_bytes);
  options.max_bytes_for_level_base = 16 << 20;
}

// Rows are written again and again. What has just been flushed is soon read and written anew with
// the rest, which costs more the more often.
void for_tables(rocksdb::ColumnFamilyOptions& options) {
  options.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  options.level0_file_num_compaction_trigger = 8;
}

rocksdb::ColumnFamilyOptions family_options(Family family,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;  // Debian's CRC32C is a table in software
  if (family == Family::log) table.block_size = 32 << 10;
  if (family == Family::tables) {
    table.block_size = 16 << 10;  // LZ4 begins each block with a table of that size
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  }

  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  const bool large = family == Family::log || family == Family::tables;
  options.write_buffer_size = large ? 32 << 20 : 4 << 20;
  options.max_write_buffer_number = 3;
  // Small files, so that trimming a stream frees most of its space by dropping whole ones.
  options.target_file_size_base = 16 << 20;
  if (family == Family::log) for_log(options);
  if (family == Family::tables) for_tables(options);
  return options;
}

rocksdb::DBOptions db_options(rocksdb::Env& env, std::shared_ptr<Pace> pace) {
  rocksdb::DBOptions options;
  options.env = &env;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.db_write_buffer_size = write_buffers_bytes;
  options.max_total_wal_size = write_ahead_bytes_max;
  options.max_open_files = open_files_max;
  options.max_background_jobs = 2;
  options.bytes_per_sync = 1 << 20;
  options.rate_limiter = std::move(pace);
  options.avoid_unnecessary_blocking_io = true;  // files are not removed by whoever reads
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log = std::make_shared<ErrorsToLog>();
  return options;
}

}  // namespace

struct Db::Engine {
  Engine(std::string in, std::shared_ptr<rocksdb::FileSystem> disk)
      : folder(std::move(in)),
        direct(std::make_shared<DirectFiles>(std::move(disk))),
        files(std::make_shared<LogFiles>(
            direct, [pace = pace](std::size_t bytes) { pace->wait(bytes); })) {}

  const std::string folder;
  const std::shared_ptr<Pace> pace = std::make_shared<Pace>();
  const std::shared_ptr<DirectFiles> direct;
  const std::shared_ptr<LogFiles> files;
  const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(files);
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, family_names.size()> families{};
  // Only touched by whoever commits.
  bool refusing = false;
  rocksdb::WriteBatch changes;  // its memory is used again: a large one costs much to grow

  ~Engine() {
    if (!db) return;
    pace->end();
    for (rocksdb::ColumnFamilyHandle* family : families) {
      if (family) (void)db->DestroyColumnFamilyHandle(family);
    }
    (void)db->Close();
  }

  rocksdb::ColumnFamilyHandle* of(Family family) const {
    return families[static_cast<std::size_t>(family)];
  }
};

struct Batch::Content {
  const Db::Engine& engine;
  rocksdb::WriteBatch& changes;
};

Batch::Batch(const Db& db) : content_(new Content{*db.engine_, db.engine_->changes}) {}
Batch::~Batch() {
  if (bytes() > shared_write_bytes_max) content_->changes = rocksdb::WriteBatch();
  content_->changes.Clear();
}

// RocksDB refuses a change only if a key or value is larger than 4 GB.
void Batch::put(Family family, std::string_view key, std::string_view value) {
  LVP_CHECK(content_->changes.Put(content_->engine.of(family), slice(key), slice(value)).ok());
}

void Batch::put(Family family, std::string_view key,
                std::initializer_list<std::string_view> value) {
  std::array<Slice, 3> parts;
  LVP_CHECK(value.size() <= parts.size());
  std::size_t count = 0;
  for (const std::string_view part : value) parts[count++] = slice(part);
  const Slice whole_key = slice(key);
  LVP_CHECK(content_->changes
                .Put(content_->engine.of(family), rocksdb::SliceParts(&whole_key, 1),
                     rocksdb::SliceParts(parts.data(), static_cast<int>(count)))
                .ok());
}

void Batch::erase(Family family, std::string_view key) {
  LVP_CHECK(content_->changes.Delete(content_->engine.of(family), slice(key)).ok());
}

void Batch::erase_range(Family family, std::string_view begin, std::string_view end) {
  LVP_CHECK(
      content_->changes.DeleteRange(content_->engine.of(family), slice(begin), slice(end)).ok());
}

std::size_t Batch::bytes() const {
  return content_->changes.GetDataSize();
}

// What a unit changes.
struct Unit::Changes {
  enum class Kind : std::uint8_t { put, erase, erase_range };
  struct Change {
    Kind kind;
    Family family;
    std::string_view key;
    std::string_view value;  // of erase_range: the end
  };

  void add(Kind kind, Family family, std::string_view key, std::string_view value) {
    all.push_back({kind, family, keys.keep(key), values.keep(value)});
  }
  void sort();
  void clear() {
    order.clear();
    all.clear();
    keys.clear();
    values.clear();
  }
  std::size_t bytes() const {
    return keys.bytes() + values.bytes() + all.capacity() * (sizeof(Change) + sizeof(Change*));
  }

  std::vector<Change> all;
  std::vector<const Change*> order;  // in which they are staged
  Arena keys;                        // close together, since they are compared with each other
  Arena values;
};

// In the order of their keys changes cost RocksDB half: each has its place near that of the one
// before. What erases a range stays where it is, and so does all else then.
void Unit::Changes::sort() {
  order.clear();
  for (const Change& change : all) order.push_back(&change);
  if (std::ranges::find(all, Kind::erase_range, &Change::kind) != all.end()) return;
  std::ranges::sort(order, [](const Change* a, const Change* b) {
    if (a->family != b->family) return a->family < b->family;
    const int order_of_keys = a->key.compare(b->key);
    return order_of_keys != 0 ? order_of_keys < 0 : a < b;
  });
}

Unit::Unit(Db& db) : db_(db), changes_(db.borrow_changes()) {}

Unit::~Unit() {
  db_.give_back(std::move(changes_));
}

void Unit::put(Family family, std::string_view key, std::string_view value) {
  changes_->add(Changes::Kind::put, family, key, value);
}
void Unit::erase(Family family, std::string_view key) {
  changes_->add(Changes::Kind::erase, family, key, {});
}
void Unit::erase_range(Family family, std::string_view begin, std::string_view end) {
  changes_->add(Changes::Kind::erase_range, family, begin, end);
}
void Unit::join(std::unique_ptr<Participant> participant) {
  participants_.push_back(std::move(participant));
}

Status Unit::write() {
  if (changes_->all.empty() && participants_.empty() && !durable()) return {};
  changes_->sort();
  return db_.commit(*this);
}

Status Unit::stage(Batch& batch) {
  for (const Changes::Change* const change : changes_->order) {
    switch (change->kind) {
      case Changes::Kind::put:
        batch.put(change->family, change->key, change->value);
        break;
      case Changes::Kind::erase:
        batch.erase(change->family, change->key);
        break;
      case Changes::Kind::erase_range:
        batch.erase_range(change->family, change->key, change->value);
        break;
    }
  }
  for (std::size_t i = 0; i < participants_.size(); ++i) {
    if (auto staged = participants_[i]->stage(batch); !staged) {
      abandon(i);
      return staged;
    }
  }
  return {};
}

void Unit::publish() {
  for (const auto& participant : participants_) participant->publish();
}

void Unit::abandon(std::size_t staged) {
  for (std::size_t i = staged; i-- > 0;) participants_[i]->abandon();
}

struct Cursor::Walk {
  std::string end;
  Slice end_slice;
  std::string_view folder;
  std::unique_ptr<rocksdb::Iterator> iterator;
};

Cursor::Cursor(std::unique_ptr<Walk> walk) : walk_(std::move(walk)) {}
Cursor::~Cursor() = default;
Cursor::Cursor(Cursor&&) noexcept = default;

bool Cursor::valid() const {
  return walk_->iterator->Valid();
}
void Cursor::next() {
  walk_->iterator->Next();
}
std::string_view Cursor::key() const {
  return view(walk_->iterator->key());
}
std::string_view Cursor::value() const {
  return view(walk_->iterator->value());
}
Status Cursor::status() const {
  return result_of(walk_->iterator->status(), walk_->folder);
}

Result<std::unique_ptr<Db>> Db::open(const std::string& folder,
                                     std::shared_ptr<rocksdb::FileSystem> disk) {
  std::error_code made;
  std::filesystem::create_directories(folder, made);
  if (made) return unavailable(fmt::format("rocks: {}: {}", folder, made.message()));

  if (!disk) disk = rocksdb::FileSystem::Default();
  auto engine = std::make_unique<Engine>(folder, disk);
  const auto cache = rocksdb::NewLRUCache(block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (std::size_t i = 0; i < family_names.size(); ++i) {
    families.emplace_back(family_names[i], family_options(static_cast<Family>(i), cache));
  }
  rocksdb::DBOptions options = db_options(*engine->env, engine->pace);
  options.use_direct_io_for_flush_and_compaction = takes_direct_writes(*disk, folder);
  options.listeners = {std::make_shared<DirectFamily>(
      family_names[static_cast<std::size_t>(Family::log)], engine->direct)};
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const rocksdb::Status status = rocksdb::DB::Open(options, folder, families, &handles, &db);
  if (!status.ok()) {
    if (is_locked(status)) {
      return unavailable(fmt::format("rocks: {}: another lvp is using this folder", folder));
    }
    return error_of(status, folder);
  }
  engine->db.reset(db);
  std::copy(handles.begin(), handles.end(), engine->families.begin());
  engine->pace->begin();  // neither opening nor closing is kept waiting
  engine->files->begin(folder);
  return std::unique_ptr<Db>(new Db(std::move(engine)));
}

Db::Db(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
Db::~Db() = default;

std::unique_ptr<Unit> Db::unit() {
  return std::unique_ptr<Unit>(new Unit(*this));
}

std::unique_ptr<Unit::Changes> Db::borrow_changes() {
  MutexLock lock(mutex_);
  if (idle_changes_.empty()) return std::make_unique<Unit::Changes>();
  auto changes = std::move(idle_changes_.back());
  idle_changes_.pop_back();
  return changes;
}

void Db::give_back(std::unique_ptr<Unit::Changes> changes) {
  if (changes->bytes() > idle_changes_bytes_max) return;
  changes->clear();
  MutexLock lock(mutex_);
  if (idle_changes_.size() < idle_changes_max) idle_changes_.push_back(std::move(changes));
}

Result<std::optional<std::string>> Db::get(Family family, std::string_view key) const {
  std::string value;
  const rocksdb::Status status =
      engine_->db->Get(rocksdb::ReadOptions(), engine_->of(family), slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return error_of(status, engine_->folder);
  return value;
}

Cursor Db::cursor(Family family, std::string_view begin, std::string_view end) const {
  auto walk =
      std::make_unique<Cursor::Walk>(Cursor::Walk{std::string(end), {}, engine_->folder, nullptr});
  walk->end_slice = slice(walk->end);
  rocksdb::ReadOptions options;
  if (!walk->end.empty()) options.iterate_upper_bound = &walk->end_slice;
  walk->iterator.reset(engine_->db->NewIterator(options, engine_->of(family)));
  walk->iterator->Seek(slice(begin));
  return Cursor(std::move(walk));
}

Result<std::optional<std::pair<std::string, std::string>>> Db::last(Family family,
                                                                    std::string_view begin,
                                                                    std::string_view end) const {
  const Slice lower = slice(begin);
  const Slice upper = slice(end);
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> iterator(
      engine_->db->NewIterator(options, engine_->of(family)));
  iterator->SeekToLast();
  if (iterator->Valid()) {
    return std::pair(iterator->key().ToString(), iterator->value().ToString());
  }
  LVP_DO(result_of(iterator->status(), engine_->folder));
  return std::nullopt;
}

Status Db::reclaim(Family family, std::string_view begin, std::string_view end) {
  const Slice lower = slice(begin);
  const Slice upper = slice(end);
  return result_of(rocksdb::DeleteFilesInRange(engine_->db.get(), engine_->of(family), &lower,
                                               &upper, /*include_end=*/false),
                   engine_->folder);
}

Result<Db::Claim> Db::claim(const std::string& name) {
  MutexLock lock(mutex_);
  if (!claims_.insert(name).second) {
    return conflict(fmt::format("rocks: {} is open", name));
  }
  return Claim(*this, name);
}

Db::Claim::~Claim() {
  if (!db_) return;
  MutexLock lock(db_->mutex_);
  db_->claims_.erase(name_);
}

// Units queue up. The thread whose unit is in front writes for those behind it too, so that they
// share one sync; it stays in front until it is through, so there is one such thread at a time.
// Units are staged in the order of the queue, which is therefore the order of records in every
// stream.
Status Db::commit(Unit& unit) {
  Waiting own{unit};
  std::vector<Waiting*> group;
  {
    MutexLock lock(mutex_);
    queue_.push_back(&own);
    while (!own.done && queue_.front() != &own) changed_.wait_for(mutex_, std::chrono::seconds(1));
    if (own.done) return own.status;
    group.assign(queue_.begin(), queue_.end());
  }
  const std::size_t written = write_together(group);
  MutexLock lock(mutex_);
  for (std::size_t i = 0; i < written; ++i) {
    group[i]->done = true;
    queue_.pop_front();
  }
  changed_.notify_all();
  return own.status;
}

// Gives the first units of `group` their status and returns how many those are: at least one.
std::size_t Db::write_together(std::span<Waiting* const> group) {
  Batch batch(*this);
  std::vector<Waiting*> staged;
  bool durable = false;
  std::size_t taken = 0;
  while (taken < group.size() && batch.bytes() < shared_write_bytes_max) {
    Waiting* const next = group[taken++];
    batch.content_->changes.SetSavePoint();
    next->status = next->unit.stage(batch);
    if (!next->status) {
      LVP_CHECK(batch.content_->changes.RollbackToSavePoint().ok());
      continue;
    }
    LVP_CHECK(batch.content_->changes.PopSavePoint().ok());
    durable = durable || next->unit.durable();
    staged.push_back(next);
  }
  if (staged.empty()) return taken;

  if (const Status written = write(batch, durable); written) {
    for (Waiting* const each : staged) each->unit.publish();
  } else {
    for (std::size_t i = staged.size(); i-- > 0;) {
      staged[i]->unit.abandon(staged[i]->unit.participants_.size());
      staged[i]->status = written;
    }
  }
  return taken;
}

Status Db::write(Batch& batch, bool durable) {
  if (engine_->refusing) {
    const rocksdb::Status resumed = engine_->db->Resume();
    if (resumed.IsBusy()) {
      return unavailable(fmt::format("rocks: {}: waits for room on the disk", engine_->folder));
    }
    LVP_DO(result_of(resumed, engine_->folder));
    engine_->refusing = false;
    log::info("rocks: {}: writing again", engine_->folder);
  }
  rocksdb::WriteOptions options;
  options.sync = durable;
  engine_->pace->add_log(batch.bytes());
  const rocksdb::Status status = engine_->db->Write(options, &batch.content_->changes);
  engine_->refusing = !status.ok();
  return result_of(status, engine_->folder);
}

Unit* own_unit(UnitOfWork& unit, Db& db) {
  auto* const own = dynamic_cast<Unit*>(&unit);
  return own && &own->db_ == &db ? own : nullptr;
}

Unit& unit_in(UnitOfWork& unit, Db& db) {
  if (Unit* const own = own_unit(unit, db)) return *own;
  const std::shared_ptr<Unit> apart = db.unit();
  unit.before([apart, &unit]() -> Status {
    if (unit.durable()) apart->durably();
    return apart->commit();
  });
  return *apart;
}

}  // namespace lvp::rocks
