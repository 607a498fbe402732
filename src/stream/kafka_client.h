// librdkafka's handles behind RAII and results: what producers and consumers of kafka.h share.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "stream/batch.h"
#include "stream/kafka.h"

namespace lvp::stream::kafka {

template <auto destroy>
struct Destroy {
  void operator()(auto* what) const { destroy(what); }
};
using Handle = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   Destroy<rd_kafka_topic_partition_list_destroy>>;
using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                      Destroy<rd_kafka_consumer_group_metadata_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using Failure = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;

/// Key, value, and what frames them.
inline constexpr std::size_t message_bytes_max = record_bytes_max + 64 * 1024;

inline int whole_ms(Duration wait) {
  return static_cast<int>(wait.count());
}

/// What a code asks of the caller: conflict where somebody else has the partition now, invalid
/// where trying again cannot help, else unavailable.
std::unexpected<Error> error_of(rd_kafka_resp_err_t code, const std::string& what);
std::unexpected<Error> error_of(const rd_kafka_error_t& error, const std::string& what);

/// Properties of one client, ours over the user's.
using Properties = std::map<std::string, std::string>;

/// What a client last complained of: "Connection refused".
class Complaints {
 public:
  void note(rd_kafka_resp_err_t code, std::string what) {
    MutexLock lock(mutex_);
    code_ = code;
    last_ = std::move(what);
    is_new_ = true;
  }
  std::string last() const {
    MutexLock lock(mutex_);
    return last_;
  }
  rd_kafka_resp_err_t code() const {
    MutexLock lock(mutex_);
    return code_;
  }
  /// Whether there was a complaint since this was asked before.
  bool take_new() {
    MutexLock lock(mutex_);
    return std::exchange(is_new_, false);
  }

 private:
  mutable Mutex mutex_;
  rd_kafka_resp_err_t code_ GUARDED_BY(mutex_) = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string last_ GUARDED_BY(mutex_);
  bool is_new_ GUARDED_BY(mutex_) = false;
};

/// What callbacks of a client are given as their `opaque`. Outlives the client.
struct Context {
  Complaints complaints;
  /// Of consumers: what is to be done when partitions come (true) or go.
  std::function<void(bool, rd_kafka_topic_partition_list_t*)> rebalance = {};
  void (*reports)(const rd_kafka_message_t&) = nullptr;  ///< of producers: takes delivery reports
};

/// Error::invalid, which names the property, if the user set one that does not exist, makes no
/// sense, or is not the user's to set.
Status check_properties(const Properties& users);

/// Error::unavailable if librdkafka cannot make it.
Result<Handle> make_client(rd_kafka_type_t type, const KafkaOptions& options,
                           const Properties& ours, Context& context);

/// Asks again, with a fresh look at who leads the topic, while brokers say that they are the wrong
/// one or not ready: for `wait` at most.
rd_kafka_resp_err_t ask_patiently(rd_kafka_t* client, const std::string& topic, Duration wait,
                                  const std::function<rd_kafka_resp_err_t()>& ask);

/// Where partitions begin and end: what is read, so without transactions that are still open.
struct Ends {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};
/// Of the partitions from `first` on, so many. Error::unavailable if the cluster gives no answer in
/// time.
Result<std::vector<Ends>> ends_of(rd_kafka_t* client, const std::string& topic, std::int32_t first,
                                  std::size_t count, Duration wait);

/// One partition, at `offset`.
Partitions one_partition(const std::string& topic, std::int32_t partition, std::int64_t offset);

}  // namespace lvp::stream::kafka
