#include "stream/kafka_cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/backoff.h"
#include "base/deadline.h"

namespace lvp::stream {

using kafka::Owned;
using kafka::TransactionalProducer;

namespace {

constexpr Duration sign_of_life_wait = std::chrono::seconds(2);

}  // namespace

Result<std::shared_ptr<kafka::Producer>> Kafka::Cluster::producer() {
  MutexLock lock(mutex_);
  if (producer_ == nullptr || producer_->is_spent()) {
    LVP_TRY(producer_, kafka::Producer::make(options));
  }
  return producer_;
}

Status Kafka::Cluster::answers() {
  LVP_TRY(const auto one, producer());
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(one->client(), 0, nullptr, &metadata,
                                      kafka::whole_ms(sign_of_life_wait));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return unavailable(fmt::format("kafka: {}: no broker answers", options.brokers));
  rd_kafka_metadata_destroy(metadata);
  return {};
}

std::string Kafka::Cluster::group_id(std::string_view group, std::string_view topic) const {
  return fmt::format("{}-{}-{}", options.name, group, topic);
}

Result<std::shared_ptr<TransactionalProducer>> Kafka::Cluster::take_over(const Owned& owned) {
  LVP_TRY(std::shared_ptr<TransactionalProducer> owner,
          TransactionalProducer::make(options, fmt::format("{}-{}", owned.group, owned.partition)));
  MutexLock lock(mutex_);
  owners_[owned] = owner;
  return owner;
}

void Kafka::Cluster::let_go(const Owned& owned,
                            const std::shared_ptr<TransactionalProducer>& producer) {
  MutexLock lock(mutex_);
  const auto found = owners_.find(owned);
  // Another reader of this process may have it by now.
  if (found != owners_.end() && found->second == producer) owners_.erase(found);
}

std::shared_ptr<TransactionalProducer> Kafka::Cluster::owner(const Owned& owned) const {
  MutexLock lock(mutex_);
  const auto found = owners_.find(owned);
  return found == owners_.end() ? nullptr : found->second;
}

namespace kafka {
namespace {

using namespace std::chrono_literals;

constexpr Duration group_wait = 5s;  ///< for the group's members to agree

}  // namespace

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
  for (Outgoing& outgoing : outgoing_) outgoing.at = cluster_->clock.now();
  if (is_owned_) return commit_owned();
  if (outgoing_.empty()) return {};
  LVP_TRY(const auto producer, cluster_->producer());
  return producer->send(outgoing_);
}

// While members come and go, the group refuses positions from those that have not heard of it: who
// keeps the partition tries again.
Status Unit::commit_owned() {
  const auto move = std::ranges::find(moves_, owner_, &Move::owned);
  for (const Move& one : moves_) LVP_DO(one.position->check(one.owned.partition));
  const auto producer =
      move != moves_.end() ? move->position->producer(owner_.partition) : cluster_->owner(owner_);
  if (producer == nullptr)
    return conflict(fmt::format("kafka: topic {}: partition {} went to another reader",
                                owner_.topic, owner_.partition));
  const Deadline deadline(group_wait);
  Backoff pause(20ms, 500ms);
  while (true) {
    const Status committed = commit_with(*producer);
    if (committed || committed.error().code != Error::Code::conflict || producer->is_spent() ||
        deadline.left() == Duration::zero())
      return committed;
    for (const Move& one : moves_) {
      if (one.position->must_go(one.owned.partition)) return committed;
    }
    sleep(pause.next(), {});
    for (const Move& one : moves_) LVP_DO(one.position->check(one.owned.partition));
  }
}

Status Unit::commit_with(TransactionalProducer& producer) {
  std::vector<Moved> positions;
  for (const Move& move : moves_) {
    positions.push_back(
        {move.position->consumer(), move.owned.topic, move.owned.partition, move.next});
  }
  LVP_DO(producer.commit(outgoing_, positions));
  for (const Move& move : moves_) move.position->moved(move.owned.partition, move.next);
  return {};
}

Unit* own_unit(UnitOfWork& unit, const Kafka::Cluster& cluster) {
  auto* const own = dynamic_cast<Unit*>(&unit);
  return own != nullptr && own->cluster() == &cluster ? own : nullptr;
}

}  // namespace kafka
}  // namespace lvp::stream
