// lvp schema check FILE: what is wrong with a schema. lvp schema check URI: who has it, and what is
// wrong with it.
#include <fmt/core.h>

#include "app/commands.h"
#include "app/enrich_files.h"
#include "app/options.h"
#include "app/schema_lookup.h"
#include "iglu/lint.h"

namespace lvp::app {
namespace {

// Prints each finding; fails if there is one.
int report(std::string_view what, std::string_view text, std::string_view uri) {
  const auto findings = iglu::lint(text, uri);
  for (const std::string& finding : findings) fmt::print("{}: {}\n", what, finding);
  if (!findings.empty()) return failed;
  const auto schema = iglu::Schema::compile(text);
  fmt::print("{}: is well{}\n", what,
             schema && schema->self() ? ", " + schema->self()->uri() : std::string());
  return done;
}

void print_history(std::string_view uri, const iglu::LookupHistory& history) {
  for (const iglu::RepositoryLookup& lookup : history) {
    for (const iglu::RepositoryError& error : lookup.errors) {
      const bool is_not_found = error.kind == iglu::RepositoryError::Kind::not_found;
      fmt::print("{}: {}: {}\n", uri, lookup.repository,
                 is_not_found ? std::string_view("does not have it") : error.message);
    }
  }
}

Result<int> check_uri(const std::string& uri, const std::string& resolver_file,
                      const std::string& ca_file) {
  if (const auto key = parse_schema_key(uri); !key)
    return invalid(fmt::format("{}: {}", uri, code_text(key.error())));
  LVP_TRY(const auto registry, iglu::Registry::embedded());
  if (registry.find(uri) != nullptr) {
    fmt::print("{}: is part of the program\n", uri);
    return done;
  }
  LVP_TRY(const auto config, read_resolver_file(resolver_file));
  HttpFetch fetch(ca_file);
  const iglu::Answer answer = iglu::ask(config, uri, fetch, system_clock().now());
  print_history(uri, answer.history);
  if (!answer.text) return failed;
  fmt::print("{}: {}: has it\n", uri, answer.repository);
  return report(uri, *answer.text, uri);
}

Result<int> check(const std::string& what, const std::string& resolver_file,
                  const std::string& ca_file) {
  if (what.starts_with("iglu:")) return check_uri(what, resolver_file, ca_file);
  LVP_TRY(const std::string text, read_text(what));
  return report(what, text, {});
}

}  // namespace

int schema(const std::vector<std::string>& arguments) {
  Options options(
      "schema",
      "`schema check FILE` says what is wrong with a schema, `schema check URI` who has "
      "it: the program, or which repository.");
  std::string action;
  std::string what;
  std::string resolver;
  options.required("action", action, "check");
  options.required("what", what, "a file, or iglu:vendor/name/jsonschema/1-0-0");
  options.option("--resolver", resolver, "the resolver's file (enrich.resolver)");
  options.configuration();
  if (const auto end = options.parse(arguments)) return *end;
  if (action != "check")
    return complain({Error::Code::invalid, fmt::format("schema {}: must be check", action)});
  const auto config = options.config();
  if (!config) return complain(config.error());
  const auto checked = check(what, resolver.empty() ? config->enrich.resolver : resolver,
                             config->enrich.resolver_ca);
  return checked ? *checked : complain(checked.error());
}

}  // namespace lvp::app
