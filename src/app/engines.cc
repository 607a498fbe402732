#include "app/engines.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/table_url.h"
#include "base/check.h"
#include "base/log.h"
#include "store/dynamodb.h"
#include "store/postgres.h"
#include "store/rocks.h"
#include "stream/kafka.h"
#include "stream/kinesis.h"
#include "stream/memory.h"
#include "stream/rocks.h"

namespace lvp::app {
namespace {

// The pipeline's streams, and where each one's URL is.
constexpr std::pair<std::string_view, const std::string& (*)(const Config&)> known[] = {
    {"raw", [](const Config& c) -> auto& { return c.streams.raw; }},
    {"later", [](const Config& c) -> auto& { return c.streams.later; }},
    {"parked", [](const Config& c) -> auto& { return c.streams.parked; }},
    {"enriched", [](const Config& c) -> auto& { return c.streams.enriched; }},
    {"incomplete", [](const Config& c) -> auto& { return c.streams.incomplete; }},
    {"media", [](const Config& c) -> auto& { return c.streams.media; }},
    {"updates", [](const Config& c) -> auto& { return c.streams.updates; }},
    {"state", [](const Config& c) -> auto& { return c.streams.state; }},
    {"bad", [](const Config& c) -> auto& { return c.streams.bad; }},
};

// Of these the newest record of each key is kept for ever.
bool is_compacted(std::string_view name) {
  return name == "updates" || name == "state";
}

}  // namespace

Engines::Engines(const Config& config, const Clock& clock) : config_(config), clock_(clock) {}

Engines::~Engines() = default;

Result<std::unique_ptr<Engines>> Engines::open(const Config& config, const Clock& clock) {
  std::unique_ptr<Engines> engines(new Engines(config, clock));
  LVP_TRY(engines->db_, rocks::Db::open(config.data.dir));
  engines->store_ = store::make_rocks_store(*engines->db_);
  return engines;
}

Result<StreamUrl> Engines::url(const std::string& name) const {
  for (const auto& [its_name, url_of] : known) {
    if (its_name != name) continue;
    LVP_TRY(StreamUrl url, parse_stream_url(url_of(config_)));
    if (url.name.empty()) url.name = name;
    return url;
  }
  return StreamUrl{StreamEngine::rocks, name};
}

Result<Pipe*> Engines::pipe(const std::string& name) {
  if (const auto found = pipes_.find(name); found != pipes_.end()) return &found->second;
  LVP_TRY(const StreamUrl where, url(name));
  LVP_TRY(Pipe pipe, open_pipe(name, where));
  pipe.engine = where.engine;
  LVP_TRY(pipe.writer, pipe.stream->writer());
  return &pipes_.emplace(name, std::move(pipe)).first->second;
}

Status Engines::open_shared() {
  for (const auto& [name, url_of] : known) {
    const bool unused = name == "state" || (name == "incomplete" && !config_.enrich.incomplete);
    LVP_TRY(const StreamUrl where, url(std::string(name)));
    if (unused || where.engine == StreamEngine::rocks || where.engine == StreamEngine::memory)
      continue;
    LVP_DO(pipe(std::string(name)));
  }
  return {};
}

Result<Pipe> Engines::open_pipe(const std::string& name, const StreamUrl& url) {
  Pipe pipe;
  switch (url.engine) {
    case StreamEngine::memory: {
      stream::MemoryOptions options;
      options.partitions = config_.streams.partitions;
      pipe.stream = stream::make_memory_stream(name, options, clock_);
      return pipe;
    }
    case StreamEngine::rocks: {
      stream::RocksOptions options;
      options.partitions = config_.streams.partitions;
      // What left is there again, further on.
      options.age_max = name == "parked" ? Duration::zero() : config_.streams.keep;
      options.bytes_max = config_.streams.bytes_max;
      LVP_TRY(auto opened, stream::RocksStream::open(*db_, name, options, clock_));
      pipe.rocks = opened.get();
      pipe.stream = std::move(opened);
      return pipe;
    }
    case StreamEngine::kafka: {
      LVP_DO(connect_kafka());
      stream::KafkaStreamOptions options;
      options.partitions = config_.streams.partitions;
      options.compacted = is_compacted(name);
      // The sink must see what a status was before it changed again.
      if (name == "updates" && !config_.sink.table.empty())
        options.compact_after = config_.sink.away_max;
      options.keep = config_.streams.keep;
      LVP_TRY(auto opened, kafka_->stream(url.name, options));
      pipe.kafka = opened.get();
      pipe.stream = std::move(opened);
      return pipe;
    }
    case StreamEngine::kinesis: {
      if (!account_)
        account_.emplace(net::AwsSettings{config_.kinesis.region, config_.kinesis.endpoint},
                         clock_);
      stream::KinesisOptions options;
      options.name = url.name;
      options.shards_if_missing = config_.kinesis.shards_if_missing;
      options.lease_table = config_.kinesis.lease_table;
      options.lease_wait = config_.kinesis.lease_wait;
      options.renew_every = config_.kinesis.lease_wait / 3;
      options.get_every = config_.kinesis.get_every;
      LVP_TRY(auto opened, stream::open_kinesis_stream(options, *account_));
      pipe.kinesis = opened.get();
      pipe.stream = std::move(opened);
      return pipe;
    }
  }
  return pipe;
}

Status Engines::connect_kafka() {
  if (kafka_) return {};
  stream::KafkaOptions options;
  options.brokers = config_.kafka.brokers;
  options.properties = config_.kafka.properties;
  options.name = config_.kafka.name;
  options.create = config_.kafka.create;
  options.replication = config_.kafka.replication;
  LVP_TRY(kafka_, stream::Kafka::connect(options, clock_));
  return {};
}

Result<std::unique_ptr<store::ExternalTable>> Engines::external_table(store::TableShape shape) {
  LVP_TRY(const TableEngine engine, parse_table_url(config_.sink.table));
  LVP_CHECK(engine != TableEngine::none);
  if (engine == TableEngine::postgres)
    return store::open_postgres_table({.url = config_.sink.table}, std::move(shape));
  if (!sink_account_)
    sink_account_.emplace(net::AwsSettings{config_.sink.region, config_.sink.endpoint}, clock_);
  return store::open_dynamodb_table(*sink_account_, std::move(shape));
}

std::vector<std::pair<std::string, stream::Stream*>> Engines::streams() const {
  std::vector<std::pair<std::string, stream::Stream*>> open;
  for (const auto& [name, url] : known) {
    if (const auto pipe = pipes_.find(std::string(name)); pipe != pipes_.end() && name != "state")
      open.emplace_back(name, pipe->second.stream.get());
  }
  return open;
}

Result<std::unique_ptr<stream::Reader>> Engines::reader(const Pipe& pipe,
                                                        std::string_view group) const {
  if (pipe.kafka != nullptr && !config_.kafka.exactly_once) return pipe.kafka->plain_reader(group);
  return pipe.stream->reader(group);
}

// Positions and outputs in Kafka are one transaction; those in the folder are one write. Where a
// stage has both, the transaction goes first and the folder's positions follow. Kinesis has nothing
// of the kind.
NewUnitOfWork Engines::units(std::initializer_list<const Pipe*> pipes) const {
  const auto any = [&](StreamEngine engine) {
    return std::ranges::any_of(
        pipes, [&](const Pipe* pipe) { return pipe != nullptr && pipe->engine == engine; });
  };
  if (any(StreamEngine::kafka)) return [kafka = kafka_.get()] { return kafka->unit(); };
  return local_units();
}

NewUnitOfWork Engines::local_units() const {
  return [db = db_.get()] { return db->unit(); };
}

void Engines::trim() {
  for (auto& [name, pipe] : pipes_) {
    if (pipe.rocks == nullptr) continue;
    if (const Status done = pipe.rocks->trim(clock_.now()); !done)
      log::warn("{}; trying again", done.error().what);
  }
}

}  // namespace lvp::app
