#include "app/wiring.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <span>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "app/bridging.h"
#include "app/collector_meter.h"
#include "app/engines.h"
#include "app/enrich_files.h"
#include "app/player_page.h"
#include "app/schema_lookup.h"
#include "app/servers.h"
#include "base/backoff.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/thread_name.h"
#include "bridge/bridge.h"
#include "net/files.h"
#include "net/server.h"
#include "stages/enrich.h"
#include "stages/partitions.h"
#include "stages/sink.h"
#include "stages/sink_items.h"
#include "stages/stages.h"
#include "stages/standby.h"
#include "stages/upstream.h"
#include "store/rocks.h"
#include "stream/kafka.h"
#include "stream/kinesis.h"
#include "wire/bad_row.h"
#include "wire/forget_request.h"

namespace lvp::embedded {
extern const std::span<const File> web_dashboard;
extern const std::span<const File> web_player;
}  // namespace lvp::embedded

namespace lvp::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration trim_every = 10s;
constexpr std::uint64_t probed_max = 64;     ///< records of which it is asked whether any is left
constexpr Duration drain_wait = 5s;          ///< for answers to requests that were taken
constexpr Duration page_drain_wait = 200ms;  ///< pages ask again by themselves

const bad_row::Processor enrich_processor{"lvp-enrich", LVP_VERSION};
const bad_row::Processor bridge_processor{"lvp-bridge", LVP_VERSION};

stages::Mode mode_of(const Config& config) {
  return config.profile.mode == "exact" ? stages::Mode::exact : stages::Mode::mapped;
}

std::string url(std::string_view address, std::uint16_t port, bool uses_tls = false) {
  const bool any = address == "0.0.0.0" || address == "::";
  const bool v6 = !any && address.find(':') != std::string_view::npos;
  return fmt::format("{}://{}{}{}:{}", uses_tls ? "https" : "http", v6 ? "[" : "",
                     any ? "127.0.0.1" : address, v6 ? "]" : "", port);
}

// ---- Pure rooms as transforms ----

enrich::Settings enrich_settings(const Config& config) {
  enrich::Settings settings;
  settings.processor = enrich_processor;
  settings.incomplete = config.enrich.incomplete;
  return settings;
}

stages::Transform make_bridge(const Config& config, const Clock& clock) {
  const auto bridge = std::make_shared<bridge::Bridge>(config.bridge.select == "accelerator"
                                                           ? bridge::Selection::accelerator
                                                           : bridge::Selection::all_media);
  return [bridge, &clock](const stream::Record& record) {
    stages::Transformed made;
    auto media = bridge->map(record.value);
    if (!media) {
      made.bad.push_back(
          {std::string(record.key), bad_row::generic_error(bridge_processor, clock.now(),
                                                           media.error().what, record.value)});
    } else if (*media) {
      made.good.push_back({std::move((*media)->key), std::move((*media)->value)});
    }
    return made;
  };
}

// ---- Stages elsewhere ----

// How far the group has read the topic. Its end may be marks of transactions, which nobody is
// given: so near to it, the topic is asked whether there is anything left.
Result<stages::ReadingPlace> place_of(stream::KafkaStream& topic, const std::string& group) {
  stages::ReadingPlace place;
  LVP_TRY(const auto lags, topic.lag(group));
  for (const stream::KafkaLag& lag : lags) {
    place.end += lag.end;
    place.read += lag.next;
    if (lag.next >= lag.end || lag.end - lag.next > probed_max) continue;
    LVP_TRY(const stream::Batch left,
            topic.read(lag.partition, stream::offset_before(lag.next), 1));
    if (left.records.empty() && left.caught_up) place.read += lag.end - lag.next;
  }
  return place;
}

// The same in milliseconds. Members tell of themselves with their beats alone: what is usual then
// is no lag.
Result<stages::ReadingPlace> place_of(stream::KinesisStream& stream, const std::string& group,
                                      Duration usual) {
  LVP_TRY(const Duration lag, stream.lag(group));
  const auto end = static_cast<std::uint64_t>(to_ms(system_clock().now()));
  const auto late = static_cast<std::uint64_t>(std::max(lag - usual, Duration::zero()).count());
  return stages::ReadingPlace{end - std::min(late, end), end};
}

class Wiring final : public Pipeline {
 public:
  Wiring(const Config& config, const Roles& roles, std::function<void(const Error&)> on_failure)
      : config_(config), roles_(roles), on_failure_(std::move(on_failure)) {}

  ~Wiring() override {
    // From the outside to the inside: what was answered "ok" is committed before its stage stops.
    if (collector_) collector_->stop(drain_wait);
    for (net::Server* server : {player_.get(), private_.get()}) {
      if (server != nullptr) server->stop(page_drain_wait);
    }
    fetch_.stop();
    for (std::jthread& thread : threads_) thread.request_stop();
    threads_.clear();
    // To leave a group takes a moment each.
    std::vector<std::jthread> leaving;
    for (Folding& folding : foldings_) {
      leaving.emplace_back([&folding] {
        folding.stage.reset();
        folding.media.reset();
      });
    }
  }

  Status start() {
    LVP_DO(check_roles(roles_, config_));
    LVP_TRY(engines_, Engines::open(config_, clock_));
    if (roles_.collect) LVP_DO(make_collect());
    if (roles_.enrich) LVP_DO(make_enrich_stages());
    if (roles_.bridge) LVP_DO(make_bridges());
    if (roles_.profile) LVP_DO(make_profile());
    if (roles_.sink) LVP_DO(make_sink());
    LVP_DO(listen());
    return {};
  }

  const Addresses& addresses() const override { return addresses_; }

  Status reload() override {
    std::optional<stages::EnrichSources> sources;
    if (lanes_) {
      LVP_TRY(sources, read_enrich_files(config_));
    }
    if (collector_ && !config_.collector.tls_certificate.empty()) LVP_DO(collector_->reload_tls());
    if (sources) lanes_->replace(std::move(*sources));
    return {};
  }

 private:
  // ---- Stages, in the order of the pipeline ----

  Status make_collect() {
    LVP_TRY(const Pipe* raw, engines_->pipe("raw"));
    LVP_TRY(const Pipe* bad, engines_->pipe("bad"));
    LVP_TRY(auto settings, collect_stage_settings(config_));
    collect_ = stages::make_collect_stage({*raw->writer, *bad->writer, engines_->units({raw, bad}),
                                           clock_, metrics_, collect_progress_},
                                          std::move(settings));
    return {};
  }

  Status make_enrich_stages() {
    LVP_TRY(const Pipe* raw, engines_->pipe("raw"));
    LVP_TRY(const Pipe* later, engines_->pipe("later"));
    LVP_TRY(const Pipe* parked, engines_->pipe("parked"));
    LVP_TRY(const Pipe* enriched, engines_->pipe("enriched"));
    LVP_TRY(const Pipe* bad, engines_->pipe("bad"));
    const Pipe* incomplete = nullptr;
    if (config_.enrich.incomplete) {
      LVP_TRY(incomplete, engines_->pipe("incomplete"));
    }
    LVP_TRY(raw_reader_, engines_->reader(*raw, "enrich"));
    LVP_TRY(later_reader_, engines_->reader(*later, "resolve"));
    LVP_TRY(parked_reader_, engines_->reader(*parked, "resolve-parked"));

    LVP_TRY(auto sources, read_enrich_files(config_));
    LVP_TRY(archive_, TableArchive::open(engines_->store(), engines_->local_units()));
    lanes_.emplace(enrich_settings(config_), std::move(sources),
                   stages::LookupPorts{fetch_, *archive_, clock_, metrics_});
    const auto ports = [&](const Pipe* from, stream::Reader& in, const Pipe* aside,
                           stages::Progress& progress) {
      return stages::TransformPorts{
          .in = in,
          .out = *enriched->writer,
          .bad = *bad->writer,
          .later = aside->writer.get(),
          .incomplete = incomplete == nullptr ? nullptr : incomplete->writer.get(),
          .new_unit = engines_->units({from, enriched, bad, aside, incomplete}),
          .processor = enrich_processor,
          .clock = clock_,
          .metrics = metrics_,
          .progress = progress};
    };
    enrich_ = lanes_->enrich_stage(ports(raw, *raw_reader_, later, enrich_progress_));
    resolve_ = lanes_->resolve_stage(ports(later, *later_reader_, parked, resolve_progress_),
                                     *parked->stream,
                                     ports(parked, *parked_reader_, parked, resolve_progress_));
    return {};
  }

  Status make_bridges() {
    if (config_.bridge.config.empty()) {
      LVP_TRY(const Pipe* enriched, engines_->pipe("enriched"));
      LVP_TRY(const Pipe* media, engines_->pipe("media"));
      LVP_TRY(const Pipe* bad, engines_->pipe("bad"));
      LVP_TRY(enriched_reader_, engines_->reader(*enriched, "bridge"));
      bridge_ = stages::make_transform_stage("bridge",
                                             {.in = *enriched_reader_,
                                              .out = *media->writer,
                                              .bad = *bad->writer,
                                              .new_unit = engines_->units({enriched, media, bad}),
                                              .processor = bridge_processor,
                                              .clock = clock_,
                                              .metrics = metrics_,
                                              .progress = bridge_progress_},
                                             make_bridge(config_, clock_));
    } else {
      LVP_TRY(bridging_, bridging("bridge", "bridge", config_.bridge.config, BridgeRole::media,
                                  bridge_progress_));
    }
    for (const auto& [name, file] : config_.bridge.forward) {
      Forward& forward = forwards_[name];
      LVP_TRY(forward.bridging, bridging("forward " + name, "forward-" + name, file,
                                         BridgeRole::forward, forward.progress));
    }
    return {};
  }

  // What streams the file names is not known before it is read, so the unit is one for all.
  Result<Bridging> bridging(const std::string& name, const std::string& group,
                            const std::string& file, BridgeRole role, stages::Progress& progress) {
    LVP_TRY(const Pipe* enriched, engines_->pipe("enriched"));
    LVP_TRY(const Pipe* media, engines_->pipe("media"));
    LVP_TRY(const Pipe* bad, engines_->pipe("bad"));
    return make_bridging(
        {name, group, file, role, config_.bridge.workers},
        {[this](const std::string& stream,
                const std::string& its_group) -> Result<std::unique_ptr<stream::Reader>> {
           LVP_TRY(const Pipe* pipe, engines_->pipe(stream));
           return engines_->reader(*pipe, its_group);
         },
         [this](const std::string& stream) -> Result<stream::Writer*> {
           LVP_TRY(const Pipe* pipe, engines_->pipe(stream));
           return pipe->writer.get();
         },
         engines_->units({enriched, media, bad}), clock_, metrics_, progress});
  }

  Status make_profile() {
    LVP_TRY(const Pipe* media, engines_->pipe("media"));
    LVP_TRY(const Pipe* updates, engines_->pipe("updates"));
    LVP_TRY(const Pipe* bad, engines_->pipe("bad"));
    LVP_TRY(const auto upstream, watch_upstream());

    stages::ProfileSettings settings;
    settings.mode = mode_of(config_);
    settings.memory_bytes_max = config_.profile.memory_bytes_max;
    settings.settle = config_.profile.settle;
    if (media->kafka == nullptr) {
      Folding& folding = foldings_.emplace_back();
      LVP_TRY(folding.media, media->stream->reader("profile"));
      LVP_TRY(folding.stage,
              stages::make_profile_stage(
                  {*folding.media, *updates->writer, *bad->writer, engines_->store(),
                   engines_->units({media, updates, bad}), clock_, upstream, folding.progress},
                  settings));
      return {};
    }
    LVP_TRY(const Pipe* state, engines_->pipe("state"));
    copies_ = std::make_unique<stages::Copies>(
        [this](const std::string& partition) { return empty_copy(partition); }, clock_);
    if (config_.profile.standby) {
      LVP_TRY(standby_reader_, state->stream->follower());
      standby_ = stages::make_standby_stage(
          {*standby_reader_, *state->stream, *copies_, clock_, standby_progress_, is_warm_});
    }
    // A step waits for the brokers most of the time: others go on meanwhile.
    for (std::uint16_t i = 0; i < config_.profile.threads; ++i) {
      Folding& folding = foldings_.emplace_back();
      LVP_TRY(folding.media, media->stream->reader("profile"));
      folding.stage = stages::make_partitions_stage(
          {*folding.media, *updates->writer, *bad->writer, *state->stream, *copies_,
           [state](const std::string& partition) { return state->kafka->writer_to(partition); },
           [this, media](const std::string& partition) {
             return engines_->kafka()->unit_for(*media->kafka, "profile", partition);
           },
           clock_, metrics_, upstream, folding.progress, standby_ ? &is_warm_ : nullptr},
          settings, media->kafka->partitions());
    }
    return {};
  }

  // How far an earlier process had got is not known, so what it left goes.
  Result<stages::Copy> empty_copy(const std::string& partition) {
    const std::string space = "profile/" + partition;
    LVP_DO(store::clear_rocks_store(engines_->db(), space));
    return stages::Copy{store::make_rocks_store(engines_->db(), space), engines_->local_units()};
  }

  Status make_sink() {
    LVP_TRY(const Pipe* updates, engines_->pipe("updates"));
    LVP_TRY(const Pipe* bad, engines_->pipe("bad"));
    LVP_TRY(sink_reader_, updates->stream->reader("sink"));
    if (!config_.sink.events.empty()) {
      LVP_TRY(events_, engines_->external_table(stages::events_shape(config_.sink.events)));
    }
    if (!config_.sink.profiles.empty()) {
      LVP_TRY(profiles_, engines_->external_table(stages::profiles_shape(config_.sink.profiles)));
    }
    stages::SinkSettings settings;
    settings.mode = mode_of(config_);
    settings.create = config_.sink.create;
    settings.version = LVP_VERSION;
    sink_ = stages::make_sink_stage({.updates = *sink_reader_,
                                     .bad = *bad->writer,
                                     .events = events_.get(),
                                     .profiles = profiles_.get(),
                                     .new_unit = engines_->units({updates, bad}),
                                     .clock = clock_,
                                     .metrics = metrics_,
                                     .progress = sink_progress_},
                                    settings);
    return {};
  }

  // Stages before profile: those of this process tell by themselves. `resolve` is not one of them:
  // events that wait for a repository are late by nature, possibly by days, and profiles take them
  // as such. To hold the clock for the few who sent them would keep everybody who left on the
  // board.
  Result<std::vector<const stages::Progress*>> watch_upstream() {
    std::vector<const stages::Progress*> upstream;
    std::vector<stages::Watched> elsewhere;
    if (roles_.collect) upstream.push_back(&collect_progress_);
    const struct {
      bool is_here;
      const stages::Progress& progress;
      const char* stage;
      const char* reads;
    } befores[] = {{roles_.enrich, enrich_progress_, "enrich", "raw"},
                   {roles_.bridge, bridge_progress_, "bridge", "enriched"}};
    for (const auto& before : befores) {
      // Of a shared stream even a stage that is here reads a part only.
      LVP_TRY(const StreamUrl url, engines_->url(before.reads));
      if (url.engine == StreamEngine::kafka) {
        LVP_TRY(const Pipe* pipe, engines_->pipe(before.reads));
        elsewhere.push_back(
            {before.stage, [topic = pipe->kafka, group = std::string(before.stage)] {
               return place_of(*topic, group);
             }});
      } else if (url.engine == StreamEngine::kinesis) {
        LVP_TRY(const Pipe* pipe, engines_->pipe(before.reads));
        const Duration usual =
            config_.kinesis.lease_wait / 3 + config_.kinesis.get_every + std::chrono::seconds(1);
        elsewhere.push_back({.name = before.stage,
                             .place = [stream = pipe->kinesis, group = std::string(before.stage),
                                       usual] { return place_of(*stream, group, usual); },
                             .is_time = true});
      } else if (before.is_here) {
        upstream.push_back(&before.progress);
      } else {
        log::info(
            "profile: how far {} is cannot be seen; viewers may be declared gone while it "
            "lags",
            before.stage);
      }
    }
    if (elsewhere.empty()) return upstream;
    upstream.push_back(&upstream_progress_);
    upstream_ =
        stages::make_upstream_stage(std::move(elsewhere), clock_, metrics_, upstream_progress_);
    return upstream;
  }

  // ---- Running ----

  Status listen() {
    collect_progress_.caught_up = true;  // nothing was taken yet
    run(collect_.get(), collect_progress_);
    run(enrich_.get(), enrich_progress_);
    run(resolve_.get(), resolve_progress_);
    run(bridge_ != nullptr ? bridge_.get() : bridging_.stage.get(), bridge_progress_);
    for (auto& [name, forward] : forwards_) run_aside(*forward.bridging.stage, forward.progress);
    run(upstream_.get(), upstream_progress_);
    run(standby_.get(), standby_progress_);
    for (Folding& folding : foldings_) run(folding.stage.get(), folding.progress);
    if (sink_) run_aside(*sink_, sink_progress_);

    if (collect_) {
      const bool uses_tls = !config_.collector.tls_certificate.empty();
      LVP_TRY(collector_, net::Server::start(collector_options(config_, *collect_), *collect_));
      addresses_.collector = url(config_.collector.address, collector_->port(), uses_tls);
    }
    if (shows_player()) {
      page_ = std::make_unique<PlayerPage>(embedded::web_player, config_.player.collector_url,
                                           collector_ ? collector_->port() : 0, private_port_);
      LVP_TRY(player_, net::Server::start(player_options(config_), *page_));
      addresses_.player = url(config_.player.address, player_->port());
    }
    LVP_DO(serve());
    threads_.emplace_back([this](const std::stop_token& stop) { trim(stop); });
    return {};
  }

  // The page goes with the dashboard, and must know a collector.
  bool shows_player() const {
    return config_.player.enabled && roles_.serve &&
           (collector_ || !config_.player.collector_url.empty());
  }

  // The private port, which every process has; the board behind it only if this one serves.
  Status serve() {
    stages::ServeSettings settings;
    settings.mode = mode_of(config_);
    settings.token = config_.private_api.token;
    settings.collector_url = addresses_.collector;
    settings.player_url = addresses_.player;
    LVP_TRY(Board board, roles_.serve ? make_board(settings) : Result<Board>(Board{}));
    stages::ServePorts ports{
        .updates = updates_reader_.get(),
        .store = board.store != nullptr ? *board.store : engines_->store(),
        .new_unit = std::move(board.new_unit),
        .clock = clock_,
        .metrics = metrics_,
        .streams = engines_->streams(),
        .stages = running_,
        .collector_healthy = [this] { return !collect_ || collect_->healthy(); },
        .renew_metrics =
            [this, meter = std::make_shared<CollectorMeter>(metrics_)] {
              if (collector_) meter->read(collector_->stats());
            },
        .ask_to_forget = std::move(board.ask_to_forget),
        .files = [this](const http::Request& request) { return dashboard_.serve(request); },
        .progress = serve_progress_};
    LVP_TRY(serve_, stages::make_serve_stage(std::move(ports), settings));
    if (roles_.serve) start_thread(*serve_, serve_progress_);
    LVP_TRY(private_, net::Server::start(private_options(config_), *serve_));
    private_port_ = private_->port();
    addresses_.private_api = url(config_.private_api.address, private_->port());
    return {};
  }

  struct Board {
    store::Store* store = nullptr;
    NewUnitOfWork new_unit = [] { return std::make_unique<UnitOfWork>(); };
    std::function<Status(const std::string&, Timestamp)> ask_to_forget = {};
  };

  // Where other processes fold profiles, too, all there is to know is in `updates`.
  Result<Board> make_board(stages::ServeSettings& settings) {
    LVP_TRY(const Pipe* updates, engines_->pipe("updates"));
    running_.emplace_back("serve", &serve_progress_);
    if (updates->kafka == nullptr) {
      LVP_TRY(updates_reader_, updates->stream->reader("serve"));
      return Board{&engines_->store(), engines_->units({updates})};
    }
    const std::string space = "serve";
    LVP_DO(store::clear_rocks_store(engines_->db(), space));
    mirror_ = store::make_rocks_store(engines_->db(), space);
    settings.mirrors = true;
    LVP_TRY(updates_reader_, updates->stream->follower());
    LVP_DO(engines_->open_shared());  // to look into them
    LVP_TRY(const Pipe* media, engines_->pipe("media"));
    return Board{mirror_.get(), engines_->local_units(),
                 [this, media](const std::string& viewer, Timestamp at) {
                   return ask_every_partition(*media, viewer, at);
                 }};
  }

  Status ask_every_partition(const Pipe& media, const std::string& viewer, Timestamp at) {
    const auto unit = engines_->kafka()->unit();
    for (std::uint32_t p = 0; p < media.kafka->partitions(); ++p) {
      LVP_TRY(const auto writer, media.kafka->writer_to(std::to_string(p)));
      LVP_DO(writer->append(
          *unit, {{std::string(forget_request_key), encode(ForgetRequest{viewer, at})}}));
    }
    return unit->commit();
  }

  // Nothing for a stage that this process does not have.
  void run(stages::Stage* stage, stages::Progress& progress) {
    if (stage == nullptr) return;
    const auto same = std::ranges::count_if(
        running_, [&](const auto& entry) { return entry.first.starts_with(stage->name()); });
    running_.emplace_back(
        same == 0 ? std::string(stage->name()) : fmt::format("{} {}", stage->name(), same + 1),
        &progress);
    start_thread(*stage, progress);
  }

  void start_thread(stages::Stage& stage, stages::Progress& progress) {
    threads_.emplace_back([this, &stage, &progress](const std::stop_token& stop) {
      name_thread(stage.name());
      if (const Status ended = stages::run(stage, progress, stop); !ended) {
        log::error("{}: {}", stage.name(), ended.error().what);
        on_failure_(ended.error());
      }
    });
  }

  // One that cannot go on holds up nobody: what it has not read waits in its stream.
  void run_aside(stages::Stage& stage, stages::Progress& progress) {
    running_.emplace_back(stage.name(), &progress);
    threads_.emplace_back([&stage, &progress](const std::stop_token& stop) {
      name_thread(stage.name());
      const Status ended = stages::run(stage, progress, stop);
      if (ended) return;
      progress.failing = true;
      log::error("{}: {}; stopped until the next start", stage.name(), ended.error().what);
    });
  }

  void trim(const std::stop_token& stop) {
    name_thread("trim");
    while (!stop.stop_requested()) {
      engines_->trim();
      sleep(trim_every, stop);
    }
  }

  // Members die in reverse order: what is used stands before its user.
  const Config config_;
  const Roles roles_;
  const std::function<void(const Error&)> on_failure_;
  const Clock& clock_ = system_clock();
  const net::Files dashboard_{embedded::web_dashboard};
  Addresses addresses_;
  std::atomic<std::uint16_t> private_port_ = 0;
  Metrics metrics_;
  std::unique_ptr<Engines> engines_;
  std::unique_ptr<store::Store> mirror_;  ///< what serve knows of profiles that others fold
  std::unique_ptr<stream::Reader> raw_reader_, later_reader_, parked_reader_, enriched_reader_,
      updates_reader_, standby_reader_, sink_reader_;
  HttpFetch fetch_{config_.enrich.resolver_ca};
  std::optional<TableArchive> archive_;
  stages::Progress collect_progress_, enrich_progress_, bridge_progress_, serve_progress_;
  stages::Progress resolve_progress_{.is_vital = false};  // a repository may be away
  stages::Progress upstream_progress_{.is_vital = false};
  stages::Progress standby_progress_{.is_vital = false};
  stages::Progress sink_progress_{.is_vital = false};  // somebody else's tables
  std::unique_ptr<stages::CollectStage> collect_;
  std::optional<stages::Lanes> lanes_;
  std::unique_ptr<store::ExternalTable> events_, profiles_;
  std::unique_ptr<stages::Stage> enrich_, resolve_, bridge_, upstream_, sink_;
  std::unique_ptr<stages::Copies> copies_;  ///< of the state of partitions on Kafka
  std::atomic<bool> is_warm_ = false;       ///< copies_, as standby_ tells
  std::unique_ptr<stages::Stage> standby_;
  struct Folding {
    stages::Progress progress;
    std::unique_ptr<stream::Reader> media;
    std::unique_ptr<stages::Stage> stage;
  };
  std::deque<Folding> foldings_;  ///< the profile stage: a thread each
  Bridging bridging_;             ///< in place of bridge_ if there is a configuration
  struct Forward {
    stages::Progress progress{.is_vital = false};  // who is away may stay away
    Bridging bridging;
  };
  std::map<std::string, Forward> forwards_;
  std::unique_ptr<stages::ServeStage> serve_;
  std::vector<std::pair<std::string, const stages::Progress*>> running_;
  std::unique_ptr<PlayerPage> page_;
  std::unique_ptr<net::Server> collector_, private_, player_;
  std::vector<std::jthread> threads_;
};

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::start(const Config& config, const Roles& roles,
                                                  std::function<void(const Error&)> on_failure) {
  auto wiring = std::make_unique<Wiring>(config, roles, std::move(on_failure));
  LVP_DO(wiring->start());
  return wiring;
}

}  // namespace lvp::app
