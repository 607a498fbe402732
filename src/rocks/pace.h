// The pace at which RocksDB writes its files. A buffer of 32 MB that is written out as fast as the
// disk takes it holds up the syncs of the log beside it, and every request that waits for one, for
// tens of milliseconds; in portions with time between them it does not.
//
// RocksDB has limiters of its own. There, who waits depends on others who wait, and in 7.8 one was
// seen to wait for ever. Here each waits a time that is known when it begins.
#pragma once

#include <rocksdb/rate_limiter.h>

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/mutex.h"
#include "base/time.h"

namespace lvp::rocks {

/// How many bytes of files may be written by when: some each second, and some for each byte of the
/// log, so that files never fall behind it.
class Allowance {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr std::int64_t bytes_per_ms = 128 << 10;
  /// A byte of the log is written into a first file and those it is merged into.
  static constexpr std::int64_t bytes_per_log_byte = 8;
  /// What can be saved up: one write of RocksDB's.
  static constexpr std::int64_t portion_bytes = 1 << 20;

  void add_log(std::int64_t bytes) { earn(bytes * bytes_per_log_byte); }
  /// Takes `bytes` and says how long to wait before they are written: at most as long as they and
  /// those who wait already take at bytes_per_ms.
  Duration take(std::int64_t bytes, Time now);

 private:
  void earn(std::int64_t bytes);

  std::int64_t left_ = portion_bytes;  // below zero: promised to those who wait
  Time then_{};
};

/// Keeps RocksDB's files to the allowance from begin() to end(), except what writers of the log
/// wait for.
class Pace final : public rocksdb::RateLimiter {
 public:
  void begin() { keeping_ = true; }
  void end() { keeping_ = false; }
  void add_log(std::size_t bytes);
  /// Returns when `bytes` may be written.
  void wait(std::size_t bytes);

  using RateLimiter::Request;
  void Request(std::int64_t bytes, rocksdb::Env::IOPriority priority,
               rocksdb::Statistics* statistics) override;
  std::int64_t GetSingleBurstBytes() const override { return Allowance::portion_bytes; }
  std::int64_t GetBytesPerSecond() const override { return Allowance::bytes_per_ms * 1000; }
  // Asked for by nobody here.
  void SetBytesPerSecond(std::int64_t /*bytes*/) override {}
  std::int64_t GetTotalBytesThrough(rocksdb::Env::IOPriority /*priority*/) const override {
    return 0;
  }
  std::int64_t GetTotalRequests(rocksdb::Env::IOPriority /*priority*/) const override { return 0; }

 private:
  std::atomic<bool> keeping_ = false;
  Mutex mutex_;
  Allowance allowance_ GUARDED_BY(mutex_);
};

}  // namespace lvp::rocks
