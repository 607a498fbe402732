#include "enrich/enrich.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "base/text.h"
#include "enrich/atomic_fields.h"
#include "enrich/container.h"
#include "enrich/conversions.h"
#include "enrich/derived_contexts.h"
#include "enrich/draft.h"
#include "enrich/failure.h"
#include "enrich/tracker_protocol.h"

namespace lvp::enrich {
namespace {

std::vector<std::string> messages(std::span<const Failure> failures) {
  std::vector<std::string> texts;
  for (const Failure& failure : failures) texts.push_back(failure.message);
  return texts;
}

// The parameters as a bad row shows them: each name once, at its first place, with its last value.
std::vector<FormField> effective(const Parameters& parameters) {
  std::vector<FormField> fields;
  std::map<std::string_view, std::size_t> places;
  for (const Parameter& parameter : parameters) {
    const auto [place, is_new] = places.emplace(parameter.name, fields.size());
    if (is_new) fields.push_back({std::string(parameter.name), std::nullopt});
    fields[place->second].value = parameter.value;
  }
  return fields;
}

// What is known before the parameters, which may replace it. Adds a problem if the collector's time
// has no text.
void set_defaults(EnrichedEvent& event, const TrackerRequest& request,
                  std::vector<ColumnProblem>& problems) {
  const CollectorPayload& payload = request.payload;
  set_clean(event[Column::v_collector], payload.collector);
  event[Column::user_ipaddress] = first_address(request.ip_address);
  if (payload.user_agent) event[Column::useragent] = clean_user_agent(*payload.user_agent);
  if (payload.network_userid) event[Column::network_userid] = *payload.network_userid;
  auto received = column_time(payload.timestamp_ms);
  if (received) {
    event[Column::collector_tstamp] = std::move(*received);
    return;
  }
  problems.push_back({{fmt::format("Formatted as {} is not Redshift-compatible", received.error()),
                       "collector_tstamp",
                       "atomic_field_parse_error",
                       {}},
                      std::to_string(payload.timestamp_ms)});
}

// Events may stay without most columns, but these are kept however long they are.
bool may_be_blank(Column column) {
  return column != Column::event_id && column != Column::v_collector && column != Column::v_etl;
}

void blank_long_columns(EnrichedEvent& event) {
  for (const ColumnProblem& problem : too_long(event)) {
    for (std::size_t i = 0; i < column_count; ++i) {
      const auto column = static_cast<Column>(i);
      if (info(column).name == problem.report.path && may_be_blank(column)) event[column].clear();
    }
  }
}

std::string key_of(const EnrichedEvent& event, Identifiers ids) {
  ids.domain_userid = event[Column::domain_userid];
  ids.network_userid = event[Column::network_userid];
  const std::string_view device = device_key(ids);
  return std::string(device.empty() ? event[Column::event_id] : device);
}

}  // namespace

// What went wrong with one event, by phase.
struct Enricher::Failures {
  Findings input;                   // columns, event, entities
  std::vector<Failure> enrichment;  // derived values
  std::vector<Failure> output;      // entities of enrichments, lengths

  bool empty() const { return input.failures.empty() && enrichment.empty() && output.empty(); }

  // What derived_contexts holds: the failures of all phases, what enrichments made, and under
  // which versions data was checked.
  std::string with_entities(std::vector<std::string> made) const {
    std::vector<std::string> entities;
    for (const auto* phase : {&input.failures, &enrichment, &output}) {
      for (const Failure& failure : *phase) entities.push_back(failure.entity);
    }
    std::ranges::move(made, std::back_inserter(entities));
    std::ranges::copy(input.superseded, std::back_inserter(entities));
    return derived_contexts(entities);
  }
};

// What all events of a record share.
struct Enricher::Context {
  const TrackerRequest& request;
  const bad_row::Request& origin;
  Timestamp now;
  std::string_view etl_tstamp;
  const NewUuid& new_id;
};

Enricher::Enricher(iglu::Resolver& resolver, Settings settings,
                   std::shared_ptr<const Enrichments> enrichments)
    : resolver_(resolver),
      settings_(std::move(settings)),
      enrichments_(std::move(enrichments)),
      v_etl_(fmt::format("{}-{}", settings_.processor.artifact, settings_.processor.version)),
      reader_(resolver) {}

Outcome Enricher::enrich(std::string_view raw_record, Timestamp now, const NewUuid& new_id) {
  Outcome outcome;
  if (const auto compression = compression_of(raw_record)) {
    enrich_container(*compression, raw_record, now, new_id, outcome);
  } else {
    enrich_payload(raw_record, now, new_id, outcome);
  }
  outcome.schemas_needed = resolver_.needs();
  return outcome;
}

void Enricher::enrich_container(Compression compression, std::string_view record, Timestamp now,
                                const NewUuid& new_id, Outcome& outcome) {
  const std::string_view loader = compression == Compression::gzip ? "Gzip" : "Zstd";
  const auto refuse = [&](std::string_view error) {
    add_bad(bad_row::collector_payload_format_violation(
                settings_.processor, now, bad_row::payload_error(error), record, loader),
            now, outcome);
  };
  const auto container = decompress(compression, record, container_bytes_max);
  if (!container) {
    refuse(container.error() == DecompressError::corrupt
               ? "corrupt compressed payload"
               : fmt::format("compressed record is larger than {} bytes", container_bytes_max));
    return;
  }
  const Unpacked unpacked = unpack(*container, settings_.payload_bytes_max);
  for (const std::string_view payload : unpacked.payloads)
    enrich_payload(payload, now, new_id, outcome);
  for (const std::uint32_t length : unpacked.oversized) {
    add_bad(bad_row::oversized_payload(
                settings_.processor, now, settings_.payload_bytes_max, length,
                fmt::format("Collector payload will exceed maximum allowed size of {} after {} "
                            "decompression",
                            settings_.payload_bytes_max, loader),
                record),
            now, outcome);
  }
  if (!unpacked.error.empty()) refuse(unpacked.error);
}

void Enricher::enrich_payload(std::string_view payload, Timestamp now, const NewUuid& new_id,
                              Outcome& outcome) {
  const TrackerRequest& request = request_;
  if (const auto opened = open_request(payload, request_); !opened) {
    for (const std::string& message : opened.error()) {
      add_bad(
          bad_row::collector_payload_format_violation(settings_.processor, now, message, payload),
          now, outcome);
    }
    return;
  }
  const bad_row::Request origin{request.vendor, request.version, &request.payload,
                                request.ip_address};
  const auto raw = read_events(request, resolver_, body_, now);
  if (!raw) {
    const auto row = speaks_tracker_protocol(request) ? bad_row::tracker_protocol_violations
                                                      : bad_row::adapter_failures;
    add_bad(row(settings_.processor, now, origin, raw.error()), now, outcome);
    return;
  }
  const std::string etl_tstamp = snowplow_text(now);
  const Context context{request, origin, now, etl_tstamp, new_id};
  for (const Parameters& parameters : raw->events) enrich_event(context, parameters, outcome);
}

void Enricher::enrich_event(const Context& context, const Parameters& parameters,
                            Outcome& outcome) {
  const Reporter by{settings_.processor, context.now};
  EnrichedEvent& event = event_;
  event.clear();
  Failures failures;

  // 1: parameters to columns.
  std::vector<ColumnProblem> problems;
  set_defaults(event, context.request, problems);
  event[Column::etl_tstamp] = context.etl_tstamp;
  event[Column::v_etl] = v_etl_;
  set_columns(parameters, event, fields_);
  problems.insert(problems.end(), fields_.problems.begin(), fields_.problems.end());
  if (!problems.empty()) failures.input.failures.push_back(invalid_columns(by, problems));
  if (event[Column::event_id].empty()) event[Column::event_id] = context.new_id();
  std::string_view event_uri;
  if (fields_.event_json)
    event_uri = reader_.read_event(*fields_.event_json, by, event, failures.input);
  Identifiers ids;
  if (fields_.entities_json)
    ids = reader_.read_entities(*fields_.entities_json, by, event, failures.input);
  if (!resolver_.needs().empty()) return;  // it will be tried again
  if (event[Column::page_url].empty())
    set_clean(event[Column::page_url], context.request.payload.referer_uri.value_or(""));

  // 2: what follows from them. Failures are listed newest first.
  Draft draft{event, parameters, context.request.payload.headers, event_uri, by};
  enrichments_->apply(draft, memory_);
  if (draft.dropped) return;
  std::ranges::reverse(draft.failures);
  failures.enrichment = std::move(draft.failures);

  // 3: what enrichments changed and made, and lengths.
  Findings changed{.failures = {}, .superseded = std::move(failures.input.superseded)};
  if (draft.event_changed) {
    const std::string text = std::exchange(event[Column::unstruct_event], {});
    if (!text.empty()) reader_.read_event(text, by, event, changed);
  }
  if (draft.contexts_changed) {
    const std::string text = std::exchange(event[Column::contexts], {});
    ids = text.empty() ? Identifiers() : reader_.read_entities(text, by, event, changed);
  }
  failures.output = std::move(changed.failures);
  failures.input.superseded = std::move(changed.superseded);
  auto made = valid_entities(draft.entities, resolver_, entity_, by, failures.output);
  if (!resolver_.needs().empty()) return;  // a script may have brought others
  if (!settings_.accept_invalid) {
    if (const auto long_ones = too_long(event); !long_ones.empty())
      failures.output.push_back(invalid_columns(by, long_ones));
  }
  event[Column::derived_contexts] = failures.with_entities(std::move(made));

  std::string key = key_of(event, ids);
  if (enrichments_->pii) key = enrichments_->pii->key(std::move(key), draft.headers);
  if (failures.empty()) {
    add_good(event, std::move(key), context.now, outcome);
  } else {
    add_failed(context, parameters, event, std::move(key), failures, outcome);
  }
}

void Enricher::add_failed(const Context& context, const Parameters& parameters,
                          EnrichedEvent& event, std::string key, const Failures& failures,
                          Outcome& outcome) const {
  const bool in_enrichment = failures.input.failures.empty() && !failures.enrichment.empty();
  const auto row = in_enrichment ? bad_row::enrichment_failures : bad_row::schema_violations;
  const auto& phase = !failures.input.failures.empty() ? failures.input.failures
                      : in_enrichment                  ? failures.enrichment
                                                       : failures.output;
  add_bad(row(settings_.processor, context.now, context.origin, effective(parameters), event,
              messages(phase)),
          context.now, outcome);
  if (!settings_.incomplete) return;
  if (!settings_.accept_invalid) blank_long_columns(event);
  std::string tsv = event.tsv();
  if (tsv.size() <= settings_.record_bytes_max)
    outcome.incomplete.push_back({std::move(key), std::move(tsv)});
}

void Enricher::add_good(const EnrichedEvent& event, std::string key, Timestamp now,
                        Outcome& outcome) const {
  std::string tsv = event.tsv();
  if (tsv.size() <= settings_.record_bytes_max) {
    outcome.good.push_back({std::move(key), std::move(tsv)});
    return;
  }
  outcome.bad.push_back(too_large("Enriched event exceeds the maximum allowed size of", tsv, now));
}

void Enricher::add_bad(std::string row, Timestamp now, Outcome& outcome) const {
  if (row.size() > settings_.record_bytes_max) {
    row = too_large(
        "Event failed enrichment and resulting bad row exceeds the maximum allowed size of", row,
        now);
  }
  outcome.bad.push_back(std::move(row));
}

std::string Enricher::too_large(std::string_view what, std::string_view text, Timestamp now) const {
  const std::size_t bytes_max = settings_.record_bytes_max;
  return bad_row::size_violation(settings_.processor, now, bytes_max, utf16_units(text),
                                 fmt::format("{} {} bytes", what, bytes_max), text);
}

}  // namespace lvp::enrich
