// Topics as the cluster has them: made, and checked.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "stream/kafka_client.h"

namespace lvp::stream::kafka {

/// Makes the topic if it is missing and may be made. Error::invalid if it is not what it must be,
/// with what to do.
Status check_topic(rd_kafka_t* client, const KafkaOptions& cluster_options,
                   const std::string& topic, const KafkaStreamOptions& options);

}  // namespace lvp::stream::kafka
