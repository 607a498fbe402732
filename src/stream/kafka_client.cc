#include "stream/kafka_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/backoff.h"
#include "base/deadline.h"
#include "base/log.h"

namespace lvp::stream::kafka {
namespace {

// Of syslog. Errors are mostly brokers that come and go: what they mean for us is said elsewhere.
constexpr int log_critical = 2;

// What this program promises rests on these.
constexpr std::array reserved = {
    std::pair{"bootstrap.servers", "set kafka.brokers"},
    std::pair{"metadata.broker.list", "set kafka.brokers"},
    std::pair{"acks", "a 200 means that every replica that keeps up has the event"},
    std::pair{"request.required.acks",
              "a 200 means that every replica that keeps up has the event"},
    std::pair{"enable.idempotence", "records of a key must keep their order"},
    std::pair{"transactional.id", "each partition has its own"},
    std::pair{"group.id", "each stage has its own"},
    std::pair{"group.instance.id", "processes come and go"},
    std::pair{"enable.auto.commit", "positions are committed with what came of them"},
    std::pair{"enable.auto.offset.store", "positions are committed with what came of them"},
    std::pair{"auto.offset.reset", "a new group begins at the oldest record"},
    std::pair{"isolation.level", "what a transaction left undone must not be read"},
    std::pair{"partition.assignment.strategy", "partitions move one by one"},
    std::pair{"enable.partition.eof", "a stage must know that it has read everything"},
    std::pair{"partitioner", "keys must lie where other clients put them"},
};

void take_log(const rd_kafka_t*, int level, const char*, const char* text) {
  if (level <= log_critical) {
    log::warn("kafka: {}", text);
  } else {
    log::debug("kafka: {}", text);
  }
}

void take_error(rd_kafka_t*, int code, const char* reason, void* opaque) {
  log::debug("kafka: {}: {}", rd_kafka_err2name(static_cast<rd_kafka_resp_err_t>(code)), reason);
  static_cast<Context*>(opaque)->complaints.note(static_cast<rd_kafka_resp_err_t>(code), reason);
}

void take_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code,
                    rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  static_cast<Context*>(opaque)->rebalance(code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS,
                                           partitions);
}

void take_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  static_cast<Context*>(opaque)->reports(*message);
}

// The broker that was asked has just lost its role, or does not have it yet.
bool will_pass(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
      return true;
    default:
      return false;
  }
}

using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;

Status set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), why.data(), why.size()) ==
      RD_KAFKA_CONF_OK)
    return {};
  return invalid(fmt::format("kafka.properties: {}: {}", name, why.data()));
}

}  // namespace

std::unexpected<Error> error_of(rd_kafka_resp_err_t code, const std::string& what) {
  std::string text = fmt::format("kafka: {}: {}", what, rd_kafka_err2str(code));
  switch (code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
      return conflict(std::move(text));
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return invalid(std::move(text));
    default:
      return unavailable(std::move(text));
  }
}

std::unexpected<Error> error_of(const rd_kafka_error_t& error, const std::string& what) {
  return error_of(rd_kafka_error_code(&error),
                  fmt::format("{}: {}", what, rd_kafka_error_string(&error)));
}

Status check_properties(const Properties& users) {
  const Conf conf(rd_kafka_conf_new());
  for (const auto& [name, value] : users) {
    const auto why = std::ranges::find(reserved, name, [](const auto& row) { return row.first; });
    if (why != reserved.end())
      return invalid(fmt::format("kafka.properties: {} cannot be set: {}", name, why->second));
    LVP_DO(set(*conf, name, value));
  }
  return {};
}

Result<Handle> make_client(rd_kafka_type_t type, const KafkaOptions& options,
                           const Properties& ours, Context& context) {
  Conf conf(rd_kafka_conf_new());
  for (const auto* properties : {&options.properties, &ours}) {
    for (const auto& [name, value] : *properties) LVP_DO(set(*conf, name, value));
  }
  if (rd_kafka_conf_set(conf.get(), "bootstrap.servers", options.brokers.c_str(), nullptr, 0) !=
      RD_KAFKA_CONF_OK)
    return invalid(fmt::format("kafka.brokers: \"{}\" is no list of HOST:PORT", options.brokers));
  if (!options.properties.contains("client.id")) LVP_DO(set(*conf, "client.id", options.name));
  // Tokens are fetched by a thread of librdkafka: not every client of ours is always served.
  rd_kafka_conf_enable_sasl_queue(conf.get(), 1);
  rd_kafka_conf_set_opaque(conf.get(), &context);
  rd_kafka_conf_set_log_cb(conf.get(), take_log);
  rd_kafka_conf_set_error_cb(conf.get(), take_error);
  if (context.reports != nullptr) rd_kafka_conf_set_dr_msg_cb(conf.get(), take_report);
  if (context.rebalance) rd_kafka_conf_set_rebalance_cb(conf.get(), take_rebalance);
  std::array<char, 512> why{};
  Handle handle(rd_kafka_new(type, conf.get(), why.data(), why.size()));
  if (!handle) return invalid(fmt::format("kafka: {}", why.data()));
  std::ignore = conf.release();  // the client has it now
  const Failure no_sasl(rd_kafka_sasl_background_callbacks_enable(handle.get()));
  if (no_sasl) log::debug("kafka: {}", rd_kafka_error_string(no_sasl.get()));
  return handle;
}

rd_kafka_resp_err_t ask_patiently(rd_kafka_t* client, const std::string& topic, Duration wait,
                                  const std::function<rd_kafka_resp_err_t()>& ask) {
  const Deadline deadline(wait);
  Backoff pause(std::chrono::milliseconds(20), std::chrono::milliseconds(500));
  while (true) {
    const rd_kafka_resp_err_t code = ask();
    if (!will_pass(code) || deadline.left() == Duration::zero()) return code;
    sleep(std::min(pause.next(), deadline.left()), {});
    const TopicHandle handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client, 0, handle.get(), &metadata, whole_ms(deadline.left())) ==
        RD_KAFKA_RESP_ERR_NO_ERROR)
      rd_kafka_metadata_destroy(metadata);
  }
}

namespace {

// Unlike rd_kafka_query_watermark_offsets(), which waits for brokers that are away for as long as
// they are, this one keeps to the time it is given.
Result<Partitions> offsets_at(rd_kafka_t* client, const std::string& topic, std::int32_t first,
                              std::size_t count, std::int64_t which, Duration wait) {
  Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(count)));
  for (std::size_t i = 0; i < count; ++i)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(),
                                      first + static_cast<std::int32_t>(i));
  const auto code = ask_patiently(client, topic, wait, [&] {
    for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = which;
    const auto asked = rd_kafka_offsets_for_times(client, list.get(), whole_ms(wait));
    if (asked != RD_KAFKA_RESP_ERR_NO_ERROR) return asked;
    for (int i = 0; i < list->cnt; ++i) {
      if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return list->elems[i].err;
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  });
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(code, fmt::format("topic {}", topic));
  return list;
}

}  // namespace

Result<std::vector<Ends>> ends_of(rd_kafka_t* client, const std::string& topic, std::int32_t first,
                                  std::size_t count, Duration wait) {
  LVP_TRY(const Partitions begins,
          offsets_at(client, topic, first, count, RD_KAFKA_OFFSET_BEGINNING, wait));
  LVP_TRY(const Partitions ends,
          offsets_at(client, topic, first, count, RD_KAFKA_OFFSET_END, wait));
  std::vector<Ends> all;
  for (int i = 0; i < ends->cnt; ++i) {
    const auto begin = std::max<std::int64_t>(begins->elems[i].offset, 0);
    all.push_back({static_cast<std::uint64_t>(begin),
                   static_cast<std::uint64_t>(std::max(begin, ends->elems[i].offset))});
  }
  return all;
}

Partitions one_partition(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  return list;
}

}  // namespace lvp::stream::kafka
