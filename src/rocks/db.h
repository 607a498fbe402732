// RocksDB behind RAII and results: one folder of column families, changed by units of work.
//
// It holds everything that the embedded program keeps: streams, positions and tables share one
// write-ahead log, so a unit over all of them is one record there, and what a crash leaves is
// always the state after some unit. What the bytes mean is written where they are made
// (stream/rocks.cc, store/rocks.cc).
//
// A process that dies loses nothing that was committed. A machine that dies keeps everything up to
// the last durable unit, and some prefix of what came after it.
//
// When the disk refuses a write, the unit fails with Error::unavailable and leaves nothing; RocksDB
// then refuses all writes. Each later commit first asks it, once, to recover. From a full disk it
// recovers within some seconds of having 32 MB of room again; after some faults it can only be
// opened anew, and the error says so each time. Reading works throughout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/unit_of_work.h"

namespace rocksdb {
class FileSystem;
}

namespace lvp::rocks {

/// The column families. Each is an ordered map of bytes to bytes.
enum class Family : std::uint8_t {
  meta,       ///< small and few: what exists, and how it was set up
  log,        ///< records of streams: written once in order, read soon after, dropped in order
  positions,  ///< how far each consumer group has read
  tables,     ///< state, read by key
};

// What an open Db may take, whatever is in it.
inline constexpr std::size_t block_cache_bytes = 64 << 20;     ///< file blocks, indexes, filters
inline constexpr std::size_t write_buffers_bytes = 128 << 20;  ///< unflushed changes, all families
inline constexpr std::size_t write_ahead_bytes_max = 256
                                                     << 20;  ///< replayed after a crash: seconds
inline constexpr int open_files_max = 512;

// How many units share one write: they wait for each other's sync, so the sum must stay small.
inline constexpr std::size_t shared_write_bytes_max = 4 << 20;

// What units leave for those that come: as many as there are threads that commit all the time.
inline constexpr std::size_t idle_changes_max = 8;
inline constexpr std::size_t idle_changes_bytes_max = 8 << 20;  ///< of one

class Db;

/// Changes on their way into one write. A Db has one at a time.
class Batch {
 public:
  ~Batch();
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void put(Family family, std::string_view key, std::string_view value);
  /// The value is the parts one after the other; saves joining them first. At most three parts.
  void put(Family family, std::string_view key, std::initializer_list<std::string_view> value);
  void erase(Family family, std::string_view key);
  /// Every key from `begin` up to, not including, `end`.
  void erase_range(Family family, std::string_view begin, std::string_view end);

  std::size_t bytes() const;

 private:
  friend class Db;
  struct Content;
  explicit Batch(const Db& db);

  std::unique_ptr<Content> content_;
};

/// Takes part in the commit of a Unit and learns only then what to write: a stream, which numbers
/// records in the order of commits. All calls for one Db are made one after the other, in the order
/// of commits, each by whatever thread is committing; they must not wait and not use the Db.
class Participant {
 public:
  virtual ~Participant() = default;

  /// Adds to the batch what the unit shall write. On an error the unit fails, alone.
  virtual Status stage(Batch& batch) = 0;

  // Exactly one of these follows a stage() that succeeded. Participants are abandoned in the
  // reverse of the order in which they were staged, across units, so each can put back what it
  // found.
  virtual void publish() = 0;
  virtual void abandon() = 0;
};

/// The unit of work of a Db, which it must not outlive.
class Unit final : public UnitOfWork {
 public:
  ~Unit() override;

  /// The last change of a key wins.
  void put(Family family, std::string_view key, std::string_view value);
  void erase(Family family, std::string_view key);
  /// Every key from `begin` up to, not including, `end`.
  void erase_range(Family family, std::string_view begin, std::string_view end);
  void join(std::unique_ptr<Participant> participant);

 protected:
  Status write() override;

 private:
  friend class Db;
  friend Unit& unit_in(UnitOfWork& unit, Db& db);
  friend Unit* own_unit(UnitOfWork& unit, Db& db);
  struct Changes;

  explicit Unit(Db& db);
  Status stage(Batch& batch);
  void publish();
  void abandon(std::size_t staged);

  Db& db_;
  std::unique_ptr<Changes> changes_;
  std::vector<std::unique_ptr<Participant>> participants_;
};

/// Walks a range of keys as it was when the walk began. Used by one thread.
class Cursor {
 public:
  ~Cursor();
  Cursor(Cursor&&) noexcept;
  Cursor& operator=(Cursor&&) = delete;

  /// False at the end, and after an error, which status() then has.
  bool valid() const;
  void next();
  std::string_view key() const;  ///< until next()
  std::string_view value() const;
  Status status() const;

 private:
  friend class Db;
  struct Walk;
  explicit Cursor(std::unique_ptr<Walk> walk);

  std::unique_ptr<Walk> walk_;
};

/// Thread-safe.
class Db {
 public:
  /// Makes the folder if need be. Error::unavailable if another process has it open, or it cannot
  /// be reached; Error::corrupt if its bytes do not make sense.
  /// `disk` is where the folder lies, if not in the machine's own file system.
  static Result<std::unique_ptr<Db>> open(const std::string& folder,
                                          std::shared_ptr<rocksdb::FileSystem> disk = nullptr);
  ~Db();
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  std::unique_ptr<Unit> unit();

  Result<std::optional<std::string>> get(Family family, std::string_view key) const;
  /// At the first key of [begin, end). An `end` of "" is behind every key.
  Cursor cursor(Family family, std::string_view begin, std::string_view end) const;
  /// The last key of [begin, end) and its value.
  Result<std::optional<std::pair<std::string, std::string>>> last(Family family,
                                                                  std::string_view begin,
                                                                  std::string_view end) const;

  /// Frees the disk space of [begin, end), which has been erased, as far as whole files lie within.
  Status reclaim(Family family, std::string_view begin, std::string_view end);

  /// Held by the one object of this process that may write something with that name.
  class Claim {
   public:
    Claim(Db& db, std::string name) : db_(&db), name_(std::move(name)) {}
    ~Claim();
    Claim(Claim&& other) noexcept : db_(std::exchange(other.db_, nullptr)), name_(other.name_) {}
    Claim& operator=(Claim&&) = delete;

   private:
    Db* db_;
    std::string name_;
  };
  /// Error::conflict while somebody holds it.
  Result<Claim> claim(const std::string& name);

 private:
  friend class Batch;
  friend class Unit;
  struct Engine;

  // A unit whose thread waits in commit().
  struct Waiting {
    Unit& unit;
    Status status = {};
    bool done = false;
  };

  explicit Db(std::unique_ptr<Engine> engine);
  Status commit(Unit& unit);
  std::size_t write_together(std::span<Waiting* const> group);
  Status write(Batch& batch, bool durable);

  // What holds the changes of a unit goes from one to the next: its memory costs much to get.
  std::unique_ptr<Unit::Changes> borrow_changes();
  void give_back(std::unique_ptr<Unit::Changes> changes);

  std::unique_ptr<Engine> engine_;
  Mutex mutex_;
  Condition changed_;
  std::deque<Waiting*> queue_ GUARDED_BY(mutex_);
  std::set<std::string> claims_ GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Unit::Changes>> idle_changes_ GUARDED_BY(mutex_);
};

/// `unit` if it is one of `db`'s, else nullptr.
Unit* own_unit(UnitOfWork& unit, Db& db);
/// Where `unit` writes to `db`: itself if it is one of db's, else a unit of its own that `unit`
/// commits before it writes anything.
Unit& unit_in(UnitOfWork& unit, Db& db);

}  // namespace lvp::rocks
