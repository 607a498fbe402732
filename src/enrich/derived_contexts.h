// The derived_contexts column: failures and what enrichments made, as one list of entities.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "enrich/draft.h"
#include "iglu/resolver.h"
#include "wire/json.h"

namespace lvp::enrich {

/// Those that obey their schemas, as self-describing JSON; adds a failure for each other.
std::vector<std::string> valid_entities(std::span<const Entity> entities, iglu::Resolver& resolver,
                                        json::Parser& parser, const Reporter& by,
                                        std::vector<Failure>& failures);

/// The column's text; "" for no entity.
std::string derived_contexts(std::span<const std::string> entities);

}  // namespace lvp::enrich
