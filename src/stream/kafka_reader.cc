#include "stream/kafka_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "base/deadline.h"
#include "base/log.h"
#include "stream/batch.h"
#include "stream/kafka_consumer.h"

namespace lvp::stream::kafka {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr Duration look_every = 100ms;  ///< at least, while it waits
constexpr Duration sign_of_life_wait = 2s;
/// Who was shut out waits so long for the group to tell who it was before it takes over again: some
/// heartbeats.
constexpr Duration shut_out_wait = 4s;

// Records and ends of transactions look alike from outside. What is left behind the last record is
// taken for the latter if it is little and the answer that brought the record was not cut short:
// that is known 100 ms later at most.
constexpr std::uint64_t marks_max = 64;
constexpr std::size_t uncut_bytes_max = 1 << 20;

// A batch that comes back was more than could be written in time: half of it may be, down to this.
constexpr std::size_t batch_records_least = 100;

// A partition that the reader has.
struct Place {
  Queue queue;
  std::deque<Message> messages;  ///< from `next` on
  std::size_t bytes = 0;         ///< of them
  std::uint64_t next = 0;
  std::uint64_t stint = 0;
  std::size_t records_max = SIZE_MAX;  ///< to give at once
  std::size_t given = 0;               ///< and nothing of it moved past since
  std::uint64_t begun = 0;             ///< where it was when it came
  std::uint64_t seen = 0;              ///< behind the last record or end that was told
  std::size_t burst_bytes = 0;         ///< taken at once, until the queue was empty
  bool burst_is_over = true;
  bool at_end = false;  ///< said the cluster, at `seen`
  std::shared_ptr<TransactionalProducer> producer;
  Steady::time_point settle_after;
};

// What units hold of it lives until they are done, and finds it closed.
class Core final : public Position, public std::enable_shared_from_this<Core> {
 public:
  Core(std::shared_ptr<Kafka::Cluster> cluster, std::string topic, std::uint32_t partitions,
       std::string group_id)
      : cluster_(std::move(cluster)),
        topic_(std::move(topic)),
        partitions_(partitions),
        group_id_(std::move(group_id)) {}
  ~Core() override { close(); }

  Status join(bool is_plain) {
    is_plain_ = is_plain;
    LVP_TRY(consumer_, Consumer::make(cluster_->options, topic_, group_id_));
    return {};
  }

  Status follow() {
    is_follower_ = true;
    LVP_TRY(consumer_, Consumer::make(cluster_->options, topic_, group_id_));
    std::map<std::int32_t, std::int64_t> offsets;
    for (std::uint32_t p = 0; p < partitions_; ++p) {
      const auto number = static_cast<std::int32_t>(p);
      offsets[number] = RD_KAFKA_OFFSET_BEGINNING;
      Place& place = places_[number];
      place.queue = consumer_->queue_of(number);
      place.stint = ++stints_;
    }
    joined_ = true;
    return consumer_->assign(offsets);
  }

  void close() {
    if (!consumer_) return;
    for (auto& [number, place] : places_) let_go(number, place);
    places_.clear();
    consumer_.reset();
  }

  // ---- Reader ----

  Result<Batch> poll(std::size_t records_max, Duration wait) {
    const Deadline deadline(wait);
    if (!is_follower_ && !subscribed_) LVP_DO(consumer_->subscribe());
    subscribed_ = true;
    while (true) {
      LVP_DO(consumer_->take_refusal());
      if (!is_follower_) LVP_DO(follow_group());
      if (Batch batch = next_batch(std::max<std::size_t>(records_max, 1)); !batch.records.empty())
        return batch;
      const Duration left = deadline.left();
      if (left == Duration::zero()) break;
      consumer_->bell().wait(std::min(left, look_every));
    }
    LVP_DO(check_life());
    Batch nothing;
    nothing.caught_up =
        joined_ && !consumer_->change() && std::ranges::all_of(places_, [&](const auto& entry) {
          return is_settled(entry.second) && ends_here(entry.first, entry.second);
        });
    return nothing;
  }

  Status commit(UnitOfWork& unit, const stream::Position& position) {
    LVP_TRY(const auto number32, partition_number(position.partition, partitions_));
    LVP_TRY(const auto next, number_after(position.offset));
    const auto number = static_cast<std::int32_t>(number32);
    LVP_DO(check_exists(number, next));
    LVP_DO(check(number));
    const auto self = shared_from_this();
    if (is_follower_) {
      unit.after([self, number, next] { self->moved(number, next); });
    } else if (is_plain_) {
      unit.before([self, number] { return self->check(number); });
      unit.after([self, number, next] { self->commit_soon(number, next); });
    } else if (Unit* const own = own_unit(unit, *cluster_)) {
      own->move(self, {group_id_, topic_, number}, next);
    } else {
      unit.before([self, number] { return self->check(number); });
      unit.after([self, number, next] { self->commit_apart(number, next); });
    }
    return {};
  }

  std::vector<Share> shares() const {
    std::vector<Share> shares;
    for (const auto& [number, place] : places_) {
      if (is_settled(place)) shares.push_back({std::to_string(number), place.stint});
    }
    return shares;
  }

  bool caught_up(std::string_view partition) const {
    const auto number = partition_number(partition, partitions_);
    if (!number || !consumer_) return false;
    const auto place = places_.find(static_cast<std::int32_t>(*number));
    return place != places_.end() && is_settled(place->second) && place->second.messages.empty() &&
           place->second.burst_is_over && ends_here(place->first, place->second);
  }

  // ---- Position ----

  Status check(std::int32_t partition) const override {
    const auto place = places_.find(partition);
    if (consumer_ && place != places_.end() && is_settled(place->second) &&
        !consumer_->is_lost(partition))
      return {};
    return conflict(
        fmt::format("kafka: topic {}: partition {} went to another reader", topic_, partition));
  }
  bool must_go(std::int32_t partition) const override {
    return !consumer_ || consumer_->is_asked_for(partition);
  }
  rd_kafka_t* consumer() const override { return consumer_ ? consumer_->client() : nullptr; }
  std::shared_ptr<TransactionalProducer> producer(std::int32_t partition) const override {
    const auto place = places_.find(partition);
    return place == places_.end() ? nullptr : place->second.producer;
  }

  void moved(std::int32_t partition, std::uint64_t next) override {
    const auto found = places_.find(partition);
    if (found == places_.end()) return;
    Place& place = found->second;
    drop_before(place, next);
    place.given = 0;
    place.records_max = place.records_max > SIZE_MAX / 2 ? SIZE_MAX : 2 * place.records_max;
    turn_ = partition + 1;
  }

 private:
  bool is_settled(const Place& place) const {
    return is_follower_ || is_plain_ || (place.producer != nullptr && !place.producer->is_spent());
  }

  static void drop_before(Place& place, std::uint64_t next) {
    place.next = std::max(place.next, next);
    while (!place.messages.empty() && offset_of(*place.messages.front()) < place.next) {
      place.bytes -= bytes_of(*place.messages.front());
      place.messages.pop_front();
    }
  }

  Status check_exists(std::int32_t number, std::uint64_t next) const {
    const auto place = places_.find(number);
    if (place != places_.end() && next <= std::max(place->second.next, place->second.seen))
      return {};
    if (!consumer_) return {};
    LVP_TRY(const auto ends, consumer_->ends(number, cluster_->options.answer_wait));
    if (next <= ends.end) return {};
    return invalid(
        fmt::format("kafka: topic {}: partition {} has no record {}", topic_, number, next - 1));
  }

  // ---- Partitions that come and go ----

  void let_go(std::int32_t number, Place& place) {
    consumer_->silence(place.queue);
    if (place.producer) cluster_->let_go({group_id_, topic_, number}, place.producer);
  }

  Status follow_group() {
    while (const auto change = consumer_->change()) {
      if (change->come) {
        LVP_DO(take(change->partitions));
      } else {
        give_back(change->partitions);
      }
    }
    for (auto& [number, place] : places_) {
      if (!is_settled(place)) LVP_DO(settle_again(number, place));
    }
    return {};
  }

  // What fails half-way is gone on with at the next call.
  Status take(const std::vector<std::int32_t>& partitions) {
    for (const std::int32_t number : partitions) {
      if (places_.contains(number)) continue;
      Place place;
      LVP_TRY(const std::optional<std::uint64_t> at, settle(number, place));
      LVP_TRY(const auto ends, consumer_->ends(number, cluster_->options.answer_wait));
      if (at && *at < ends.first)
        log::error("topic {}: partition {}: {} records were dropped before group {} read them",
                   topic_, number, ends.first - *at, group_id_);
      place.next = std::max(at.value_or(0), ends.first);
      place.seen = place.begun = place.next;
      place.queue = consumer_->queue_of(number);
      places_.emplace(number, std::move(place));
    }
    std::map<std::int32_t, std::int64_t> offsets;
    for (const std::int32_t number : partitions)
      offsets[number] = static_cast<std::int64_t>(places_.at(number).next);
    consumer_->take(offsets);
    joined_ = true;
    return {};
  }

  void give_back(const std::vector<std::int32_t>& partitions) {
    for (const std::int32_t number : partitions) {
      const auto place = places_.find(number);
      if (place == places_.end()) continue;
      // The next owner begins there.
      if (is_plain_ && place->second.next > place->second.begun)
        commit_apart(number, place->second.next);
      let_go(number, place->second);
      places_.erase(place);
    }
    consumer_->give_back(partitions);
  }

  // From here on nobody else moves the position: what it is now is where to begin.
  Result<std::optional<std::uint64_t>> settle(std::int32_t number, Place& place) {
    if (!is_plain_) {
      LVP_TRY(place.producer, cluster_->take_over({group_id_, topic_, number}));
    }
    place.stint = ++stints_;
    return consumer_->committed(number, cluster_->options.answer_wait);
  }

  // Its producer can do nothing more. What it did last may have succeeded, so the position may be
  // further on, never further back.
  Status settle_again(std::int32_t number, Place& place) {
    if (place.producer && place.producer->is_fenced()) {
      place.settle_after = Steady::now() + shut_out_wait;
      let_go(number, place);
      place.producer.reset();
    }
    if (Steady::now() < place.settle_after || consumer_->is_asked_for(number)) return {};
    std::shared_ptr<TransactionalProducer> spent = std::exchange(place.producer, nullptr);
    if (spent) cluster_->let_go({group_id_, topic_, number}, spent);
    spent.reset();
    const auto at = settle(number, place);
    if (!at) {
      place.producer.reset();
      return std::unexpected(at.error());
    }
    drop_before(place, at->value_or(0));
    return {};
  }

  // ---- Reading ----

  // The place whose turn it is, if it has something; else the next one that has.
  Batch next_batch(std::size_t records_max) {
    auto at = places_.lower_bound(turn_);
    for (std::size_t i = 0; i < places_.size(); ++i, ++at) {
      if (at == places_.end()) at = places_.begin();
      auto& [number, place] = *at;
      if (!is_settled(place)) continue;
      fill(place, records_max);
      if (place.messages.empty()) continue;
      turn_ = number;
      if (place.given > batch_records_least)
        place.records_max = std::max(place.given / 2, batch_records_least);
      const std::size_t most = std::min(records_max, place.records_max);
      BatchBuilder batch;
      for (const Message& message : place.messages) {
        if (batch.size() == most || !batch.takes(bytes_of(*message))) break;
        add(batch, *message);
      }
      place.given = batch.size();
      const bool all = batch.size() == place.messages.size();
      return std::move(batch).finish(static_cast<std::uint32_t>(number),
                                     all && ends_here(number, place));
    }
    return {};
  }

  // One record more than is wanted tells that there is more.
  static void fill(Place& place, std::size_t records_max) {
    while (place.messages.size() <= records_max && place.bytes <= batch_bytes_max) {
      Message message(rd_kafka_consume_queue(place.queue.get(), 0));
      if (!message) {
        place.burst_is_over = true;
        break;
      }
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        place.at_end = true;
        place.seen = std::max(place.seen, offset_of(*message));
      } else if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        log::debug("kafka: {}", rd_kafka_message_errstr(message.get()));
      } else if (offset_of(*message) >= place.next) {
        place.at_end = false;
        place.seen = std::max(place.seen, offset_of(*message) + 1);
        place.bytes += bytes_of(*message);
        if (std::exchange(place.burst_is_over, false)) place.burst_bytes = 0;
        place.burst_bytes += bytes_of(*message);
        place.messages.push_back(std::move(message));
      }
    }
  }

  // Whether nothing lies behind what was taken from the place's queue, which is empty then.
  bool ends_here(std::int32_t number, const Place& place) const {
    if (place.at_end) return true;
    std::int64_t first = 0;
    std::int64_t end = 0;
    if (rd_kafka_get_watermark_offsets(consumer_->client(), topic_.c_str(), number, &first, &end) !=
            RD_KAFKA_RESP_ERR_NO_ERROR ||
        end < 0)
      return false;
    const auto behind = static_cast<std::uint64_t>(end);
    return behind == place.seen || (behind > place.seen && behind - place.seen <= marks_max &&
                                    place.burst_bytes > 0 && place.burst_bytes < uncut_bytes_max);
  }

  // ---- Life ----

  // Nothing comes from a cluster that is away, which must not pass for having read everything.
  Status check_life() {
    in_doubt_ = consumer_->complaints().take_new() || in_doubt_;
    if (!in_doubt_) return {};
    const rd_kafka_metadata_t* metadata = nullptr;
    const auto code =
        rd_kafka_metadata(consumer_->client(), 0, nullptr, &metadata, whole_ms(sign_of_life_wait));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return unavailable(fmt::format("kafka: topic {}: no broker answers: {}", topic_,
                                     consumer_->complaints().last()));
    rd_kafka_metadata_destroy(metadata);
    for (auto& [number, place] : places_) {
      LVP_TRY(const auto ends, consumer_->ends(number, sign_of_life_wait));
      if (ends.end > place.seen) place.at_end = false;
    }
    in_doubt_ = false;
    return {};
  }

  // Whether that comes about shows when the next one does, or when the partition goes.
  void commit_soon(std::int32_t number, std::uint64_t next) {
    if (consumer_) consumer_->commit_soon(number, next);
    moved(number, next);
  }

  void commit_apart(std::int32_t number, std::uint64_t next) {
    const Status done = consumer_ ? consumer_->commit(number, next, cluster_->options.answer_wait)
                                  : Status(conflict("the reader is gone"));
    if (!done) log::warn("{}: records will repeat", done.error().what);
    moved(number, next);
  }

  const std::shared_ptr<Kafka::Cluster> cluster_;
  const std::string topic_;
  const std::uint32_t partitions_;
  const std::string group_id_;
  bool is_follower_ = false;
  bool is_plain_ = false;
  std::unique_ptr<Consumer> consumer_;
  std::map<std::int32_t, Place> places_;  // whose queues and messages are the consumer's
  std::int32_t turn_ = 0;
  std::uint64_t stints_ = 0;
  bool subscribed_ = false;
  bool joined_ = false;  // and told which partitions it has
  bool in_doubt_ = false;
};

class KafkaReader final : public Reader {
 public:
  explicit KafkaReader(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~KafkaReader() override { core_->close(); }

  Result<Batch> poll(std::size_t records_max, Duration wait) override {
    return core_->poll(records_max, wait);
  }
  Status commit(UnitOfWork& unit, const stream::Position& position) override {
    return core_->commit(unit, position);
  }
  std::vector<Share> shares() const override { return core_->shares(); }
  bool caught_up(std::string_view partition) const override { return core_->caught_up(partition); }

 private:
  const std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<Reader>> make_member(std::shared_ptr<Kafka::Cluster> cluster,
                                            const std::string& topic, std::uint32_t partitions,
                                            std::string_view group) {
  std::string id = cluster->group_id(group, topic);
  auto core = std::make_shared<Core>(std::move(cluster), topic, partitions, std::move(id));
  LVP_DO(core->join(/*is_plain=*/false));
  return std::make_unique<KafkaReader>(std::move(core));
}

Result<std::unique_ptr<Reader>> make_plain_member(std::shared_ptr<Kafka::Cluster> cluster,
                                                  const std::string& topic,
                                                  std::uint32_t partitions,
                                                  std::string_view group) {
  std::string id = cluster->group_id(group, topic);
  auto core = std::make_shared<Core>(std::move(cluster), topic, partitions, std::move(id));
  LVP_DO(core->join(/*is_plain=*/true));
  return std::make_unique<KafkaReader>(std::move(core));
}

// Nothing is ever kept for the group of a follower; librdkafka only wants a name.
Result<std::unique_ptr<Reader>> make_follower(std::shared_ptr<Kafka::Cluster> cluster,
                                              const std::string& topic, std::uint32_t partitions) {
  std::string id = cluster->options.name + "-reads";
  auto core = std::make_shared<Core>(std::move(cluster), topic, partitions, std::move(id));
  LVP_DO(core->follow());
  return std::make_unique<KafkaReader>(std::move(core));
}

}  // namespace lvp::stream::kafka
