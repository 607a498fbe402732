// What of a tracker's request is recorded, as a CollectorPayload.
//
// Whatever is recorded is valid UTF-8: header values are read as Latin-1, bodies and paths as UTF-8
// whose invalid bytes become U+FFFD.
#pragma once

#include <forward_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "collect/body.h"
#include "collect/incoming.h"
#include "wire/collector_payload.h"

namespace lvp::collect {

/// What is known of a request beside its bytes. Views what is recorded from.
struct Recorded {
  Timestamp now;
  std::string_view collector;  ///< name and version of this program
  std::string_view path;       ///< as it shall be recorded
  std::string_view network_userid;
  const Body* body = nullptr;                    ///< of a POST
  std::optional<std::string_view> content_type;  ///< of a POST, in its one spelling
};

/// A payload that views the request and what was given with it; the little that had to be rewritten
/// is in `made`.
struct Recording {
  CollectorPayloadView payload;
  std::forward_list<std::string> made;
};

/// Leaves out who sent an anonymous request, and the coding of a body that was decompressed.
Recording record(const Incoming& incoming, const Recorded& recorded);

}  // namespace lvp::collect
