#include "stages/fill.h"

#include <cstddef>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/thread_name.h"
#include "profile/storage.h"

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t chunk_profiles = 256;
constexpr Duration look_again = 1s;  ///< a wait must have a limit; wake-ups end it

// The first `size` profiles are in use; the memory of the others is kept for those to come.
struct Chunk {
  std::vector<profile::Profile> profiles{chunk_profiles};
  std::size_t size = 0;
};

// Where one thread puts a chunk, and the other one takes it. What is taken is given back as the one
// to fill next.
class Handover {
 public:
  void put(Chunk& chunk) {
    MutexLock lock(mutex_);
    while (full_) changed_.wait_for(mutex_, look_again);
    std::swap(chunk_, chunk);
    full_ = true;
    changed_.notify_all();
  }
  /// False if nothing more comes.
  bool take(Chunk& chunk) {
    MutexLock lock(mutex_);
    while (!full_ && !closed_) changed_.wait_for(mutex_, look_again);
    if (!full_) return false;
    std::swap(chunk_, chunk);
    full_ = false;
    changed_.notify_all();
    return true;
  }
  /// After the last put().
  void close() {
    MutexLock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  Mutex mutex_;
  Condition changed_;
  Chunk chunk_ GUARDED_BY(mutex_);
  bool full_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = false;
};

Status read_all(const store::Table& devices, Handover& handover) {
  Chunk chunk;
  LVP_DO(devices.scan("", [&](std::string_view, std::string_view row) -> Status {
    LVP_DO(profile::stored_profile(row, chunk.profiles[chunk.size]));
    if (++chunk.size < chunk_profiles) return {};
    handover.put(chunk);
    chunk.size = 0;
    return {};
  }));
  if (chunk.size > 0) handover.put(chunk);
  return {};
}

}  // namespace

Status fill(live::Board& board, const store::Table& devices) {
  Handover handover;
  Status read;
  std::jthread reader([&] {
    name_thread("board reader");
    read = read_all(devices, handover);
    handover.close();
  });
  Chunk chunk;
  while (handover.take(chunk)) {
    for (std::size_t i = 0; i < chunk.size; ++i) board.apply(chunk.profiles[i]);
    board.drop_changes();
  }
  reader.join();
  return read;
}

}  // namespace lvp::stages
