// One record of the `raw` stream, opened and checked: the request that a tracker or webhook made.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "wire/collector_payload.h"
#include "wire/form.h"

namespace lvp::enrich {

struct TrackerRequest {
  CollectorPayload payload;  ///< every text in it is valid UTF-8; network_userid is canonical
  std::string vendor;        ///< with version: who shall understand it, from the path
  std::string version;
  std::string ip_address;  ///< the client's, proxies seen through
  std::vector<FormField> querystring;
};

/// Opens a Thrift CollectorPayload. The error is the message objects of the format violations, at
/// least one: unreadable bytes, a foreign schema, a path that is no "/vendor/version" and not the
/// pixel's, a network user id that is no UUID, a query string that is no URI's.
std::expected<TrackerRequest, std::vector<std::string>> open_request(std::string_view record);
/// The same in place of what `request` was, using its memory. After an error it is of no use.
std::expected<void, std::vector<std::string>> open_request(std::string_view record,
                                                           TrackerRequest& request);

}  // namespace lvp::enrich
