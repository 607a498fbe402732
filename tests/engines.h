// The engines that contracts are tested on: each makes streams, tables and units of work that
// belong together, in a world of its own that is gone with the test.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/temporary_folder.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "rocks/db.h"
#include "store/memory.h"
#include "store/rocks.h"
#include "store/store.h"
#include "stream/memory.h"
#include "stream/rocks.h"
#include "stream/stream.h"

namespace lvp::tests {

/// Stands still until it is told to move.
class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return from_ms(ms_.load()); }
  void advance(Duration by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_ = 1'700'000'000'000;
};

/// The value of a result that the test cannot go on without.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  return std::move(*result);
}
inline void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().what);
}

/// What an engine promises beyond the contract, and what of the contract it cannot.
struct Offers {
  bool dense_offsets = true;  ///< record n of a partition has offset n, and extents are exact
  bool atomic_units = true;   ///< appends and positions of a unit: all of them, or none
  bool large_records = true;  ///< up to stream::record_bytes_max
  /// A poll that waits so long has seen everything that was committed before, and every member that
  /// came or went.
  Duration arrival{};
};

class Engine {
 public:
  virtual ~Engine() = default;
  virtual Offers offers() const { return {}; }
  /// Opens a stream, or finds the one that is open; `partitions` counts the first time only.
  virtual stream::Stream& stream(const std::string& name, std::uint32_t partitions = 1) = 0;
  virtual store::Store& store() = 0;
  virtual std::unique_ptr<UnitOfWork> unit() = 0;
  /// Closes and opens everything; false if the engine keeps nothing.
  virtual bool reopen() = 0;

  ManualClock clock;
};

class MemoryEngine final : public Engine {
 public:
  stream::Stream& stream(const std::string& name, std::uint32_t partitions) override {
    auto& found = streams_[name];
    if (!found) found = stream::make_memory_stream(name, {.partitions = partitions}, clock);
    return *found;
  }
  store::Store& store() override { return *store_; }
  std::unique_ptr<UnitOfWork> unit() override { return std::make_unique<UnitOfWork>(); }
  bool reopen() override { return false; }

 private:
  std::map<std::string, std::unique_ptr<stream::Stream>> streams_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
};

class RocksEngine final : public Engine {
 public:
  RocksEngine() { reopen(); }

  stream::RocksStream& stream(const std::string& name, std::uint32_t partitions) override {
    stream::RocksOptions chosen = options;
    chosen.partitions = partitions;
    auto& found = streams_[name];
    if (!found) found = must(stream::RocksStream::open(*db_, name, chosen, clock));
    return *found;
  }
  store::Store& store() override { return *store_; }
  std::unique_ptr<UnitOfWork> unit() override { return db_->unit(); }
  bool reopen() override {
    streams_.clear();
    store_.reset();
    db_.reset();
    db_ = must(rocks::Db::open(folder_.path() + "/db"));
    store_ = store::make_rocks_store(*db_);
    return true;
  }
  rocks::Db& db() { return *db_; }

  stream::RocksOptions options;  ///< of streams that are opened from now on

 private:
  TemporaryFolder folder_;
  std::unique_ptr<rocks::Db> db_;
  std::map<std::string, std::unique_ptr<stream::RocksStream>> streams_;
  std::unique_ptr<store::Store> store_;
};

struct EngineCase {
  const char* name;
  std::unique_ptr<Engine> (*make)();
};
inline const EngineCase memory_case = {
    "memory", []() -> std::unique_ptr<Engine> { return std::make_unique<MemoryEngine>(); }};
inline const EngineCase rocks_case = {
    "rocks", []() -> std::unique_ptr<Engine> { return std::make_unique<RocksEngine>(); }};

inline std::string case_name(const testing::TestParamInfo<EngineCase>& info) {
  return info.param.name;
}

}  // namespace lvp::tests
