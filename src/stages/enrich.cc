#include "stages/enrich.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/uuid.h"

namespace lvp::stages {
namespace {

void move_to(std::vector<stream::Entry>& to, std::vector<enrich::Good>& events) {
  for (enrich::Good& event : events) to.push_back({std::move(event.key), std::move(event.tsv)});
}

Transformed transformed(enrich::Outcome outcome, std::string_view key) {
  Transformed made;
  move_to(made.good, outcome.good);
  move_to(made.incomplete, outcome.incomplete);
  for (std::string& row : outcome.bad) made.bad.push_back({std::string(key), std::move(row)});
  return made;
}

}  // namespace

// What both lanes know. A lane holds the lock for one attempt at one record, never while it waits.
class Lanes::Shared {
 public:
  explicit Shared(EnrichSources sources)
      : enrichments(std::move(sources.enrichments)), resolver(std::move(sources.resolver)) {}

  const std::shared_ptr<const enrich::Enrichments> enrichments;
  Mutex mutex;
  iglu::Resolver resolver GUARDED_BY(mutex);
};

// An enricher on what is known now.
class Lanes::Lane {
 public:
  explicit Lane(const Lanes& lanes) : lanes_(lanes) {}

 protected:
  // What holds for the next record.
  Shared& shared() {
    std::shared_ptr<Shared> current = lanes_.current();
    if (current != shared_) {
      MutexLock lock(current->mutex);
      enricher_.emplace(current->resolver, lanes_.settings_, current->enrichments);
      shared_ = std::move(current);  // the enricher before it is gone
    }
    return *shared_;
  }

  enrich::Outcome enrich(const stream::Record& record) {
    return enricher_->enrich(record.value, lanes_.ports_.clock.now(), random_uuid);
  }

  const Lanes& lanes_;

 private:
  std::shared_ptr<Shared> shared_;
  std::optional<enrich::Enricher> enricher_;
};

class Lanes::Fast : public Lane {
 public:
  using Lane::Lane;

  Transformed take(const stream::Record& record) {
    Shared& known = shared();
    enrich::Outcome outcome;
    {
      MutexLock lock(known.mutex);
      known.resolver.begin_record();
      outcome = enrich(record);
    }
    if (outcome.schemas_needed.empty()) return transformed(std::move(outcome), record.key);
    Transformed made;
    made.later.push_back({std::string(record.key), std::string(record.value)});
    return made;
  }
};

class Lanes::Slow : public Lane {
 public:
  explicit Slow(const Lanes& lanes)
      : Lane(lanes),
        found_(lookups("found")),
        not_found_(lookups("not_found")),
        failed_(lookups("failed")),
        archived_(lookups("archived")),
        cached_(lanes.ports_.metrics.gauge("lvp_enrich_schemas",
                                           "Schemas of repositories in memory")) {}

  Result<Transformed> take(const stream::Record& record) {
    Shared& known = shared();
    Answers answers;
    while (true) {
      LVP_TRY(enrich::Outcome outcome, attempt(known, record, answers));
      if (outcome.schemas_needed.empty()) return transformed(std::move(outcome), record.key);
      for (const std::string& uri : outcome.schemas_needed) {
        LVP_TRY(iglu::Answer answer, look_up(known, uri, /*may_be_archived=*/true));
        answers.insert_or_assign(uri, std::move(answer));
      }
    }
  }

  /// Asks again for one schema that is in use and old. What is wrong is no matter: it stays.
  Status refresh() {
    Shared& known = shared();
    std::string uri;
    {
      MutexLock lock(known.mutex);
      if (known.resolver.due().empty()) return {};
      uri = known.resolver.due().front();
    }
    LVP_TRY(const iglu::Answer answer, look_up(known, uri, /*may_be_archived=*/false));
    MutexLock lock(known.mutex);
    if (const Status kept = known.resolver.keep(uri, answer, lanes_.ports_.clock.now()); !kept)
      log::debug("resolve: {}; the one that is known stays", kept.error().what);
    return {};
  }

 private:
  using Answers = std::map<std::string, iglu::Answer>;

  Counter& lookups(const std::string& result) {
    return lanes_.ports_.metrics.counter("lvp_enrich_lookups_total", "Schemas looked up",
                                         {{"result", result}});
  }

  Result<enrich::Outcome> attempt(Shared& known, const stream::Record& record,
                                  const Answers& answers) {
    const Timestamp now = lanes_.ports_.clock.now();
    MutexLock lock(known.mutex);
    known.resolver.begin_record(answers.size());
    Status all;
    for (const auto& [uri, answer] : answers) {
      if (known.resolver.knows(uri, now)) continue;
      if (Status kept = known.resolver.keep(uri, answer, now); !kept) all = std::move(kept);
    }
    LVP_DO(all);
    cached_.set(static_cast<double>(known.resolver.cached()));
    return enrich(record);
  }

  Result<iglu::Answer> look_up(Shared& known, const std::string& uri, bool may_be_archived) {
    const auto config = [&] {
      MutexLock lock(known.mutex);
      return known.resolver.config();
    }();
    const LookupPorts& ports = lanes_.ports_;
    const bool is_kept = config.cache_ttl != Duration(0);
    if (is_kept && may_be_archived) {
      LVP_TRY(std::optional<std::string> text, ports.archive.get(uri));
      if (text && iglu::compile_as(uri, *text)) {
        archived_.add();
        return iglu::Answer{std::move(text), "archive", {}, /*is_archived=*/true};
      }
    }
    iglu::Answer answer = iglu::ask(config, uri, ports.fetch, ports.clock.now());
    const bool is_usable = answer.text && iglu::compile_as(uri, *answer.text);
    if (is_kept && is_usable) LVP_DO(ports.archive.put(uri, *answer.text));
    count(answer);
    return answer;
  }

  void count(const iglu::Answer& answer) {
    if (answer.text) return found_.add();
    (iglu::first_failure(answer.history) != nullptr ? failed_ : not_found_).add();
  }

  Counter& found_;
  Counter& not_found_;
  Counter& failed_;
  Counter& archived_;
  Gauge& cached_;
};

// The slow lane: its records, and between them schemas that have become old.
class Lanes::ResolveStage : public Stage {
 public:
  ResolveStage(std::shared_ptr<Slow> lane, std::unique_ptr<Stage> records)
      : lane_(std::move(lane)), records_(std::move(records)) {}

  std::string_view name() const override { return records_->name(); }

  Result<std::size_t> step(Duration wait) override {
    LVP_DO(lane_->refresh());
    return records_->step(wait);
  }

 private:
  std::shared_ptr<Slow> lane_;
  std::unique_ptr<Stage> records_;
};

Lanes::Lanes(enrich::Settings settings, EnrichSources sources, LookupPorts ports)
    : settings_(std::move(settings)),
      ports_(ports),
      shared_(std::make_shared<Shared>(std::move(sources))) {}
Lanes::~Lanes() = default;

std::unique_ptr<Stage> Lanes::enrich_stage(TransformPorts ports) {
  return make_transform_stage("enrich", std::move(ports),
                              [lane = std::make_shared<Fast>(*this)](const stream::Record& record) {
                                return lane->take(record);
                              });
}

std::unique_ptr<Stage> Lanes::resolve_stage(TransformPorts ports) {
  auto lane = std::make_shared<Slow>(*this);
  return std::make_unique<ResolveStage>(
      lane, make_transform_stage("resolve", std::move(ports), [lane](const stream::Record& record) {
        return lane->take(record);
      }));
}

void Lanes::replace(EnrichSources sources) {
  auto next = std::make_shared<Shared>(std::move(sources));
  MutexLock lock(mutex_);
  shared_ = std::move(next);
}

std::shared_ptr<Lanes::Shared> Lanes::current() const {
  MutexLock lock(mutex_);
  return shared_;
}

}  // namespace lvp::stages
