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

Status read_strings(thrift::Reader& reader, std::vector<std::string>& values) {
  LVP_TRY(const auto count, reader.list(thrift::FieldType::string));
  values.resize(std::min<std::size_t>(count, values.size()));
  for (std::uint32_t i = 0; i < count; ++i) {
    LVP_TRY(const auto value, reader.string());
    if (i < values.size()) {
      values[i] = value;
    } else {
      values.emplace_back(value);
    }
  }
  return {};
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

// A bit for each field we know that may be absent; their ids are multiples of ten.
constexpr std::uint64_t mark(std::int16_t id) {
  return std::uint64_t{1} << (id / 10);
}

// Empties the fields that are not in `seen` and may have a value of the payload before.
void drop_unseen(CollectorPayload& payload, std::uint64_t seen) {
  for (const std::int16_t id :
       {user_agent, referer_uri, path, querystring, body, content_type, hostname, network_userid}) {
    if ((seen & mark(id)) == 0) optional_field(payload, id)->reset();
  }
  if ((seen & mark(headers)) == 0) payload.headers.clear();
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

Status read_string(thrift::Reader& reader, CollectorPayload& payload, std::int16_t id,
                   std::uint64_t& seen) {
  LVP_TRY(const auto value, reader.string());
  if (std::string* field = required_field(payload, id)) {
    *field = value;
  } else if (std::optional<std::string>* optional = optional_field(payload, id)) {
    *optional = value;
    seen |= mark(id);
  }
  return {};
}

constexpr std::string_view header_separator = ": ";

// An upper limit of what encode() writes: each field is counted, present or not.
std::size_t encoded_bytes(const CollectorPayloadView& payload) {
  using thrift::Writer;
  constexpr std::size_t strings = 12;
  std::size_t bytes = strings * Writer::string_overhead + Writer::i64_bytes +
                      Writer::list_overhead + Writer::end_bytes;
  for (const std::string_view text :
       {payload.schema, payload.ip_address, payload.encoding, payload.collector})
    bytes += text.size();
  for (const auto& text :
       {payload.user_agent, payload.referer_uri, payload.path, payload.querystring, payload.body,
        payload.content_type, payload.hostname, payload.network_userid})
    bytes += text ? text->size() : 0;
  for (const auto& [name, value] : payload.headers)
    bytes += Writer::element_overhead + name.size() + header_separator.size() + value.size();
  return bytes;
}

char* write(const CollectorPayloadView& payload, char* room) {
  thrift::Writer writer(room);
  const auto optional = [&](FieldId id, const std::optional<std::string_view>& value) {
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
  writer.list_of_strings(headers, payload.headers.size());
  for (const auto& [name, value] : payload.headers) {
    if (name.empty()) {
      writer.element(value);
    } else {
      writer.element({name, header_separator, value});
    }
  }
  optional(content_type, payload.content_type);
  optional(hostname, payload.hostname);
  optional(network_userid, payload.network_userid);
  writer.string(schema, payload.schema);
  return writer.finish();
}

}  // namespace

std::string encode(const CollectorPayload& payload) {
  CollectorPayloadView view;
  view.schema = payload.schema;
  view.ip_address = payload.ip_address;
  view.timestamp_ms = payload.timestamp_ms;
  view.encoding = payload.encoding;
  view.collector = payload.collector;
  view.user_agent = payload.user_agent;
  view.referer_uri = payload.referer_uri;
  view.path = payload.path;
  view.querystring = payload.querystring;
  view.body = payload.body;
  view.headers.reserve(payload.headers.size());
  for (const std::string& header : payload.headers) view.headers.push_back({"", header});
  view.content_type = payload.content_type;
  view.hostname = payload.hostname;
  view.network_userid = payload.network_userid;
  return encode(view);
}

std::string encode(const CollectorPayloadView& payload) {
  std::string bytes;
  bytes.resize_and_overwrite(encoded_bytes(payload), [&](char* room, std::size_t) {
    return static_cast<std::size_t>(write(payload, room) - room);
  });
  return bytes;
}

Result<CollectorPayload> decode_collector_payload(std::string_view bytes) {
  CollectorPayload payload;
  LVP_DO(decode_collector_payload(bytes, payload));
  return payload;
}

Status decode_collector_payload(std::string_view bytes, CollectorPayload& payload) {
  payload.schema.clear();
  payload.ip_address.clear();
  payload.timestamp_ms = 0;
  payload.encoding = "UTF-8";
  payload.collector.clear();
  std::uint64_t seen = 0;
  thrift::Reader reader(bytes);
  for (;;) {
    LVP_TRY(const thrift::Field field, reader.field());
    if (field.type == thrift::FieldType::stop) {
      drop_unseen(payload, seen);
      return {};
    }
    if (field.type == thrift::FieldType::string) {
      LVP_DO(read_string(reader, payload, field.id, seen));
    } else if (field.type == thrift::FieldType::i64 && field.id == timestamp) {
      LVP_TRY(payload.timestamp_ms, reader.i64());
    } else if (field.type == thrift::FieldType::list && field.id == headers) {
      LVP_DO(read_strings(reader, payload.headers));
      seen |= mark(headers);
    } else {
      LVP_DO(reader.skip(field.type));
    }
  }
}

}  // namespace lvp
