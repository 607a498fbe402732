#include "stream/kafka.h"

#include <fmt/format.h>

#include <deque>
#include <utility>

#include "base/check.h"
#include "base/deadline.h"
#include "base/mutex.h"
#include "stream/batch.h"
#include "stream/kafka_client.h"
#include "stream/kafka_cluster.h"
#include "stream/kafka_producer.h"
#include "stream/kafka_reader.h"
#include "stream/kafka_topics.h"

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;
using SharedMessage = std::shared_ptr<rd_kafka_message_t>;

constexpr int look_every_ms = 100;
constexpr Duration extents_wait = 1s;  ///< people look at them

// Reads partitions without a group, one at a time, and goes on where the last call ended.
class Peeker {
 public:
  Peeker(const KafkaOptions& options, std::string topic)
      : options_(options), topic_(std::move(topic)) {}

  Result<Batch> read(std::int32_t partition, std::uint64_t next, std::size_t records_max) {
    MutexLock lock(mutex_);
    if (!client_) {
      LVP_TRY(client_, kafka::make_client(RD_KAFKA_CONSUMER, options_,
                                          kafka::properties_of_consumers(options_.name + "-reads"),
                                          context_));
      rd_kafka_poll_set_consumer(client_.get());
    }
    const bool goes_on = partition == partition_ && next == next_ && !at_end_;
    if (!goes_on) LVP_DO(begin(partition, next));
    const Deadline deadline(options_.answer_wait);
    while (messages_.size() < records_max && !at_end_) {
      LVP_DO(take());
      if (deadline.left() > Duration::zero()) continue;
      if (!messages_.empty()) break;
      partition_ = -1;
      return unavailable(
          fmt::format("kafka: topic {}: partition {}: no answer", topic_, partition));
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(records_max, messages_.size()));
    Batch batch = kafka::batch_of(std::to_string(partition),
                                  {messages_.begin(), messages_.begin() + count}, false);
    const auto given = static_cast<std::ptrdiff_t>(batch.records.size());
    messages_.erase(messages_.begin(), messages_.begin() + given);
    batch.caught_up = at_end_ && messages_.empty();
    if (given > 0) {
      LVP_TRY(next_, number_after(batch.end().offset));
    }
    return batch;
  }

 private:
  Status begin(std::int32_t partition, std::uint64_t next) REQUIRES(mutex_) {
    messages_.clear();
    at_end_ = false;
    partition_ = partition;
    next_ = next;
    const kafka::Partitions list =
        kafka::one_partition(topic_, partition, static_cast<std::int64_t>(next));
    const auto code = rd_kafka_assign(client_.get(), list.get());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return kafka::error_of(code, fmt::format("topic {}", topic_));
    return {};
  }

  Status take() REQUIRES(mutex_) {
    SharedMessage message(rd_kafka_consumer_poll(client_.get(), look_every_ms),
                          [](rd_kafka_message_t* one) {
                            if (one != nullptr) rd_kafka_message_destroy(one);
                          });
    if (!message) return {};
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      at_end_ = message->partition == partition_;
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (message->partition == partition_ && static_cast<std::uint64_t>(message->offset) >= next_)
        messages_.push_back(std::move(message));
    }
    return {};
  }

  const KafkaOptions options_;
  const std::string topic_;
  Mutex mutex_;
  kafka::Context context_;
  kafka::Handle client_ GUARDED_BY(mutex_);
  std::int32_t partition_ GUARDED_BY(mutex_) = -1;
  std::uint64_t next_ GUARDED_BY(mutex_) = 0;
  bool at_end_ GUARDED_BY(mutex_) = false;
  std::deque<SharedMessage> messages_ GUARDED_BY(mutex_);
};

}  // namespace

Offset offset_before(std::uint64_t next) {
  return next == 0 ? Offset() : offset_text(next - 1);
}

// ---- The cluster ----

Kafka::Kafka(std::shared_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}
Kafka::~Kafka() = default;

Result<std::unique_ptr<Kafka>> Kafka::connect(const KafkaOptions& options, const Clock& clock) {
  if (options.brokers.empty()) return invalid("kafka: kafka.brokers is not set");
  LVP_DO(kafka::check_properties(options.properties));
  auto cluster = std::make_shared<Cluster>(options, clock);
  LVP_TRY(cluster->producer, kafka::Producer::make(options));
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(cluster->producer->client(), 0, nullptr, &metadata,
                                      kafka::whole_ms(options.answer_wait));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const std::string reason = cluster->producer->complaint();
    return unavailable(fmt::format("kafka: {}: {}", options.brokers,
                                   reason.empty() ? rd_kafka_err2str(code) : reason.c_str()));
  }
  rd_kafka_metadata_destroy(metadata);
  return std::unique_ptr<Kafka>(new Kafka(std::move(cluster)));
}

std::unique_ptr<UnitOfWork> Kafka::unit() {
  return std::make_unique<kafka::Unit>(cluster_);
}

// ---- A topic ----

class KafkaStream::Topic {
 public:
  Topic(std::shared_ptr<Kafka::Cluster> its_cluster, std::string its_name,
        const KafkaStreamOptions& its_options)
      : cluster(std::move(its_cluster)),
        name(std::move(its_name)),
        options(its_options),
        peeker(cluster->options, name) {}

  const std::shared_ptr<Kafka::Cluster> cluster;
  const std::string name;
  const KafkaStreamOptions options;
  Peeker peeker;

  Result<std::int32_t> number_of(std::string_view partition) const {
    LVP_TRY(const auto number, partition_number(partition, options.partitions));
    return static_cast<std::int32_t>(number);
  }

  struct Ends {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };
  Result<Ends> ends(std::uint32_t partition, Duration wait) const {
    std::int64_t low = 0;
    std::int64_t high = 0;
    rd_kafka_t* const client = cluster->producer->client();
    const auto code = kafka::ask_patiently(client, name, wait, [&] {
      return rd_kafka_query_watermark_offsets(client, name.c_str(),
                                              static_cast<std::int32_t>(partition), &low, &high,
                                              kafka::whole_ms(wait));
    });
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return kafka::error_of(code, fmt::format("topic {}: partition {}", name, partition));
    return Ends{static_cast<std::uint64_t>(low), static_cast<std::uint64_t>(high)};
  }
};

namespace {

class TopicWriter final : public Writer {
 public:
  TopicWriter(std::shared_ptr<Kafka::Cluster> cluster, std::string topic, bool compacted,
              std::int32_t partition)
      : cluster_(std::move(cluster)),
        topic_(std::move(topic)),
        compacted_(compacted),
        partition_(partition) {}

  Status append(UnitOfWork& unit, std::vector<Entry> entries) override {
    LVP_DO(check_sizes(topic_, entries));
    if (entries.empty()) return {};
    kafka::Outgoing outgoing{topic_, compacted_, partition_, std::move(entries)};
    if (kafka::Unit* const own = kafka::own_unit(unit, *cluster_)) {
      own->send(std::move(outgoing));
      return {};
    }
    const auto all = std::make_shared<std::vector<kafka::Outgoing>>();
    all->push_back(std::move(outgoing));
    unit.before([cluster = cluster_, all] { return cluster->producer->send(*all); });
    return {};
  }

 private:
  const std::shared_ptr<Kafka::Cluster> cluster_;
  const std::string topic_;
  const bool compacted_;
  const std::int32_t partition_;
};

}  // namespace

Result<std::unique_ptr<KafkaStream>> Kafka::stream(const std::string& topic,
                                                   const KafkaStreamOptions& options) {
  if (options.partitions < 1 || options.partitions > partitions_max)
    return invalid(fmt::format("kafka: topic {}: {} partitions; there can be 1 to {}", topic,
                               options.partitions, partitions_max));
  LVP_DO(kafka::check_topic(*cluster_, topic, options));
  return std::unique_ptr<KafkaStream>(
      new KafkaStream(std::make_shared<KafkaStream::Topic>(cluster_, topic, options)));
}

std::unique_ptr<UnitOfWork> Kafka::unit_for(const KafkaStream& in, std::string_view group,
                                            const std::string& partition) {
  const auto number = in.topic_->number_of(partition);
  LVP_CHECK(number.has_value());
  return std::make_unique<kafka::Unit>(
      cluster_, kafka::Owned{cluster_->group_id(group, in.topic()), in.topic(), *number});
}

Duration KafkaStream::answer_wait() const {
  return topic_->cluster->options.answer_wait;
}

KafkaStream::KafkaStream(std::shared_ptr<Topic> topic) : topic_(std::move(topic)) {}
KafkaStream::~KafkaStream() = default;

Result<std::unique_ptr<Reader>> KafkaStream::reader(std::string_view group) {
  return kafka::make_member(topic_->cluster, topic_->name, group);
}

Result<std::unique_ptr<Reader>> KafkaStream::follower() {
  return kafka::make_follower(topic_->cluster, topic_->name, topic_->options.partitions);
}

Result<std::unique_ptr<Writer>> KafkaStream::writer() {
  return std::make_unique<TopicWriter>(topic_->cluster, topic_->name, topic_->options.compacted,
                                       RD_KAFKA_PARTITION_UA);
}

Result<std::unique_ptr<Writer>> KafkaStream::writer_to(const std::string& partition) {
  LVP_TRY(const auto number, topic_->number_of(partition));
  return std::make_unique<TopicWriter>(topic_->cluster, topic_->name, topic_->options.compacted,
                                       number);
}

Result<Batch> KafkaStream::read(std::string_view partition, const Offset& after,
                                std::size_t records_max) {
  LVP_TRY(const auto number, topic_->number_of(partition));
  LVP_TRY(const std::uint64_t wanted, number_after(after));
  LVP_TRY(const auto ends, topic_->ends(static_cast<std::uint32_t>(number), answer_wait()));
  const std::uint64_t next = std::max(wanted, ends.low);
  if (next >= ends.high) return Batch{std::string(partition), {}, {}, true};
  return topic_->peeker.read(number, next, std::max<std::size_t>(records_max, 1));
}

Result<std::vector<Extent>> KafkaStream::extents() {
  std::vector<Extent> extents;
  const Deadline deadline(std::min(answer_wait(), extents_wait));
  for (std::uint32_t p = 0; p < partitions(); ++p) {
    LVP_TRY(const auto ends, topic_->ends(p, std::max(deadline.left(), Duration(1))));
    Extent extent{std::to_string(p), "", "", ends.high - ends.low, /*exact=*/false};
    if (extent.records > 0) {
      extent.first = offset_text(ends.low);
      extent.last = offset_text(ends.high - 1);
    }
    extents.push_back(std::move(extent));
  }
  return extents;
}

const std::string& KafkaStream::topic() const {
  return topic_->name;
}

std::uint32_t KafkaStream::partitions() const {
  return topic_->options.partitions;
}

// A consumer of that group that never joins it may ask for its positions.
Result<std::vector<KafkaLag>> KafkaStream::lag(std::string_view group) {
  kafka::Context context;
  LVP_TRY(const auto client, kafka::make_client(RD_KAFKA_CONSUMER, topic_->cluster->options,
                                                kafka::properties_of_consumers(
                                                    topic_->cluster->group_id(group, topic_->name)),
                                                context));
  const kafka::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions())));
  for (std::uint32_t p = 0; p < partitions(); ++p)
    rd_kafka_topic_partition_list_add(list.get(), topic_->name.c_str(),
                                      static_cast<std::int32_t>(p));
  const Deadline deadline(answer_wait());
  const auto code = kafka::ask_patiently(client.get(), topic_->name, deadline.left(), [&] {
    return rd_kafka_committed(client.get(), list.get(), kafka::whole_ms(deadline.left()));
  });
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka::error_of(code, fmt::format("topic {}: positions of {}", topic_->name, group));
  std::vector<KafkaLag> lags;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& place = list->elems[i];
    LVP_TRY(const auto ends, topic_->ends(static_cast<std::uint32_t>(place.partition),
                                          std::max(deadline.left(), Duration(1))));
    const auto committed = place.offset < 0 ? 0 : static_cast<std::uint64_t>(place.offset);
    lags.push_back({std::to_string(place.partition), std::max(committed, ends.low), ends.high});
  }
  return lags;
}

}  // namespace lvp::stream
