// One tracker request as the collector records it: the Thrift struct on the `raw` stream.
//
// Format: docs/formats/collector_payload.md. The field ids are those of collector-payload-1
// (Apache-2.0), which every Snowplow component writes; the IDL in Iglu Central shows other ids that
// never travel.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lvp {

struct CollectorPayload {
  static constexpr std::string_view schema_uri =
      "iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0";

  std::string schema{schema_uri};
  std::string ip_address;
  std::int64_t timestamp_ms = 0;  ///< when the request was complete, by the collector's clock
  std::string encoding = "UTF-8";
  std::string collector;  ///< name and version of the program; becomes v_collector
  std::optional<std::string> user_agent;
  std::optional<std::string> referer_uri;
  std::optional<std::string> path;
  std::optional<std::string> querystring;  ///< raw text after '?'
  std::optional<std::string> body;
  std::vector<std::string> headers;  ///< "Name: value" lines, then the bare content type
  std::optional<std::string> content_type;
  std::optional<std::string> hostname;
  std::optional<std::string> network_userid;

  bool operator==(const CollectorPayload&) const = default;
};

/// Fields in ascending id order, as the Java writer does; byte for byte the same.
std::string encode(const CollectorPayload& payload);

/// Accepts fields in any order and skips unknown ones. Error::invalid says what is wrong.
Result<CollectorPayload> decode_collector_payload(std::string_view bytes);

}  // namespace lvp
