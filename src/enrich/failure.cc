#include "enrich/failure.h"

#include <fmt/format.h>

#include <array>
#include <vector>

#include "iglu/lookup.h"
#include "wire/json.h"

namespace lvp::enrich {
namespace {

using json::Writer;

constexpr std::string_view failure_uri =
    "iglu:com.snowplowanalytics.snowplow/failure/jsonschema/1-0-0";
constexpr std::string_view atomic_uri =
    "iglu:com.snowplowanalytics.snowplow/atomic/jsonschema/1-0-0";

struct CodeText {
  std::string_view code;
  std::string_view text;
};
constexpr std::array<CodeText, 3> code_texts{{{"INVALID_IGLUURI", "Invalid Iglu URI"},
                                              {"INVALID_SCHEMAVER", "Invalid schema version"},
                                              {"INVALID_DATA_PAYLOAD", "Invalid data payload"}}};

std::string_view words_for(std::string_view code) {
  for (const CodeText& row : code_texts) {
    if (row.code == code) return row.text;
  }
  return code;
}

// `errors` is a JSON array, `data` any JSON.
std::string entity(const Reporter& by, std::string_view type, std::string_view errors,
                   std::optional<std::string_view> schema, std::string_view data) {
  Writer out;
  out.begin_object().key("schema").string(failure_uri).key("data").begin_object();
  out.key("failureType").string(type).key("errors").raw(errors).key("schema");
  schema ? out.string(*schema) : out.null();
  out.key("data").raw(data).key("timestamp").string(iso_text(by.now));
  out.key("componentName").string(by.processor.artifact);
  out.key("componentVersion").string(by.processor.version);
  return out.end_object().end_object().take();
}

std::string member(std::string_view name, std::optional<std::string_view> value) {
  Writer out;
  out.begin_object().key(name);
  value ? out.string(*value) : out.null();
  return out.end_object().take();
}

// [{"message":…,"source":…}]
std::string one_error(std::string_view message, std::string_view source) {
  Writer out;
  out.begin_array().begin_object().key("message").string(message);
  return out.key("source").string(source).end_object().end_array().take();
}

std::string report_errors(std::span<const bad_row::Report> reports, std::string_view source) {
  Writer out;
  out.begin_array();
  for (const bad_row::Report& report : reports) {
    out.begin_object().key("message").string(report.message).key("source").string(source);
    out.key("path").string(report.path).key("keyword").string(report.keyword);
    out.key("targets").begin_array();
    for (const std::string& target : report.targets) out.string(target);
    out.end_array().end_object();
  }
  return out.end_array().take();
}

}  // namespace

Failure not_json(const Reporter& by, std::string_view source, std::string_view text,
                 std::string_view error) {
  const std::string message = fmt::format("invalid json: {}", error);
  return {bad_row::not_json(source, text, message),
          entity(by, "NotJSON", one_error(message, source), std::nullopt, member(source, text))};
}

Failure not_self_describing(const Reporter& by, std::string_view source, std::string_view json,
                            std::string_view code) {
  return {bad_row::not_iglu(json, code),
          entity(by, "NotIglu", one_error(words_for(code), source), std::nullopt, json)};
}

Failure wrong_schema(const Reporter& by, std::string_view source, std::string_view uri,
                     std::string_view criterion, std::string_view data) {
  Writer errors;
  errors.begin_array().begin_object().key("message").string(
      fmt::format("Unexpected schema: {} does not match the criterion", uri));
  errors.key("source").string(source).key("criterion").string(criterion);
  errors.end_object().end_array();
  return {bad_row::criterion_mismatch(uri, criterion),
          entity(by, "CriterionMismatch", errors.text(), uri, data)};
}

std::string no_schema(std::string_view uri, const iglu::Absence& absence) {
  return absence.why == iglu::Absence::Why::unusable ? iglu::schema_issue(uri, absence.issue)
                                                     : iglu::resolution_error(uri, absence.history);
}

Failure absent_schema(const Reporter& by, std::string_view source, std::string_view uri,
                      const iglu::Absence& absence, std::string_view data) {
  if (absence.why == iglu::Absence::Why::needed) return {};  // the record will be tried again
  const bool is_unusable = absence.why == iglu::Absence::Why::unusable;
  Writer errors;
  errors.begin_array().begin_object().key("message").string(
      is_unusable ? fmt::format("Invalid schema: {} - {}", uri, absence.issue)
                  : fmt::format("Resolution error: schema {} not found", uri));
  errors.key("source").string(source);
  if (is_unusable) {
    errors.key("path").string("$");
  } else {
    errors.key("lookupHistory").raw(iglu::lookup_history_json(absence.history));
  }
  errors.end_object().end_array();
  return {no_schema(uri, absence), entity(by, is_unusable ? "ValidationError" : "ResolutionError",
                                          errors.text(), uri, data)};
}

Failure invalid_data(const Reporter& by, std::string_view source, std::string_view uri,
                     std::span<const bad_row::Report> reports, std::string_view data,
                     std::string_view superseded_by) {
  std::string message = bad_row::validation_error(uri, reports);
  if (!superseded_by.empty()) {  // the last member of the inner object
    message.insert(message.size() - std::string_view("}}").size(),
                   fmt::format(R"(,"supersededBy":"{}")", superseded_by));
  }
  return {std::move(message),
          entity(by, "ValidationError", report_errors(reports, source), uri, data)};
}

Failure invalid_columns(const Reporter& by, std::span<const ColumnProblem> problems) {
  std::vector<bad_row::Report> reports;
  Writer values;
  values.begin_object();
  for (const ColumnProblem& problem : problems) {
    reports.push_back(problem.report);
    values.key(problem.report.path).string(problem.value);
  }
  return invalid_data(by, "atomic_field", atomic_uri, reports, values.end_object().text());
}

Failure bad_input(const Reporter& by, std::string_view field, std::optional<std::string_view> value,
                  std::string_view expectation,
                  const std::optional<bad_row::Enrichment>& enrichment) {
  const bad_row::Enrichment about = enrichment.value_or(bad_row::Enrichment{});
  return {
      bad_row::enrichment_message(bad_row::input_data(field, value, expectation), enrichment),
      entity(by, fmt::format("EnrichmentError: {}", about.identifier),
             one_error(fmt::format("{} - {}", field, expectation), field),
             enrichment ? std::optional(about.schema_uri) : std::nullopt, member(field, value))};
}

Failure not_derivable(const Reporter& by, std::string_view error,
                      const std::optional<bad_row::Enrichment>& enrichment) {
  const bad_row::Enrichment about = enrichment.value_or(bad_row::Enrichment{});
  Writer errors;
  errors.begin_array().begin_object().key("message").string(error).end_object().end_array();
  return {bad_row::enrichment_message(bad_row::payload_error(error), enrichment),
          entity(by, fmt::format("EnrichmentError: {}", about.identifier), errors.text(),
                 enrichment ? std::optional(about.schema_uri) : std::nullopt, "null")};
}

}  // namespace lvp::enrich
