// Who was asked for a schema and what they said, and how bad rows say it.
//
//   history := [{"errors":[error…],"attempts":n,"lastAttempt":instant,"repository":text}…]
//   error   := {"error":"NotFound"} | {"error":"RepoFailure"|"ClientFailure","message":text}
//
// The format is Snowplow's: docs/formats/bad_row.md#messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace lvp::iglu {

struct RepositoryError {
  enum class Kind : std::uint8_t {
    not_found,       ///< it does not have the schema
    repo_failure,    ///< it answered that it is in trouble
    client_failure,  ///< it cannot be reached, or what it answers makes no sense
  };
  Kind kind = Kind::not_found;
  std::string message;  ///< empty for not_found

  bool operator==(const RepositoryError&) const = default;
};

/// What one repository said.
struct RepositoryLookup {
  std::string repository;
  std::vector<RepositoryError> errors;  ///< each once, at most eight
  int attempts = 0;
  Timestamp last_attempt;

  bool operator==(const RepositoryLookup&) const = default;
};

/// By the repositories' names.
using LookupHistory = std::vector<RepositoryLookup>;

/// Adds what was said later.
void add(LookupHistory& history, const LookupHistory& later);

/// The first who could not be asked, or nullptr if every one said that it does not have it.
const RepositoryLookup* first_failure(const LookupHistory& history);

std::string lookup_history_json(const LookupHistory& history);

/// Messages of bad rows: {"schemaKey":…,"error":{"error":"ResolutionError","lookupHistory":…}}, and
/// {"schemaKey":…,"error":{"error":"ValidationError","schemaIssues":[{"path":"$","message":…}]}}.
std::string resolution_error(std::string_view schema_uri, const LookupHistory& history);
std::string schema_issue(std::string_view schema_uri, std::string_view issue);

}  // namespace lvp::iglu
