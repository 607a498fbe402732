#include "stages/workers.h"

#include <algorithm>

#include "base/thread_name.h"

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t taken_at_once = 8;  ///< few enough to share a batch out evenly
constexpr Duration look_again = 1s;       ///< a wait must have a limit; wake-ups end it

}  // namespace

Workers::Workers(std::size_t count) {
  for (std::size_t worker = 1; worker < count; ++worker)
    threads_.emplace_back([this, worker] { live(worker); });
}

Workers::~Workers() {
  {
    MutexLock lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
}

void Workers::run(std::size_t items, const Work& work) {
  next_ = 0;
  {
    MutexLock lock(mutex_);
    work_ = &work;
    items_ = items;
    busy_ = threads_.size();
    ++round_;
  }
  changed_.notify_all();
  take_part(0, items, work);
  MutexLock lock(mutex_);
  while (busy_ > 0) changed_.wait_for(mutex_, look_again);
}

void Workers::take_part(std::size_t worker, std::size_t items, const Work& work) {
  while (true) {
    const std::size_t from = next_.fetch_add(taken_at_once);
    if (from >= items) return;
    for (std::size_t item = from; item < std::min(from + taken_at_once, items); ++item)
      work(worker, item);
  }
}

void Workers::live(std::size_t worker) {
  name_thread("bridge worker");
  std::uint64_t done = 0;  // rounds
  while (true) {
    const Work* work = nullptr;
    std::size_t items = 0;
    {
      MutexLock lock(mutex_);
      while (round_ == done && !stops_) changed_.wait_for(mutex_, look_again);
      if (stops_) return;
      done = round_;
      work = work_;
      items = items_;
    }
    take_part(worker, items, *work);
    {
      MutexLock lock(mutex_);
      --busy_;
    }
    changed_.notify_all();
  }
}

}  // namespace lvp::stages
