#include "enrich/tracker_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "enrich/failure.h"
#include "enrich/iglu_webhook.h"
#include "enrich/redirect.h"
#include "enrich/self_describing_json.h"
#include "wire/bad_row.h"
#include "wire/json_text.h"

namespace lvp::enrich {
namespace {

using Messages = std::vector<std::string>;
using Read = std::expected<RawEvents, Messages>;

constexpr std::string_view snowplow = "com.snowplowanalytics.snowplow";
constexpr std::string_view payload_data =
    "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-";

constexpr std::array<std::string_view, 3> content_types{
    "application/json", "application/json; charset=utf-8", "application/json; charset=UTF-8"};
constexpr std::string_view content_type_expectation =
    "expected one of application/json, application/json; charset=utf-8, application/json; "
    "charset=UTF-8";

template <class... Texts>
Read refuse(Texts... messages) {
  return std::unexpected(Messages{std::move(messages)...});
}

Read read_pixel(const TrackerRequest& request) {
  if (request.querystring.empty()) {
    return refuse(bad_row::input_data("querystring", std::nullopt,
                                      "empty querystring: not a valid URI redirect"));
  }
  return RawEvents{.events = {query_parameters(request)}};
}

// One item of a payload_data body, then the parameters of the query string, which beat its own.
Parameters merged(const json::Value& item, const Parameters& query) {
  constexpr std::size_t usual = 32;  // parameters of an event
  Parameters parameters;
  parameters.reserve(usual + query.size());
  for (const json::Member member : item.members())
    parameters.push_back({member.key, member.value.string()});
  parameters.insert(parameters.end(), query.begin(), query.end());
  return parameters;
}

// The items of a body that payload_data's schema has accepted.
Read read_items(const TrackerRequest& request, const json::Value& items) {
  if (items.size() > events_max) {
    return refuse(bad_row::input_data("body", std::nullopt,
                                      fmt::format("at most {} events in a body", events_max)));
  }
  const Parameters query = query_parameters(request);
  if (query.size() > shared_parameters_max) {
    return refuse(bad_row::input_data(
        "querystring", std::nullopt,
        fmt::format("at most {} parameters beside a body", shared_parameters_max)));
  }
  RawEvents raw;
  raw.events.reserve(items.size());
  for (const json::Value item : items.elements()) raw.events.push_back(merged(item, query));
  return raw;
}

Read read_body(const TrackerRequest& request, iglu::Resolver& resolver, json::Parser& parser,
               Timestamp now) {
  const std::string& body = *request.payload.body;
  const auto root = parser.parse(body);
  if (!root) {
    return refuse(
        bad_row::not_json("body", body, fmt::format("invalid json: {}", root.error().what)));
  }
  const auto envelope = read_self_describing(*root, resolver, now);
  if (!envelope) return refuse(bad_row::not_iglu(json::compact(body), envelope.error()));
  if (!envelope->schema) return refuse(no_schema(envelope->uri, envelope->schema.error()));
  if (const auto reports = envelope->schema->schema->check(envelope->data); !reports.empty())
    return refuse(bad_row::validation_error(envelope->uri, reports));
  if (!envelope->uri.starts_with(payload_data)) {
    return refuse(bad_row::criterion_mismatch(envelope->uri, fmt::format("{}*", payload_data)));
  }
  return read_items(request, envelope->data);
}

// The decision table of the tracker protocol, top to bottom.
Read read_tp2(const TrackerRequest& request, iglu::Resolver& resolver, json::Parser& parser,
              Timestamp now) {
  const CollectorPayload& payload = request.payload;
  const bool has_query = !request.querystring.empty();
  const bool is_json =
      payload.content_type &&
      std::ranges::find(content_types, *payload.content_type) != content_types.end();
  if (!payload.body && !has_query) {
    return refuse(
        bad_row::input_data("body", std::nullopt, "empty body: not a valid tracker protocol event"),
        bad_row::input_data("querystring", std::nullopt,
                            "empty querystring: not a valid tracker protocol event"));
  }
  if (payload.content_type ? !is_json : payload.body.has_value()) {
    return refuse(
        bad_row::input_data("contentType", payload.content_type, content_type_expectation));
  }
  if (payload.body) return read_body(request, resolver, parser, now);
  if (payload.content_type) {
    return refuse(
        bad_row::input_data("body", std::nullopt, "empty body: not a valid track protocol event"));
  }
  return RawEvents{.events = {query_parameters(request)}};
}

}  // namespace

Parameters query_parameters(const TrackerRequest& request) {
  Parameters parameters;
  for (const FormField& field : request.querystring)
    parameters.push_back({field.name, field.value});
  return parameters;
}

Read read_events(const TrackerRequest& request, iglu::Resolver& resolver, json::Parser& body,
                 Timestamp now) {
  if (request.vendor == snowplow && request.version == "tp1") return read_pixel(request);
  if (request.vendor == snowplow && request.version == "tp2")
    return read_tp2(request, resolver, body, now);
  if (request.vendor == "r" && request.version == "tp2") return read_redirect(request);
  if (request.vendor == "com.snowplowanalytics.iglu" && request.version == "v1")
    return read_iglu_webhook(request, resolver, body, now);
  return refuse(bad_row::input_data("vendor/version",
                                    fmt::format("{}/{}", request.vendor, request.version),
                                    "vendor/version combination is not supported"));
}

bool speaks_tracker_protocol(const TrackerRequest& request) {
  return request.version == "tp2" && (request.vendor == snowplow || request.vendor == "r");
}

}  // namespace lvp::enrich
