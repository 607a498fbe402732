#include "collect/split.h"

#include <fmt/format.h>

#include <expected>
#include <utility>

#include "base/text.h"
#include "wire/json.h"
#include "wire/json_text.h"
#include "wire/self_describing.h"

namespace lvp::collect {
namespace {

constexpr std::size_t expectation_units_max = 256;  // the limit of the bad row's schema

// A body that can be cut. The views are into `json`.
struct Batched {
  std::string json;
  std::string schema;
  std::vector<std::string_view> events;
};

// Why a body cannot be cut, or its parts.
std::expected<Batched, std::string> read_batch(const CollectorPayload& payload) {
  if (!payload.body) return std::unexpected("GET requests cannot be split");
  json::Parser parser;
  if (const auto root = parser.parse(*payload.body); !root) {
    return std::unexpected("cannot split POST requests which are not json " + root.error().what);
  }
  Batched batched;
  batched.json = json::compact(*payload.body);
  const auto root = parser.parse(batched.json);
  const auto schema = root ? (*root)["schema"].string() : std::nullopt;
  const auto data = json::raw_member(batched.json, "data");
  const std::string_view not_self_describing =
      "cannot split POST requests which are not self-describing ";
  if (!schema || !data) {
    return std::unexpected(std::string(not_self_describing) + "schema or data missing");
  }
  if (const auto key = parse_schema_key(*schema); !key) {
    return std::unexpected(fmt::format("{}Invalid Iglu URI: {}, code: {}", not_self_describing,
                                       *schema, code_text(key.error())));
  }
  if (!data->starts_with('[')) {
    return std::unexpected("cannot split POST requests which do not contain a data array");
  }
  batched.schema = *schema;
  batched.events = json::raw_elements(*data);
  return batched;
}

std::string body_of(std::string_view schema, const std::vector<std::string_view>& events) {
  return fmt::format(R"({{"schema":"{}","data":[{}]}})", schema, fmt::join(events, ","));
}

}  // namespace

Batches batch(const std::vector<std::string_view>& events, std::size_t array_bytes_max) {
  constexpr std::size_t brackets = 2;
  Batches batches;
  std::size_t used = 0;  // by the last of the fitting batches; 0 asks for a new one
  for (const std::string_view event : events) {
    if (brackets + event.size() > array_bytes_max) {
      batches.too_big.push_back(event);
      continue;
    }
    if (used == 0 || used + 1 + event.size() > array_bytes_max) {
      batches.fitting.emplace_back();
      used = brackets + event.size();
    } else {
      used += 1 + event.size();
    }
    batches.fitting.back().push_back(event);
  }
  return batches;
}

Pieces split_payload(const CollectorPayload& payload, std::size_t bytes_limit,
                     const bad_row::Processor& processor, Timestamp now) {
  Pieces pieces;
  std::string whole = encode(payload);
  const std::size_t size = whole.size();
  if (size < bytes_limit) {
    pieces.records.push_back(std::move(whole));
    return pieces;
  }

  const auto refuse = [&](std::size_t bytes, std::string_view reason) {
    const std::string expectation = fmt::format("oversized collector payload: {}", reason);
    pieces.bad_rows.push_back(
        bad_row::size_violation(processor, now, bytes_limit, bytes,
                                utf16_prefix(expectation, expectation_units_max), text(payload)));
  };
  const auto batched = read_batch(payload);
  if (!batched) {
    refuse(size, batched.error());
    return pieces;
  }
  const std::size_t around =
      size - payload.body->size() + body_of(batched->schema, {}).size() - 2;  // less "[]"
  if (around >= bytes_limit) {
    refuse(size,
           R"(cannot split this POST request because event without "data" field is still too big)");
    return pieces;
  }
  const Batches batches = batch(batched->events, bytes_limit - 1 - around);
  CollectorPayload piece = payload;
  for (const auto& events : batches.fitting) {
    piece.body = body_of(batched->schema, events);
    pieces.records.push_back(encode(piece));
  }
  for (const std::string_view event : batches.too_big) {
    refuse(event.size(), "this POST request split is still too large");
  }
  return pieces;
}

std::string text(const CollectorPayload& p) {
  std::string out = fmt::format(
      "CollectorPayload(schema:{}, ipAddress:{}, timestamp:{}, encoding:{}, collector:{}", p.schema,
      p.ip_address, p.timestamp_ms, p.encoding, p.collector);
  const auto add = [&](std::string_view name, const std::optional<std::string>& value) {
    if (value) out += fmt::format(", {}:{}", name, *value);
  };
  add("userAgent", p.user_agent);
  add("refererUri", p.referer_uri);
  add("path", p.path);
  add("querystring", p.querystring);
  add("body", p.body);
  if (!p.headers.empty()) out += fmt::format(", headers:[{}]", fmt::join(p.headers, ", "));
  add("contentType", p.content_type);
  add("hostname", p.hostname);
  add("networkUserId", p.network_userid);
  out += ')';
  return out;
}

}  // namespace lvp::collect
