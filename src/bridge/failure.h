// Failure rows as Snowbridge writes them: what a message became that failed or is too large.
//
//   row := {"data":{"failure":{…},"payload":"…","processor":{"artifact":"…","version":"…"}},
//           "schema":"iglu:com.snowplowanalytics.snowplow.badrows/<name>/jsonschema/1-0-0"}
//
// Members are sorted, <, > and & escaped, bytes that are no UTF-8 become U+FFFD, and times have
// seconds. Other stages' rows have another order of members and milliseconds: wire/bad_row.h.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lvp::bridge {

struct Envelope {
  std::string_view artifact;
  std::string_view version;
  Timestamp pulled;       ///< when the message was read from its source
  std::size_t bytes_max;  ///< of a row: the failure target's limit
};

// Rows are cut to bytes_max: of the payload, a prefix of whole characters is kept. Error::invalid
// if not even a row without payload fits.

/// A transformation failed. `data` is the message's as that transformation found it.
Result<std::string> generic_error_row(const Envelope& envelope, std::span<const std::string> errors,
                                      std::string_view data);

/// The target takes messages of up to `target_bytes_max` only.
Result<std::string> size_violation_row(const Envelope& envelope, std::size_t target_bytes_max,
                                       std::string_view data);

struct ForwardingFailure {
  std::string_view type;  ///< "transformation", "api", "template" or ""
  std::string_view code;
  std::string_view message;
  std::string_view latest_state;  ///< the message's data as the step found it; cut first
};

/// For failure format event_forwarding. `original` is the message's data before the first
/// transformation.
Result<std::string> forwarding_error_row(const Envelope& envelope, const ForwardingFailure& failure,
                                         std::string_view original);

/// TypeError, SyntaxError or ReferenceError, whichever the reason names first, else
/// TransformationError.
std::string_view transformation_error_code(std::string_view reason);

}  // namespace lvp::bridge
