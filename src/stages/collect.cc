// HTTP → raw, bad.
//
// A request is turned into records at once, on the connection's thread, and waits in a queue with
// its answer. One step takes all that waits, commits it in one unit of work with one sync of the
// disk, and only then sends the answers: `200` means that the event survives a crash. While that
// step is busy the next batch gathers, so the longer a sync takes, the more requests share it.
#include "collect/collect.h"

#include <utility>

#include "base/deadline.h"
#include "base/mutex.h"
#include "stages/stages.h"

namespace lvp::stages {
namespace {

// A request that waits for the disk.
struct Pending {
  collect::Accepted accepted;
  http::Response overloaded;
  net::Responder responder;
};

std::size_t bytes_of(const collect::Accepted& accepted) {
  std::size_t bytes = 0;
  for (const collect::Record& record : accepted.raw)
    bytes += record.key.size() + record.value.size();
  for (const std::string& row : accepted.bad) bytes += row.size();
  return bytes;
}

class Collect final : public CollectStage {
 public:
  Collect(CollectPorts ports, CollectSettings settings)
      : ports_(std::move(ports)),
        settings_(std::move(settings)),
        accepted_(ports_.metrics.counter("lvp_collect_requests_total",
                                         "Requests with an event, by answer", {{"answer", "ok"}})),
        refused_(ports_.metrics.counter("lvp_collect_requests_total",
                                        "Requests with an event, by answer",
                                        {{"answer", "unavailable"}})),
        oversized_(
            ports_.metrics.counter("lvp_collect_bad_total", "Bad rows made by the collector")),
        commit_(ports_.metrics.latency("lvp_collect_commit_seconds",
                                       "Time to make a batch of requests durable")) {}

  std::string_view name() const override { return "collect"; }

  void handle(const http::Request& request, net::Responder responder) override {
    if (request.path() == "/sink-health") return responder.send(health());
    auto accepted = collect::accept(request, ports_.clock.now(), random_uuid, settings_.rules);
    if (accepted.raw.empty() && accepted.bad.empty())
      return responder.send(std::move(accepted.response));

    const std::size_t bytes = bytes_of(accepted);
    http::Response overloaded = collect::overloaded(request, settings_.rules);
    {
      MutexLock lock(mutex_);
      if (queued_bytes_ + bytes <= settings_.queue_bytes_max) {
        queued_bytes_ += bytes;
        queue_.push_back({std::move(accepted), std::move(overloaded), std::move(responder)});
        arrived_.notify_all();
        return;
      }
    }
    refused_.add();
    responder.send(std::move(overloaded));
  }

  Result<std::size_t> step(Duration wait) override {
    std::vector<Pending> batch = take(wait);
    if (batch.empty()) return healthy_ ? std::size_t{0} : probe();
    ports_.progress.caught_up = false;  // a disk that hangs must not look like silence
    const auto begin = std::chrono::steady_clock::now();
    const Status committed = commit(batch);
    commit_.observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    healthy_ = committed.has_value();
    for (Pending& pending : batch)
      pending.responder.send(committed ? std::move(pending.accepted.response)
                                       : std::move(pending.overloaded));
    if (!committed) {
      refused_.add(static_cast<double>(batch.size()));
      return std::unexpected(committed.error());
    }
    accepted_.add(static_cast<double>(batch.size()));
    ports_.progress.caught_up = true;
    return batch.size();
  }

 private:
  // Nobody sends events to a collector that is known to be ill, so it must find out by itself when
  // it is well again.
  Result<std::size_t> probe() {
    const auto unit = ports_.new_unit();
    unit->durably();
    LVP_DO(ports_.raw.append(*unit, {}));
    LVP_DO(unit->commit());
    healthy_ = true;
    ports_.progress.caught_up = true;
    return std::size_t{0};
  }

  std::vector<Pending> take(Duration wait) {
    const Deadline deadline(wait);
    MutexLock lock(mutex_);
    while (queue_.empty() && deadline.left() > Duration::zero())
      arrived_.wait_for(mutex_, deadline.left());
    queued_bytes_ = 0;
    return std::exchange(queue_, {});
  }

  Status commit(std::vector<Pending>& batch) {
    std::vector<stream::Entry> raw;
    std::vector<stream::Entry> bad;
    for (Pending& pending : batch) {
      for (collect::Record& record : pending.accepted.raw)
        raw.push_back({std::move(record.key), std::move(record.value)});
      for (std::string& row : pending.accepted.bad) bad.push_back({"", std::move(row)});
    }
    oversized_.add(static_cast<double>(bad.size()));
    const auto unit = ports_.new_unit();
    unit->durably();
    if (!raw.empty()) LVP_DO(ports_.raw.append(*unit, std::move(raw)));
    if (!bad.empty()) LVP_DO(ports_.bad.append(*unit, std::move(bad)));
    return unit->commit();
  }

  http::Response health() const {
    if (healthy_) return http::text_response(200, "text/plain; charset=UTF-8", "ok");
    return http::text_response(503, "text/plain; charset=UTF-8", "Service Unavailable");
  }

  CollectPorts ports_;
  CollectSettings settings_;
  Counter& accepted_;
  Counter& refused_;
  Counter& oversized_;
  Histogram& commit_;
  std::atomic<bool> healthy_ = true;

  Mutex mutex_;
  Condition arrived_;
  std::vector<Pending> queue_ GUARDED_BY(mutex_);
  std::size_t queued_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::unique_ptr<CollectStage> make_collect_stage(CollectPorts ports, CollectSettings settings) {
  return std::make_unique<Collect>(std::move(ports), std::move(settings));
}

}  // namespace lvp::stages
