// What can be wrong with an event, told in both forms that exist: the message in a bad row, and the
// `failure` entity (com.snowplowanalytics.snowplow/failure/1-0-0) in the event's derived_contexts.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "iglu/resolver.h"
#include "wire/bad_row.h"

namespace lvp::enrich {

struct Failure {
  std::string message;  ///< JSON object of the row's `messages`
  std::string entity;   ///< self-describing JSON
};

/// Who says so, and when.
struct Reporter {
  const bad_row::Processor& processor;
  Timestamp now;
};

/// A column that could not be made from its parameter, or is too long.
struct ColumnProblem {
  bad_row::Report report;
  std::string value;
};

// `source` is the part of the event: "unstruct" or "contexts". `json` and `data` are JSON texts.
Failure not_json(const Reporter& by, std::string_view source, std::string_view text,
                 std::string_view error);
Failure not_self_describing(const Reporter& by, std::string_view source, std::string_view json,
                            std::string_view code);
Failure wrong_schema(const Reporter& by, std::string_view source, std::string_view uri,
                     std::string_view criterion, std::string_view data);
Failure absent_schema(const Reporter& by, std::string_view source, std::string_view uri,
                      const iglu::Absence& absence, std::string_view data);
/// `superseded_by`: the version that the data was checked against, if it is not the URI's.
Failure invalid_data(const Reporter& by, std::string_view source, std::string_view uri,
                     std::span<const bad_row::Report> reports, std::string_view data,
                     std::string_view superseded_by = {});
Failure invalid_columns(const Reporter& by, std::span<const ColumnProblem> problems);

/// The message about a schema that is needed and absent.
std::string no_schema(std::string_view uri, const iglu::Absence& absence);

/// A derived value that cannot be made because of one input; `enrichment` if one is to make it.
Failure bad_input(const Reporter& by, std::string_view field, std::optional<std::string_view> value,
                  std::string_view expectation,
                  const std::optional<bad_row::Enrichment>& enrichment = std::nullopt);
/// The same without one input to blame.
Failure not_derivable(const Reporter& by, std::string_view error,
                      const std::optional<bad_row::Enrichment>& enrichment = std::nullopt);

}  // namespace lvp::enrich
