// Streams on a Kinesis and a DynamoDB that are there for the tests: `tools/services run kinesis
// dynamodb -- PROGRAM` starts them and says where they are.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "net/aws.h"
#include "store/memory.h"
#include "stream/kinesis.h"
#include "tests/engines.h"

namespace lvp::tests {

/// Unlike any other of this and earlier runs.
inline std::string unused_name(std::string_view what) {
  static std::atomic<int> made = 0;
  return std::string(what) + "-" + std::to_string(getpid()) + "-" +
         std::to_string(to_ms(system_clock().now())) + "-" + std::to_string(made++);
}

/// Of the environment, with endpoints for services that are not Amazon's.
inline std::string service_environment(const char* name) {
  const std::string value = net::process_environment(name);
  const std::string_view wanted(name);
  const bool is_needed =
      wanted == "AWS_ENDPOINT_URL_KINESIS" || wanted == "AWS_ENDPOINT_URL_DYNAMODB";
  if (is_needed && value.empty()) {
    throw std::runtime_error(std::string(name) + " is not set: run this under tools/services");
  }
  return value;
}

/// Quick where the defaults are polite.
inline stream::KinesisOptions quick_options(std::string name, std::uint32_t shards) {
  using namespace std::chrono_literals;
  return {.name = std::move(name),
          .shards_if_missing = shards,
          .lease_table = "leases",
          .lease_wait = 3s,
          .renew_every = 60ms,
          .get_every = 10ms,
          .shards_every = 200ms,
          .put_wait = 10s};
}

class KinesisEngine final : public Engine {
 public:
  Offers offers() const override {
    return {.dense_offsets = false,
            .atomic_units = false,
            .large_records = false,
            .arrival = std::chrono::milliseconds(500)};
  }
  stream::Stream& stream(const std::string& name, std::uint32_t partitions) override {
    auto& found = streams_[name];
    if (!found) {
      found = must(
          stream::open_kinesis_stream(quick_options(prefix_ + "-" + name, partitions), account_));
    }
    return *found;
  }
  store::Store& store() override { return *store_; }
  std::unique_ptr<UnitOfWork> unit() override { return std::make_unique<UnitOfWork>(); }
  bool reopen() override {
    streams_.clear();
    return true;
  }

 private:
  const std::string prefix_ = unused_name("contract");
  net::AwsAccount account_{{}, system_clock(), service_environment};
  std::map<std::string, std::unique_ptr<stream::Stream>> streams_;
  std::unique_ptr<store::Store> store_ = store::make_memory_store();
};

inline const EngineCase kinesis_case = {
    "kinesis", []() -> std::unique_ptr<Engine> { return std::make_unique<KinesisEngine>(); }};

}  // namespace lvp::tests
