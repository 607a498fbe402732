// What consumers of kafka.h have in common: their properties, their threads, their queues.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "stream/batch.h"
#include "stream/kafka_client.h"

namespace lvp::stream::kafka {

Properties properties_of_consumers(const KafkaOptions& options, std::string group_id);

inline std::uint64_t offset_of(const rd_kafka_message_t& message) {
  return static_cast<std::uint64_t>(message.offset);
}
inline std::size_t bytes_of(const rd_kafka_message_t& message) {
  return message.key_len + message.len;
}
/// Copies it: a message must not outlive its client.
void add(BatchBuilder& batch, const rd_kafka_message_t& message);

/// Wakes who waits for messages. Rung by threads of librdkafka.
class Bell {
 public:
  void ring();
  void wait(Duration most);

 private:
  Mutex mutex_;
  Condition changed_;
  bool rung_ GUARDED_BY(mutex_) = false;
};

/// What the group decided about partitions.
struct Change {
  bool come = false;
  std::vector<std::int32_t> partitions;
};

/// A consumer of one topic, and the thread that answers the group in its name, so that a reader
/// that works for long stays a member. What the group decides waits until the reader takes it.
class Consumer {
 public:
  static Result<std::unique_ptr<Consumer>> make(const KafkaOptions& options,
                                                const std::string& topic,
                                                const std::string& group_id);
  ~Consumer();

  Status subscribe();
  Status assign(const std::map<std::int32_t, std::int64_t>& offsets);

  rd_kafka_t* client() const { return client_.get(); }
  Bell& bell() { return bell_; }
  Complaints& complaints() { return context_->complaints; }

  /// The oldest change that was not settled. It is settled by the call that carries it out.
  std::optional<Change> change() const;
  /// Takes partitions from those offsets on: settles a change.
  void take(const std::map<std::int32_t, std::int64_t>& offsets);
  /// Gives partitions back: settles a change.
  void give_back(const std::vector<std::int32_t>& partitions);
  /// They went to somebody else, or the group asks for them.
  bool is_lost(std::int32_t partition) const;
  bool is_asked_for(std::int32_t partition) const;
  /// What the cluster refused since the last call.
  Status take_refusal();

  /// The messages of a partition, which ring the bell. Made before the partition is taken.
  Queue queue_of(std::int32_t partition);
  void silence(const Queue& queue) const;

  /// Error::unavailable if the cluster gives no answer in time.
  Result<Ends> ends(std::int32_t partition, Duration wait) const;
  /// Nothing if the group has no position there.
  Result<std::optional<std::uint64_t>> committed(std::int32_t partition, Duration wait) const;
  Status commit(std::int32_t partition, std::uint64_t next, Duration wait) const;
  /// Does not wait for an answer, and does not tell of it.
  void commit_soon(std::int32_t partition, std::uint64_t next) const;

 private:
  explicit Consumer(std::string topic) : topic_(std::move(topic)) {}
  void note(bool come, const rd_kafka_topic_partition_list_t& partitions);
  void settle();
  void serve(const std::stop_token& stop);
  bool is_waiting() const;

  const std::string topic_;
  Bell bell_;
  const std::shared_ptr<Context> context_ = std::make_shared<Context>();
  mutable Mutex mutex_;
  std::deque<Change> changes_ GUARDED_BY(mutex_);
  std::vector<std::int32_t> lost_ GUARDED_BY(mutex_);
  std::optional<Error> refusal_ GUARDED_BY(mutex_);
  bool waits_ GUARDED_BY(mutex_) = false;  ///< for the first word of the group
  bool closing_ GUARDED_BY(mutex_) = false;
  Handle client_;
  std::jthread server_;
};

}  // namespace lvp::stream::kafka
