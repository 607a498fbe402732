// Topics as the cluster has them: made, and checked.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "stream/kafka_client.h"

namespace lvp::stream::kafka {

/// Makes the topic if it is missing and may be made. The answer is what it takes of one record, key
/// and value together. Error::invalid if it is not what it must be, with what to do.
Result<std::size_t> check_topic(rd_kafka_t* client, const KafkaOptions& cluster_options,
                                const std::string& topic, const KafkaStreamOptions& options);

}  // namespace lvp::stream::kafka
