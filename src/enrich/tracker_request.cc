#include "enrich/tracker_request.h"

#include <fmt/format.h>

#include <initializer_list>

#include "base/text.h"
#include "enrich/conversions.h"
#include "enrich/ip_address.h"
#include "wire/bad_row.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view schema_wanted =
    "iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-";

// Java reads Thrift strings as UTF-8 and replaces what is not.
void repair(CollectorPayload& payload) {
  for (std::string* text :
       {&payload.schema, &payload.ip_address, &payload.encoding, &payload.collector}) {
    make_utf8(*text);
  }
  for (std::optional<std::string>* text :
       {&payload.user_agent, &payload.referer_uri, &payload.path, &payload.querystring,
        &payload.body, &payload.content_type, &payload.hostname, &payload.network_userid}) {
    if (*text) make_utf8(**text);
  }
  for (std::string& header : payload.headers) make_utf8(header);
}

bool is_pixel(std::string_view path) {
  return path.starts_with("/ice.png") || path == "/i" || path.starts_with("/i?");
}

// "/vendor/version", both slashes at the ends optional.
bool split_path(std::string_view path, TrackerRequest& request) {
  std::string_view inner = path;
  if (inner.starts_with('/')) inner.remove_prefix(1);
  if (inner.ends_with('/')) inner.remove_suffix(1);
  const auto parts = split(inner, '/');
  if (parts.size() == 2 && !parts[0].empty() && !parts[1].empty()) {
    request.vendor = parts[0];
    request.version = parts[1];
    return true;
  }
  if (!is_pixel(path)) return false;
  request.vendor = "com.snowplowanalytics.snowplow";
  request.version = "tp1";
  return true;
}

void read_path(TrackerRequest& request, std::vector<std::string>& problems) {
  const auto& path = request.payload.path;
  if (!path) {
    problems.push_back(
        bad_row::payload_input_data("path", std::nullopt, "request does not contain a path"));
  } else if (!split_path(*path, request)) {
    problems.push_back(bad_row::payload_input_data(
        "path", *path,
        "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request"));
  }
}

void read_network_userid(TrackerRequest& request, std::vector<std::string>& problems) {
  auto& id = request.payload.network_userid;
  if (!id) return;
  if (auto canonical = java_uuid(*id)) {
    id = std::move(*canonical);
  } else {
    problems.push_back(bad_row::payload_input_data("networkUserId", *id, "not valid UUID"));
  }
}

void read_querystring(TrackerRequest& request, std::vector<std::string>& problems) {
  request.querystring.clear();
  const auto& query = request.payload.querystring;
  if (!query) return;
  if (is_java_uri_query(*query)) {
    request.querystring = parse_form(*query);
    return;
  }
  problems.push_back(bad_row::payload_input_data(
      "querystring", *query,
      fmt::format("could not extract name-value pairs from querystring with encoding {}: "
                  "Illegal character in query",
                  request.payload.encoding)));
}

std::vector<std::string> one(std::string_view error) {
  return {bad_row::payload_error(error)};
}

}  // namespace

std::expected<TrackerRequest, std::vector<std::string>> open_request(std::string_view record) {
  TrackerRequest request;
  if (auto opened = open_request(record, request); !opened)
    return std::unexpected(std::move(opened.error()));
  return request;
}

std::expected<void, std::vector<std::string>> open_request(std::string_view record,
                                                           TrackerRequest& request) {
  if (const Status decoded = decode_collector_payload(record, request.payload); !decoded) {
    return std::unexpected(
        one(fmt::format("error deserializing raw event: {}", decoded.error().what)));
  }
  repair(request.payload);
  if (!request.payload.schema.starts_with(schema_wanted)) {
    return std::unexpected(one(fmt::format("verifying record as {}* failed: found {}",
                                           schema_wanted, request.payload.schema)));
  }
  if (!equal_ignoring_case(request.payload.encoding, "UTF-8")) {
    return std::unexpected(
        one(fmt::format("error deserializing raw event: {}", request.payload.encoding)));
  }
  std::vector<std::string> problems;
  read_path(request, problems);
  read_network_userid(request, problems);
  read_querystring(request, problems);
  if (!problems.empty()) return std::unexpected(std::move(problems));
  request.ip_address = client_address(request.payload.headers, request.payload.ip_address);
  return {};
}

}  // namespace lvp::enrich
