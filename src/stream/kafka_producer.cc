#include "stream/kafka_producer.h"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <utility>

#include "base/backoff.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "stream/batch.h"

namespace lvp::stream::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int report_wait_ms = 100;
constexpr Duration delivery_wait = 10s;     ///< of a record, retries included
constexpr Duration transaction_wait = 30s;  ///< after that the cluster ends it
constexpr Duration queue_wait = 5s;         ///< for room among the records on their way
constexpr Duration init_wait = 15s;

// The user's word counts where nothing but speed depends on it.
void prefer(Properties& ours, const KafkaOptions& options, const std::string& name,
            const std::string& value) {
  if (!options.properties.contains(name)) ours[name] = value;
}

// `delivery`: the time that a record has.
Properties properties_of_producers(const KafkaOptions& options, Duration delivery) {
  Properties ours{{"enable.idempotence", "true"},
                  {"acks", "all"},
                  {"partitioner", "murmur2_random"},
                  {"message.max.bytes", std::to_string(message_bytes_max)},
                  {"queue.buffering.max.kbytes", std::to_string(128 << 10)}};
  prefer(ours, options, "compression.codec", "lz4");
  prefer(ours, options, "message.timeout.ms", std::to_string(whole_ms(delivery)));
  // Records that are late are only seen between two tries to connect.
  prefer(ours, options, "reconnect.backoff.max.ms", "1000");
  return ours;
}

// Nothing at all is a tombstone, or a key that lies anywhere; an empty text is something.
const void* bytes_of(const std::string& text, bool nothing) {
  return nothing ? nullptr : text.data();
}

// Whether a record may be handed over a moment later. The partition was there when the topic was
// checked, so a broker that does not know it will hear of it.
bool will_take(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__QUEUE_FULL || code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

// Hands a record over. Error::unavailable if there is no room for it in time.
Status produce(rd_kafka_t* client, rd_kafka_topic_t* topic, const Outgoing& outgoing,
               const Entry& entry, void* opaque) {
  const Deadline deadline(queue_wait);
  Backoff pause(1ms, 50ms);
  while (true) {
    const bool erases = outgoing.compacted && entry.value.empty();
    const bool anywhere = !outgoing.compacted && entry.key.empty();
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        client, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(outgoing.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_VALUE(const_cast<void*>(bytes_of(entry.value, erases)), entry.value.size()),
        RD_KAFKA_V_KEY(bytes_of(entry.key, anywhere), entry.key.size()),
        RD_KAFKA_V_TIMESTAMP(to_ms(outgoing.at)), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (!will_take(code) || deadline.left() == Duration::zero())
      return error_of(code, fmt::format("topic {}", outgoing.topic));
    sleep(pause.next(), {});
  }
}

// The reports that a call of send() waits for.
class Reports {
 public:
  void expect(std::size_t count) {
    MutexLock lock(mutex_);
    open_ += count;
  }
  void take(rd_kafka_resp_err_t code) {
    MutexLock lock(mutex_);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && !failure_) failure_ = code;
    if (--open_ == 0) changed_.notify_all();
  }
  /// All of them come: librdkafka gives a record up when its time is over.
  std::optional<rd_kafka_resp_err_t> wait() {
    MutexLock lock(mutex_);
    while (open_ > 0) changed_.wait_for(mutex_, 1s);
    return failure_;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  std::size_t open_ GUARDED_BY(mutex_) = 0;
  std::optional<rd_kafka_resp_err_t> failure_ GUARDED_BY(mutex_);
};

void take_report(const rd_kafka_message_t& message) {
  if (message._private != nullptr) static_cast<Reports*>(message._private)->take(message.err);
}

}  // namespace

Result<rd_kafka_topic_t*> TopicHandles::find(const std::string& topic) {
  MutexLock lock(mutex_);
  TopicHandle& handle = topics_[topic];
  if (!handle) handle.reset(rd_kafka_topic_new(client_, topic.c_str(), nullptr));
  if (!handle) return error_of(rd_kafka_last_error(), fmt::format("topic {}", topic));
  return handle.get();
}

// ---- Without transactions ----

// Reports are events of the main queue: whoever takes them from there delivers them.
Result<std::unique_ptr<Producer>> Producer::make(const KafkaOptions& options) {
  std::unique_ptr<Producer> producer(new Producer());
  Properties ours = properties_of_producers(options, delivery_wait);
  prefer(ours, options, "linger.ms", "2");
  producer->context_.reports = take_report;
  LVP_TRY(producer->client_, make_client(RD_KAFKA_PRODUCER, options, ours, producer->context_));
  producer->topics_ = std::make_unique<TopicHandles>(producer->client_.get());
  producer->reports_ =
      std::jthread([client = producer->client_.get()](const std::stop_token& stop) {
        name_thread("kafka reports");
        while (!stop.stop_requested()) rd_kafka_poll(client, report_wait_ms);
      });
  return producer;
}

// Nobody waits for a report any more.
Producer::~Producer() {
  reports_ = {};
  topics_.reset();
  if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Status Producer::send(const std::vector<Outgoing>& all) {
  Reports reports;
  Status sent;
  for (const Outgoing& outgoing : all) {
    if (sent) sent = enqueue(outgoing, &reports);
  }
  const auto failure = reports.wait();
  LVP_DO(sent);
  if (!failure) return {};
  if (*failure == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || all.empty())
    return error_of(*failure, fmt::format("topic {}: set its max.message.bytes to {}",
                                          all.front().topic, message_bytes_max));
  const std::string last = context_.complaints.last();
  return unavailable(fmt::format("kafka: topic {}: {}{}{}", all.front().topic,
                                 rd_kafka_err2str(*failure), last.empty() ? "" : ": ", last));
}

bool Producer::is_spent() const {
  std::array<char, 256> why{};
  return rd_kafka_fatal_error(client_.get(), why.data(), why.size()) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

Status Producer::enqueue(const Outgoing& outgoing, void* opaque) {
  LVP_TRY(rd_kafka_topic_t* const topic, topics_->find(outgoing.topic));
  auto* const reports = static_cast<Reports*>(opaque);
  for (const Entry& entry : outgoing.entries) {
    reports->expect(1);
    if (const Status done = produce(client_.get(), topic, outgoing, entry, opaque); !done) {
      reports->take(RD_KAFKA_RESP_ERR_NO_ERROR);  // none will come
      return done;
    }
  }
  return {};
}

// ---- Transactions ----

Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::make(
    const KafkaOptions& options, const std::string& id) {
  std::unique_ptr<TransactionalProducer> producer(new TransactionalProducer(id));
  Properties ours = properties_of_producers(options, transaction_wait);
  ours["transactional.id"] = id;
  ours["transaction.timeout.ms"] = std::to_string(whole_ms(transaction_wait));
  prefer(ours, options, "linger.ms", "1000");
  LVP_TRY(producer->client_, make_client(RD_KAFKA_PRODUCER, options, ours, producer->context_));
  producer->topics_ = std::make_unique<TopicHandles>(producer->client_.get());
  const Failure failure(rd_kafka_init_transactions(producer->client_.get(), whole_ms(init_wait)));
  if (failure) {
    const std::string reason = producer->context_.complaints.last();
    return error_of(*failure,
                    fmt::format("producer {}{}{}", id, reason.empty() ? "" : ": ", reason));
  }
  return producer;
}

TransactionalProducer::~TransactionalProducer() {
  topics_.reset();
  if (client_) rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

Status TransactionalProducer::commit(const std::vector<Outgoing>& all,
                                     const std::vector<Moved>& positions) {
  rd_kafka_poll(client_.get(), 0);  // what it has to say goes to the log
  if (Failure failure(rd_kafka_begin_transaction(client_.get())); failure)
    return fail(std::move(failure), "beginning a transaction");
  // Positions first: a group whose members are coming and going refuses them, again and again, and
  // nothing was sent in vain then.
  LVP_DO(send_positions(positions));
  for (const Outgoing& outgoing : all) {
    if (const Status sent = enqueue(outgoing); !sent) return abort(std::unexpected(sent.error()));
  }
  return end();
}

Status TransactionalProducer::enqueue(const Outgoing& outgoing) {
  LVP_TRY(rd_kafka_topic_t* const topic, topics_->find(outgoing.topic));
  for (const Entry& entry : outgoing.entries)
    LVP_DO(produce(client_.get(), topic, outgoing, entry, nullptr));
  return {};
}

Status TransactionalProducer::send_positions(const std::vector<Moved>& positions) {
  for (const Moved& moved : positions) {
    const Partitions list =
        one_partition(moved.topic, moved.partition, static_cast<std::int64_t>(moved.next));
    const GroupMetadata group(rd_kafka_consumer_group_metadata(moved.consumer));
    if (!group) return abort(conflict("kafka: " + id_ + ": not a member of its group any more"));
    if (Failure failure(rd_kafka_send_offsets_to_transaction(client_.get(), list.get(), group.get(),
                                                             whole_ms(transaction_wait)));
        failure)
      return fail(std::move(failure), "a position");
  }
  return {};
}

Status TransactionalProducer::end() {
  const Deadline deadline(transaction_wait);
  while (true) {
    Failure failure(rd_kafka_commit_transaction(client_.get(), whole_ms(deadline.left())));
    if (!failure) return {};
    const bool again = rd_kafka_error_is_retriable(failure.get()) != 0 &&
                       rd_kafka_error_txn_requires_abort(failure.get()) == 0;
    if (again && deadline.left() > Duration::zero()) continue;
    if (rd_kafka_error_txn_requires_abort(failure.get()) == 0) spent_ = true;
    return fail(std::move(failure), "ending a transaction");
  }
}

std::unexpected<Error> TransactionalProducer::fail(Failure failure, const std::string& what) {
  auto error = error_of(*failure, fmt::format("producer {}: {}", id_, what));
  if (rd_kafka_error_is_fatal(failure.get()) != 0) spent_ = true;
  if (!spent_) return abort(std::move(error));
  fenced_ = error.error().code == Error::Code::conflict;
  return error;
}

// Nothing of the transaction counts, unless it cannot even be ended.
std::unexpected<Error> TransactionalProducer::abort(std::unexpected<Error> why) {
  const Failure failure(rd_kafka_abort_transaction(client_.get(), whole_ms(transaction_wait)));
  if (!failure) return why;
  spent_ = true;
  auto error = error_of(*failure, fmt::format("producer {}: aborting", id_));
  fenced_ = error.error().code == Error::Code::conflict;
  log::debug("{}", error.error().what);
  return fenced_ ? error : why;
}

}  // namespace lvp::stream::kafka
