// Streams in a Kafka that is there for the tests: `tools/services run kafka -- PROGRAM` starts it
// and says where it is. Each engine has topics, groups and transactions of its own.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "store/memory.h"
#include "stream/kafka.h"
#include "tests/engines.h"

namespace lvp::tests {

inline std::string service_variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) {
    throw std::runtime_error(std::string(name) + " is not set: run this under tools/services");
  }
  return value;
}

/// Unlike any other of this and earlier runs.
inline std::string unused_topic() {
  static std::atomic<int> made = 0;
  return "t" + std::to_string(getpid()) + "-" + std::to_string(to_ms(system_clock().now())) + "-" +
         std::to_string(made++);
}

class KafkaEngine final : public Engine {
 public:
  /// For topics to keep what a test dates as it likes. A broker drops what is old by its own clock:
  /// it looks 30 seconds after it started, and every 5 minutes.
  static constexpr std::chrono::hours for_good{24 * 365 * 100};

  KafkaEngine() { reopen(); }

  Offers offers() const override {
    // A member that leaves is known to the others at their next heartbeat.
    return {.dense_offsets = false, .arrival = std::chrono::seconds(6)};
  }
  stream::KafkaStream& stream(const std::string& name, std::uint32_t partitions) override {
    auto& found = streams_[name];
    if (!found)
      found = must(kafka_->stream(topic(name), {.partitions = partitions, .keep = for_good}));
    return *found;
  }
  store::Store& store() override { return *store_; }
  std::unique_ptr<UnitOfWork> unit() override { return kafka_->unit(); }
  bool reopen() override {
    streams_.clear();
    kafka_.reset();
    kafka_ = must(stream::Kafka::connect(options(), clock));
    return true;
  }

  stream::KafkaOptions options() const {
    return {.brokers = service_variable("LVP_KAFKA_BROKERS"), .properties = {}, .name = prefix_};
  }
  std::string topic(const std::string& name) const { return prefix_ + "-" + name; }
  stream::Kafka& kafka() { return *kafka_; }

 private:
  const std::string prefix_ = unused_topic();
  std::unique_ptr<stream::Kafka> kafka_;
  std::map<std::string, std::unique_ptr<stream::KafkaStream>> streams_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
};

inline const EngineCase kafka_case = {
    "kafka", []() -> std::unique_ptr<Engine> { return std::make_unique<KafkaEngine>(); }};

}  // namespace lvp::tests
