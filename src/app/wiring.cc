#include "app/wiring.h"

#include <fmt/core.h>

#include <atomic>
#include <map>
#include <span>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "app/bridging.h"
#include "app/enrich_files.h"
#include "app/player_page.h"
#include "app/schema_lookup.h"
#include "base/backoff.h"
#include "base/embedded.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "base/pattern.h"
#include "base/thread_name.h"
#include "bridge/bridge.h"
#include "collect/collect.h"
#include "net/files.h"
#include "net/server.h"
#include "rocks/db.h"
#include "stages/enrich.h"
#include "stages/stages.h"
#include "store/rocks.h"
#include "stream/memory.h"
#include "stream/rocks.h"
#include "wire/bad_row.h"

namespace lvp::embedded {
extern const std::span<const File> web_dashboard;
extern const std::span<const File> web_player;
}  // namespace lvp::embedded

namespace lvp::app {
namespace {

using namespace std::chrono_literals;

constexpr Duration trim_every = 10s;
constexpr Duration drain_wait = 5s;          ///< for answers to requests that were taken
constexpr Duration page_drain_wait = 200ms;  ///< pages ask again by themselves

// ---- Settings ----

collect::SameSite same_site(std::string_view name) {
  if (name == "None") return collect::SameSite::none;
  if (name == "Lax") return collect::SameSite::lax;
  if (name == "Strict") return collect::SameSite::strict;
  return collect::SameSite::unset;
}

std::chrono::seconds whole_seconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

std::optional<collect::CookieSettings> cookie_settings(const Config& config) {
  if (!config.collector.cookie_enabled) return std::nullopt;
  collect::CookieSettings cookie;
  cookie.name = config.collector.cookie_name;
  cookie.client_name = config.collector.cookie_client_name;
  cookie.lifetime = whole_seconds(config.collector.cookie_expires);
  cookie.domains = config.collector.cookie_domains;
  cookie.fallback_domain = config.collector.cookie_fallback_domain;
  cookie.secure = config.collector.cookie_secure;
  cookie.http_only = config.collector.cookie_http_only;
  cookie.same_site = same_site(config.collector.cookie_same_site);
  return cookie;
}

Result<std::optional<collect::DoNotTrack>> do_not_track(const Config& config) {
  if (config.collector.do_not_track_cookie.empty()) return std::nullopt;
  collect::DoNotTrack rule{config.collector.do_not_track_cookie, nullptr};
  if (const std::string& value = config.collector.do_not_track_value; !value.empty()) {
    auto pattern = Pattern::compile(value);
    if (!pattern)
      return invalid(fmt::format("collector.do_not_track_value: {}", pattern.error().what));
    rule.value = std::make_shared<const Pattern>(std::move(*pattern));
  }
  return rule;
}

std::optional<collect::RootResponse> root_response(const Config& config) {
  if (config.collector.root_status == 0) return std::nullopt;
  collect::RootResponse root;
  root.status = config.collector.root_status;
  for (const auto& [name, value] : config.collector.root_headers)
    root.headers.push_back({name, value});
  root.body = config.collector.root_body;
  return root;
}

Result<collect::Settings> collect_settings(const Config& config) {
  collect::Settings settings;
  settings.cookie = cookie_settings(config);
  settings.anonymous_clears_cookie = config.collector.cookie_cleared_by_anonymous;
  LVP_TRY(settings.do_not_track, do_not_track(config));
  if (config.collector.bounce_enabled)
    settings.bounce = {config.collector.bounce_name, config.collector.bounce_fallback_id,
                       config.collector.bounce_protocol_header};
  settings.paths.insert(config.collector.paths.begin(), config.collector.paths.end());
  if (!config.collector.redirect_hosts.empty())
    settings.redirects = {config.collector.redirect_hosts, config.collector.redirect_macro};
  settings.root = root_response(config);
  if (!config.collector.cross_domain_domains.empty())
    settings.cross_domain = {config.collector.cross_domain_domains,
                             config.collector.cross_domain_secure};
  settings.preflight_max_age = whole_seconds(config.collector.preflight_max_age);
  settings.preflight_headers = config.collector.preflight_headers;
  if (config.collector.hsts_max_age > Duration::zero())
    settings.hsts_max_age = whole_seconds(config.collector.hsts_max_age);
  settings.body_bytes_max = config.collector.body_bytes_max;
  settings.payload_bytes_limit = config.collector.payload_bytes_max;
  settings.version = LVP_VERSION;
  if (const Status checked = collect::check(settings); !checked)
    return invalid(fmt::format("collector: {}", checked.error().what));
  return settings;
}

Result<stages::CollectSettings> collect_stage_settings(const Config& config) {
  stages::CollectSettings settings;
  LVP_TRY(settings.rules, collect_settings(config));
  settings.queue_bytes_max = config.collector.queue_bytes_max;
  settings.commit_wait = config.collector.commit_wait;
  settings.refusal_wait = config.collector.refusal_wait;
  if (config.collector.rate_per_address > 0)
    settings.rate = {static_cast<double>(config.collector.rate_per_address),
                     static_cast<double>(config.collector.rate_burst),
                     config.collector.rate_by_forwarded_for};
  return settings;
}

net::ServerOptions collector_options(const Config& config, stages::CollectStage& stage) {
  net::ServerOptions options;
  options.address = config.collector.address;
  options.port = config.collector.port;
  options.share_port = config.collector.share_port;
  options.threads = config.collector.threads;
  if (!config.collector.tls_certificate.empty())
    options.tls = {config.collector.tls_certificate, config.collector.tls_key};
  options.body_bytes_max = config.collector.body_bytes_max;
  options.header_wait = config.collector.header_wait;
  options.body_wait = config.collector.body_wait;
  options.idle_wait = config.collector.idle_wait;
  options.connections_max = config.collector.connections_max;
  options.buffer_bytes_max = config.collector.buffer_bytes_max;
  options.on_error = [&stage](const http::Request& request, http::Response& response) {
    stage.refused_by_server(request, response);
  };
  return options;
}

net::ServerOptions player_options(const Config& config) {
  net::ServerOptions options;
  options.address = config.player.address;
  options.port = config.player.port;
  return options;
}

net::ServerOptions private_options(const Config& config) {
  net::ServerOptions options;
  options.address = config.private_api.address;
  options.port = config.private_api.port;
  options.socket_queue_bytes_max = 64 << 20;  // a snapshot must fit
  return options;
}

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
  settings.processor = {"lvp-enrich", LVP_VERSION};
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
          {std::string(record.key), bad_row::generic_error({"lvp-bridge", LVP_VERSION}, clock.now(),
                                                           media.error().what, record.value)});
    } else if (*media) {
      made.good.push_back({std::move((*media)->key), std::move((*media)->value)});
    }
    return made;
  };
}

// ---- Streams ----

// A stream with the one writer that all who write to it share.
struct Pipe {
  std::unique_ptr<stream::Stream> stream;
  stream::RocksStream* rocks = nullptr;  ///< the same, if it is one
  std::unique_ptr<stream::Writer> writer;
};

Result<Pipe> open_pipe(std::string_view name, std::string_view url, const Config& config,
                       rocks::Db& db, const Clock& clock) {
  Pipe pipe;
  if (url == "memory:") {
    stream::MemoryOptions options;
    options.partitions = config.streams.partitions;
    pipe.stream = stream::make_memory_stream(std::string(name), options, clock);
  } else {
    stream::RocksOptions options;
    options.partitions = config.streams.partitions;
    options.age_max = config.streams.keep;
    options.bytes_max = config.streams.bytes_max;
    LVP_TRY(auto opened, stream::RocksStream::open(db, name, options, clock));
    pipe.rocks = opened.get();
    pipe.stream = std::move(opened);
  }
  LVP_TRY(pipe.writer, pipe.stream->writer());
  return pipe;
}

// What the collector's server counts, as metrics.
class Meter {
 public:
  explicit Meter(Metrics& metrics)
      : connections_(metrics.gauge("lvp_collect_connections", "Open connections")),
        buffers_(metrics.gauge("lvp_collect_buffer_bytes",
                               "Memory of requests that are being received or answered")),
        taken_(metrics.counter("lvp_collect_connections_total", "Connections taken")),
        refused_(metrics.counter("lvp_collect_connections_refused_total",
                                 "Connections over collector.connections_max")),
        in_(metrics.counter("lvp_collect_received_bytes_total", "Bytes received")),
        out_(metrics.counter("lvp_collect_sent_bytes_total", "Bytes sent")),
        tls_failures_(metrics.counter("lvp_collect_tls_failures_total",
                                      "TLS handshakes that failed, and connections broken later")) {
  }

  void read(const net::ServerStats& now) {
    MutexLock lock(mutex_);
    connections_.set(static_cast<double>(now.connections_open));
    buffers_.set(static_cast<double>(now.buffer_bytes));
    const auto add = [](Counter& counter, std::uint64_t before, std::uint64_t after) {
      counter.add(static_cast<double>(after - before));
    };
    add(taken_, last_.connections_total, now.connections_total);
    add(refused_, last_.refused_connections, now.refused_connections);
    add(in_, last_.bytes_in, now.bytes_in);
    add(out_, last_.bytes_out, now.bytes_out);
    add(tls_failures_, last_.tls_failures, now.tls_failures);
    last_ = now;
  }

 private:
  Gauge& connections_;
  Gauge& buffers_;
  Counter& taken_;
  Counter& refused_;
  Counter& in_;
  Counter& out_;
  Counter& tls_failures_;
  Mutex mutex_;  ///< scrapes may overlap
  net::ServerStats last_ GUARDED_BY(mutex_);
};

class Wiring final : public Pipeline {
 public:
  Wiring(const Config& config, Extent extent, std::function<void(const Error&)> on_failure)
      : config_(config), extent_(extent), on_failure_(std::move(on_failure)) {}

  ~Wiring() override {
    // From the outside to the inside: what was answered "ok" is committed before its stage stops.
    if (collector_) collector_->stop(drain_wait);
    for (net::Server* server : {player_.get(), private_.get()}) {
      if (server != nullptr) server->stop(page_drain_wait);
    }
    fetch_.stop();
    for (std::jthread& thread : threads_) thread.request_stop();
    threads_.clear();
  }

  Status start() {
    LVP_DO(open());
    LVP_DO(make_stages());
    LVP_DO(listen());
    return {};
  }

  const Addresses& addresses() const override { return addresses_; }

  Status reload() override {
    std::optional<stages::EnrichSources> sources;
    if (lanes_) {
      LVP_TRY(sources, read_enrich_files(config_));
    }
    if (!config_.collector.tls_certificate.empty()) LVP_DO(collector_->reload_tls());
    if (sources) lanes_->replace(std::move(*sources));
    return {};
  }

 private:
  Status open() {
    LVP_TRY(db_, rocks::Db::open(config_.data.dir));
    store_ = store::make_rocks_store(*db_);
    const auto open_one = [&](std::string_view name, std::string_view where, Pipe& pipe) -> Status {
      LVP_TRY(pipe, open_pipe(name, where, config_, *db_, clock_));
      return {};
    };
    LVP_DO(open_one("raw", config_.streams.raw, raw_));
    LVP_DO(open_one("later", config_.streams.later, later_));
    LVP_DO(open_one("enriched", config_.streams.enriched, enriched_));
    if (config_.enrich.incomplete)
      LVP_DO(open_one("incomplete", config_.streams.incomplete, incomplete_));
    LVP_DO(open_one("media", config_.streams.media, media_));
    LVP_DO(open_one("updates", config_.streams.updates, updates_));
    LVP_DO(open_one("bad", config_.streams.bad, bad_));
    LVP_TRY(raw_reader_, raw_.stream->reader("enrich"));
    LVP_TRY(later_reader_, later_.stream->reader("resolve"));
    LVP_TRY(media_reader_, media_.stream->reader("profile"));
    LVP_TRY(updates_reader_, updates_.stream->reader("serve"));
    return {};
  }

  Status make_stages() {
    const NewUnitOfWork new_unit = [db = db_.get()] { return db->unit(); };

    LVP_TRY(auto collect, collect_stage_settings(config_));
    collect_ = stages::make_collect_stage(
        {*raw_.writer, *bad_.writer, new_unit, clock_, metrics_, collect_progress_},
        std::move(collect));
    if (extent_ == Extent::collector) return {};
    LVP_DO(make_enrich_stages(new_unit));
    LVP_DO(make_bridges(new_unit));

    stages::ProfileSettings profile;
    profile.mode = mode_of(config_);
    profile.memory_bytes_max = config_.profile.memory_bytes_max;
    profile.settle = config_.profile.settle;
    LVP_TRY(profile_,
            stages::make_profile_stage({*media_reader_,
                                        *updates_.writer,
                                        *bad_.writer,
                                        *store_,
                                        new_unit,
                                        clock_,
                                        {&collect_progress_, &enrich_progress_, &bridge_progress_},
                                        profile_progress_},
                                       profile));
    return {};
  }

  Status make_bridges(const NewUnitOfWork& new_unit) {
    if (config_.bridge.config.empty()) {
      LVP_TRY(enriched_reader_, enriched_.stream->reader("bridge"));
      bridge_ = stages::make_transform_stage("bridge",
                                             {.in = *enriched_reader_,
                                              .out = *media_.writer,
                                              .bad = *bad_.writer,
                                              .new_unit = new_unit,
                                              .metrics = metrics_,
                                              .progress = bridge_progress_},
                                             make_bridge(config_, clock_));
    } else {
      LVP_TRY(bridging_, bridging("bridge", "bridge", config_.bridge.config, BridgeRole::media,
                                  new_unit, bridge_progress_));
    }
    for (const auto& [name, file] : config_.bridge.forward) {
      Forward& forward = forwards_[name];
      LVP_TRY(forward.bridging, bridging("forward " + name, "forward-" + name, file,
                                         BridgeRole::forward, new_unit, forward.progress));
    }
    return {};
  }

  Result<Bridging> bridging(const std::string& name, const std::string& group,
                            const std::string& file, BridgeRole role, const NewUnitOfWork& new_unit,
                            stages::Progress& progress) {
    return make_bridging(
        {name, group, file, role, config_.bridge.workers},
        {[this](const std::string& stream,
                const std::string& its_group) -> Result<std::unique_ptr<stream::Reader>> {
           LVP_TRY(const Pipe* pipe, pipe_of(stream));
           return pipe->stream->reader(its_group);
         },
         [this](const std::string& stream) -> Result<stream::Writer*> {
           LVP_TRY(const Pipe* pipe, pipe_of(stream));
           return pipe->writer.get();
         },
         new_unit, clock_, metrics_, progress});
  }

  // One of the pipeline's streams, or one of the user's own, which is made if need be.
  Result<const Pipe*> pipe_of(const std::string& name) {
    const std::pair<std::string_view, const Pipe*> known[] = {{"raw", &raw_},
                                                              {"later", &later_},
                                                              {"enriched", &enriched_},
                                                              {"incomplete", &incomplete_},
                                                              {"media", &media_},
                                                              {"updates", &updates_},
                                                              {"bad", &bad_}};
    for (const auto& [its_name, pipe] : known)
      if (its_name == name && pipe->stream != nullptr) return pipe;
    Pipe& own = own_pipes_[name];
    if (own.stream == nullptr) {
      LVP_TRY(own, open_pipe(name, "rocks:", config_, *db_, clock_));
    }
    return &own;
  }

  Status make_enrich_stages(const NewUnitOfWork& new_unit) {
    LVP_TRY(auto sources, read_enrich_files(config_));
    LVP_TRY(archive_, TableArchive::open(*store_, new_unit));
    lanes_.emplace(enrich_settings(config_), std::move(sources),
                   stages::LookupPorts{fetch_, *archive_, clock_, metrics_});
    const auto ports = [&](stream::Reader& in, stages::Progress& progress) {
      return stages::TransformPorts{.in = in,
                                    .out = *enriched_.writer,
                                    .bad = *bad_.writer,
                                    .later = later_.writer.get(),
                                    .incomplete = incomplete_.writer.get(),
                                    .new_unit = new_unit,
                                    .metrics = metrics_,
                                    .progress = progress};
    };
    enrich_ = lanes_->enrich_stage(ports(*raw_reader_, enrich_progress_));
    resolve_ = lanes_->resolve_stage(ports(*later_reader_, resolve_progress_));
    return {};
  }

  Status listen() {
    collect_progress_.caught_up = true;  // nothing was taken yet
    run(collect_.get(), collect_progress_);
    run(enrich_.get(), enrich_progress_);
    run(resolve_.get(), resolve_progress_);
    run(bridge_ != nullptr ? bridge_.get() : bridging_.stage.get(), bridge_progress_);
    for (auto& [name, forward] : forwards_)
      start_forward(*forward.bridging.stage, forward.progress);
    run(profile_.get(), profile_progress_);
    threads_.emplace_back([this](const std::stop_token& stop) { trim(stop); });

    const bool uses_tls = !config_.collector.tls_certificate.empty();
    LVP_TRY(collector_, net::Server::start(collector_options(config_, *collect_), *collect_));
    addresses_.collector = url(config_.collector.address, collector_->port(), uses_tls);

    if (config_.player.enabled && extent_ == Extent::everything) {
      page_ = std::make_unique<PlayerPage>(embedded::web_player, config_.player.collector_url,
                                           collector_->port(), private_port_);
      LVP_TRY(player_, net::Server::start(player_options(config_), *page_));
      addresses_.player = url(config_.player.address, player_->port());
    }
    return serve();
  }

  Status serve() {
    running_.emplace_back("serve", &serve_progress_);
    stages::ServeSettings settings;
    settings.mode = mode_of(config_);
    settings.token = config_.private_api.token;
    settings.collector_url = addresses_.collector;
    settings.player_url = addresses_.player;
    LVP_TRY(serve_, stages::make_serve_stage(
                        {*updates_reader_,
                         *store_,
                         [db = db_.get()] { return db->unit(); },
                         clock_,
                         metrics_,
                         named_streams(),
                         running_,
                         [this] { return collect_->healthy(); },
                         [this, meter = std::make_shared<Meter>(metrics_)] {
                           meter->read(collector_->stats());
                         },
                         {},
                         [this](const http::Request& request) { return dashboard_.serve(request); },
                         serve_progress_},
                        settings));
    start_thread(*serve_, serve_progress_);
    LVP_TRY(private_, net::Server::start(private_options(config_), *serve_));
    private_port_ = private_->port();
    addresses_.private_api = url(config_.private_api.address, private_->port());
    return {};
  }

  std::vector<std::pair<std::string, stream::Stream*>> named_streams() const {
    std::vector<std::pair<std::string, stream::Stream*>> streams{
        {"raw", raw_.stream.get()},           {"later", later_.stream.get()},
        {"enriched", enriched_.stream.get()}, {"media", media_.stream.get()},
        {"updates", updates_.stream.get()},   {"bad", bad_.stream.get()}};
    if (incomplete_.stream) streams.emplace_back("incomplete", incomplete_.stream.get());
    return streams;
  }

  // Nothing for a stage that this process does not have.
  void run(stages::Stage* stage, stages::Progress& progress) {
    if (stage == nullptr) return;
    running_.emplace_back(stage->name(), &progress);
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
  void start_forward(stages::Stage& stage, stages::Progress& progress) {
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
    std::vector<const Pipe*> pipes{&raw_,   &later_,   &enriched_, &incomplete_,
                                   &media_, &updates_, &bad_};
    for (const auto& [name, own] : own_pipes_) pipes.push_back(&own);
    while (!stop.stop_requested()) {
      for (const Pipe* pipe : pipes) {
        if (pipe->rocks == nullptr) continue;
        if (const Status done = pipe->rocks->trim(clock_.now()); !done)
          log::warn("{}; trying again", done.error().what);
      }
      sleep(trim_every, stop);
    }
  }

  // Members die in reverse order: what is used stands before its user.
  const Config config_;
  const Extent extent_;
  const std::function<void(const Error&)> on_failure_;
  const Clock& clock_ = system_clock();
  const net::Files dashboard_{embedded::web_dashboard};
  Addresses addresses_;
  std::atomic<std::uint16_t> private_port_ = 0;
  Metrics metrics_;
  std::unique_ptr<rocks::Db> db_;
  std::unique_ptr<store::Store> store_;
  Pipe raw_, later_, enriched_, incomplete_, media_, updates_, bad_;
  std::map<std::string, Pipe> own_pipes_;  ///< that configurations of bridges name
  std::unique_ptr<stream::Reader> raw_reader_, later_reader_, enriched_reader_, media_reader_,
      updates_reader_;
  HttpFetch fetch_;
  std::optional<TableArchive> archive_;
  stages::Progress collect_progress_, enrich_progress_, bridge_progress_, profile_progress_,
      serve_progress_;
  stages::Progress resolve_progress_{.is_vital = false};  // a repository may be away
  std::unique_ptr<stages::CollectStage> collect_;
  std::optional<stages::Lanes> lanes_;
  std::unique_ptr<stages::Stage> enrich_, resolve_, bridge_, profile_;
  Bridging bridging_;  ///< in place of bridge_ if there is a configuration
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

Result<std::unique_ptr<Pipeline>> Pipeline::start(const Config& config, Extent extent,
                                                  std::function<void(const Error&)> on_failure) {
  auto wiring = std::make_unique<Wiring>(config, extent, std::move(on_failure));
  LVP_DO(wiring->start());
  return wiring;
}

}  // namespace lvp::app
