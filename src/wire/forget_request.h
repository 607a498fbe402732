// The request to forget a viewer, as a record of `media`: where profiles are folded by several
// processes, each must hear of it, so one is put into every partition.
//
//   key      lvp:forget            which no device has
//   value    {"forget_viewer":…,"asked_at":…}    milliseconds since 1970
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lvp {

inline constexpr std::string_view forget_request_key = "lvp:forget";

struct ForgetRequest {
  std::string viewer;  ///< not empty
  Timestamp at;        ///< what the viewer does later is new

  bool operator==(const ForgetRequest&) const = default;
};

std::string encode(const ForgetRequest& request);
/// Error::invalid if the bytes are no such request.
Result<ForgetRequest> decode_forget_request(std::string_view bytes);

}  // namespace lvp
