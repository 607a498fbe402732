// lvp bridge --config FILE: a Snowbridge configuration by itself, from standard input or from a
// stream of a folder that nobody runs on.
#include <fmt/core.h>
#include <signal.h>

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <thread>

#include "app/bridging.h"
#include "app/commands.h"
#include "app/options.h"
#include "app/running.h"
#include "base/metrics.h"
#include "base/text.h"
#include "rocks/db.h"
#include "stream/rocks.h"

namespace lvp::app {
namespace {

constexpr std::size_t workers_max = 64;

// Says when nothing lies ahead: a folder that nobody runs on gets no new records.
class UntilTheEnd final : public stream::Reader {
 public:
  UntilTheEnd(std::unique_ptr<stream::Reader> reader, std::function<void()> on_end)
      : reader_(std::move(reader)), on_end_(std::move(on_end)) {}

  Result<stream::Batch> poll(std::size_t records_max, Duration wait) override {
    auto batch = reader_->poll(records_max, wait);
    if (batch && batch->records.empty() && batch->caught_up) on_end_();
    return batch;
  }
  Status commit(UnitOfWork& unit, const stream::Position& position) override {
    return reader_->commit(unit, position);
  }
  std::vector<stream::Share> shares() const override { return reader_->shares(); }
  bool caught_up(std::string_view partition) const override {
    return reader_->caught_up(partition);
  }

 private:
  std::unique_ptr<stream::Reader> reader_;
  std::function<void()> on_end_;
};

// The streams of a folder, opened when they are asked for. Without any, there is no folder.
class Folder {
 public:
  Folder(std::string dir, const Clock& clock, std::function<void()> on_end)
      : dir_(std::move(dir)), clock_(clock), on_end_(std::move(on_end)) {}

  Result<std::unique_ptr<stream::Reader>> reader(const std::string& name,
                                                 const std::string& group) {
    LVP_TRY(const Opened* opened, open(name));
    LVP_TRY(auto reader, opened->stream->reader(group));
    return std::make_unique<UntilTheEnd>(std::move(reader), on_end_);
  }

  Result<stream::Writer*> writer(const std::string& name) {
    LVP_TRY(const Opened* opened, open(name));
    return opened->writer.get();
  }

  std::unique_ptr<UnitOfWork> unit() const {
    return db_ == nullptr ? std::make_unique<UnitOfWork>() : db_->unit();
  }

 private:
  struct Opened {
    std::unique_ptr<stream::RocksStream> stream;
    std::unique_ptr<stream::Writer> writer;
  };

  Result<const Opened*> open(const std::string& name) {
    if (db_ == nullptr) {
      if (!find_running(dir_).empty())
        return invalid(
            fmt::format("{}: lvp runs on this folder: give the file to its bridge.forward", dir_));
      LVP_TRY(db_, rocks::Db::open(dir_));
    }
    Opened& opened = streams_[name];
    if (opened.stream == nullptr) {
      LVP_TRY(opened.stream, stream::RocksStream::open(*db_, name, {}, clock_));
      LVP_TRY(opened.writer, opened.stream->writer());
    }
    return &opened;
  }

  std::string dir_;
  const Clock& clock_;
  std::function<void()> on_end_;
  std::unique_ptr<rocks::Db> db_;
  std::map<std::string, Opened> streams_;
};

// Requests a stop at SIGINT or SIGTERM, which must be blocked.
void watch_signals(const std::stop_token& ends, std::stop_source& stop) {
  constexpr timespec look_every{.tv_sec = 0, .tv_nsec = 100'000'000};
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  while (!ends.stop_requested()) {
    if (sigtimedwait(&signals, nullptr, &look_every) > 0) stop.request_stop();
  }
}

void block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

int run(const BridgePlan& plan, const std::string& dir) {
  block_signals();
  std::stop_source stop;
  Metrics metrics;
  stages::Progress progress;
  const auto on_end = [&] { stop.request_stop(); };
  Folder folder(dir, system_clock(), on_end);
  const auto bridging = make_bridging(
      plan, {[&](const std::string& name, const std::string& group) {
               return folder.reader(name, group);
             },
             [&](const std::string& name) { return folder.writer(name); },
             [&] { return folder.unit(); }, system_clock(), metrics, progress, on_end});
  if (!bridging) return complain(bridging.error());
  const std::jthread watching([&](const std::stop_token& ends) { watch_signals(ends, stop); });
  const Status ended = stages::run(*bridging->stage, progress, stop.get_token());
  if (ended) return done;
  complain(ended.error());
  return failed;
}

}  // namespace

int bridge(const std::vector<std::string>& arguments) {
  Options options(
      "bridge",
      "Runs a Snowbridge configuration: lines of standard input, or records of a stream, through "
      "its transformations to its target. Ends when there is no more.");
  BridgePlan plan{.name = "bridge", .group = "lvp-bridge", .role = BridgeRole::command};
  std::string dir = Config().data.dir;
  std::string workers = "1";
  options.required("--config", plan.file, "the configuration, in HCL (docs/bridge.md)");
  options.option("--data", dir, "folder of the streams that it names");
  options.option("--group", plan.group, "consumer group: each goes through a stream by itself");
  options.option("--workers", workers, "threads that transform; order is kept");
  if (const auto end = options.parse(arguments)) return *end;
  const auto count = parse_int64(workers);
  if (!count || *count < 1 || *count > static_cast<std::int64_t>(workers_max))
    return complain({Error::Code::invalid,
                     fmt::format("--workers {}: must be from 1 to {}", workers, workers_max)});
  plan.workers = static_cast<std::size_t>(*count);
  return run(plan, dir);
}

}  // namespace lvp::app
