// Several records in one, as the Kinesis Producer Library sends them.
//
//   aggregate = f3 89 9a c2  message  md5(message)
//   message   = protobuf { 1: partition key (string, repeated)   2: hash key (string, repeated)
//                          3: record (repeated) { 1: index of its partition key (varint)
//                                                 2: index of its hash key (varint)
//                                                 3: data (bytes)   4: tags } }
//
// From the description "KPL aggregated record format" that Amazon publishes with the library.
#pragma once

#include <functional>
#include <string_view>

namespace lvp::stream {

/// Calls `on_record` for each record in it, in order. False, and no call, if `data` is no
/// aggregate: another beginning, a checksum that does not hold, or a message that is none.
bool take_apart(
    std::string_view data,
    const std::function<void(std::string_view partition_key, std::string_view data)>& on_record);

}  // namespace lvp::stream
