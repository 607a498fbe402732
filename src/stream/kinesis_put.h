// Records into calls of PutRecords, and what was refused again, in the order of each key.
//
// Kinesis takes some of a call's records and refuses others. A refused one is sent again, together
// with all that follow it under its key: those may have been taken, and then appear twice, but
// never is the last appearance of a key's records out of order.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/aws.h"
#include "stream/stream.h"

namespace lvp::stream {

/// As KinesisApi::put.
using PutCall =
    std::function<net::AwsResult<std::vector<std::string>>(std::span<const Entry* const>)>;

inline constexpr std::size_t put_records_max = 500;
inline constexpr std::size_t put_bytes_max = 5 << 20;  ///< keys and values of one call

struct PutPatience {
  Duration all = std::chrono::seconds(10);
  Duration first_wait = std::chrono::milliseconds(50);
  Duration wait_max = std::chrono::seconds(1);
};

/// Error::unavailable if not all are taken in time: some may have been, nobody knows which. Also if
/// the service refuses the call for good: the records are as good as before, so they are kept and
/// the message says what must be put right.
Status put_all(std::string_view stream, const std::vector<Entry>& entries,
               const PutPatience& patience, const PutCall& call);

}  // namespace lvp::stream
