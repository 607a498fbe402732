#include "rocks/pace.h"

#include <algorithm>

#include "base/backoff.h"

namespace lvp::rocks {

Duration Allowance::take(std::int64_t bytes, Time now) {
  const auto passed = std::chrono::duration_cast<Duration>(now - then_);
  then_ += passed;
  earn(passed.count() * bytes_per_ms);
  left_ -= bytes;
  return Duration(left_ < 0 ? -left_ / bytes_per_ms : 0);
}

void Allowance::earn(std::int64_t bytes) {
  left_ = std::min(left_ + bytes, portion_bytes);
}

void Pace::add_log(std::size_t bytes) {
  MutexLock lock(mutex_);
  allowance_.add_log(static_cast<std::int64_t>(bytes));
}

void Pace::wait(std::size_t bytes) {
  Duration wait;
  {
    MutexLock lock(mutex_);
    wait = allowance_.take(static_cast<std::int64_t>(bytes), std::chrono::steady_clock::now());
  }
  sleep(wait, {});
}

void Pace::Request(std::int64_t bytes, rocksdb::Env::IOPriority priority,
                   rocksdb::Statistics* /*statistics*/) {
  // RocksDB asks as a user once it slows down or stops the writers of the log.
  if (keeping_ && priority != rocksdb::Env::IO_USER) wait(static_cast<std::size_t>(bytes));
}

}  // namespace lvp::rocks
