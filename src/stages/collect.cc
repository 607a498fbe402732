// HTTP → raw, bad.
//
// A request is turned into records at once, on the connection's thread, and waits in a queue with
// its answer. One step takes all that waits, commits it in one unit of work with one sync of the
// disk, and only then sends the answers: `200` means that the event survives a crash. While that
// step is busy the next batch gathers, so the longer a sync takes, the more requests share it. Who
// was answered with others is likely to come again with them, so a step gives the last batch's
// number a moment to gather: half as many syncs for the same requests, and one wake-up for all.
//
// While the disk is known to be ill, because the last commit failed or the present one takes too
// long, requests are refused at once: a tracker that is told keeps its events and comes again.
#include "collect/collect.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "base/deadline.h"
#include "base/mutex.h"
#include "collect/client_address.h"
#include "collect/rate_limit.h"
#include "stages/stages.h"

namespace lvp::stages {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A request that waits for the disk.
struct Pending {
  collect::Accepted accepted;
  net::Responder responder;
};

std::size_t bytes_of(const collect::Accepted& accepted) {
  std::size_t bytes = 0;
  for (const collect::Record& record : accepted.raw)
    bytes += record.key.size() + record.value.size();
  for (const std::string& row : accepted.bad) bytes += row.size();
  return bytes;
}

// Counters by route and status, each made when it is first needed.
class Answers {
 public:
  explicit Answers(Metrics& metrics) : metrics_(metrics) {}

  void count(collect::Route route, int status) {
    const auto row = std::ranges::find(statuses, status) - statuses.begin();
    std::atomic<Counter*>& counter = counters_[static_cast<std::size_t>(route)][row];
    if (counter.load() == nullptr) counter = &make(route, status);
    counter.load()->add();
  }

 private:
  static constexpr std::array statuses{200, 302, 400, 404, 408, 413, 415, 429, 431, 503};

  // The same one when it is called twice.
  Counter& make(collect::Route route, int status) const {
    return metrics_.counter(
        "lvp_collect_requests_total", "Requests by route and answer",
        {{"route", std::string(name_of(route))}, {"status", std::to_string(status)}});
  }

  Metrics& metrics_;
  /// The last column is for statuses that are not in the list.
  std::array<std::array<std::atomic<Counter*>, statuses.size() + 1>, collect::route_count>
      counters_{};
};

// How long a batch may take to become as large as the last one.
constexpr Duration gather_wait = std::chrono::milliseconds(1);

enum class Refusal : std::uint8_t { queue_full, disk_failing, disk_slow, rate };

class Collect final : public CollectStage {
 public:
  Collect(CollectPorts ports, CollectSettings settings)
      : ports_(std::move(ports)),
        settings_(std::move(settings)),
        answers_(ports_.metrics),
        refused_{&refusals("queue_full"), &refusals("disk_failing"), &refusals("disk_slow"),
                 &refusals("rate")},
        raw_bytes_(ports_.metrics.counter("lvp_collect_bytes_total",
                                          "Bytes of records made durable, keys included")),
        bad_(ports_.metrics.counter("lvp_collect_bad_total", "Bad rows made by the collector")),
        waiting_(ports_.metrics.gauge("lvp_collect_queue_requests",
                                      "Requests whose events wait for the disk")),
        waiting_bytes_(ports_.metrics.gauge("lvp_collect_queue_bytes", "Bytes of their records")),
        commit_(ports_.metrics.latency("lvp_collect_commit_seconds",
                                       "Time to make a batch of requests durable")) {
    if (const auto& rate = settings_.rate)
      limit_.emplace(rate->per_second, rate->burst, senders_max);
  }

  std::string_view name() const override { return "collect"; }

  void handle(const http::Request& request, net::Responder responder) override {
    if (request.path() == "/sink-health") {
      if (is_slow()) refuse_waiting();
      return answer(std::move(responder), collect::Route::fixed, health());
    }
    // A POST is always an event, so that one in vain costs little.
    const Timestamp now = ports_.clock.now();
    const bool is_post = request.method == "POST";
    if (is_post && !admits(request, now)) return deny_rate(request, std::move(responder));
    if (const auto why = is_post ? ill() : std::nullopt)
      return deny(std::move(responder), collect::Route::post,
                  collect::overloaded(request, settings_.rules), *why);

    Pending pending{collect::accept(request, now, random_uuid, settings_.rules),
                    std::move(responder)};
    if (pending.accepted.raw.empty() && pending.accepted.bad.empty()) return answer(pending);
    if (!is_post && !admits(request, now))
      return deny_rate(request, std::move(pending.responder), pending.accepted.route);
    if (const auto why = is_post ? std::nullopt : ill()) return refuse(pending, *why);
    if (!enqueue(pending)) refuse(pending, Refusal::queue_full);
  }

  void refused_by_server(const http::Request& request, http::Response& response) override {
    collect::add_common_headers(request, settings_.rules, response);
    if (response.status == 503) response.headers.add("Retry-After", "1");
    answers_.count(collect::Route::unknown, response.status);
  }

  bool healthy() const override { return working_ && !is_slow(); }

  Result<std::size_t> step(Duration wait) override {
    std::vector<Pending> batch = gather(wait);
    if (batch.empty()) return working_ ? std::size_t{0} : probe();
    std::size_t bytes = 0;
    for (const Pending& pending : batch) bytes += bytes_of(pending.accepted);
    const Status committed = timed([&] { return commit(batch); });
    if (committed) raw_bytes_.add(static_cast<double>(bytes));
    if (committed) {
      answer_all(batch);
    } else {
      for (Pending& pending : batch) refuse(pending, Refusal::disk_failing);
    }
    release(bytes);
    if (!committed) return std::unexpected(committed.error());
    return batch.size();
  }

 private:
  static constexpr std::size_t senders_max = 100'000;  ///< remembered for the rate limit

  Counter& refusals(const std::string& reason) {
    return ports_.metrics.counter("lvp_collect_refused_total",
                                  "Requests with an event that were not taken, by reason",
                                  {{"reason", reason}});
  }

  bool admits(const http::Request& request, Timestamp now) {
    if (!settings_.rate) return true;
    const std::string sender =
        collect::sender_of(collect::client_address(request, settings_.rate->by_forwarded_for));
    MutexLock lock(limit_mutex_);
    return limit_->admit(sender, now);
  }

  // Why no event can be taken now, whatever it is.
  std::optional<Refusal> ill() {
    if (is_slow()) {
      refuse_waiting();
      return Refusal::disk_slow;
    }
    if (!working_) return Refusal::disk_failing;
    if (bytes_ >= settings_.queue_bytes_max) return Refusal::queue_full;
    return std::nullopt;
  }

  // False, and nothing taken, if there is no room.
  bool enqueue(Pending& pending) {
    const std::size_t bytes = bytes_of(pending.accepted);
    bool has_become_due = false;
    {
      MutexLock lock(mutex_);
      if (bytes_ + bytes > settings_.queue_bytes_max) return false;
      const bool was_due = is_due();
      bytes_ += bytes;
      queue_.push_back(std::move(pending));
      has_become_due = !was_due && is_due();
    }
    if (has_become_due) arrived_.notify_all();  // whoever wakes finds the lock free
    return true;
  }

  void answer(net::Responder responder, collect::Route route, http::Response response) {
    answers_.count(route, response.status);
    responder.send(std::move(response));
  }
  void deny(net::Responder responder, collect::Route route, http::Response response, Refusal why) {
    refused_[static_cast<std::size_t>(why)]->add();
    response.delay = settings_.refusal_wait;
    answer(std::move(responder), route, std::move(response));
  }
  void answer(Pending& pending) {
    answer(std::move(pending.responder), pending.accepted.route,
           std::move(pending.accepted.response));
  }

  void answer_all(std::vector<Pending>& batch) {
    std::vector<net::Answer> answers;
    answers.reserve(batch.size());
    for (Pending& pending : batch) {
      answers_.count(pending.accepted.route, pending.accepted.response.status);
      answers.push_back({std::move(pending.responder), std::move(pending.accepted.response)});
    }
    net::send_all(std::move(answers));
  }

  void deny_rate(const http::Request& request, net::Responder responder,
                 collect::Route route = collect::Route::post) {
    deny(std::move(responder), route, collect::too_many(request, settings_.rules), Refusal::rate);
  }
  void refuse(Pending& pending, Refusal why) {
    deny(std::move(pending.responder), pending.accepted.route,
         collect::overloaded(pending.accepted.response), why);
  }

  // Those that came before the disk was known to be slow.
  void refuse_waiting() {
    std::vector<Pending> waiting;
    {
      MutexLock lock(mutex_);
      waiting.swap(queue_);
    }
    std::size_t bytes = 0;
    for (Pending& pending : waiting) {
      bytes += bytes_of(pending.accepted);
      refuse(pending, Refusal::disk_slow);
    }
    release(bytes);
  }

  // The next batch, waiting up to `wait` for the first request. Called by step() alone.
  std::vector<Pending> gather(Duration wait) {
    const Deadline deadline(wait);
    MutexLock lock(mutex_);
    awaited_ = last_batch_;
    wait_until_due(Deadline(std::min(wait, gather_wait)));
    awaited_ = 1;
    wait_until_due(deadline);
    last_batch_ = queue_.size();
    waiting_.set(static_cast<double>(queue_.size()));
    waiting_bytes_.set(static_cast<double>(bytes_.load()));
    return std::exchange(queue_, {});
  }

  void wait_until_due(const Deadline& deadline) REQUIRES(mutex_) {
    while (!is_due() && deadline.left() > Duration::zero())
      arrived_.wait_for(mutex_, deadline.left());
  }

  // Half a queue is as good as all who are awaited: the other half is for those who come meanwhile.
  bool is_due() const REQUIRES(mutex_) {
    return queue_.size() >= awaited_ ||
           (!queue_.empty() && bytes_ >= settings_.queue_bytes_max / 2);
  }

  void release(std::size_t bytes) { bytes_ -= bytes; }

  // Nobody sends events to a collector that is known to be ill, so it must find out by itself when
  // it is well again.
  Result<std::size_t> probe() {
    LVP_DO(timed([this]() -> Status {
      const auto unit = ports_.new_unit();
      unit->durably();
      LVP_DO(ports_.raw.append(*unit, {}));
      return unit->commit();
    }));
    return std::size_t{0};
  }

  Status commit(std::vector<Pending>& batch) {
    std::vector<stream::Entry> raw;
    std::vector<stream::Entry> bad;
    raw.reserve(batch.size());
    for (Pending& pending : batch) {
      for (collect::Record& record : pending.accepted.raw)
        raw.push_back({std::move(record.key), std::move(record.value)});
      for (std::string& row : pending.accepted.bad) bad.push_back({"", std::move(row)});
    }
    bad_.add(static_cast<double>(bad.size()));
    const auto unit = ports_.new_unit();
    unit->durably();
    if (!raw.empty()) LVP_DO(ports_.raw.append(*unit, std::move(raw)));
    if (!bad.empty()) LVP_DO(ports_.bad.append(*unit, std::move(bad)));
    return unit->commit();
  }

  // Runs a commit; what it tells of the disk is known to other threads, also while it runs.
  template <class Commit>
  Status timed(Commit commit) {
    ports_.progress.caught_up = false;  // a disk that hangs must not look like silence
    const SteadyClock::time_point begin = SteadyClock::now();
    committing_since_ = begin.time_since_epoch();
    const Status committed = commit();
    committing_since_ = SteadyClock::duration::zero();
    commit_.observe(std::chrono::duration<double>(SteadyClock::now() - begin).count());
    working_ = committed.has_value();
    ports_.progress.caught_up = committed.has_value();
    return committed;
  }

  bool is_slow() const {
    const SteadyClock::duration since = committing_since_;
    return since != SteadyClock::duration::zero() &&
           SteadyClock::now().time_since_epoch() - since > settings_.commit_wait;
  }

  http::Response health() const {
    if (healthy()) return http::text_response(200, "text/plain; charset=UTF-8", "OK");
    return http::text_response(503, "text/plain; charset=UTF-8", "Service Unavailable");
  }

  CollectPorts ports_;
  CollectSettings settings_;
  Answers answers_;
  std::array<Counter*, 4> refused_;  ///< by Refusal
  Counter& raw_bytes_;
  Counter& bad_;
  Gauge& waiting_;
  Gauge& waiting_bytes_;
  Histogram& commit_;

  std::atomic<bool> working_ = true;  ///< the last commit succeeded
  /// By the steady clock; zero while none is under way.
  std::atomic<SteadyClock::duration> committing_since_ = SteadyClock::duration::zero();

  Mutex limit_mutex_;
  std::optional<collect::RateLimit> limit_ GUARDED_BY(limit_mutex_);

  Mutex mutex_;
  Condition arrived_;
  std::vector<Pending> queue_ GUARDED_BY(mutex_);
  std::size_t awaited_ GUARDED_BY(mutex_) = 1;  ///< requests in the queue that wake the step
  std::size_t last_batch_ = 0;                  ///< how many there were; step() alone uses it
  /// Of the queue and of what is being committed. Grows under the lock only.
  std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace

std::unique_ptr<CollectStage> make_collect_stage(CollectPorts ports, CollectSettings settings) {
  return std::make_unique<Collect>(std::move(ports), std::move(settings));
}

}  // namespace lvp::stages
