// Threads that share the items of a batch. What they make is the caller's to keep in order.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace lvp::stages {

/// Belongs to one thread, which is the first of the workers.
class Workers {
 public:
  /// Does one item. `worker` is below count(): what workers do not share, each has of its own.
  using Work = std::function<void(std::size_t worker, std::size_t item)>;

  /// At least one.
  explicit Workers(std::size_t count);
  ~Workers();

  std::size_t count() const { return threads_.size() + 1; }
  /// Does all items, each once, and returns when they are done.
  void run(std::size_t items, const Work& work);

 private:
  void take_part(std::size_t worker, std::size_t items, const Work& work);
  void live(std::size_t worker);

  Mutex mutex_;
  Condition changed_;
  const Work* work_ GUARDED_BY(mutex_) = nullptr;
  std::size_t items_ GUARDED_BY(mutex_) = 0;
  std::uint64_t round_ GUARDED_BY(mutex_) = 0;
  std::size_t busy_ GUARDED_BY(mutex_) = 0;
  bool stops_ GUARDED_BY(mutex_) = false;
  std::atomic<std::size_t> next_ = 0;  ///< the first item that nobody has taken
  std::vector<std::jthread> threads_;
};

}  // namespace lvp::stages
