#include "iglu/resolver.h"

#include <fmt/format.h>

#include <algorithm>

namespace lvp::iglu {
namespace {

using Why = Absence::Why;
using Kind = RepositoryError::Kind;
using namespace std::chrono_literals;

// How long what was not found, or cannot be used, is not asked for again. At most cacheTtl.
constexpr Duration absence_kept = 10min;
// How long after a repository failed a schema that is known is asked for again.
constexpr Duration retry_after = 1min;
// Of a server's answer in a message.
constexpr std::size_t answer_bytes_max = 200;

bool has_prefix(const Repository& repository, std::string_view vendor) {
  return std::ranges::any_of(repository.vendor_prefixes,
                             [&](const std::string& prefix) { return vendor.starts_with(prefix); });
}

// In the order in which they are asked; `repositories` are sorted by priority.
std::vector<const Repository*> in_order(const std::vector<Repository>& repositories,
                                        std::string_view vendor) {
  std::vector<const Repository*> result;
  for (const bool preferred : {true, false}) {
    for (const Repository& repository : repositories)
      if (has_prefix(repository, vendor) == preferred) result.push_back(&repository);
  }
  return result;
}

// What is wrong with an answer, or nothing if it is a schema.
std::optional<RepositoryError> error_of(const Result<Fetched>& fetched) {
  if (!fetched) return RepositoryError{Kind::client_failure, fetched.error().what};
  const std::string_view body = fetched->body;
  if (fetched->status == 404) return RepositoryError{Kind::not_found, ""};
  if (fetched->status >= 500) {
    return RepositoryError{Kind::repo_failure, fmt::format("Unexpected server response: {}",
                                                           body.substr(0, answer_bytes_max))};
  }
  if (fetched->status != 200) {
    return RepositoryError{Kind::client_failure,
                           fmt::format("Unexpected response code: {}", fetched->status)};
  }
  const std::size_t start = body.find_first_not_of(" \t\r\n");
  if (start == body.npos || body[start] != '{')
    return RepositoryError{Kind::client_failure, "the answer is no JSON object"};
  return std::nullopt;
}

// That the program itself does not have the schema, and why nobody else was asked, if anything.
Absence not_here(const ResolverConfig& config, RepositoryError error, Timestamp now) {
  return {Why::not_found, {{config.embedded_name, {std::move(error)}, 1, now}}, {}};
}

bool may_be_asked_for(const SchemaKey& key) {
  const bool is_path = key.vendor.find_first_not_of('.') == std::string::npos;  // "..": a way up
  return key.format == "jsonschema" && !is_path;
}

}  // namespace

Result<Schema> compile_as(std::string_view uri, std::string_view text) {
  auto schema = Schema::compile(text);
  if (schema && schema->self() && schema->self()->uri() != uri)
    return invalid(fmt::format("self says that it is {}", schema->self()->uri()));
  return schema;
}

Answer ask(const ResolverConfig& config, std::string_view uri, Fetch& fetch, Timestamp now) {
  Answer answer;
  answer.history = not_here(config, {}, now).history;
  const auto key = parse_schema_key(uri);
  if (!key || !may_be_asked_for(*key)) return answer;
  for (const Repository* repository : in_order(config.repositories, key->vendor)) {
    auto fetched =
        fetch.get(fmt::format("{}/schemas/{}", repository->uri, key->path()), repository->apikey);
    const auto error = error_of(fetched);
    if (!error) {
      answer.text = std::move(fetched->body);
      answer.repository = repository->name;
      return answer;
    }
    add(answer.history, {{repository->name, {*error}, 1, now}});
  }
  return answer;
}

Resolver::Resolver(Registry embedded, ResolverConfig config)
    : embedded_(std::move(embedded)), config_(std::move(config)) {}
Resolver::~Resolver() = default;
Resolver::Resolver(Resolver&&) noexcept = default;
Resolver& Resolver::operator=(Resolver&&) noexcept = default;

std::expected<Found, Absence> Resolver::find(std::string_view uri, Timestamp now) {
  const auto found = find_version(uri, now);
  if (!found || found->schema->superseded_by().empty()) return found;
  const std::string& version = found->schema->superseded_by();
  const std::string newer = fmt::format("{}/{}", uri.substr(0, uri.rfind('/')), version);
  auto superseding = find_version(newer, now);
  if (superseding) superseding->superseded_by = version;
  return superseding;
}

std::expected<Found, Absence> Resolver::find_version(std::string_view uri, Timestamp now) {
  if (const Schema* schema = embedded_.find(uri)) return Found{schema, {}};
  const auto place = entries_.find(uri);
  if (place == entries_.end()) return look_up(uri, now);
  Entry& entry = place->second;
  entry.used = ++calls_;
  if (entry.state == Entry::State::found) {
    if (!is_fresh(entry, now) && !entry.is_reported) {
      due_.emplace_back(uri);
      entry.is_reported = true;
    }
    return Found{&*entry.schema, {}};
  }
  if (!is_known(entry, now)) return std::unexpected(need(uri, now));
  if (entry.state == Entry::State::unusable)
    return std::unexpected(Absence{Why::unusable, {}, entry.issue});
  return std::unexpected(Absence{Why::not_found, entry.history, {}});
}

bool Resolver::is_fresh(const Entry& entry, Timestamp now) const {
  return now < entry.due || entry.loaded_in == record_;
}

bool Resolver::is_known(const Entry& entry, Timestamp now) const {
  return entry.state == Entry::State::found ||
         (entry.state != Entry::State::failing && is_fresh(entry, now));
}

bool Resolver::knows(std::string_view uri, Timestamp now) const {
  const auto entry = entries_.find(uri);
  return embedded_.find(uri) != nullptr ||
         (entry != entries_.end() && is_known(entry->second, now));
}

std::expected<Found, Absence> Resolver::look_up(std::string_view uri, Timestamp now) {
  const auto key = parse_schema_key(uri);
  if (!key) return std::unexpected(Absence{Why::not_found, {}, {}});
  if (config_.repositories.empty() || !may_be_asked_for(*key))
    return std::unexpected(not_here(config_, {}, now));
  return std::unexpected(need(uri, now));
}

Absence Resolver::need(std::string_view uri, Timestamp now) {
  if (std::ranges::find(needs_, uri) != needs_.end()) return {};
  if (lookups_ == lookups_max) {
    return not_here(
        config_,
        {Kind::client_failure, fmt::format("more than {} schemas to look up", lookups_max)}, now);
  }
  ++lookups_;
  needs_.emplace_back(uri);
  return {};
}

Status Resolver::keep(std::string_view uri, const Answer& answer, Timestamp now) {
  std::erase(needs_, uri);
  std::erase(due_, uri);
  Entry& entry = entry_for(uri);
  entry.is_reported = false;
  entry.loaded_in = record_;
  const Duration absence = std::min(absence_kept, config_.cache_ttl.value_or(absence_kept));
  if (answer.text) {
    take(entry, uri, *answer.text);
    if (entry.state == Entry::State::unusable) {
      entry.issue = fmt::format("{}: {}", answer.repository, entry.issue);
      entry.due = now + absence;
    } else {
      entry.due = answer.is_archived  ? now  // it may be old
                  : config_.cache_ttl ? now + *config_.cache_ttl
                                      : Timestamp::max();
    }
    return {};
  }
  entry.due = now + retry_after;
  if (entry.state != Entry::State::failing) entry.history.clear();  // it is asked anew
  add(entry.history, answer.history);
  if (const RepositoryLookup* failure = first_failure(answer.history)) {
    if (entry.state != Entry::State::found) entry.state = Entry::State::failing;
    return unavailable(fmt::format("schema {}: {}: {}", uri, failure->repository,
                                   failure->errors.front().message));
  }
  if (entry.state == Entry::State::found) return {};  // schemas do not change: it stays
  entry.state = Entry::State::not_found;
  entry.due = now + absence;
  return {};
}

Resolver::Entry& Resolver::entry_for(std::string_view uri) {
  Entry& entry = entries_.try_emplace(std::string(uri)).first->second;
  entry.used = ++calls_;
  return entry;
}

void Resolver::take(Entry& entry, std::string_view uri, std::string_view text) {
  auto schema = compile_as(uri, text);
  entry.history.clear();
  if (schema) {
    entry.schema = std::move(*schema);
    entry.state = Entry::State::found;
  } else if (entry.state != Entry::State::found) {  // what worked stays
    entry.issue = schema.error().what;
    entry.state = Entry::State::unusable;
  }
}

void Resolver::begin_record(std::size_t asked) {
  ++record_;
  lookups_ = asked;
  needs_.clear();
  if (config_.cache_ttl == Duration(0)) {
    entries_.clear();
    due_.clear();
  } else if (entries_.size() > config_.cache_size) {
    evict();
  }
}

void Resolver::evict() {
  std::vector<Entries::iterator> all;
  for (auto at = entries_.begin(); at != entries_.end(); ++at) all.push_back(at);
  const auto kept = all.begin() + static_cast<std::ptrdiff_t>(config_.cache_size);
  std::ranges::nth_element(all, kept, std::greater(),
                           [](const auto& at) { return at->second.used; });
  for (auto at = kept; at != all.end(); ++at) {
    if ((*at)->second.is_reported) std::erase(due_, (*at)->first);
    entries_.erase(*at);
  }
}

}  // namespace lvp::iglu
