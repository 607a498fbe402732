#include "stream/kafka_topics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/backoff.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/text.h"
#include "stream/batch.h"

namespace lvp::stream::kafka {
namespace {

using namespace std::chrono_literals;

constexpr Duration appears_wait = 10s;  ///< a topic that was made must be seen in so long
/// Of compacted topics: what was overwritten may go once it is so old, or once so much was written.
constexpr Duration segment_age = std::chrono::minutes(10);
constexpr std::size_t segment_bytes = 128 << 20;
/// What a broker sets by itself. Less is not enough for what librdkafka sends at once.
constexpr std::size_t message_bytes_least = 1 << 20;
constexpr std::size_t message_overhead = 1024;  ///< of a record that is sent alone, at most

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroy<rd_kafka_metadata_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroy<rd_kafka_NewTopic_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;
using Resource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroy<rd_kafka_ConfigResource_destroy>>;

struct Client {
  rd_kafka_t* client = nullptr;
  const KafkaOptions& options;
};

struct Found {
  std::uint32_t partitions = 0;
  bool ready = true;  ///< each has a leader
};

// Nothing if there is no such topic.
Result<std::optional<Found>> find(const Client& cluster, const std::string& topic) {
  LVP_TRY(auto handle, [&]() -> Result<TopicHandle> {
    TopicHandle made(rd_kafka_topic_new(cluster.client, topic.c_str(), nullptr));
    if (!made) return error_of(rd_kafka_last_error(), fmt::format("topic {}", topic));
    return made;
  }());
  const rd_kafka_metadata_t* raw = nullptr;
  const auto code = rd_kafka_metadata(cluster.client, 0, handle.get(), &raw,
                                      whole_ms(cluster.options.answer_wait));
  const Metadata metadata(raw);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, fmt::format("topic {}", topic));
  if (metadata->topic_cnt != 1) return std::nullopt;
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  if (found.err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return std::nullopt;
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(found.err, fmt::format("topic {}", topic));
  Found topic_found{static_cast<std::uint32_t>(found.partition_cnt)};
  for (int i = 0; i < found.partition_cnt; ++i)
    topic_found.ready = topic_found.ready && found.partitions[i].leader >= 0;
  return topic_found;
}

Result<Event> ask(const Client& cluster, rd_kafka_admin_op_t operation, const std::string& what,
                  const auto& request) {
  const AdminOptions options(rd_kafka_AdminOptions_new(cluster.client, operation));
  std::array<char, 256> why{};
  const int wait = whole_ms(cluster.options.answer_wait);
  rd_kafka_AdminOptions_set_request_timeout(options.get(), wait, why.data(), why.size());
  const Queue answers(rd_kafka_queue_new(cluster.client));
  request(options.get(), answers.get());
  Event event(rd_kafka_queue_poll(answers.get(), 2 * wait));
  if (!event) return unavailable(fmt::format("kafka: {}: no answer", what));
  if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return error_of(code, fmt::format("{}: {}", what, rd_kafka_event_error_string(event.get())));
  return event;
}

// ---- Making ----

std::map<std::string, std::string> settings_of(const KafkaStreamOptions& options) {
  std::map<std::string, std::string> settings{
      {"max.message.bytes", std::to_string(message_bytes_max)},
      {"message.timestamp.type", "CreateTime"}};
  if (options.compacted) {
    settings["cleanup.policy"] = "compact";
    settings["segment.ms"] = std::to_string(segment_age.count());
    settings["segment.bytes"] = std::to_string(segment_bytes);
    settings["min.cleanable.dirty.ratio"] = "0.2";
    settings["min.compaction.lag.ms"] = std::to_string(options.compact_after.count());
  } else {
    settings["cleanup.policy"] = "delete";
    settings["retention.ms"] = std::to_string(options.keep.count());
  }
  return settings;
}

Status make(const Client& cluster, const std::string& topic, const KafkaStreamOptions& options) {
  std::array<char, 256> why{};
  const int replication = cluster.options.replication == 0 ? -1 : cluster.options.replication;
  const NewTopic made(rd_kafka_NewTopic_new(topic.c_str(), static_cast<int>(options.partitions),
                                            replication, why.data(), why.size()));
  if (!made) return invalid(fmt::format("kafka: topic {}: {}", topic, why.data()));
  for (const auto& [name, value] : settings_of(options))
    rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
  rd_kafka_NewTopic_t* list[] = {made.get()};
  LVP_TRY(const Event answer,
          ask(cluster, RD_KAFKA_ADMIN_OP_CREATETOPICS, fmt::format("making topic {}", topic),
              [&](const rd_kafka_AdminOptions_t* asked, rd_kafka_queue_t* queue) {
                rd_kafka_CreateTopics(cluster.client, list, 1, asked, queue);
              }));
  std::size_t count = 0;
  const auto* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(results[i]);
    // Another process may have been first.
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      continue;
    const char* const text = rd_kafka_topic_result_error_string(results[i]);
    return error_of(code, fmt::format("making topic {}: {}", topic, text == nullptr ? "" : text));
  }
  return {};
}

// It takes a moment until every broker knows of a new topic: asks again while it is unavailable.
template <class Ask>
auto patiently(Ask ask) {
  const Deadline deadline(appears_wait);
  Backoff pause(5ms, 200ms);
  while (true) {
    auto answer = ask();
    if (answer || answer.error().code != Error::Code::unavailable ||
        deadline.left() == Duration::zero())
      return answer;
    sleep(pause.next(), {});
  }
}

Result<Found> find_new(const Client& cluster, const std::string& topic) {
  return patiently([&]() -> Result<Found> {
    LVP_TRY(const auto found, find(cluster, topic));
    if (found && found->partitions > 0 && found->ready) return *found;
    return unavailable(fmt::format("kafka: topic {} was made and does not appear", topic));
  });
}

// ---- Checking ----

// What an administrator set, or the cluster's default.
Result<std::map<std::string, std::string>> read_settings(const Client& cluster,
                                                         const std::string& topic) {
  const Resource resource(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* list[] = {resource.get()};
  LVP_TRY(const Event answer,
          ask(cluster, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, fmt::format("topic {}", topic),
              [&](const rd_kafka_AdminOptions_t* asked, rd_kafka_queue_t* queue) {
                rd_kafka_DescribeConfigs(cluster.client, list, 1, asked, queue);
              }));
  std::map<std::string, std::string> settings;
  std::size_t count = 0;
  const auto* const found = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(answer.get()), &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (const auto code = rd_kafka_ConfigResource_error(found[i]);
        code != RD_KAFKA_RESP_ERR_NO_ERROR)
      return error_of(code, fmt::format("settings of topic {}", topic));
    std::size_t entries = 0;
    const auto* const all = rd_kafka_ConfigResource_configs(found[i], &entries);
    for (std::size_t k = 0; k < entries; ++k) {
      const char* const value = rd_kafka_ConfigEntry_value(all[k]);
      settings[rd_kafka_ConfigEntry_name(all[k])] = value == nullptr ? "" : value;
    }
  }
  return settings;
}

// Records that go sooner than they may be read are missed by whoever wants each of them.
void check_compaction(const std::map<std::string, std::string>& settings, const std::string& topic,
                      Duration wanted) {
  const auto found = settings.find("min.compaction.lag.ms");
  if (found == settings.end()) return;
  const auto lag_ms = parse_int64(found->second);
  if (!lag_ms || *lag_ms >= wanted.count()) return;
  log::warn(
      "kafka: topic {0}: min.compaction.lag.ms is {1}: while the sink's tables are away for "
      "longer, changes of status may be lost: kafka-configs.sh --alter --entity-type topics "
      "--entity-name "
      "{0} --add-config min.compaction.lag.ms={2}",
      topic, *lag_ms, wanted.count());
}

// What the topic takes of one record. An older topic may take less than those we make.
Result<std::size_t> check_sizes(const std::map<std::string, std::string>& settings,
                                const std::string& topic) {
  const auto found = settings.find("max.message.bytes");
  if (found == settings.end()) return record_bytes_max;
  const auto largest = static_cast<std::size_t>(
      std::max<std::int64_t>(parse_int64(found->second).value_or(message_bytes_max), 0));
  if (largest < message_bytes_least)
    return invalid(fmt::format(
        "kafka: topic {0}: max.message.bytes is {1} and must be {2} or more, better {3}: "
        "kafka-configs.sh --alter --entity-type topics --entity-name {0} --add-config "
        "max.message.bytes={3}",
        topic, largest, message_bytes_least, message_bytes_max));
  const std::size_t takes = std::min(record_bytes_max, largest - message_overhead);
  if (takes < record_bytes_max)
    log::warn(
        "kafka: topic {}: max.message.bytes is {}: larger records become failures; set it to {}",
        topic, largest, message_bytes_max);
  return takes;
}

Result<std::size_t> check_settings(const Client& cluster, const std::string& topic,
                                   const KafkaStreamOptions& options) {
  const bool compacted = options.compacted;
  const auto settings = patiently([&] { return read_settings(cluster, topic); });
  if (!settings) {
    // Who may not look cannot be held to it; what is wrong shows later.
    if (settings.error().code != Error::Code::invalid) return std::unexpected(settings.error());
    log::warn("{}; its cleanup.policy is not checked", settings.error().what);
    return record_bytes_max;
  }
  LVP_TRY(const std::size_t takes, check_sizes(*settings, topic));
  if (compacted) check_compaction(*settings, topic, options.compact_after);
  const auto policy = settings->find("cleanup.policy");
  if (policy == settings->end()) return takes;
  if (compacted && policy->second != "compact")
    return invalid(
        fmt::format("kafka: topic {0}: cleanup.policy is {1} and must be compact, or what is known "
                    "of viewers is lost in time: kafka-configs.sh --alter --entity-type topics "
                    "--entity-name {0} --add-config cleanup.policy=compact",
                    topic, policy->second));
  if (!compacted && policy->second.contains("compact"))
    return invalid(fmt::format(
        "kafka: topic {0}: cleanup.policy is {1} and must be delete, or events are lost: "
        "kafka-configs.sh --alter --entity-type topics --entity-name {0} --add-config "
        "cleanup.policy=delete",
        topic, policy->second));
  return takes;
}

}  // namespace

Result<std::size_t> check_topic(rd_kafka_t* client, const KafkaOptions& cluster_options,
                                const std::string& topic, const KafkaStreamOptions& options) {
  const Client cluster{client, cluster_options};
  LVP_TRY(auto found, find(cluster, topic));
  if (!found) {
    if (!cluster.options.create)
      return invalid(fmt::format(
          "kafka: topic {0} is missing: make it with {1} partitions{2}, or set "
          "kafka.create",
          topic, options.partitions, options.compacted ? " and cleanup.policy=compact" : ""));
    LVP_DO(make(cluster, topic, options));
    LVP_TRY(found, find_new(cluster, topic));
  }
  if (found->partitions != options.partitions)
    return invalid(
        fmt::format("kafka: topic {} has {} partitions and streams.partitions is {}: set that to "
                    "what the topics have, since keys would else lie elsewhere than before",
                    topic, found->partitions, options.partitions));
  return check_settings(cluster, topic, options);
}

}  // namespace lvp::stream::kafka
