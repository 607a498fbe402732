// An event in the making: what enrichments see of it, and what they add.
#pragma once

#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "enrich/failure.h"
#include "enrich/parameters.h"
#include "wire/enriched_event.h"

namespace lvp::enrich {

/// Self-describing JSON made by an enrichment, for derived_contexts. Not yet checked.
struct Entity {
  std::string uri;
  std::string data;  ///< compact JSON
};

struct Draft {
  EnrichedEvent& event;
  const Parameters& parameters;          ///< as the tracker sent them
  std::span<const std::string> headers;  ///< of the request, "Name: value" lines
  std::string_view event_uri;            ///< of the valid self-describing event, or ""
  Reporter by;
  std::vector<Entity> entities{};   ///< those of the latest enrichment first
  std::vector<Failure> failures{};  ///< in the order in which they happened

  // By scripts.
  bool dropped = false;           ///< nothing shall become of it, not even a bad row
  bool event_changed = false;     ///< the column `unstruct_event` is to be checked again
  bool contexts_changed = false;  ///< the same of `contexts`

  void add(std::vector<Entity> made) {
    entities.insert(entities.begin(), std::make_move_iterator(made.begin()),
                    std::make_move_iterator(made.end()));
  }
};

}  // namespace lvp::enrich
