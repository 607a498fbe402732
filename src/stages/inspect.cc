#include "stages/inspect.h"

#include "base/text.h"
#include "profile/codec.h"
#include "profile/describe.h"
#include "wire/analytics_json.h"
#include "wire/base64.h"
#include "wire/collector_payload.h"
#include "wire/enriched_event.h"
#include "wire/json.h"
#include "wire/update.h"

namespace lvp::stages {
namespace {

void add_optional(json::Writer& out, std::string_view key, const std::optional<std::string>& text) {
  if (text) out.key(key).string(repaired_utf8(*text));
}

Result<std::string> payload_json(std::string_view bytes) {
  LVP_TRY(const CollectorPayload payload, decode_collector_payload(bytes));
  json::Writer out;
  out.begin_object();
  out.key("timestamp").string(iso_text(from_ms(payload.timestamp_ms)));
  out.key("ip_address").string(repaired_utf8(payload.ip_address));
  out.key("collector").string(repaired_utf8(payload.collector));
  add_optional(out, "network_userid", payload.network_userid);
  add_optional(out, "path", payload.path);
  add_optional(out, "querystring", payload.querystring);
  add_optional(out, "content_type", payload.content_type);
  add_optional(out, "user_agent", payload.user_agent);
  add_optional(out, "referer", payload.referer_uri);
  add_optional(out, "hostname", payload.hostname);
  out.key("headers").begin_array();
  for (const std::string& header : payload.headers) out.string(repaired_utf8(header));
  out.end_array();
  add_optional(out, "body", payload.body);
  return out.end_object().take();
}

// Columns that are empty are left out; the JSON columns are shown as JSON.
Result<std::string> event_json(std::string_view line) {
  LVP_TRY(const EnrichedView event, EnrichedView::parse(line));
  json::Parser parser;
  json::Writer out;
  out.begin_object();
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    const std::string_view text = event[column];
    if (text.empty()) continue;
    out.key(info(column).name);
    if (info(column).type == ColumnType::json && parser.parse(text)) {
      out.raw(text);
    } else {
      out.string(repaired_utf8(text));
    }
  }
  return out.end_object().take();
}

Result<std::string> same_json(std::string_view text) {
  json::Parser parser;
  if (const auto root = parser.parse(text, 500); !root) return std::unexpected(root.error());
  return std::string(text);
}

std::string_view name_of(UpdateKind kind) {
  switch (kind) {
    case UpdateKind::profile:
      return "profile";
    case UpdateKind::status:
      return "status";
    case UpdateKind::clock:
      return "clock";
  }
  return "";
}

Result<std::string> update_json(std::string_view bytes, Timestamp at) {
  LVP_TRY(const Update update, decode_update(bytes));
  json::Writer out;
  out.begin_object();
  out.key("kind").string(name_of(update.kind));
  out.key("media_partition").string(update.partition);
  out.key("media_offset").string(update.offset);
  if (update.kind == UpdateKind::profile) {
    LVP_TRY(const profile::Profile profile, profile::decode_profile(update.payload));
    out.key("profile").raw(profile::describe(profile, at));
  } else if (update.kind == UpdateKind::status) {
    out.key("message").raw(update.payload);
  } else {
    out.key("stands").boolean(update.payload == clock_stands);
  }
  return out.end_object().take();
}

bool has_events(std::string_view stream) {
  return stream == "enriched" || stream == "incomplete";
}

Result<std::string> analytics_json(std::string_view line) {
  LVP_TRY(const EnrichedView event, EnrichedView::parse(line));
  return AnalyticsJson().write(event);
}

Result<std::string> value_json(std::string_view stream, const stream::Record& record, Form form) {
  if (stream == "raw" || stream == "later" || stream == "parked") return payload_json(record.value);
  if (has_events(stream))
    return form == Form::analytics ? analytics_json(record.value) : event_json(record.value);
  if (stream == "updates") return update_json(record.value, record.appended_at);
  return same_json(record.value);
}

}  // namespace

std::optional<Form> form_of(std::string_view stream, std::string_view name) {
  if (name == "columns") return Form::columns;
  if (name == "analytics" && has_events(stream)) return Form::analytics;
  return std::nullopt;
}

std::string record_json(std::string_view stream, std::string_view partition,
                        const stream::Record& record, Form form) {
  json::Writer out;
  out.begin_object();
  out.key("partition").string(partition);
  out.key("offset").string(record.offset);
  out.key("key").string(repaired_utf8(record.key));
  out.key("time").string(iso_text(record.appended_at));
  out.key("value");
  if (const auto value = value_json(stream, record, form)) {
    out.raw(*value);
  } else {
    out.begin_object();
    out.key("error").string(value.error().what);
    out.key("base64").string(base64_encode(record.value));
    out.end_object();
  }
  return out.end_object().take();
}

}  // namespace lvp::stages
