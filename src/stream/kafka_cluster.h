// What the streams, readers and units of one Kafka share.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "stream/kafka.h"
#include "stream/kafka_client.h"
#include "stream/kafka_producer.h"

namespace lvp::stream {

namespace kafka {

/// A partition as a group owns it.
struct Owned {
  std::string group;  ///< its id in the cluster
  std::string topic;
  std::int32_t partition = 0;

  auto operator<=>(const Owned&) const = default;
};

/// The part of a reader that units of work need: it may be gone when they commit. Belongs to the
/// reader's thread.
class Position {
 public:
  virtual ~Position() = default;
  /// Error::conflict if the partition is not the reader's any more.
  virtual Status check(std::int32_t partition) const = 0;
  /// Whether the group has asked for the partition, which is then let go at the next poll.
  virtual bool must_go(std::int32_t partition) const = 0;
  /// Nothing once it is closed.
  virtual rd_kafka_t* consumer() const = 0;
  /// Whose transactions belong to that partition.
  virtual std::shared_ptr<TransactionalProducer> producer(std::int32_t partition) const = 0;
  virtual void moved(std::int32_t partition, std::uint64_t next) = 0;
};

}  // namespace kafka

/// Thread-safe.
class Kafka::Cluster {
 public:
  Cluster(KafkaOptions its_options, const Clock& its_clock)
      : options(std::move(its_options)), clock(its_clock) {}

  const KafkaOptions options;
  const Clock& clock;

  /// That of the process; a new one if it can do nothing more.
  Result<std::shared_ptr<kafka::Producer>> producer();

  /// Whether some broker answers, within a moment.
  Status answers();

  std::string group_id(std::string_view group, std::string_view topic) const;

  /// Shuts out whoever owned it before.
  Result<std::shared_ptr<kafka::TransactionalProducer>> take_over(const kafka::Owned& owned);
  void let_go(const kafka::Owned& owned,
              const std::shared_ptr<kafka::TransactionalProducer>& producer);
  /// Nothing if it was let go.
  std::shared_ptr<kafka::TransactionalProducer> owner(const kafka::Owned& owned) const;

 private:
  mutable Mutex mutex_;
  std::shared_ptr<kafka::Producer> producer_ GUARDED_BY(mutex_);
  std::map<kafka::Owned, std::shared_ptr<kafka::TransactionalProducer>> owners_ GUARDED_BY(mutex_);
};

namespace kafka {

/// What is sent, and the positions that move with it, in one transaction if there are any.
class Unit final : public UnitOfWork {
 public:
  explicit Unit(std::shared_ptr<Kafka::Cluster> cluster) : cluster_(std::move(cluster)) {}
  /// Always a transaction of that owner.
  Unit(std::shared_ptr<Kafka::Cluster> cluster, Owned owner)
      : cluster_(std::move(cluster)), owner_(std::move(owner)), is_owned_(true) {}

  const Kafka::Cluster* cluster() const { return cluster_.get(); }
  void send(Outgoing outgoing) { outgoing_.push_back(std::move(outgoing)); }
  void move(std::shared_ptr<Position> position, const Owned& owned, std::uint64_t next);

 protected:
  Status write() override;

 private:
  struct Move {
    std::shared_ptr<Position> position;
    Owned owned;
    std::uint64_t next = 0;
  };

  Status commit_with(TransactionalProducer& producer);
  Status commit_owned();

  const std::shared_ptr<Kafka::Cluster> cluster_;
  Owned owner_;
  bool is_owned_ = false;
  std::vector<Outgoing> outgoing_;
  std::vector<Move> moves_;
};

/// `unit` if it is one of that cluster's.
Unit* own_unit(UnitOfWork& unit, const Kafka::Cluster& cluster);

}  // namespace kafka
}  // namespace lvp::stream
