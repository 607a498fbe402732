// What becomes of a payload that is larger than the `raw` stream takes: its batch of events is cut
// into several payloads, and what cannot be cut small enough becomes size_violation bad rows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "wire/bad_row.h"
#include "wire/collector_payload.h"

namespace lvp::collect {

struct Pieces {
  std::vector<std::string> records;   ///< Thrift bytes, each shorter than the limit
  std::vector<std::string> bad_rows;  ///< JSON
};

/// One record if the payload is shorter than `bytes_limit`. Else one per batch of events that is,
/// all else but the body being the same in each; the events keep their order. A body that is not
/// {"schema": an Iglu URI, "data": [events]} cannot be cut, nor can a single event.
Pieces split_payload(const CollectorPayload& payload, std::size_t bytes_limit,
                     const bad_row::Processor& processor, Timestamp now);

/// The payload as the reference implementation prints it in bad rows: "CollectorPayload(schema:…".
std::string text(const CollectorPayload& payload);

/// Runs of consecutive events whose JSON array stays within `array_bytes_max`, brackets and commas
/// counted; events that are too big even alone.
struct Batches {
  std::vector<std::vector<std::string_view>> fitting;
  std::vector<std::string_view> too_big;
};
Batches batch(const std::vector<std::string_view>& events, std::size_t array_bytes_max);

}  // namespace lvp::collect
