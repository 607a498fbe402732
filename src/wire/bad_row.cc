#include "wire/bad_row.h"

#include <fmt/format.h>

#include "base/text.h"
#include "wire/base64.h"
#include "wire/json.h"

namespace lvp::bad_row {
namespace {

using json::Writer;

void string_or_null(Writer& out, std::string_view key, std::optional<std::string_view> value) {
  out.key(key);
  value ? out.string(*value) : out.null();
}

// Opens the row up to the failure object.
Writer open(std::string_view name, std::string_view version, const Processor& processor,
            Timestamp now) {
  Writer out;
  out.begin_object();
  out.key("schema").string(
      fmt::format("iglu:com.snowplowanalytics.snowplow.badrows/{}/jsonschema/{}", name, version));
  out.key("data").begin_object();
  out.key("processor").begin_object();
  out.key("artifact")
      .string(processor.artifact)
      .key("version")
      .string(processor.version)
      .end_object();
  out.key("failure").begin_object();
  out.key("timestamp").string(iso_text(now));
  return out;
}

std::string close(Writer& out) {
  return out.end_object().end_object().take();
}

void write_messages(Writer& out, std::span<const std::string> messages) {
  out.key("messages").begin_array();
  for (const std::string& message : messages) out.raw(message);
  out.end_array();
}

void write_fields(Writer& out, std::string_view key, std::span<const FormField> fields) {
  out.key(key).begin_array();
  for (const FormField& field : fields) {
    out.begin_object().key("name").string(field.name);
    string_or_null(out, "value", field.value);
    out.end_object();
  }
  out.end_array();
}

void write_headers(Writer& out, const CollectorPayload& payload) {
  out.key("headers").begin_array();
  for (const std::string& header : payload.headers) out.string(header);
  out.end_array();
}

std::string request_failure(std::string_view name, std::string_view version,
                            const Processor& processor, Timestamp now, const Request& request,
                            std::span<const std::string> messages) {
  const CollectorPayload& payload = *request.payload;
  Writer out = open(name, version, processor, now);
  out.key("vendor").string(request.vendor).key("version").string(request.version);
  write_messages(out, messages);
  out.end_object();
  out.key("payload").begin_object();
  out.key("vendor").string(request.vendor).key("version").string(request.version);
  write_fields(out, "querystring", parse_form(payload.querystring.value_or("")));
  string_or_null(out, "contentType", payload.content_type);
  string_or_null(out, "body", payload.body);
  out.key("collector").string(payload.collector);
  out.key("encoding").string(payload.encoding);
  string_or_null(out, "hostname", payload.hostname);
  out.key("timestamp").string(iso_text(from_ms(payload.timestamp_ms)));
  out.key("ipAddress").string(request.ip_address);
  string_or_null(out, "useragent", payload.user_agent);
  string_or_null(out, "refererUri", payload.referer_uri);
  write_headers(out, payload);
  string_or_null(out, "networkUserId", payload.network_userid);
  out.end_object();
  return close(out);
}

void write_column(Writer& out, Column column, const std::string& value) {
  const ColumnInfo& about = info(column);
  out.key(about.name);
  if (value.empty()) {
    out.null();
    return;
  }
  const bool as_number = column != Column::txn_id &&
                         (about.type == ColumnType::integer || about.type == ColumnType::boolean ||
                          about.type == ColumnType::real);
  as_number ? out.raw(value) : out.string(value);
}

std::string event_failure(std::string_view name, const Processor& processor, Timestamp now,
                          const Request& request, std::span<const FormField> parameters,
                          const EnrichedEvent& event, std::span<const std::string> messages) {
  const CollectorPayload& payload = *request.payload;
  Writer out = open(name, "2-0-1", processor, now);
  write_messages(out, messages);
  out.end_object();
  out.key("payload").begin_object();
  out.key("enriched").begin_object();
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    write_column(out, column, event[column]);
  }
  out.end_object();
  out.key("raw").begin_object();
  out.key("vendor").string(request.vendor).key("version").string(request.version);
  write_fields(out, "parameters", parameters);
  string_or_null(out, "contentType", payload.content_type);
  out.key("loaderName").string(payload.collector);
  out.key("encoding").string(payload.encoding);
  string_or_null(out, "hostname", payload.hostname);
  out.key("timestamp").string(iso_text(from_ms(payload.timestamp_ms)));
  out.key("ipAddress").string(request.ip_address);
  string_or_null(out, "useragent", payload.user_agent);
  string_or_null(out, "refererUri", payload.referer_uri);
  write_headers(out, payload);
  string_or_null(out, "userId", payload.network_userid);
  out.end_object().end_object();
  return close(out);
}

std::string too_large(const Processor& processor, Timestamp now, std::size_t bytes_max,
                      std::size_t bytes, std::string_view expectation, std::string_view payload) {
  Writer out = open("size_violation", "1-0-0", processor, now);
  out.key("maximumAllowedSizeBytes").integer(static_cast<std::int64_t>(bytes_max));
  out.key("actualSizeBytes").integer(static_cast<std::int64_t>(bytes));
  out.key("expectation").string(expectation).end_object();
  out.key("payload").string(payload);
  return close(out);
}

}  // namespace

std::string input_data(std::string_view field, std::optional<std::string_view> value,
                       std::string_view expectation) {
  Writer out;
  out.begin_object().key("field").string(field);
  string_or_null(out, "value", value);
  return out.key("expectation").string(expectation).end_object().take();
}

std::string not_json(std::string_view field, std::string_view value, std::string_view error) {
  Writer out;
  out.begin_object().key("field").string(field).key("value").string(value);
  return out.key("error").string(error).end_object().take();
}

std::string not_iglu(std::string_view json, std::string_view code) {
  return Writer()
      .begin_object()
      .key("json")
      .raw(json)
      .key("error")
      .string(code)
      .end_object()
      .take();
}

std::string criterion_mismatch(std::string_view schema_uri, std::string_view criterion) {
  Writer out;
  out.begin_object().key("schemaKey").string(schema_uri);
  return out.key("schemaCriterion").string(criterion).end_object().take();
}

std::string validation_error(std::string_view schema_uri, std::span<const Report> reports) {
  Writer out;
  out.begin_object().key("schemaKey").string(schema_uri).key("error").begin_object();
  out.key("error").string("ValidationError").key("dataReports").begin_array();
  for (const Report& report : reports) {
    out.begin_object().key("message").string(report.message).key("path").string(report.path);
    out.key("keyword").string(report.keyword).key("targets").begin_array();
    for (const std::string& target : report.targets) out.string(target);
    out.end_array().end_object();
  }
  return out.end_array().end_object().end_object().take();
}

std::string payload_error(std::string_view error) {
  return Writer().begin_object().key("error").string(error).end_object().take();
}

std::string payload_input_data(std::string_view field, std::optional<std::string_view> value,
                               std::string_view expectation) {
  Writer out;
  out.begin_object().key("payloadField").string(field);
  string_or_null(out, "value", value);
  return out.key("expectation").string(expectation).end_object().take();
}

std::string enrichment_message(std::string_view message, const std::optional<Enrichment>& by) {
  Writer out;
  out.begin_object().key("enrichment");
  if (by) {
    out.begin_object().key("schemaKey").string(by->schema_uri);
    out.key("identifier").string(by->identifier).end_object();
  } else {
    out.null();
  }
  return out.key("message").raw(message).end_object().take();
}

std::string collector_payload_format_violation(const Processor& processor, Timestamp now,
                                               std::string_view message,
                                               std::string_view payload_bytes,
                                               std::string_view loader) {
  Writer out = open("collector_payload_format_violation", "1-0-0", processor, now);
  out.key("loader").string(loader).key("message").raw(message).end_object();
  out.key("payload").string(base64_encode(payload_bytes));
  return close(out);
}

std::string tracker_protocol_violations(const Processor& processor, Timestamp now,
                                        const Request& request,
                                        std::span<const std::string> messages) {
  return request_failure("tracker_protocol_violations", "1-0-1", processor, now, request, messages);
}

std::string adapter_failures(const Processor& processor, Timestamp now, const Request& request,
                             std::span<const std::string> messages) {
  return request_failure("adapter_failures", "1-0-0", processor, now, request, messages);
}

std::string schema_violations(const Processor& processor, Timestamp now, const Request& request,
                              std::span<const FormField> parameters, const EnrichedEvent& event,
                              std::span<const std::string> messages) {
  return event_failure("schema_violations", processor, now, request, parameters, event, messages);
}

std::string enrichment_failures(const Processor& processor, Timestamp now, const Request& request,
                                std::span<const FormField> parameters, const EnrichedEvent& event,
                                std::span<const std::string> messages) {
  return event_failure("enrichment_failures", processor, now, request, parameters, event, messages);
}

std::string size_violation(const Processor& processor, Timestamp now, std::size_t bytes_max,
                           std::size_t bytes, std::string_view expectation, std::string_view text) {
  return too_large(processor, now, bytes_max, bytes, expectation,
                   utf16_prefix(text, bytes_max / 10));
}

std::string oversized_payload(const Processor& processor, Timestamp now, std::size_t bytes_max,
                              std::size_t bytes, std::string_view expectation,
                              std::string_view record) {
  return too_large(processor, now, bytes_max, bytes, expectation, base64_encode(record));
}

std::string generic_error(const Processor& processor, Timestamp now, std::string_view error,
                          std::string_view payload) {
  Writer out = open("generic_error", "1-0-0", processor, now);
  out.key("errors").begin_array().string(error).end_array().end_object();
  out.key("payload").string(repaired_utf8(payload));
  return close(out);
}

}  // namespace lvp::bad_row
