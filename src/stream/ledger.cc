#include "stream/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/deadline.h"
#include "base/log.h"
#include "stream/batch.h"

namespace lvp::stream {

Ledger::Ledger(std::string stream, std::vector<Span> partitions)
    : stream_(std::move(stream)),
      partitions_(static_cast<std::uint32_t>(partitions.size())),
      spans_(std::move(partitions)) {}

Ledger::Span Ledger::span(std::uint32_t partition) const {
  MutexLock lock(mutex_);
  return spans_[partition];
}

std::vector<Ledger::Span> Ledger::spans() const {
  MutexLock lock(mutex_);
  return spans_;
}

void Ledger::extend(std::uint32_t partition, std::uint64_t end) {
  MutexLock lock(mutex_);
  LVP_CHECK(end >= spans_[partition].end);
  spans_[partition].end = end;
  changed_.notify_all();
}

void Ledger::lift(std::uint32_t partition, std::uint64_t first) {
  std::vector<std::pair<std::string, std::uint64_t>> losses;
  {
    MutexLock lock(mutex_);
    spans_[partition].first = first;
    for (auto& [name, group] : groups_) {
      Place& place = group.places[partition];
      if (place.next >= first) continue;
      if (!group.is_follower) losses.emplace_back(name, first - place.next);
      place.next = first;
    }
  }
  for (const auto& [group, count] : losses) {
    log::error("stream {}: partition {}: {} records were dropped before group {} read them",
               stream_, partition, count, group);
  }
}

std::uint64_t Ledger::unread(std::uint32_t partition) const {
  MutexLock lock(mutex_);
  return least_next(partition, /*of_followers=*/false);
}

std::uint64_t Ledger::unread_by_any(std::uint32_t partition) const {
  MutexLock lock(mutex_);
  return least_next(partition, /*of_followers=*/true);
}

std::uint64_t Ledger::least_next(std::uint32_t partition, bool of_followers) const {
  std::uint64_t least = spans_[partition].end;
  for (const auto& [name, group] : groups_) {
    if (of_followers || !group.is_follower) least = std::min(least, group.places[partition].next);
  }
  return least;
}

bool Ledger::knows(std::string_view group) const {
  MutexLock lock(mutex_);
  return groups_.contains(group);
}

Ledger::Group& Ledger::group_of(std::string_view name) {
  if (const auto found = groups_.find(name); found != groups_.end()) return found->second;
  Group& group = groups_[std::string(name)];
  for (const Span& span : spans_) group.places.push_back({span.first, {}});
  group.stints.resize(spans_.size());
  return group;
}

void Ledger::restore(std::string_view group, std::uint32_t partition, std::uint64_t next) {
  MutexLock lock(mutex_);
  group_of(group).places[partition].next = next;
}

// Counts a stint for each partition that has another owner afterwards.
template <class Change>
void Ledger::change_members(Group& group, Change change) {
  const std::vector<std::uint64_t> before = group.members;
  change(group.members);
  const auto owner = [](const std::vector<std::uint64_t>& members, std::uint32_t partition) {
    return members.empty() ? 0 : members[partition % members.size()];
  };
  for (std::uint32_t p = 0; p < partitions_; ++p) {
    if (owner(before, p) != owner(group.members, p)) ++group.stints[p];
  }
  changed_.notify_all();
}

Ledger::Member Ledger::join(std::string_view group) {
  MutexLock lock(mutex_);
  const Member member{std::string(group), ++members_made_};
  Group& joined = group_of(group);
  joined.cursors[member.id] = 0;
  change_members(joined, [&](auto& members) { members.push_back(member.id); });
  return member;
}

Ledger::Member Ledger::follow() {
  MutexLock lock(mutex_);
  const std::uint64_t id = ++members_made_;
  const Member member{fmt::format("\n{}", id), id};  // no group has such a name
  Group& own = group_of(member.group);
  own.is_follower = true;
  own.cursors[id] = 0;
  change_members(own, [&](auto& members) { members.push_back(id); });
  return member;
}

void Ledger::leave(const Member& member) {
  MutexLock lock(mutex_);
  Group& group = group_of(member.group);
  group.cursors.erase(member.id);
  change_members(group, [&](auto& members) { std::erase(members, member.id); });
  if (group.is_follower) groups_.erase(member.group);
}

bool Ledger::caught_up(const Member& member, std::string_view partition) const {
  const auto number = partition_number(partition, partitions_);
  if (!number) return false;
  MutexLock lock(mutex_);
  const auto group = groups_.find(member.group);
  return group != groups_.end() && group->second.places[*number].next >= spans_[*number].end;
}

std::vector<Share> Ledger::shares(const Member& member) const {
  MutexLock lock(mutex_);
  std::vector<Share> shares;
  const auto group = groups_.find(member.group);
  if (group == groups_.end()) return shares;
  for (std::uint32_t p = 0; p < partitions_; ++p) {
    if (group->second.owns(member.id, p))
      shares.push_back({std::to_string(p), group->second.stints[p]});
  }
  return shares;
}

std::optional<Ledger::Turn> Ledger::next_turn(const Member& member, bool& moving) {
  Group& group = group_of(member.group);
  std::uint32_t& cursor = group.cursors.at(member.id);
  for (std::uint32_t i = 0; i < partitions_; ++i) {
    const std::uint32_t partition = (cursor + i) % partitions_;
    const Place& place = group.places[partition];
    if (!group.owns(member.id, partition) || place.next >= spans_[partition].end) continue;
    if (place.moving_to) {
      moving = true;
      continue;
    }
    cursor = partition;
    return Turn{partition, place.next, spans_[partition].end};
  }
  return std::nullopt;
}

Ledger::Turn Ledger::turn(const Member& member, Duration wait) {
  const Deadline deadline(wait);
  MutexLock lock(mutex_);
  while (true) {
    bool moving = false;
    if (const auto turn = next_turn(member, moving)) return *turn;
    const Duration left = deadline.left();
    if (left == Duration::zero()) return Turn{.caught_up = !moving};
    changed_.wait_for(mutex_, left);
  }
}

Status Ledger::check_move(const Member& member, std::uint32_t partition, std::uint64_t next) const {
  const auto group = groups_.find(member.group);
  if (group == groups_.end() || !group->second.owns(member.id, partition)) {
    return conflict(
        fmt::format("stream {}: partition {} went to another reader", stream_, partition));
  }
  if (next > spans_[partition].end) {
    return invalid(
        fmt::format("stream {}: partition {} has no record {}", stream_, partition, next - 1));
  }
  return {};
}

Status Ledger::may_move(const Member& member, std::uint32_t partition, std::uint64_t next) const {
  MutexLock lock(mutex_);
  return check_move(member, partition, next);
}

Result<std::uint64_t> Ledger::begin_move(const Member& member, std::uint32_t partition,
                                         std::uint64_t next) {
  MutexLock lock(mutex_);
  LVP_DO(check_move(member, partition, next));
  Place& place = group_of(member.group).places[partition];
  place.moving_to = std::max({place.next, next, place.moving_to.value_or(0)});
  return *place.moving_to;
}

void Ledger::end_move(const Member& member, std::uint32_t partition, bool committed) {
  MutexLock lock(mutex_);
  const auto found = groups_.find(member.group);
  if (found == groups_.end()) return;  // a follower that left
  Group& group = found->second;
  Place& place = group.places[partition];
  // A unit may have begun two moves in one partition; the first one to end ends both.
  if (!place.moving_to) return;
  if (committed) {
    place.next = std::max(place.next, *place.moving_to);
    const auto cursor = group.cursors.find(member.id);
    if (cursor != group.cursors.end()) cursor->second = (partition + 1) % partitions_;
  }
  place.moving_to.reset();
  changed_.notify_all();
}

namespace {

class Move {
 public:
  Move(Ledger& ledger, Ledger::Member member, std::uint32_t partition, std::uint64_t next)
      : ledger_(ledger), member_(std::move(member)), partition_(partition), next_(next) {}
  ~Move() { end(false); }
  Move(const Move&) = delete;
  Move& operator=(const Move&) = delete;

  Status begin() {
    LVP_DO(ledger_.begin_move(member_, partition_, next_));
    begun_ = true;
    return {};
  }
  void end(bool committed) {
    if (std::exchange(begun_, false)) ledger_.end_move(member_, partition_, committed);
  }

 private:
  Ledger& ledger_;
  const Ledger::Member member_;
  const std::uint32_t partition_;
  const std::uint64_t next_;
  bool begun_ = false;
};

}  // namespace

Status move_with(UnitOfWork& unit, Ledger& ledger, const Ledger::Member& member,
                 const Position& position) {
  LVP_TRY(const auto partition, partition_number(position.partition, ledger.partitions()));
  LVP_TRY(const auto next, number_after(position.offset));
  LVP_DO(ledger.may_move(member, partition, next));
  const auto move = std::make_shared<Move>(ledger, member, partition, next);
  unit.before([move] { return move->begin(); });
  unit.after([move] { move->end(true); });
  return {};
}

std::vector<Extent> extents_of(const Ledger& ledger) {
  std::vector<Extent> extents;
  for (const Ledger::Span& span : ledger.spans()) {
    Extent extent{std::to_string(extents.size()), "", "", span.end - span.first};
    if (extent.records > 0) {
      extent.first = offset_text(span.first);
      extent.last = offset_text(span.end - 1);
    }
    extents.push_back(std::move(extent));
  }
  return extents;
}

}  // namespace lvp::stream
