#include "stream/kafka_consumer.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/deadline.h"
#include "base/log.h"
#include "base/thread_name.h"

namespace lvp::stream::kafka {
namespace {

using namespace std::chrono_literals;

constexpr int serve_wait_ms = 100;
constexpr Duration assignment_wait = 5s;
constexpr std::size_t queued_kbytes_max = 16 << 10;  ///< of each partition, ahead of the reader

Partitions list_of(const std::string& topic, const std::map<std::int32_t, std::int64_t>& offsets) {
  Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  return list;
}

void ring_bell(rd_kafka_t*, void* bell) {
  static_cast<Bell*>(bell)->ring();
}

}  // namespace

Properties properties_of_consumers(const KafkaOptions& options, std::string group_id) {
  Properties ours{{"group.id", std::move(group_id)},
                  {"enable.auto.commit", "false"},
                  {"enable.auto.offset.store", "false"},
                  {"auto.offset.reset", "earliest"},
                  {"isolation.level", "read_committed"},
                  {"partition.assignment.strategy", "cooperative-sticky"},
                  {"allow.auto.create.topics", "false"},
                  {"enable.partition.eof", "true"}};
  const Properties preferred{{"session.timeout.ms", "6000"},
                             {"heartbeat.interval.ms", "1000"},
                             {"queued.max.messages.kbytes", std::to_string(queued_kbytes_max)},
                             {"fetch.message.max.bytes", std::to_string(4 << 20)},
                             {"fetch.wait.max.ms", "100"},
                             {"fetch.error.backoff.ms", "100"},
                             {"socket.timeout.ms", "15000"},
                             {"reconnect.backoff.max.ms", "2000"}};
  for (const auto& [name, value] : preferred) {
    if (!options.properties.contains(name)) ours[name] = value;
  }
  return ours;
}

void add(BatchBuilder& batch, const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const std::int64_t at = rd_kafka_message_timestamp(&message, &type);
  batch.add({static_cast<const char*>(message.key), message.key_len},
            {static_cast<const char*>(message.payload), message.len}, offset_of(message),
            from_ms(std::max<std::int64_t>(at, 0)));
}

void Bell::ring() {
  MutexLock lock(mutex_);
  rung_ = true;
  changed_.notify_all();
}

void Bell::wait(Duration most) {
  MutexLock lock(mutex_);
  if (!rung_) changed_.wait_for(mutex_, most);
  rung_ = false;
}

Result<std::unique_ptr<Consumer>> Consumer::make(const KafkaOptions& options,
                                                 const std::string& topic,
                                                 const std::string& group_id) {
  std::unique_ptr<Consumer> made(new Consumer(topic));
  made->context_->rebalance = [consumer = made.get()](bool come,
                                                      rd_kafka_topic_partition_list_t* partitions) {
    consumer->note(come, *partitions);
  };
  LVP_TRY(made->client_, make_client(RD_KAFKA_CONSUMER, options,
                                     properties_of_consumers(options, group_id), *made->context_));
  rd_kafka_poll_set_consumer(made->client_.get());
  made->server_ = std::jthread([consumer = made.get()](const std::stop_token& stop) {
    name_thread("kafka group");
    consumer->serve(stop);
  });
  return made;
}

// librdkafka before 2.3 stops the process when a member is destroyed that was let into its group
// and never answered what it was given (its issue 4312). Rather than that it is left as it is; the
// group misses it a moment later. What was given and not taken yet is answered before it is given
// back.
Consumer::~Consumer() {
  const Deadline deadline(assignment_wait);
  while (is_waiting() && deadline.left() > Duration::zero()) bell_.wait(deadline.left());
  server_ = {};
  if (is_waiting()) {
    std::ignore = client_.release();
    context_->rebalance = [](bool, rd_kafka_topic_partition_list_t*) {};
    static_cast<void>(new std::shared_ptr<Context>(context_));  // which it keeps using
    return;
  }
  while (const auto open = change()) {
    std::map<std::int32_t, std::int64_t> offsets;
    for (const std::int32_t partition : open->partitions) offsets[partition] = 0;
    open->come ? take(offsets) : give_back(open->partitions);
  }
  {
    MutexLock lock(mutex_);
    closing_ = true;
  }
  if (client_) rd_kafka_consumer_close(client_.get());
}

void Consumer::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Message event(rd_kafka_consumer_poll(client_.get(), serve_wait_ms));
    if (!event || event->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
        event->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      continue;
    auto error = error_of(event->err, fmt::format("topic {}", topic_)).error();
    context_->complaints.note(event->err, error.what);
    log::debug("{}", error.what);
    if (error.code == Error::Code::conflict) continue;  // the group tells what is to be done
    // A broker that has not heard of a new topic yet: it was there when it was checked.
    if (event->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) continue;
    MutexLock lock(mutex_);
    refusal_ = std::move(error);
  }
}

Status Consumer::take_refusal() {
  MutexLock lock(mutex_);
  if (!refusal_) return {};
  return std::unexpected(std::exchange(refusal_, std::nullopt).value());
}

Status Consumer::subscribe() {
  const Partitions topics = one_partition(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_OFFSET_INVALID);
  const auto code = rd_kafka_subscribe(client_.get(), topics.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, fmt::format("topic {}", topic_));
  MutexLock lock(mutex_);
  waits_ = changes_.empty();
  return {};
}

Status Consumer::assign(const std::map<std::int32_t, std::int64_t>& offsets) {
  const auto code = rd_kafka_assign(client_.get(), list_of(topic_, offsets).get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, fmt::format("topic {}", topic_));
  return {};
}

// Called by the thread that serves the group, and by the one that closes.
void Consumer::note(bool come, const rd_kafka_topic_partition_list_t& partitions) {
  Change change{come, {}};
  for (int i = 0; i < partitions.cnt; ++i)
    change.partitions.push_back(partitions.elems[i].partition);
  const bool lost = !come && rd_kafka_assignment_lost(client_.get()) != 0;
  bool closing = false;
  {
    MutexLock lock(mutex_);
    if (lost) lost_ = change.partitions;
    changes_.push_back(change);
    waits_ = false;
    closing = closing_;
  }
  bell_.ring();
  if (!closing) return;
  std::map<std::int32_t, std::int64_t> offsets;
  for (const std::int32_t partition : change.partitions) offsets[partition] = 0;
  come ? take(offsets) : give_back(change.partitions);
}

bool Consumer::is_waiting() const {
  MutexLock lock(mutex_);
  return waits_;
}

std::optional<Change> Consumer::change() const {
  MutexLock lock(mutex_);
  if (changes_.empty()) return std::nullopt;
  return changes_.front();
}

void Consumer::settle() {
  MutexLock lock(mutex_);
  if (!changes_.front().come) {
    std::erase_if(lost_, [&](std::int32_t partition) REQUIRES(mutex_) {
      return std::ranges::find(changes_.front().partitions, partition) !=
             changes_.front().partitions.end();
    });
  }
  changes_.pop_front();
}

void Consumer::take(const std::map<std::int32_t, std::int64_t>& offsets) {
  settle();
  const Failure failure(rd_kafka_incremental_assign(client_.get(), list_of(topic_, offsets).get()));
  if (failure)
    log::warn("topic {}: taking partitions: {}", topic_, rd_kafka_error_string(failure.get()));
}

void Consumer::give_back(const std::vector<std::int32_t>& partitions) {
  settle();
  std::map<std::int32_t, std::int64_t> offsets;
  for (const std::int32_t partition : partitions) offsets[partition] = RD_KAFKA_OFFSET_INVALID;
  const Failure failure(
      rd_kafka_incremental_unassign(client_.get(), list_of(topic_, offsets).get()));
  if (failure)
    log::warn("topic {}: giving partitions back: {}", topic_, rd_kafka_error_string(failure.get()));
}

bool Consumer::is_lost(std::int32_t partition) const {
  MutexLock lock(mutex_);
  return std::ranges::find(lost_, partition) != lost_.end();
}

bool Consumer::is_asked_for(std::int32_t partition) const {
  MutexLock lock(mutex_);
  return std::ranges::any_of(changes_, [&](const Change& change) {
    return !change.come &&
           std::ranges::find(change.partitions, partition) != change.partitions.end();
  });
}

// That a queue goes nowhere must be known before the partition is taken: it stays so.
Queue Consumer::queue_of(std::int32_t partition) {
  Queue queue(rd_kafka_queue_get_partition(client_.get(), topic_.c_str(), partition));
  rd_kafka_queue_forward(queue.get(), nullptr);
  rd_kafka_queue_cb_event_enable(queue.get(), ring_bell, &bell_);
  return queue;
}

void Consumer::silence(const Queue& queue) const {
  if (queue) rd_kafka_queue_cb_event_enable(queue.get(), nullptr, nullptr);
}

Result<Ends> Consumer::ends(std::int32_t partition, Duration wait) const {
  auto found = ends_of(client_.get(), topic_, partition, 1, wait);
  if (found) return found->front();
  const std::string last = context_->complaints.last();
  return std::unexpected(
      Error{found.error().code, fmt::format("{}: partition {}{}{}", found.error().what, partition,
                                            last.empty() ? "" : ": ", last)});
}

Result<std::optional<std::uint64_t>> Consumer::committed(std::int32_t partition,
                                                         Duration wait) const {
  const Partitions list = one_partition(topic_, partition, RD_KAFKA_OFFSET_INVALID);
  auto code = ask_patiently(client_.get(), topic_, wait, [&] {
    return rd_kafka_committed(client_.get(), list.get(), whole_ms(wait));
  });
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(code, fmt::format("topic {}: position in partition {}", topic_, partition));
  const std::int64_t offset = list->elems[0].offset;
  if (offset < 0) return std::nullopt;
  return static_cast<std::uint64_t>(offset);
}

Status Consumer::commit(std::int32_t partition, std::uint64_t next, Duration wait) const {
  const Partitions list = one_partition(topic_, partition, static_cast<std::int64_t>(next));
  const Queue answers(rd_kafka_queue_new(client_.get()));
  auto code = rd_kafka_commit_queue(client_.get(), list.get(), answers.get(), nullptr, nullptr);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Event event(rd_kafka_queue_poll(answers.get(), whole_ms(wait)));
    code = event ? rd_kafka_event_error(event.get()) : RD_KAFKA_RESP_ERR__TIMED_OUT;
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return error_of(code, fmt::format("topic {}: position in partition {}", topic_, partition));
}

void Consumer::commit_soon(std::int32_t partition, std::uint64_t next) const {
  const Partitions list = one_partition(topic_, partition, static_cast<std::int64_t>(next));
  rd_kafka_commit(client_.get(), list.get(), /*async=*/1);
}

}  // namespace lvp::stream::kafka
