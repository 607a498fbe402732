// What the targets share that go through the whole enricher.
#pragma once

#include <string>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"
#include "enrich/enrich.h"
#include "wire/enriched_event.h"
#include "wire/json.h"

namespace lvp {

inline constexpr Timestamp fuzz_now{std::chrono::milliseconds(1'735'689'600'000)};

// What an enricher may make of a record, whatever is in it.
inline void check_outcome(const enrich::Outcome& outcome) {
  json::Parser parser;
  for (const std::string& row : outcome.bad) LVP_CHECK(parser.parse(row).has_value());
  for (const auto* events : {&outcome.good, &outcome.incomplete}) {
    for (const enrich::Good& event : *events) {
      LVP_CHECK(EnrichedView::parse(event.tsv).has_value());
      LVP_CHECK(is_utf8(event.tsv) && !event.key.empty());
      LVP_CHECK(event.tsv.find('\n') == std::string::npos);
    }
  }
  LVP_CHECK(outcome.schemas_needed.empty());
}

// Enriches a raw record, twice: the same must come of it.
inline enrich::Outcome enrich_for_fuzz(std::string_view record) {
  static iglu::Resolver resolver(*iglu::Registry::embedded(), {});
  static enrich::Enricher enricher(resolver, {.incomplete = true});
  const auto new_id = [] { return std::string("00000000-0000-4000-8000-000000000001"); };
  resolver.begin_record();
  enrich::Outcome outcome = enricher.enrich(record, fuzz_now, new_id);
  check_outcome(outcome);
  resolver.begin_record();
  const enrich::Outcome again = enricher.enrich(record, fuzz_now, new_id);
  LVP_CHECK(again.bad == outcome.bad && again.good.size() == outcome.good.size());
  return outcome;
}

}  // namespace lvp
