#include "wire/collector_payload.h"

#include <algorithm>

#include "wire/thrift.h"

namespace lvp {
namespace {

enum FieldId : std::int16_t {
  ip_address = 100,
  timestamp = 200,
  encoding = 210,
  collector = 220,
  user_agent = 300,
  referer_uri = 310,
  path = 320,
  querystring = 330,
  body = 340,
  headers = 350,
  content_type = 360,
  hostname = 400,
  network_userid = 410,
  schema = 31337,
};

Result<std::vector<std::string>> read_strings(thrift::Reader& reader) {
  LVP_TRY(const auto count, reader.list(thrift::FieldType::string));
  constexpr std::uint32_t reserved_max = 64;  // the count is not to be trusted before they are read
  std::vector<std::string> values;
  values.reserve(std::min(count, reserved_max));
  for (std::uint32_t i = 0; i < count; ++i) {
    LVP_TRY(const auto value, reader.string());
    values.emplace_back(value);
  }
  return values;
}

// Where a string field goes, or nullptr for an id we do not know.
std::optional<std::string>* optional_field(CollectorPayload& payload, std::int16_t id) {
  switch (id) {
    case user_agent:
      return &payload.user_agent;
    case referer_uri:
      return &payload.referer_uri;
    case path:
      return &payload.path;
    case querystring:
      return &payload.querystring;
    case body:
      return &payload.body;
    case content_type:
      return &payload.content_type;
    case hostname:
      return &payload.hostname;
    case network_userid:
      return &payload.network_userid;
    default:
      return nullptr;
  }
}

std::string* required_field(CollectorPayload& payload, std::int16_t id) {
  switch (id) {
    case ip_address:
      return &payload.ip_address;
    case encoding:
      return &payload.encoding;
    case collector:
      return &payload.collector;
    case schema:
      return &payload.schema;
    default:
      return nullptr;
  }
}

Status read_string(thrift::Reader& reader, CollectorPayload& payload, std::int16_t id) {
  LVP_TRY(const auto value, reader.string());
  if (std::string* field = required_field(payload, id)) {
    *field = value;
  } else if (std::optional<std::string>* optional = optional_field(payload, id)) {
    *optional = value;
  }
  return {};
}

}  // namespace

std::string encode(const CollectorPayload& payload) {
  thrift::Writer writer;
  const auto optional = [&](FieldId id, const std::optional<std::string>& value) {
    if (value) writer.string(id, *value);
  };
  writer.string(ip_address, payload.ip_address);
  writer.i64(timestamp, payload.timestamp_ms);
  writer.string(encoding, payload.encoding);
  writer.string(collector, payload.collector);
  optional(user_agent, payload.user_agent);
  optional(referer_uri, payload.referer_uri);
  optional(path, payload.path);
  optional(querystring, payload.querystring);
  optional(body, payload.body);
  writer.strings(headers, payload.headers);
  optional(content_type, payload.content_type);
  optional(hostname, payload.hostname);
  optional(network_userid, payload.network_userid);
  writer.string(schema, payload.schema);
  return writer.finish();
}

Result<CollectorPayload> decode_collector_payload(std::string_view bytes) {
  CollectorPayload payload;
  payload.schema.clear();
  thrift::Reader reader(bytes);
  for (;;) {
    LVP_TRY(const thrift::Field field, reader.field());
    if (field.type == thrift::FieldType::stop) return payload;
    if (field.type == thrift::FieldType::string) {
      LVP_DO(read_string(reader, payload, field.id));
    } else if (field.type == thrift::FieldType::i64 && field.id == timestamp) {
      LVP_TRY(payload.timestamp_ms, reader.i64());
    } else if (field.type == thrift::FieldType::list && field.id == headers) {
      LVP_TRY(payload.headers, read_strings(reader));
    } else {
      LVP_DO(reader.skip(field.type));
    }
  }
}

}  // namespace lvp
