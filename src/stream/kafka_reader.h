// A consumer as a Reader: member of a group, or a follower that has every partition for itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "stream/kafka_cluster.h"
#include "stream/stream.h"

namespace lvp::stream::kafka {

Result<std::unique_ptr<Reader>> make_member(std::shared_ptr<Kafka::Cluster> cluster,
                                            const std::string& topic, std::uint32_t partitions,
                                            std::string_view group);
/// Without transactions.
Result<std::unique_ptr<Reader>> make_plain_member(std::shared_ptr<Kafka::Cluster> cluster,
                                                  const std::string& topic,
                                                  std::uint32_t partitions, std::string_view group);
Result<std::unique_ptr<Reader>> make_follower(std::shared_ptr<Kafka::Cluster> cluster,
                                              const std::string& topic, std::uint32_t partitions);

}  // namespace lvp::stream::kafka
