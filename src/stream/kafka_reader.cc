#include "stream/kafka_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/log.h"
#include "base/mutex.h"
#include "stream/batch.h"

namespace lvp::stream::kafka {
namespace {

using namespace std::chrono_literals;

constexpr Duration look_every = 100ms;  ///< at least, while it waits
constexpr Duration answer_wait = 10s;
constexpr Duration assignment_wait = 5s;
constexpr Duration session_wait = 6s;  ///< who is silent for so long is dead: the brokers' least
constexpr Duration sign_of_life_wait = 1s;
constexpr std::size_t taken_max = 1'000;  ///< messages from a queue at once

using SharedMessage = std::shared_ptr<rd_kafka_message_t>;

// Wakes who waits for messages. Called by threads of librdkafka.
class Bell {
 public:
  void ring() {
    MutexLock lock(mutex_);
    rung_ = true;
    changed_.notify_all();
  }
  void wait(Duration most) {
    MutexLock lock(mutex_);
    if (!rung_) changed_.wait_for(mutex_, most);
    rung_ = false;
  }

 private:
  Mutex mutex_;
  Condition changed_;
  bool rung_ GUARDED_BY(mutex_) = false;
};

void ring_bell(rd_kafka_t*, void* bell) {
  static_cast<Bell*>(bell)->ring();
}

// A partition that the reader has.
struct Place {
  Queue queue;
  std::deque<SharedMessage> messages;  ///< from `next` on
  std::uint64_t next = 0;
  std::uint64_t stint = 0;
  bool settled = false;  ///< nobody else has it, and `next` is known
  bool at_end = false;
};

class Consumer final : public Reader, public Position {
 public:
  Consumer(std::shared_ptr<Kafka::Cluster> cluster, std::string topic, std::string group_id)
      : cluster_(std::move(cluster)), topic_(std::move(topic)), group_id_(std::move(group_id)) {}

  ~Consumer() override { close(); }

  Status subscribe() {
    context_.rebalance = [this](bool come, rd_kafka_topic_partition_list_t* partitions) {
      come ? take(*partitions) : release(*partitions);
    };
    Properties ours = properties_of_consumers(group_id_);
    LVP_DO(open(ours));
    const Partitions topics = one_partition(topic_, RD_KAFKA_PARTITION_UA, 0);
    if (const auto code = rd_kafka_subscribe(client_.get(), topics.get());
        code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(code, fmt::format("topic {}", topic_));
    return {};
  }

  Status follow(std::uint32_t partitions) {
    is_follower_ = true;
    LVP_DO(open(properties_of_consumers(group_id_)));
    const Partitions all(rd_kafka_topic_partition_list_new(static_cast<int>(partitions)));
    for (std::uint32_t p = 0; p < partitions; ++p) {
      const auto number = static_cast<std::int32_t>(p);
      rd_kafka_topic_partition_list_add(all.get(), topic_.c_str(), number)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
      Place& place = place_of(number);
      place.settled = true;
      place.stint = ++stints_;
    }
    joined_ = true;
    if (const auto code = rd_kafka_assign(client_.get(), all.get());
        code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(code, fmt::format("topic {}", topic_));
    return {};
  }

  void close() {
    if (!client_) return;
    if (!joined_) await_assignment();
    if (joined_) {
      rd_kafka_consumer_close(client_.get());  // gives back what it has
      for (auto& [number, place] : places_) cluster_->let_go(owned(number));
      places_.clear();
      client_.reset();
    } else {
      std::ignore = client_.release();  // see await_assignment()
    }
  }

  // ---- Reader ----

  Result<Batch> poll(std::size_t records_max, Duration wait) override {
    const Deadline deadline(wait);
    while (true) {
      LVP_DO(serve());
      if (Batch batch = next_batch(std::max<std::size_t>(records_max, 1)); !batch.records.empty())
        return batch;
      const Duration left = deadline.left();
      if (left == Duration::zero()) break;
      bell_.wait(std::min(left, look_every));
    }
    LVP_DO(check_life());
    Batch nothing;
    nothing.caught_up = joined_ && std::ranges::all_of(places_, [](const auto& entry) {
                          return entry.second.settled && entry.second.at_end;
                        });
    return nothing;
  }

  Status commit(UnitOfWork& unit, const stream::Position& position) override {
    LVP_TRY(const auto number, number_of(position.partition));
    LVP_TRY(const auto next, number_after(position.offset));
    LVP_DO(check(number));
    if (next > read_up_to(places_.at(number)))
      return invalid(fmt::format("topic {}: partition {}: offset {} was not read", topic_,
                                 position.partition, position.offset));
    const auto self = self_.lock();
    if (is_follower_) {
      unit.after([self, number, next] { self->moved(number, next); });
    } else if (Unit* const own = own_unit(unit, *cluster_)) {
      own->move(self, owned(number), next);
    } else {
      unit.before([self, number] { return self->check(number); });
      unit.after([self, number, next] { self->commit_apart(number, next); });
    }
    return {};
  }

  std::vector<Share> shares() const override {
    std::vector<Share> shares;
    for (const auto& [number, place] : places_) {
      if (place.settled) shares.push_back({std::to_string(number), place.stint});
    }
    return shares;
  }

  // ---- Position ----

  Status check(std::int32_t partition) const override {
    const auto place = places_.find(partition);
    if (client_ && place != places_.end() && place->second.settled) return {};
    return conflict(
        fmt::format("topic {}: partition {} went to another reader", topic_, partition));
  }
  rd_kafka_t* consumer() const override { return client_.get(); }

  void moved(std::int32_t partition, std::uint64_t next) override {
    const auto found = places_.find(partition);
    if (found == places_.end()) return;
    Place& place = found->second;
    place.next = std::max(place.next, next);
    while (!place.messages.empty() && offset_of(*place.messages.front()) < place.next)
      place.messages.pop_front();
    turn_ = partition + 1;
  }

  /// What units hold on to.
  void know_self(const std::shared_ptr<Consumer>& self) { self_ = self; }

 private:
  static std::uint64_t offset_of(const rd_kafka_message_t& message) {
    return static_cast<std::uint64_t>(message.offset);
  }
  Owned owned(std::int32_t partition) const { return {group_id_, topic_, partition}; }

  static std::uint64_t read_up_to(const Place& place) {
    return place.messages.empty() ? place.next
                                  : std::max(place.next, offset_of(*place.messages.back()) + 1);
  }

  Result<std::int32_t> number_of(std::string_view partition) const {
    LVP_TRY(const auto number, partition_number(partition, partitions_max));
    return static_cast<std::int32_t>(number);
  }

  // librdkafka before 2.3 stops the process when a member is destroyed that was let into its group
  // and was never given an answer to what it owns (its issue 4312). Rather than that it is left as
  // it is; the group misses it a moment later.
  void await_assignment() {
    const Deadline deadline(assignment_wait);
    while (!joined_ && deadline.left() > Duration::zero()) {
      const Message event{rd_kafka_consumer_poll(client_.get(), whole_ms(look_every))};
    }
  }

  Status open(const Properties& ours) {
    LVP_TRY(client_, make_client(RD_KAFKA_CONSUMER, cluster_->options, ours, context_));
    rd_kafka_poll_set_consumer(client_.get());
    events_.reset(rd_kafka_queue_get_consumer(client_.get()));
    rd_kafka_queue_cb_event_enable(events_.get(), ring_bell, &bell_);
    return {};
  }

  // Messages of a partition come in a queue of its own, not among those of others.
  Place& place_of(std::int32_t partition) {
    Place& place = places_[partition];
    place.queue.reset(rd_kafka_queue_get_partition(client_.get(), topic_.c_str(), partition));
    rd_kafka_queue_forward(place.queue.get(), nullptr);
    rd_kafka_queue_cb_event_enable(place.queue.get(), ring_bell, &bell_);
    return place;
  }

  // ---- Partitions that come and go; called by serve() and close() ----

  void take(rd_kafka_topic_partition_list_t& partitions) {
    joined_ = true;
    for (int i = 0; i < partitions.cnt; ++i) {
      place_of(partitions.elems[i].partition);
      partitions.elems[i].offset = RD_KAFKA_OFFSET_END;  // settle() knows where to begin
    }
    complain(Failure(rd_kafka_incremental_assign(client_.get(), &partitions)), "taking partitions");
  }

  void release(rd_kafka_topic_partition_list_t& partitions) {
    for (int i = 0; i < partitions.cnt; ++i) {
      const std::int32_t number = partitions.elems[i].partition;
      places_.erase(number);
      cluster_->let_go(owned(number));
    }
    complain(Failure(rd_kafka_incremental_unassign(client_.get(), &partitions)),
             "giving partitions back");
  }

  void complain(const Failure& failure, std::string_view what) const {
    if (failure) log::warn("topic {}: {}: {}", topic_, what, rd_kafka_error_string(failure.get()));
  }

  Status serve() {
    while (const Message event{rd_kafka_consumer_poll(client_.get(), 0)}) {
      if (event->err != RD_KAFKA_RESP_ERR_NO_ERROR)
        log::debug("topic {}: {}", topic_, rd_kafka_message_errstr(event.get()));
    }
    if (is_follower_) return {};
    for (auto& [number, place] : places_) {
      if (place.settled && cluster_->owner(owned(number)) == nullptr) place.settled = false;
      if (!place.settled) LVP_DO(settle(number, place));
    }
    return {};
  }

  // From here on nobody else can move the position, so what it is now is where to begin.
  Status settle(std::int32_t number, Place& place) {
    if (cluster_->owner(owned(number)) == nullptr) LVP_DO(cluster_->take_over(owned(number)));
    const Partitions list = one_partition(topic_, number, RD_KAFKA_OFFSET_INVALID);
    rd_kafka_topic_partition_t& at = list->elems[0];
    const int wait = whole_ms(answer_wait);
    auto code = ask_patiently(client_.get(), topic_, answer_wait,
                              [&] { return rd_kafka_committed(client_.get(), list.get(), wait); });
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(code, fmt::format("topic {}: position in partition {}", topic_, number));
    std::int64_t low = 0;
    std::int64_t high = 0;
    code = ask_patiently(client_.get(), topic_, answer_wait, [&] {
      return rd_kafka_query_watermark_offsets(client_.get(), topic_.c_str(), number, &low, &high,
                                              wait);
    });
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(code, fmt::format("topic {}: end of partition {}", topic_, number));
    if (at.offset > 0 && at.offset < low)
      log::error("topic {}: partition {}: {} records were dropped before group {} read them",
                 topic_, number, low - at.offset, group_id_);
    at.offset = std::max(at.offset, low);
    const Failure failure(
        rd_kafka_seek_partitions(client_.get(), list.get(), whole_ms(answer_wait)));
    if (failure) return error_of(*failure, fmt::format("topic {}: partition {}", topic_, number));
    if (at.err == RD_KAFKA_RESP_ERR__STATE) return {};  // not assigned yet: a moment later
    if (at.err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(at.err, fmt::format("topic {}: partition {}", topic_, number));
    place.next = static_cast<std::uint64_t>(at.offset);
    place.messages.clear();
    place.at_end = false;
    place.stint = ++stints_;
    place.settled = true;
    return {};
  }

  // ---- Reading ----

  // The place whose turn it is, if it has something; else the next one that has.
  Batch next_batch(std::size_t records_max) {
    auto begin = places_.lower_bound(turn_);
    for (std::size_t i = 0; i < places_.size(); ++i, ++begin) {
      if (begin == places_.end()) begin = places_.begin();
      auto& [number, place] = *begin;
      if (!place.settled) continue;
      fill(place, records_max);
      if (place.messages.empty()) continue;
      turn_ = number;
      const auto count = static_cast<std::ptrdiff_t>(std::min(records_max, place.messages.size()));
      const std::vector<SharedMessage> first(place.messages.begin(),
                                             place.messages.begin() + count);
      Batch batch = batch_of(std::to_string(number), first, false);
      batch.caught_up = place.at_end && batch.records.size() == place.messages.size();
      return batch;
    }
    return {};
  }

  void fill(Place& place, std::size_t records_max) {
    std::vector<rd_kafka_message_t*> taken(std::min(records_max + 1, taken_max));
    // One more than is wanted: it tells whether there is more.
    while (place.messages.size() <= records_max) {
      const auto count =
          rd_kafka_consume_batch_queue(place.queue.get(), 0, taken.data(), taken.size());
      if (count <= 0) return;
      for (std::ptrdiff_t i = 0; i < count; ++i)
        add(place, SharedMessage(taken[static_cast<std::size_t>(i)], rd_kafka_message_destroy));
    }
  }

  void add(Place& place, SharedMessage message) const {
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      place.at_end = true;
    } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      log::warn("topic {}: {}", topic_, rd_kafka_message_errstr(message.get()));
    } else if (offset_of(*message) >= place.next) {
      place.at_end = false;
      place.messages.push_back(std::move(message));
    }
  }

  // ---- Life ----

  // Nothing comes from a cluster that is away, which must not pass for having read everything.
  Status check_life() {
    const std::string complaint = context_.complaints.take_outage();
    if (!complaint.empty()) outage_ = complaint;
    if (outage_.empty()) return {};
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code =
        rd_kafka_metadata(client_.get(), 0, nullptr, &metadata, whole_ms(sign_of_life_wait));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return unavailable(fmt::format("kafka: no broker answers: {}", outage_));
    rd_kafka_metadata_destroy(metadata);
    outage_.clear();
    return {};
  }

  void commit_apart(std::int32_t number, std::uint64_t next) {
    const Partitions list = one_partition(topic_, number, static_cast<std::int64_t>(next));
    const auto code =
        client_ ? rd_kafka_commit(client_.get(), list.get(), 0) : RD_KAFKA_RESP_ERR__DESTROY;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      log::warn("topic {}: position in partition {}: {}; will repeat", topic_, number,
                rd_kafka_err2str(code));
    moved(number, next);
  }

  const std::shared_ptr<Kafka::Cluster> cluster_;
  const std::string topic_;
  const std::string group_id_;
  bool is_follower_ = false;
  std::weak_ptr<Consumer> self_;
  Bell bell_;
  Context context_;
  Handle client_;
  Queue events_;
  std::map<std::int32_t, Place> places_;
  std::int32_t turn_ = 0;
  std::uint64_t stints_ = 0;
  bool joined_ = false;
  std::string outage_;
};

// What the caller has of a consumer: units that are not done yet find it closed.
class Held final : public Reader {
 public:
  explicit Held(std::shared_ptr<Consumer> consumer) : consumer_(std::move(consumer)) {
    consumer_->know_self(consumer_);
  }
  ~Held() override { consumer_->close(); }

  Result<Batch> poll(std::size_t records_max, Duration wait) override {
    return consumer_->poll(records_max, wait);
  }
  Status commit(UnitOfWork& unit, const stream::Position& position) override {
    return consumer_->commit(unit, position);
  }
  std::vector<Share> shares() const override { return consumer_->shares(); }

 private:
  const std::shared_ptr<Consumer> consumer_;
};

}  // namespace

Properties properties_of_consumers(std::string group_id) {
  return {{"group.id", std::move(group_id)},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"auto.offset.reset", "earliest"},
          {"isolation.level", "read_committed"},
          {"partition.assignment.strategy", "cooperative-sticky"},
          {"enable.partition.eof", "true"},
          {"session.timeout.ms", std::to_string(whole_ms(session_wait))},
          {"heartbeat.interval.ms", std::to_string(whole_ms(session_wait / 3))},
          // Of each partition, beside what poll() has taken.
          {"queued.max.messages.kbytes", std::to_string(16 << 10)},
          {"fetch.wait.max.ms", "100"},
          {"fetch.error.backoff.ms", "100"}};
}

Batch batch_of(std::string partition, const std::vector<SharedMessage>& messages, bool caught_up) {
  Batch batch;
  batch.partition = std::move(partition);
  batch.caught_up = caught_up;
  const auto kept = std::make_shared<std::vector<SharedMessage>>();
  std::size_t bytes = 0;
  for (const SharedMessage& message : messages) {
    bytes += message->key_len + message->len;
    if (!kept->empty() && bytes > batch_bytes_max) break;
    rd_kafka_timestamp_type_t type{};
    const std::int64_t at = rd_kafka_message_timestamp(message.get(), &type);
    batch.records.push_back({{static_cast<const char*>(message->key), message->key_len},
                             {static_cast<const char*>(message->payload), message->len},
                             offset_text(static_cast<std::uint64_t>(message->offset)),
                             from_ms(std::max<std::int64_t>(at, 0))});
    kept->push_back(message);
  }
  batch.storage = kept;
  return batch;
}

Result<std::unique_ptr<Reader>> make_member(std::shared_ptr<Kafka::Cluster> cluster,
                                            const std::string& topic, std::string_view group) {
  std::string id = cluster->group_id(group, topic);
  auto consumer = std::make_shared<Consumer>(std::move(cluster), topic, std::move(id));
  LVP_DO(consumer->subscribe());
  return std::make_unique<Held>(std::move(consumer));
}

Result<std::unique_ptr<Reader>> make_follower(std::shared_ptr<Kafka::Cluster> cluster,
                                              const std::string& topic, std::uint32_t partitions) {
  // Nothing is ever committed for it; it only has to have a name.
  std::string id = cluster->group_id("follower", topic);
  auto consumer = std::make_shared<Consumer>(std::move(cluster), topic, std::move(id));
  LVP_DO(consumer->follow(partitions));
  return std::make_unique<Held>(std::move(consumer));
}

}  // namespace lvp::stream::kafka
