#include "stages/copies.h"

#include <fmt/format.h>

#include <utility>

#include "base/deadline.h"

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;

constexpr Duration take_wait = 10s;
/// Kafka keeps the mark of a row that was erased for a day (delete.retention.ms). A copy that has
/// not heard of the changelog for longer might keep the row for ever.
constexpr Duration good_for = 12h;

}  // namespace

Result<Copy> Copies::take(const std::string& partition) {
  const Deadline deadline(take_wait);
  MutexLock lock(mutex_);
  Place& place = places_[partition];
  ++place.wanted;
  while (place.is_away && deadline.left() > Duration::zero())
    changed_.wait_for(mutex_, deadline.left());
  --place.wanted;
  if (place.is_away)
    return unavailable(fmt::format("changelog: somebody has the copy of partition {}", partition));
  return lend(partition, place);
}

Result<std::optional<Copy>> Copies::borrow(const std::string& partition) {
  MutexLock lock(mutex_);
  Place& place = places_[partition];
  if (place.is_away || place.wanted > 0) return std::nullopt;
  return lend(partition, place);
}

Result<Copy> Copies::lend(const std::string& partition, Place& place) {
  Copy copy = std::exchange(place.copy, {});
  if (copy.store == nullptr || clock_.now() - copy.known > good_for) {
    LVP_TRY(copy, make_(partition));
    copy.known = clock_.now();
  }
  place.is_away = true;
  return copy;
}

bool Copies::is_wanted(const std::string& partition) const {
  MutexLock lock(mutex_);
  const auto place = places_.find(partition);
  return place != places_.end() && place->second.wanted > 0;
}

void Copies::give_back(const std::string& partition, Copy copy) {
  MutexLock lock(mutex_);
  Place& place = places_[partition];
  place.copy = std::move(copy);
  place.is_away = false;
  changed_.notify_all();
}

void Copies::drop(const std::string& partition) {
  give_back(partition, {});
}

}  // namespace lvp::stages
