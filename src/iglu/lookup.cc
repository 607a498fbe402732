#include "iglu/lookup.h"

#include <algorithm>

#include "wire/json.h"

namespace lvp::iglu {
namespace {

constexpr std::size_t errors_max = 8;

std::string_view name_of(RepositoryError::Kind kind) {
  switch (kind) {
    case RepositoryError::Kind::not_found:
      return "NotFound";
    case RepositoryError::Kind::repo_failure:
      return "RepoFailure";
    case RepositoryError::Kind::client_failure:
      return "ClientFailure";
  }
  return "";
}

void write(json::Writer& out, const LookupHistory& history) {
  out.begin_array();
  for (const RepositoryLookup& lookup : history) {
    out.begin_object().key("errors").begin_array();
    for (const RepositoryError& error : lookup.errors) {
      out.begin_object().key("error").string(name_of(error.kind));
      if (error.kind != RepositoryError::Kind::not_found) out.key("message").string(error.message);
      out.end_object();
    }
    out.end_array().key("attempts").integer(lookup.attempts);
    out.key("lastAttempt").string(iso_text(lookup.last_attempt));
    out.key("repository").string(lookup.repository).end_object();
  }
  out.end_array();
}

}  // namespace

void add(LookupHistory& history, const LookupHistory& later) {
  for (const RepositoryLookup& lookup : later) {
    const auto place =
        std::ranges::lower_bound(history, lookup.repository, {}, &RepositoryLookup::repository);
    if (place == history.end() || place->repository != lookup.repository) {
      history.insert(place, lookup);
      continue;
    }
    for (const RepositoryError& error : lookup.errors) {
      const bool is_new = std::ranges::find(place->errors, error) == place->errors.end();
      if (is_new && place->errors.size() < errors_max) place->errors.push_back(error);
    }
    place->attempts += lookup.attempts;
    place->last_attempt = std::max(place->last_attempt, lookup.last_attempt);
  }
}

const RepositoryLookup* first_failure(const LookupHistory& history) {
  for (const RepositoryLookup& lookup : history) {
    for (const RepositoryError& error : lookup.errors)
      if (error.kind != RepositoryError::Kind::not_found) return &lookup;
  }
  return nullptr;
}

std::string lookup_history_json(const LookupHistory& history) {
  json::Writer out;
  write(out, history);
  return out.take();
}

std::string resolution_error(std::string_view schema_uri, const LookupHistory& history) {
  json::Writer out;
  out.begin_object().key("schemaKey").string(schema_uri).key("error").begin_object();
  write(out.key("error").string("ResolutionError").key("lookupHistory"), history);
  return out.end_object().end_object().take();
}

std::string schema_issue(std::string_view schema_uri, std::string_view issue) {
  json::Writer out;
  out.begin_object().key("schemaKey").string(schema_uri).key("error").begin_object();
  out.key("error").string("ValidationError").key("schemaIssues").begin_array().begin_object();
  out.key("path").string("$").key("message").string(issue);
  return out.end_object().end_array().end_object().end_object().take();
}

}  // namespace lvp::iglu
