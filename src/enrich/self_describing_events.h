// The self-describing event and the entities of one tracker event: read, validated and put into
// their columns without what is wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "enrich/failure.h"
#include "enrich/self_describing_json.h"
#include "iglu/resolver.h"
#include "wire/enriched_event.h"
#include "wire/identity.h"
#include "wire/json_document.h"

namespace lvp::enrich {

/// What is to be told of an event beside its columns.
struct Findings {
  std::vector<Failure> failures;
  /// Entities of validation_info, each once: data whose schema is superseded was checked, and is
  /// written, under the later version.
  std::vector<std::string> superseded;
};

/// Not thread-safe; keeps its parsers' memory. `resolver` must outlive it.
class SelfDescribingReader {
 public:
  explicit SelfDescribingReader(iglu::Resolver& resolver) : resolver_(resolver) {}

  /// `text` is an unstruct_event. Sets the column; gives the schema key of the event inside, which
  /// views this reader until the next call, or "" after adding to what is found what is wrong.
  std::string_view read_event(std::string_view text, const Reporter& by, EnrichedEvent& event,
                              Findings& findings);

  /// `text` is a list of entities (contexts). Each is on its own: the valid ones become the column,
  /// one failure is added for each other. Gives the identifiers found in valid entities
  /// (client_session, web_page, media session), views like above.
  Identifiers read_entities(std::string_view text, const Reporter& by, EnrichedEvent& event,
                            Findings& findings);

 private:
  iglu::Resolver& resolver_;
  json::Document event_;
  std::string later_uri_;  // of the event, if its schema is superseded
  json::Document entities_;
};

}  // namespace lvp::enrich
