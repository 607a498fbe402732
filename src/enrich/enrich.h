// One record of the `raw` stream → enriched events and bad rows: the enricher's heart.
//
//   record → payloads (container.h, most records are one) → request (tracker_request.h)
//          → events (tracker_protocol.h), and for each event:
//     1. parameters → columns, self-describing event and entities validated
//     2. what follows from the columns, and what is configured (enrichments.h)
//     3. what enrichments made is validated, and the lengths of the columns
//
// All three are always done; the bad row names the failures of the first phase that has any. Rules,
// and where they differ from Snowplow Enrich on purpose: docs/compatibility-enrich.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/compressed.h"
#include "base/time.h"
#include "base/uuid.h"
#include "enrich/atomic_fields.h"
#include "enrich/enrichments.h"
#include "enrich/parameters.h"
#include "enrich/self_describing_events.h"
#include "enrich/tracker_request.h"
#include "iglu/resolver.h"
#include "wire/bad_row.h"
#include "wire/enriched_event.h"
#include "wire/json.h"

namespace lvp::enrich {

struct Settings {
  /// Named in bad rows; v_etl is "<artifact>-<version>".
  bad_row::Processor processor{"lvp-enrich", "0.1.0"};
  /// Let events pass whose columns are longer than their limits.
  bool accept_invalid = false;
  /// Give failed events as well, without what is wrong with them (Outcome::incomplete).
  bool incomplete = false;
  /// Largest enriched event and bad row, in bytes; what is larger becomes a size_violation.
  std::size_t record_bytes_max = 1'000'000;
  /// Largest request in a compressed record, in bytes.
  std::size_t payload_bytes_max = 10'000'000;
};

/// An enriched event and the key under which the stream keeps the order of its device.
struct Good {
  std::string key;  ///< wire/identity.h's device_key, or the event_id if there is none
  std::string tsv;
};

struct Outcome {
  std::vector<Good> good;        ///< in the order they had in the record
  std::vector<std::string> bad;  ///< JSON bad rows
  /// Events of which there is a bad row, too: their invalid columns, event and entities are left
  /// out, and derived_contexts begins with `failure` entities. Those larger than a record are not
  /// given. Empty unless Settings::incomplete.
  std::vector<Good> incomplete{};
  /// Schemas without which nothing above is final: drop this outcome, have the resolver keep them,
  /// and enrich the record again.
  std::vector<std::string> schemas_needed{};
};

/// Not thread-safe: one for each thread. Keeps its parsers' memory from record to record.
class Enricher {
 public:
  /// `resolver` must outlive the enricher and is used by enrich() alone, while it runs.
  /// `enrichments` may be shared by enrichers of several threads.
  Enricher(iglu::Resolver& resolver, Settings settings,
           std::shared_ptr<const Enrichments> enrichments = std::make_shared<const Enrichments>());

  /// Never fails: what is wrong is a bad row. Call the resolver's begin_record() before. `now`
  /// becomes etl_tstamp; `new_id` is asked for an event_id where the tracker gave none.
  Outcome enrich(std::string_view raw_record, Timestamp now, const NewUuid& new_id);

 private:
  struct Context;
  struct Failures;

  void enrich_container(Compression compression, std::string_view record, Timestamp now,
                        const NewUuid& new_id, Outcome& outcome);
  void enrich_payload(std::string_view payload, Timestamp now, const NewUuid& new_id,
                      Outcome& outcome);
  void enrich_event(const Context& context, const Parameters& parameters, Outcome& outcome);
  void add_failed(const Context& context, const Parameters& parameters, EnrichedEvent& event,
                  std::string key, const Failures& failures, Outcome& outcome) const;
  void add_good(const EnrichedEvent& event, std::string key, Timestamp now, Outcome& outcome) const;
  void add_bad(std::string row, Timestamp now, Outcome& outcome) const;
  std::string too_large(std::string_view what, std::string_view text, Timestamp now) const;

  iglu::Resolver& resolver_;
  Settings settings_;
  std::shared_ptr<const Enrichments> enrichments_;
  std::string v_etl_;
  json::Parser body_;
  json::Parser entity_;
  SelfDescribingReader reader_;
  Memory memory_;
  TrackerRequest request_;  // the one in hand, and so the others
  EnrichedEvent event_;
  AtomicFields fields_;
};

}  // namespace lvp::enrich
