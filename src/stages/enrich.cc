#include "stages/enrich.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "enrich/record_ids.h"
#include "stages/parked.h"
#include "stages/patient_fetch.h"

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;

constexpr Duration ask_again_after = 2s;  ///< for a schema that could not be asked for
// Of these so many are remembered; records that need others wait for a pass that comes anyhow.
constexpr std::size_t awaited_max = 1000;
constexpr std::size_t asked_max = 16;  ///< of them, in one step

void move_to(std::vector<stream::Entry>& to, std::vector<enrich::Good>& events) {
  for (enrich::Good& event : events) to.push_back({std::move(event.key), std::move(event.tsv)});
}

Transformed put_aside(const stream::Record& record) {
  Transformed made;
  made.later.push_back({std::string(record.key), std::string(record.value)});
  return made;
}

bool is_failure(const iglu::Answer& answer) {
  return !answer.text && iglu::first_failure(answer.history) != nullptr;
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
    enrich::RecordIds ids(record.value);
    return enricher_->enrich(record.value, lanes_.ports_.clock.now(), [&] { return ids.next(); });
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
    return put_aside(record);
  }
};

class Lanes::Slow : public Lane {
 public:
  explicit Slow(const Lanes& lanes)
      : Lane(lanes),
        fetch_(lanes.ports_.fetch, lanes.ports_.clock),
        found_(lookups("found")),
        not_found_(lookups("not_found")),
        failed_(lookups("failed")),
        archived_(lookups("archived")),
        cached_(
            lanes.ports_.metrics.gauge("lvp_enrich_schemas", "Schemas of repositories in memory")),
        waited_for_(lanes.ports_.metrics.gauge(
            "lvp_enrich_schemas_awaited", "Schemas that events wait for, for want of an answer")) {}

  Result<Transformed> take(const stream::Record& record) {
    Shared& known = shared();
    Answers answers;
    while (true) {
      enrich::Outcome outcome = attempt(known, record, answers);
      if (outcome.schemas_needed.empty()) return transformed(std::move(outcome), record.key);
      for (const std::string& uri : outcome.schemas_needed) {
        if (awaited_.contains(uri)) return put_aside(record);
        LVP_TRY(iglu::Answer answer, look_up(known, uri, /*may_be_archived=*/true));
        if (is_failure(answer)) {
          await(known, uri, answer);
          return put_aside(record);
        }
        answers.insert_or_assign(uri, std::move(answer));
      }
    }
  }

  /// Asks for what is due. Says whether records that wait may be done now.
  Result<bool> look_around() {
    Shared& known = shared();
    LVP_DO(refresh(known));
    LVP_TRY(const bool answered, ask_for_awaited(known));
    if (&known == last_) return answered;
    // With other sources everything may be otherwise.
    last_ = &known;
    awaited_.clear();
    tell_awaited();
    return true;
  }

 private:
  using Answers = std::map<std::string, iglu::Answer>;

  Counter& lookups(const std::string& result) {
    return lanes_.ports_.metrics.counter("lvp_enrich_lookups_total", "Schemas looked up",
                                         {{"result", result}});
  }

  // No answer is a failure.
  enrich::Outcome attempt(Shared& known, const stream::Record& record, const Answers& answers) {
    const Timestamp now = lanes_.ports_.clock.now();
    MutexLock lock(known.mutex);
    known.resolver.begin_record(answers.size());
    for (const auto& [uri, answer] : answers) {
      if (!known.resolver.knows(uri, now)) LVP_CHECK(known.resolver.keep(uri, answer, now));
    }
    cached_.set(static_cast<double>(known.resolver.cached()));
    return enrich(record);
  }

  // One schema that is in use and old. What is wrong is no matter: it stays.
  Status refresh(Shared& known) {
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

  // ---- Schemas that could not be asked for ----

  Result<bool> ask_for_awaited(Shared& known) {
    bool answered = false;
    for (std::size_t left = std::min(awaited_.size(), asked_max); left > 0; --left) {
      auto next = awaited_.upper_bound(last_asked_);  // all in turn
      if (next == awaited_.end()) next = awaited_.begin();
      last_asked_ = next->first;
      if (lanes_.ports_.clock.now() - next->second < ask_again_after) continue;
      LVP_TRY(const iglu::Answer answer, look_up(known, last_asked_, /*may_be_archived=*/true));
      if (is_failure(answer)) {
        await(known, last_asked_, answer);
        continue;
      }
      LVP_CHECK(keep(known, last_asked_, answer));
      awaited_.erase(next);
      tell_awaited();
      answered = true;
      if (awaited_.empty()) log::info("resolve: all schemas could be asked for");
    }
    return answered;
  }

  void await(Shared& known, const std::string& uri, const iglu::Answer& answer) {
    const Status kept = keep(known, uri, answer);
    if (awaited_.empty()) log::warn("resolve: {}; what needs it waits", kept.error().what);
    if (awaited_.contains(uri) || awaited_.size() < awaited_max)
      awaited_.insert_or_assign(uri, lanes_.ports_.clock.now());
    tell_awaited();
  }

  Status keep(Shared& known, const std::string& uri, const iglu::Answer& answer) {
    MutexLock lock(known.mutex);
    return known.resolver.keep(uri, answer, lanes_.ports_.clock.now());
  }

  void tell_awaited() { waited_for_.set(static_cast<double>(awaited_.size())); }

  // ---- Asking ----

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
    iglu::Answer answer = iglu::ask(config, uri, fetch_, ports.clock.now());
    const bool is_usable = answer.text && iglu::compile_as(uri, *answer.text);
    if (is_kept && is_usable) LVP_DO(ports.archive.put(uri, *answer.text));
    count(answer);
    return answer;
  }

  void count(const iglu::Answer& answer) {
    if (answer.text) return found_.add();
    (is_failure(answer) ? failed_ : not_found_).add();
  }

  PatientFetch fetch_;
  Counter& found_;
  Counter& not_found_;
  Counter& failed_;
  Counter& archived_;
  Gauge& cached_;
  Gauge& waited_for_;
  const Shared* last_ = nullptr;
  std::map<std::string, Timestamp> awaited_;  ///< when each was asked for last
  std::string last_asked_;
};

// The slow lane: new records, those that wait, and between them schemas that are due.
class Lanes::ResolveStage : public Stage {
 public:
  ResolveStage(std::shared_ptr<Slow> lane, std::unique_ptr<Stage> records, Parked parked)
      : lane_(std::move(lane)), records_(std::move(records)), parked_(std::move(parked)) {}

  std::string_view name() const override { return records_->name(); }

  Result<std::size_t> step(Duration wait) override {
    LVP_TRY(const bool news, lane_->look_around());
    if (news) parked_.news();
    LVP_TRY(const std::size_t tried, parked_.step());
    LVP_TRY(const std::size_t done, records_->step(tried > 0 ? Duration::zero() : wait));
    return tried + done;
  }

 private:
  std::shared_ptr<Slow> lane_;
  std::unique_ptr<Stage> records_;
  Parked parked_;
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

std::unique_ptr<Stage> Lanes::resolve_stage(TransformPorts later, stream::Stream& parked_stream,
                                            TransformPorts parked) {
  const auto lane = std::make_shared<Slow>(*this);
  const Transform take = [lane](const stream::Record& record) { return lane->take(record); };
  return std::make_unique<ResolveStage>(lane,
                                        make_transform_stage("resolve", std::move(later), take),
                                        Parked("resolve", parked_stream, std::move(parked), take));
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
