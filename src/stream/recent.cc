#include "stream/recent.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace lvp::stream {

void Recent::add(PlacedChunk chunk) {
  MutexLock lock(mutex_);
  LVP_CHECK(chunks_.empty() || chunks_.back().end() == chunk.first);
  bytes_ += chunk.content->size();
  chunks_.push_back(std::move(chunk));
  while (bytes_ > bytes_max_) drop_oldest();
}

void Recent::forget_before(std::uint64_t offset) {
  MutexLock lock(mutex_);
  while (!chunks_.empty() && chunks_.front().end() <= offset) drop_oldest();
}

std::vector<PlacedChunk> Recent::find(std::uint64_t from, std::uint64_t until) const {
  MutexLock lock(mutex_);
  if (chunks_.empty() || from < chunks_.front().first) return {};
  const auto first = std::ranges::upper_bound(chunks_, from, {}, &PlacedChunk::end);
  const auto end = std::ranges::lower_bound(first, chunks_.end(), until, {}, &PlacedChunk::first);
  return {first, end};
}

void Recent::drop_oldest() {
  bytes_ -= chunks_.front().content->size();
  chunks_.pop_front();
}

}  // namespace lvp::stream
