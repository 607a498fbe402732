// Finds schemas: those of the program, and those that repositories bring over HTTP.
//
// Pure: it never waits and never asks by itself. find() answers from memory, and needs() says what
// must be asked for; whoever drives it asks, outside, and tries the record again:
//
//   resolver.begin_record(answers.size()); keep(every answer); output = enrich(record)
//   until needs() is empty: ask for each of them
//
// So a repository that cannot be reached holds records back and fails none of them. A schema that
// was found stays usable while its repository is away; cacheTtl only says when to look again.
//
// Order, as in Snowplow's resolver: the program's own schemas, the repositories that have a prefix
// of the vendor, the others; within those by priority, then as configured.
//
// Bounded by cacheSize (the least recently used go first, between records) and by lookups_max.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "iglu/lookup.h"
#include "iglu/registry.h"
#include "iglu/resolver_config.h"
#include "iglu/schema.h"

namespace lvp::iglu {

/// What a repository's server answered.
struct Fetched {
  int status = 0;
  std::string body;
};

/// Asks servers: an HTTP client that follows no redirects, with a limit on time and size.
class Fetch {
 public:
  virtual ~Fetch() = default;
  /// GET `url`, with the header "apikey" if there is one. Any error means that nobody answered.
  virtual Result<Fetched> get(std::string_view url, std::string_view apikey) = 0;
};

/// Keeps the texts of schemas that were found, over a restart.
class Archive {
 public:
  virtual ~Archive() = default;
  virtual Result<std::optional<std::string>> get(std::string_view uri) = 0;
  virtual Status put(std::string_view uri, std::string_view text) = 0;
};

/// A schema to check against.
struct Found {
  const Schema* schema;
  /// "1-0-1" if the schema is not the one asked for but the version that supersedes it; the caller
  /// writes the data under that version. Else empty.
  std::string_view superseded_by;
};

/// Why there is no schema.
struct Absence {
  enum class Why : std::uint8_t {
    needed,     ///< nobody was asked yet, see needs(): the record must be tried again
    not_found,  ///< every repository was asked and does not have it
    unusable,   ///< one has it, and it cannot be obeyed
  };
  Why why = Why::needed;
  LookupHistory history;  ///< not_found; empty if the URI is no schema key
  std::string issue;      ///< unusable: what is wrong with it
};

/// What repositories said to one question.
struct Answer {
  std::optional<std::string> text;  ///< the schema's
  std::string repository;           ///< that has it
  LookupHistory history;            ///< of those asked before, one error each
  bool is_archived = false;         ///< nobody was asked: it is what one of them said before
};

/// Error::invalid if `text` is no schema, cannot be obeyed, or says that it is another.
Result<Schema> compile_as(std::string_view uri, std::string_view text);

/// Asks the repositories, one after the other, until one has the schema.
Answer ask(const ResolverConfig& config, std::string_view uri, Fetch& fetch, Timestamp now);

class Resolver {
 public:
  Resolver(Registry embedded, ResolverConfig config);
  ~Resolver();
  Resolver(Resolver&&) noexcept;
  Resolver& operator=(Resolver&&) noexcept;

  const ResolverConfig& config() const { return config_; }

  /// Before each attempt at a record: forgets what was needed, and what is more than the cache may
  /// hold. `asked`: for how many schemas this record made us ask so far.
  void begin_record(std::size_t asked = 0);

  /// Found and its views are good until begin_record() or keep().
  std::expected<Found, Absence> find(std::string_view uri, Timestamp now);

  /// Whether find() has an answer and nobody must be asked.
  bool knows(std::string_view uri, Timestamp now) const;

  /// What find() could not answer in this record. What is kept is no longer needed.
  const std::vector<std::string>& needs() const { return needs_; }
  /// Schemas in use that are older than cacheTtl: to be asked for again at leisure.
  const std::vector<std::string>& due() const { return due_; }

  /// Keeps an answer. Error::unavailable if one who could have the schema could not be asked: ask
  /// again later. A schema that is known stays in use.
  Status keep(std::string_view uri, const Answer& answer, Timestamp now);

  std::size_t cached() const { return entries_.size(); }

  /// For one record so many schemas are looked up; further ones are not found.
  static constexpr std::size_t lookups_max = 256;

 private:
  /// What is known of one schema.
  struct Entry {
    enum class State : std::uint8_t { failing, found, not_found, unusable };
    State state = State::failing;
    std::optional<Schema> schema;  // found
    std::string issue;             // unusable
    LookupHistory history;         // not_found, failing
    Timestamp due = Timestamp::max();
    std::uint64_t loaded_in = 0;  // the record for which it was asked; for that it is fresh
    std::uint64_t used = 0;       // when last, in calls
    bool is_reported = false;     // in due()
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Entries = std::unordered_map<std::string, Entry, Hash, std::equal_to<>>;

  std::expected<Found, Absence> find_version(std::string_view uri, Timestamp now);
  std::expected<Found, Absence> look_up(std::string_view uri, Timestamp now);
  bool is_fresh(const Entry& entry, Timestamp now) const;
  bool is_known(const Entry& entry, Timestamp now) const;
  Absence need(std::string_view uri, Timestamp now);
  Entry& entry_for(std::string_view uri);
  void take(Entry& entry, std::string_view uri, std::string_view text);
  void evict();

  Registry embedded_;
  ResolverConfig config_;
  Entries entries_;
  std::vector<std::string> needs_;
  std::vector<std::string> due_;
  std::size_t lookups_ = 0;   // of this record
  std::uint64_t record_ = 1;  // its number
  std::uint64_t calls_ = 0;   // of find()
};

}  // namespace lvp::iglu
