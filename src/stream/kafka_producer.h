// What sends: the producer of a process, and those whose transactions belong to one partition each.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "stream/kafka_client.h"
#include "stream/stream.h"

namespace lvp::stream::kafka {

/// Entries for one topic.
struct Outgoing {
  std::string topic;
  bool compacted = false;
  std::int32_t partition = RD_KAFKA_PARTITION_UA;  ///< that: as the key says
  std::vector<Entry> entries;
  Timestamp at{};
};

/// The topics that a client sends to, by their names. Thread-safe.
class TopicHandles {
 public:
  explicit TopicHandles(rd_kafka_t* client) : client_(client) {}
  Result<rd_kafka_topic_t*> find(const std::string& topic);

 private:
  rd_kafka_t* const client_;
  Mutex mutex_;
  std::map<std::string, TopicHandle> topics_ GUARDED_BY(mutex_);
};

/// Idempotent; acks=all. Thread-safe.
class Producer {
 public:
  /// Does not wait for the cluster.
  static Result<std::unique_ptr<Producer>> make(const KafkaOptions& options);
  ~Producer();

  /// Returns when every entry is on every replica that keeps up; Error::unavailable if that does
  /// not come about in time, and some may be there all the same.
  Status send(const std::vector<Outgoing>& all);
  /// It can do nothing more: make another one.
  bool is_spent() const;

  rd_kafka_t* client() const { return client_.get(); }
  const Complaints& complaints() const { return context_.complaints; }

 private:
  Producer() = default;
  Status enqueue(const Outgoing& outgoing, void* opaque);

  Context context_;
  Handle client_;
  std::unique_ptr<TopicHandles> topics_;
  std::jthread reports_;  ///< delivers them
};

/// A position that a transaction commits.
struct Moved {
  rd_kafka_t* consumer = nullptr;  ///< a member of the group
  std::string topic;
  std::int32_t partition = 0;
  std::uint64_t next = 0;
};

/// The producer whose transactions belong to one group and partition. Belongs to the thread of its
/// owner.
class TransactionalProducer {
 public:
  /// Settles what an earlier one with the same id left open, and shuts it out.
  static Result<std::unique_ptr<TransactionalProducer>> make(const KafkaOptions& options,
                                                             const std::string& id);
  ~TransactionalProducer();

  /// All of it or, after an error, nothing; but after Error::unavailable with is_spent() nobody
  /// knows. Error::conflict: somebody else is the owner now.
  Status commit(const std::vector<Outgoing>& all, const std::vector<Moved>& positions);
  /// It can do nothing more: make another one, which settles what this one left.
  bool is_spent() const { return spent_; }
  /// Spent because somebody else took over.
  bool is_fenced() const { return fenced_; }

 private:
  explicit TransactionalProducer(std::string id) : id_(std::move(id)) {}
  Status enqueue(const Outgoing& outgoing);
  Status send_positions(const std::vector<Moved>& positions);
  Status end();
  std::unexpected<Error> fail(Failure failure, const std::string& what);
  std::unexpected<Error> abort(std::unexpected<Error> why);

  const std::string id_;
  Context context_;
  Handle client_;
  std::unique_ptr<TopicHandles> topics_;
  bool spent_ = false;
  bool fenced_ = false;
};

}  // namespace lvp::stream::kafka
