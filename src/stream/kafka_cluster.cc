#include "stream/kafka_cluster.h"

#include <fmt/format.h>

#include <utility>

namespace lvp::stream {

using kafka::Owned;
using kafka::TransactionalProducer;

std::string Kafka::Cluster::group_id(std::string_view group, std::string_view topic) const {
  return fmt::format("{}-{}-{}", options.name, group, topic);
}

Status Kafka::Cluster::take_over(const Owned& owned) {
  let_go(owned);
  LVP_TRY(std::shared_ptr<TransactionalProducer> owner,
          TransactionalProducer::make(options, fmt::format("{}-{}", owned.group, owned.partition)));
  MutexLock lock(mutex_);
  owners_[owned] = std::move(owner);
  return {};
}

void Kafka::Cluster::let_go(const Owned& owned) {
  std::shared_ptr<TransactionalProducer> gone;  // which takes a while, without the lock
  MutexLock lock(mutex_);
  const auto found = owners_.find(owned);
  if (found == owners_.end()) return;
  gone = std::move(found->second);
  owners_.erase(found);
}

std::shared_ptr<TransactionalProducer> Kafka::Cluster::owner(const Owned& owned) const {
  MutexLock lock(mutex_);
  const auto found = owners_.find(owned);
  return found == owners_.end() ? nullptr : found->second;
}

namespace kafka {

void Unit::move(std::shared_ptr<Position> position, const Owned& owned, std::uint64_t next) {
  if (!std::exchange(is_owned_, true)) owner_ = owned;
  for (Move& move : moves_) {
    if (move.position != position || move.owned != owned) continue;
    move.next = std::max(move.next, next);
    return;
  }
  moves_.push_back({std::move(position), owned, next});
}

Status Unit::write() {
  if (!is_owned_) return outgoing_.empty() ? Status() : cluster_->producer->send(outgoing_);
  std::vector<Moved> positions;
  for (const Move& move : moves_) {
    LVP_DO(move.position->check(move.owned.partition));
    positions.push_back(
        {move.position->consumer(), move.owned.topic, move.owned.partition, move.next});
  }
  const auto owner = cluster_->owner(owner_);
  if (owner == nullptr)
    return conflict(fmt::format("kafka: topic {}: partition {} must be taken over again",
                                owner_.topic, owner_.partition));
  const Status committed = owner->commit(outgoing_, positions);
  if (owner->is_spent()) cluster_->let_go(owner_);
  LVP_DO(committed);
  for (const Move& move : moves_) move.position->moved(move.owned.partition, move.next);
  return {};
}

Unit* own_unit(UnitOfWork& unit, const Kafka::Cluster& cluster) {
  auto* const own = dynamic_cast<Unit*>(&unit);
  return own != nullptr && own->cluster() == &cluster ? own : nullptr;
}

}  // namespace kafka
}  // namespace lvp::stream
