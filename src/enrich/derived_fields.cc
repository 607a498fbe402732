#include "enrich/derived_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "base/time.h"
#include "enrich/conversions.h"

namespace lvp::enrich {
namespace {

constexpr std::array<std::string_view, 4> snowplow_events{"page_view", "page_ping", "transaction",
                                                          "transaction_item"};

std::optional<std::string_view> present(std::string_view column) {
  return column.empty() ? std::nullopt : std::optional(column);
}

void set_schema(EnrichedEvent& event, std::string_view vendor, std::string_view name,
                std::string_view format, std::string_view version) {
  event[Column::event_vendor] = vendor;
  event[Column::event_name] = name;
  event[Column::event_format] = format;
  event[Column::event_version] = version;
}

}  // namespace

void check_collector(const EnrichedEvent& event, const Reporter& by,
                     std::vector<Failure>& failures) {
  if (event[Column::v_collector].empty())
    failures.push_back(bad_input(by, "v_collector", std::nullopt, "should be set"));
}

void derive_tstamp(EnrichedEvent& event, const Reporter& by, std::vector<Failure>& failures) {
  std::string& derived = event[Column::derived_tstamp];
  const std::string& collector = event[Column::collector_tstamp];
  derived = event[Column::true_tstamp].empty() ? collector : event[Column::true_tstamp];
  if (!event[Column::true_tstamp].empty() || collector.empty()) return;
  const auto created = parse_timestamp(event[Column::dvce_created_tstamp]);
  const auto sent = parse_timestamp(event[Column::dvce_sent_tstamp]);
  const auto received = parse_timestamp(collector);
  if (!created || !sent || !received || *sent <= *created) return;
  auto text = column_time(to_ms(*received - (*sent - *created)));
  if (text) {
    derived = std::move(*text);
  } else {
    failures.push_back(bad_input(by, "derived_tstamp", text.error(), "not Redshift-compatible"));
  }
}

void derive_schema(EnrichedEvent& event, std::string_view event_uri, const Reporter& by,
                   std::vector<Failure>& failures) {
  const std::string& type = event[Column::event];
  if (std::ranges::find(snowplow_events, type) != snowplow_events.end()) {
    set_schema(event, "com.snowplowanalytics.snowplow", type, "jsonschema", "1-0-0");
  } else if (type == "struct") {
    set_schema(event, "com.google.analytics", "event", "jsonschema", "1-0-0");
  } else if (type != "unstruct") {
    failures.push_back(bad_input(
        by, "event", present(type),
        fmt::format("trying to extract the schema of the enriched event but event type [{}] "
                    "doesn't match\nany of the types with a schema:\n"
                    "page_view, page_ping, struct, transaction, transaction_item, unstruct",
                    present(type).value_or("null"))));
  } else if (!event_uri.empty()) {
    const auto parts = split(event_uri.substr(std::string_view("iglu:").size()), '/');
    set_schema(event, parts[0], parts[1], parts[2], parts[3]);
  }
}

}  // namespace lvp::enrich
