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

/// The same in views, for whoever has all the text already and writes it once.
struct CollectorPayloadView {
  /// "name: value", or the value alone where there is no name.
  struct Header {
    std::string_view name;
    std::string_view value;
  };

  std::string_view schema = CollectorPayload::schema_uri;
  std::string_view ip_address;
  std::int64_t timestamp_ms = 0;
  std::string_view encoding = "UTF-8";
  std::string_view collector;
  std::optional<std::string_view> user_agent;
  std::optional<std::string_view> referer_uri;
  std::optional<std::string_view> path;
  std::optional<std::string_view> querystring;
  std::optional<std::string_view> body;
  std::vector<Header> headers;
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> hostname;
  std::optional<std::string_view> network_userid;
};

std::string encode(const CollectorPayloadView& payload);

/// Accepts fields in any order and skips unknown ones. Error::invalid says what is wrong.
Result<CollectorPayload> decode_collector_payload(std::string_view bytes);
/// The same in place of what `payload` was, using its memory. After an error it is of no use.
Status decode_collector_payload(std::string_view bytes, CollectorPayload& payload);

}  // namespace lvp
