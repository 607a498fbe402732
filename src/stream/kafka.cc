#include "stream/kafka.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/deadline.h"
#include "base/mutex.h"
#include "stream/batch.h"
#include "stream/kafka_client.h"
#include "stream/kafka_cluster.h"
#include "stream/kafka_consumer.h"
#include "stream/kafka_producer.h"
#include "stream/kafka_reader.h"
#include "stream/kafka_topics.h"

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;

constexpr int look_every_ms = 100;
constexpr Duration extents_wait = 1s;  ///< people look at them

// Reads a partition without a group, and goes on where the last call ended.
class Peeker {
 public:
  Peeker(const KafkaOptions& options, std::string topic, std::int32_t partition)
      : options_(options), topic_(std::move(topic)), partition_(partition) {}

  Result<Batch> read(std::uint64_t next, std::size_t records_max) {
    MutexLock lock(mutex_);
    if (!consumer_) {
      LVP_TRY(consumer_, kafka::Consumer::make(options_, topic_, options_.name + "-reads"));
    }
    LVP_TRY(const auto ends, consumer_->ends(partition_, options_.answer_wait));
    if (std::max(next, ends.first) >= ends.end)
      return Batch{std::to_string(partition_), {}, {}, true};
    if (!queue_ || next != next_ || at_end_) LVP_DO(begin(std::max(next, ends.first)));
    const Deadline deadline(options_.answer_wait);
    while (!has(records_max, ends.end)) {
      take();
      if (deadline.left() > Duration::zero()) continue;
      if (!messages_.empty()) break;
      LVP_DO(stop());
      return unavailable(
          fmt::format("kafka: topic {}: partition {}: no answer", topic_, partition_));
    }
    BatchBuilder batch;
    while (!messages_.empty() && batch.size() < records_max &&
           batch.takes(kafka::bytes_of(*messages_.front()))) {
      kafka::add(batch, *messages_.front());
      bytes_ -= kafka::bytes_of(*messages_.front());
      next_ = kafka::offset_of(*messages_.front()) + 1;
      messages_.pop_front();
    }
    const bool caught_up = messages_.empty() && (at_end_ || next_ >= ends.end);
    if (caught_up) LVP_DO(stop());
    return std::move(batch).finish(static_cast<std::uint32_t>(partition_), caught_up);
  }

 private:
  // One more than is wanted tells that there is more.
  bool has(std::size_t records_max, std::uint64_t end) REQUIRES(mutex_) {
    return at_end_ || messages_.size() > records_max || bytes_ > batch_bytes_max ||
           (!messages_.empty() && kafka::offset_of(*messages_.back()) + 1 >= end);
  }

  Status begin(std::uint64_t next) REQUIRES(mutex_) {
    LVP_DO(stop());
    queue_ = consumer_->queue_of(partition_);
    LVP_DO(consumer_->assign({{partition_, static_cast<std::int64_t>(next)}}));
    next_ = next;
    return {};
  }

  Status stop() REQUIRES(mutex_) {
    at_end_ = false;
    bytes_ = 0;
    messages_.clear();
    if (!queue_) return {};
    consumer_->silence(queue_);
    queue_.reset();
    return consumer_->assign({});
  }

  void take() REQUIRES(mutex_) {
    kafka::Message message(rd_kafka_consume_queue(queue_.get(), look_every_ms));
    if (!message) return;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      at_end_ = true;
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && kafka::offset_of(*message) >= next_) {
      bytes_ += kafka::bytes_of(*message);
      messages_.push_back(std::move(message));
    }
  }

  const KafkaOptions options_;
  const std::string topic_;
  const std::int32_t partition_;
  Mutex mutex_;
  std::unique_ptr<kafka::Consumer> consumer_ GUARDED_BY(mutex_);
  kafka::Queue queue_ GUARDED_BY(mutex_);  // while it reads
  std::uint64_t next_ GUARDED_BY(mutex_) = 0;
  bool at_end_ GUARDED_BY(mutex_) = false;
  std::deque<kafka::Message> messages_ GUARDED_BY(mutex_);
  std::size_t bytes_ GUARDED_BY(mutex_) = 0;
};

// The partitions that were read last, each with a client of its own: whoever reads one does not
// make another begin again.
class Peekers {
 public:
  Peekers(const KafkaOptions& options, std::string topic)
      : options_(options), topic_(std::move(topic)) {}

  std::shared_ptr<Peeker> of(std::int32_t partition) {
    MutexLock lock(mutex_);
    const auto found = std::ranges::find(peekers_, partition, &Held::first);
    Held held = found == peekers_.end()
                    ? Held(partition, std::make_shared<Peeker>(options_, topic_, partition))
                    : std::move(*found);
    if (found != peekers_.end()) peekers_.erase(found);
    if (peekers_.size() == most) peekers_.pop_front();
    return peekers_.emplace_back(std::move(held)).second;
  }

 private:
  using Held = std::pair<std::int32_t, std::shared_ptr<Peeker>>;
  static constexpr std::size_t most = 16;

  const KafkaOptions options_;
  const std::string topic_;
  Mutex mutex_;
  std::deque<Held> peekers_ GUARDED_BY(mutex_);
};

}  // namespace

Offset offset_before(std::uint64_t next) {
  return next == 0 ? Offset() : offset_text(next - 1);
}

// ---- The cluster ----

namespace {

// Who is refused need not wait.
Status await_answer(const kafka::Producer& producer, const KafkaOptions& options) {
  const Deadline deadline(options.answer_wait);
  while (true) {
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code = rd_kafka_metadata(producer.client(), 0, nullptr, &metadata,
                                        kafka::whole_ms(std::min<Duration>(1s, deadline.left())));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_metadata_destroy(metadata);
      return {};
    }
    const std::string reason = producer.complaints().last();
    const auto why = producer.complaints().code();
    if (why == RD_KAFKA_RESP_ERR__AUTHENTICATION || why == RD_KAFKA_RESP_ERR__SSL)
      return unavailable(fmt::format("kafka: {} does not let us in: {}", options.brokers, reason));
    if (deadline.left() == Duration::zero())
      return unavailable(fmt::format("kafka: {} does not answer: {}", options.brokers,
                                     reason.empty() ? rd_kafka_err2str(code) : reason));
  }
}

}  // namespace

Kafka::Kafka(std::shared_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}
Kafka::~Kafka() = default;

Result<std::unique_ptr<Kafka>> Kafka::connect(const KafkaOptions& options, const Clock& clock) {
  if (options.brokers.empty()) return invalid("kafka: kafka.brokers is not set");
  LVP_DO(kafka::check_properties(options.properties));
  auto cluster = std::make_shared<Cluster>(options, clock);
  LVP_TRY(const auto producer, cluster->producer());
  LVP_DO(await_answer(*producer, options));
  return std::unique_ptr<Kafka>(new Kafka(std::move(cluster)));
}

std::unique_ptr<UnitOfWork> Kafka::unit() {
  return std::make_unique<kafka::Unit>(cluster_);
}

// ---- A topic ----

namespace {

class TopicWriter final : public Writer {
 public:
  TopicWriter(std::shared_ptr<Kafka::Cluster> cluster, std::string topic, bool compacted,
              std::size_t record_bytes_max, std::int32_t partition)
      : cluster_(std::move(cluster)),
        topic_(std::move(topic)),
        compacted_(compacted),
        record_bytes_max_(record_bytes_max),
        partition_(partition) {}

  Status append(UnitOfWork& unit, std::vector<Entry> entries) override {
    LVP_DO(check_sizes(topic_, entries, record_bytes_max_));
    if (entries.empty()) {  // whoever appends nothing wants to know whether it could
      unit.before([cluster = cluster_] { return cluster->answers(); });
      return {};
    }
    kafka::Outgoing outgoing{topic_, compacted_, partition_, std::move(entries), {}};
    if (kafka::Unit* const own = kafka::own_unit(unit, *cluster_)) {
      own->send(std::move(outgoing));
      return {};
    }
    const auto all = std::make_shared<std::vector<kafka::Outgoing>>();
    all->push_back(std::move(outgoing));
    unit.before([cluster = cluster_, all]() -> Status {
      all->front().at = cluster->clock.now();
      LVP_TRY(const auto producer, cluster->producer());
      return producer->send(*all);
    });
    return {};
  }
  std::size_t record_bytes_max() const override { return record_bytes_max_; }

 private:
  const std::shared_ptr<Kafka::Cluster> cluster_;
  const std::string topic_;
  const bool compacted_;
  const std::size_t record_bytes_max_;
  const std::int32_t partition_;
};

}  // namespace

class KafkaStream::Topic {
 public:
  Topic(std::shared_ptr<Kafka::Cluster> its_cluster, std::string its_name,
        const KafkaStreamOptions& its_options, std::size_t its_record_bytes_max)
      : cluster(std::move(its_cluster)),
        name(std::move(its_name)),
        options(its_options),
        record_bytes_max(its_record_bytes_max),
        peekers(cluster->options, name) {}

  const std::shared_ptr<Kafka::Cluster> cluster;
  const std::string name;
  const KafkaStreamOptions options;
  const std::size_t record_bytes_max;
  Peekers peekers;

  Result<std::int32_t> number_of(std::string_view partition) const {
    LVP_TRY(const auto number, partition_number(partition, options.partitions));
    return static_cast<std::int32_t>(number);
  }

  std::unique_ptr<Writer> writer(std::int32_t partition) const {
    return std::make_unique<TopicWriter>(cluster, name, options.compacted, record_bytes_max,
                                         partition);
  }

  // A consumer of that group that never joins it, and so may ask for its positions.
  Result<rd_kafka_t*> asker(const std::string& group) {
    MutexLock lock(asking);
    Asker& found = askers[group];
    if (!found.client) {
      LVP_TRY(found.client,
              kafka::make_client(
                  RD_KAFKA_CONSUMER, cluster->options,
                  kafka::properties_of_consumers(cluster->options, cluster->group_id(group, name)),
                  *found.context));
    }
    return found.client.get();
  }
  struct Asker {
    std::shared_ptr<kafka::Context> context = std::make_shared<kafka::Context>();
    kafka::Handle client;
  };
  Mutex asking;
  std::map<std::string, Asker> askers GUARDED_BY(asking);

  Result<std::vector<kafka::Ends>> ends(Duration wait) const {
    LVP_TRY(const auto producer, cluster->producer());
    return kafka::ends_of(producer->client(), name, 0, options.partitions, wait);
  }
};

Result<std::unique_ptr<KafkaStream>> Kafka::stream(const std::string& topic,
                                                   const KafkaStreamOptions& options) {
  if (options.partitions < 1 || options.partitions > partitions_max)
    return invalid(fmt::format("kafka: topic {}: {} partitions; there can be 1 to {}", topic,
                               options.partitions, partitions_max));
  LVP_TRY(const auto producer, cluster_->producer());
  LVP_TRY(const std::size_t takes,
          kafka::check_topic(producer->client(), cluster_->options, topic, options));
  return std::unique_ptr<KafkaStream>(
      new KafkaStream(std::make_shared<KafkaStream::Topic>(cluster_, topic, options, takes)));
}

std::unique_ptr<UnitOfWork> Kafka::unit_for(const KafkaStream& in, std::string_view group,
                                            const std::string& partition) {
  const auto number = in.topic_->number_of(partition);
  LVP_CHECK(number.has_value());
  return std::make_unique<kafka::Unit>(
      cluster_, kafka::Owned{cluster_->group_id(group, in.topic()), in.topic(), *number});
}

KafkaStream::KafkaStream(std::shared_ptr<Topic> topic) : topic_(std::move(topic)) {}
KafkaStream::~KafkaStream() = default;

Result<std::unique_ptr<Reader>> KafkaStream::reader(std::string_view group) {
  return kafka::make_member(topic_->cluster, topic_->name, topic_->options.partitions, group);
}

Result<std::unique_ptr<Reader>> KafkaStream::plain_reader(std::string_view group) {
  return kafka::make_plain_member(topic_->cluster, topic_->name, topic_->options.partitions, group);
}

Result<std::unique_ptr<Reader>> KafkaStream::follower() {
  return kafka::make_follower(topic_->cluster, topic_->name, topic_->options.partitions);
}

Result<std::unique_ptr<Writer>> KafkaStream::writer() {
  return topic_->writer(RD_KAFKA_PARTITION_UA);
}

Result<std::unique_ptr<Writer>> KafkaStream::writer_to(const std::string& partition) {
  LVP_TRY(const auto number, topic_->number_of(partition));
  return topic_->writer(number);
}

Result<Batch> KafkaStream::read(std::string_view partition, const Offset& after,
                                std::size_t records_max) {
  LVP_TRY(const auto number, topic_->number_of(partition));
  LVP_TRY(const std::uint64_t wanted, number_after(after));
  return topic_->peekers.of(number)->read(wanted, std::max<std::size_t>(records_max, 1));
}

Result<std::vector<Extent>> KafkaStream::extents() {
  std::vector<Extent> extents;
  LVP_TRY(const auto ends,
          topic_->ends(std::min(topic_->cluster->options.answer_wait, extents_wait)));
  for (const auto& [first, end] : ends) {
    Extent extent{std::to_string(extents.size()), "", "", end - first, /*exact=*/false};
    if (extent.records > 0) {
      extent.first = offset_text(first);
      extent.last = offset_text(end - 1);
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

Result<std::vector<KafkaLag>> KafkaStream::lag(std::string_view group) {
  const Duration wait = topic_->cluster->options.answer_wait;
  LVP_TRY(rd_kafka_t* const client, topic_->asker(std::string(group)));
  const kafka::Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions())));
  for (std::uint32_t p = 0; p < partitions(); ++p)
    rd_kafka_topic_partition_list_add(list.get(), topic_->name.c_str(),
                                      static_cast<std::int32_t>(p));
  const auto code = kafka::ask_patiently(client, topic_->name, wait, [&] {
    return rd_kafka_committed(client, list.get(), kafka::whole_ms(wait));
  });
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return kafka::error_of(code, fmt::format("topic {}: positions of {}", topic_->name, group));
  LVP_TRY(const auto ends, topic_->ends(wait));
  std::vector<KafkaLag> lags;
  for (std::size_t p = 0; p < ends.size(); ++p) {
    const std::int64_t committed = list->elems[p].offset;
    const auto next = committed < 0 ? 0 : static_cast<std::uint64_t>(committed);
    lags.push_back({std::to_string(p), std::max(next, ends[p].first), ends[p].end});
  }
  return lags;
}

}  // namespace lvp::stream
