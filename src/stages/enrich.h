// The enricher's shell: two lanes that share what is known of schemas.
//
//   raw ═▶ enrich ═▶ enriched, bad       with the schemas in memory; never waits
//             ╚═ later ═▶ resolve ═▶ enriched, bad      asks repositories for what is not
//                          ║   ▲
//                          ╚═ parked      what needs a repository that is away
//
// So a repository that is slow or away holds back the records that need it and no others, and none
// of them fails. In `later` each record has one try; if its schema cannot be asked for it goes to
// `parked`, and `resolve` asks for the schema again by a timetable until it has an answer, which
// begins a pass over `parked` (parked.h). What `resolve` found out is known to both lanes, and kept
// in an archive, so that a restart needs no network.
//
// The records of a device may overtake each other. The profile engine puts them in order,
// profile/device.h.
#pragma once

#include <memory>

#include "base/metrics.h"
#include "base/mutex.h"
#include "base/time.h"
#include "enrich/enrich.h"
#include "iglu/resolver.h"
#include "stages/stages.h"

namespace lvp::stages {

/// Where schemas come from, and what is configured: may be replaced while the stages run.
struct EnrichSources {
  iglu::Resolver resolver;
  std::shared_ptr<const enrich::Enrichments> enrichments;
};

/// The world of the slow lane. Used by its thread alone.
struct LookupPorts {
  iglu::Fetch& fetch;
  iglu::Archive& archive;
  const Clock& clock;
  Metrics& metrics;
};

/// Outlives its stages; both are made once.
class Lanes {
 public:
  Lanes(enrich::Settings settings, EnrichSources sources, LookupPorts ports);
  ~Lanes();

  /// `ports.later` is needed, `ports.incomplete` if Settings::incomplete.
  std::unique_ptr<Stage> enrich_stage(TransformPorts ports);
  /// `later` reads that stream and `parked` reads `parked_stream`; the output `later` of both
  /// writes the latter.
  std::unique_ptr<Stage> resolve_stage(TransformPorts later, stream::Stream& parked_stream,
                                       TransformPorts parked);

  /// From the next record on these hold. Thread-safe.
  void replace(EnrichSources sources);

 private:
  class Shared;
  class Lane;
  class Fast;
  class Slow;
  class ResolveStage;

  std::shared_ptr<Shared> current() const;

  const enrich::Settings settings_;
  const LookupPorts ports_;
  mutable Mutex mutex_;
  std::shared_ptr<Shared> shared_ GUARDED_BY(mutex_);
};

}  // namespace lvp::stages
