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
                                            const std::string& topic, std::string_view group);
Result<std::unique_ptr<Reader>> make_follower(std::shared_ptr<Kafka::Cluster> cluster,
                                              const std::string& topic, std::uint32_t partitions);

/// What consumers of either kind have in common.
Properties properties_of_consumers(std::string group_id);

/// The records of messages of one partition, which they keep alive. Those from the first on, as
/// many as a batch takes.
Batch batch_of(std::string partition,
               const std::vector<std::shared_ptr<rd_kafka_message_t>>& messages, bool caught_up);

}  // namespace lvp::stream::kafka
