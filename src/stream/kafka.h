// Streams in Apache Kafka: topics, consumer groups, transactions; through librdkafka.
//
// Units of work. What a unit of Kafka::unit() appends is sent when it commits. If a position of a
// reader takes part, outputs and position are one transaction of the producer that belongs to that
// group and partition: all of it is seen, or none. A new owner of the partition initialises that
// producer before it reads anything, which settles what the old one left open and shuts it out: its
// next commit is Error::conflict. Without a position the records are sent by the one idempotent
// producer of the process, which waits for every replica that keeps up (acks=all): units of many
// threads share its requests.
//
// Units of other engines may append and move positions, too: records go out before the unit's own
// write, positions after it.
//
// Keys decide the partition as Kafka's own clients do (murmur2), so that records of other programs
// with the same keys lie beside ours; records with an empty key go anywhere, but in a compacted
// topic. Offsets are Kafka's, with gaps where transactions ended and where compaction removed
// something.
//
// A cluster that does not answer is Error::unavailable after a bounded wait, and works again by
// itself.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "stream/stream.h"

namespace lvp::stream {

struct KafkaOptions {
  std::string brokers;  ///< HOST:PORT, with commas between
  /// Properties of librdkafka, passed on. Those on which what this file promises rests are refused.
  std::map<std::string, std::string> properties;
  std::string name = "lvp";       ///< begins the ids of clients, groups and transactions
  bool create = true;             ///< topics that are missing
  std::uint16_t replication = 0;  ///< of topics that are made; 0: the broker's default
  Duration answer_wait = std::chrono::seconds(10);  ///< for an answer of the cluster
};

struct KafkaStreamOptions {
  /// Of the topic: a topic with another number is refused, since keys would lie elsewhere.
  std::uint32_t partitions = 1;
  bool compacted =
      false;  ///< the newest record of each key is kept for ever; an empty value erases
  /// Of compacted ones, when they are made: nothing that is younger goes. Where there is less, the
  /// log says so.
  Duration compact_after{};
  Duration keep = std::chrono::hours(72);  ///< of others, when they are made
};

/// Where a group is in a partition.
struct KafkaLag {
  std::string partition;
  std::uint64_t next = 0;  ///< the offset that the group reads next; the first kept, if it is new
  std::uint64_t end = 0;   ///< behind the last record or mark of a transaction
};

/// The offset after which record `next` is the first: "" for 0.
Offset offset_before(std::uint64_t next);

class KafkaStream;

/// A cluster. Thread-safe. Outlives its streams and the units of work; `clock` outlives it.
class Kafka {
 public:
  /// Error::invalid for a property that does not exist or must not be set; Error::unavailable if no
  /// broker answers, or none lets us in, with the reason.
  static Result<std::unique_ptr<Kafka>> connect(const KafkaOptions& options, const Clock& clock);
  ~Kafka();

  /// The topic, made if need be. Error::invalid if it is missing and must not be made, or is not
  /// what the options say: how to mend that is in the text.
  Result<std::unique_ptr<KafkaStream>> stream(const std::string& topic,
                                              const KafkaStreamOptions& options);

  std::unique_ptr<UnitOfWork> unit();
  /// Always a transaction of the group's producer for that partition of `in`, also without a
  /// position: for what an owner does by itself.
  std::unique_ptr<UnitOfWork> unit_for(const KafkaStream& in, std::string_view group,
                                       const std::string& partition);

  class Cluster;

 private:
  explicit Kafka(std::shared_ptr<Cluster> cluster);
  std::shared_ptr<Cluster> cluster_;
};

class KafkaStream final : public Stream {
 public:
  ~KafkaStream() override;

  Result<std::unique_ptr<Reader>> reader(std::string_view group) override;
  /// A member whose positions follow what its units send, instead of being one transaction with it:
  /// sooner, and for a fraction of the work. After a crash some records come again.
  Result<std::unique_ptr<Reader>> plain_reader(std::string_view group);
  Result<std::unique_ptr<Reader>> follower() override;
  Result<std::unique_ptr<Writer>> writer() override;
  /// Everything that was committed before the call is seen: an empty batch that has caught up means
  /// that there is no such record.
  Result<Batch> read(std::string_view partition, const Offset& after,
                     std::size_t records_max) override;
  Result<std::vector<Extent>> extents() override;

  const std::string& topic() const;
  std::uint32_t partitions() const;
  /// Appends to that partition, whatever the keys are.
  Result<std::unique_ptr<Writer>> writer_to(const std::string& partition);
  /// Of every partition. Asks the cluster.
  Result<std::vector<KafkaLag>> lag(std::string_view group);

  class Topic;

 private:
  friend class Kafka;
  explicit KafkaStream(std::shared_ptr<Topic> topic);
  std::shared_ptr<Topic> topic_;
};

}  // namespace lvp::stream
