// The stages of the pipeline, in its order, and the ports through which each one meets the world.
//
//   collect ═ raw ═▶ enrich ═ enriched ═▶ bridge ═ media ═▶ profile ═ updates ═▶ serve
//
// Read collect.cc, transform.cc, profile.cc and serve.cc in this order: that is the pipeline.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "base/unit_of_work.h"
#include "base/uuid.h"
#include "collect/collect.h"
#include "net/server.h"
#include "profile/device.h"
#include "stages/stage.h"
#include "store/store.h"
#include "stream/stream.h"
#include "wire/bad_row.h"

namespace lvp::stages {

// ---- collect: HTTP → raw, bad ----

struct CollectPorts {
  stream::Writer& raw;
  stream::Writer& bad;
  NewUnitOfWork new_unit;
  const Clock& clock;
  Metrics& metrics;
  Progress& progress;
};

/// How many requests with events one address may send; more are answered 429.
struct Rate {
  double per_second = 0;          ///< on average
  double burst = 1;               ///< at once
  bool by_forwarded_for = false;  ///< the address is the first of X-Forwarded-For
};

struct CollectSettings {
  collect::Settings rules;
  /// Records that wait for the disk or are being written; over it: 503 with Retry-After.
  std::size_t queue_bytes_max = 64 << 20;
  Duration commit_wait = std::chrono::seconds(2);  ///< a commit that takes longer: the disk is ill
  Duration refusal_wait{};  ///< how long a 503 or 429 to an event is held back
  std::optional<Rate> rate;
};

/// Answers trackers (as the Handler of an HTTP server) and makes what they sent durable (as a
/// Stage): one sync for all that arrived since the last.
class CollectStage : public Stage, public net::Handler {
 public:
  /// For ServerOptions::on_error: completes and counts what the server answers by itself.
  virtual void refused_by_server(const http::Request& request, http::Response& response) = 0;
  /// Whether events are taken: the last commit succeeded and none takes too long. Thread-safe.
  virtual bool healthy() const = 0;
};

std::unique_ptr<CollectStage> make_collect_stage(CollectPorts ports, CollectSettings settings);

// ---- transform: input → function → outputs; this is enrich, resolve, and bridge ----

/// What became of one record.
struct Transformed {
  std::vector<stream::Entry> good;
  std::vector<stream::Entry> bad;
  std::vector<stream::Entry> later;       ///< for another stage, which may take its time
  std::vector<stream::Entry> incomplete;  ///< what could be made of what is bad
};
/// An error ends the batch before the record; if it was the first the step fails with it.
using Transform = std::function<Result<Transformed>(const stream::Record& record)>;

struct TransformPorts {
  stream::Reader& in;
  stream::Writer& out;
  stream::Writer& bad;
  stream::Writer* later = nullptr;       ///< needed if the transform gives any
  stream::Writer* incomplete = nullptr;  ///< the same
  NewUnitOfWork new_unit;
  bad_row::Processor processor;  ///< who refuses what no stream takes
  const Clock& clock;
  Metrics& metrics;
  Progress& progress;
};

std::unique_ptr<Stage> make_transform_stage(std::string name, TransformPorts ports,
                                            Transform transform);

// ---- profile: media → updates, bad; owns the state ----

enum class Mode { mapped, exact };  ///< which machine makes the accelerator's statuses

struct ProfilePorts {
  stream::Reader& media;
  stream::Writer& updates;
  stream::Writer& bad;
  store::Store& store;
  NewUnitOfWork new_unit;
  const Clock& clock;
  std::vector<const Progress*> upstream;  ///< stages whose lag means that silence proves nothing
  Progress& progress;
};

struct ProfileSettings {
  Mode mode = Mode::mapped;
  std::string partition;  ///< of `media`, if it is to fold that one alone
  profile::Limits limits;
  std::size_t memory_bytes_max = std::size_t{1} << 30;  ///< of devices and timers
  /// A viewer of whom there is no news is told, and stored, so long after the last time: the first
  /// while the stage keeps up, the second at the latest (devices.h).
  Duration told_after = std::chrono::seconds(0);
  Duration told_after_max = std::chrono::seconds(30);
  /// After a start nobody is declared gone for this long: trackers must first get through again.
  Duration settle = std::chrono::seconds(60);
};

/// Reads the stored devices to know their deadlines: may take seconds with many.
Result<std::unique_ptr<Stage>> make_profile_stage(ProfilePorts ports, ProfileSettings settings);

// ---- serve: updates → board → dashboard, API, WebSockets ----

struct ServePorts {
  stream::Reader* updates;  ///< none: no board, only health, metrics and streams
  store::Store& store;
  NewUnitOfWork new_unit;
  const Clock& clock;
  Metrics& metrics;
  std::vector<std::pair<std::string, stream::Stream*>> streams;  ///< for `lvp tail`
  std::vector<std::pair<std::string, const Progress*>> stages;   ///< for /readyz
  std::function<bool()> collector_healthy;                       ///< the same
  std::function<void()> renew_metrics;  ///< called before each scrape; may overlap
  /// Passes on that a viewer shall be forgotten; empty: the store's tables are those of the profile
  /// stage, which looks there.
  std::function<Status(const std::string& viewer, Timestamp at)> ask_to_forget = {};
  /// What is served where there is nothing else: the dashboard's files.
  std::function<http::Response(const http::Request&)> files;
  Progress& progress;
};

struct ServeSettings {
  Mode mode = Mode::mapped;
  std::string token;          ///< asked for by API and WebSockets if not empty
  std::string collector_url;  ///< told to the dashboard
  std::string player_url;
  /// The profile stage is elsewhere: board and store, which is empty and this stage's own, are
  /// filled from `updates`, which is read from its beginning. Not ready before that is done.
  bool mirrors = false;
  std::size_t snapshot_viewers_max = 10'000;  ///< sent to a dashboard that connects
  std::size_t subscribers_max = 1'000;
};

/// Without updates there is nothing to step through.
class ServeStage : public Stage, public net::Handler {};

/// Unless it mirrors it reads the stored devices to fill the board: may take seconds with many.
Result<std::unique_ptr<ServeStage>> make_serve_stage(ServePorts ports, ServeSettings settings);

}  // namespace lvp::stages
