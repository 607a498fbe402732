// A mutex whose protection clang can check (-Wthread-safety): a member marked GUARDED_BY(mutex_) is
// only touched while a MutexLock holds mutex_.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/time.h"

#if defined(__clang__)
#define LVP_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define LVP_THREAD_ANNOTATION(x)
#endif
#define GUARDED_BY(x) LVP_THREAD_ANNOTATION(guarded_by(x))
#define REQUIRES(x) LVP_THREAD_ANNOTATION(requires_capability(x))

namespace lvp {

class LVP_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() LVP_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() LVP_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  friend class Condition;
  std::mutex mutex_;
};

class LVP_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) LVP_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() LVP_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits on a Mutex that the caller holds.
class Condition {
 public:
  void notify_all() { condition_.notify_all(); }
  /// Returns at a notification, after `wait`, or for no reason: check what you waited for.
  void wait_for(Mutex& mutex, Duration wait) REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_for(lock, wait);
    lock.release();
  }

 private:
  std::condition_variable condition_;
};

}  // namespace lvp
