// A stream → the user's chain → target, filter target and failure target.
//
// A step reads records, transforms them on all workers, and walks over the results in their order.
// Each batch of the target ends a *group*: it is sent, then what was filtered and what failed
// before it, then the position is committed. So a target that stops in the middle costs the records
// of one group, and memory holds one batch of the reader.
#include "stages/bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/backoff.h"
#include "base/check.h"
#include "bridge/failure.h"
#include "stages/workers.h"

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;
using bridge::Delivery;
using bridge::Verdict;

constexpr std::size_t batch_records_max = 500;
constexpr Duration retry_wait_max = 5min;
constexpr std::string_view artifact = "lvp-bridge";

// When a target that did not take a batch is tried again. Each kind of failure has its patience.
class Attempts {
 public:
  explicit Attempts(const BridgeSettings& settings) : settings_(settings) {}

  void succeeded() {
    verdict_ = Delivery::Verdict::sent;
    count_ = 0;
    due_ = {};
  }

  // Whether this was the last one.
  bool failed(const Delivery& delivery, Timestamp now) {
    if (delivery.verdict != verdict_) count_ = 0;
    verdict_ = delivery.verdict;
    reason_ = delivery.reason;
    const bridge::Retry& retry = retry_of(verdict_);
    Duration wait = retry.delay;
    for (int n = 0; n < count_ && wait < retry_wait_max; ++n) wait *= 2;
    due_ = now + std::min(wait, retry_wait_max);
    ++count_;
    return retry.attempts_max > 0 && count_ > retry.attempts_max;
  }

  bool invalid_after_max() const { return retry_of(verdict_).invalid_after_max; }
  Duration left(Timestamp now) const { return std::max(due_ - now, Duration::zero()); }
  const std::string& reason() const { return reason_; }

 private:
  const bridge::Retry& retry_of(Delivery::Verdict verdict) const {
    if (verdict == Delivery::Verdict::setup) return settings_.setup;
    return verdict == Delivery::Verdict::throttle ? settings_.throttle : settings_.transient;
  }

  const BridgeSettings& settings_;
  Delivery::Verdict verdict_ = Delivery::Verdict::sent;
  std::string reason_;
  int count_ = 0;  // of failures
  Timestamp due_;
};

// What one record became.
struct Handled {
  Outgoing outgoing;
  bridge::Outcome outcome;
};

struct Reason {
  std::string_view type;
  std::string code;
  std::string text;
};

// Messages that leave together, and the records they came from.
struct Group {
  std::vector<Outgoing> good;
  std::vector<std::string_view> originals;  // of the good ones
  std::vector<Outgoing> filtered;
  std::vector<Outgoing> failures;  // rows
};

class BridgeStage final : public Stage {
 public:
  BridgeStage(BridgePorts ports, BridgeSettings settings)
      : ports_(std::move(ports)),
        settings_(std::move(settings)),
        workers_(settings_.chains.size()),
        attempts_(settings_),
        batcher_(settings_.target->batching()),
        sent_(counter("sent")),
        filtered_(counter("filtered")),
        failed_(counter("failed")),
        retries_(ports_.metrics.counter("lvp_bridge_retries_total",
                                        "Batches that a target did not take",
                                        {{"bridge", settings_.name}})) {
    LVP_CHECK(!settings_.chains.empty());
  }

  std::string_view name() const override { return settings_.name; }

  Result<std::size_t> step(Duration wait) override {
    if (const Duration left = attempts_.left(ports_.clock.now()); left > Duration::zero()) {
      sleep(std::min(left, wait), {});
      if (attempts_.left(ports_.clock.now()) > Duration::zero())
        return unavailable(attempts_.reason());
    }
    LVP_TRY(const stream::Batch batch, ports_.in.poll(batch_records_max, wait));
    if (batch.records.empty()) {
      ports_.progress.caught_up = batch.caught_up;
      return std::size_t{0};
    }
    // Not before the commit: who reads it takes silence for the truth.
    ports_.progress.caught_up = false;
    LVP_DO(deliver(batch, transform(batch)));
    ports_.progress.caught_up = batch.caught_up;
    return batch.records.size();
  }

 private:
  Counter& counter(const std::string& result) {
    return ports_.metrics.counter("lvp_bridge_messages_total",
                                  "Messages of bridges with a configuration, by what they became",
                                  {{"bridge", settings_.name}, {"result", result}});
  }

  std::vector<Handled> transform(const stream::Batch& batch) {
    const Timestamp pulled = ports_.clock.now();
    std::vector<Handled> results(batch.records.size());
    workers_.run(results.size(), [&](std::size_t worker, std::size_t item) {
      const stream::Record& record = batch.records[item];
      Handled& result = results[item];
      result.outgoing = {
          {std::string(record.value), std::string(record.key)}, record.appended_at, pulled, {}};
      bridge::Chain& chain = settings_.chains[worker];
      result.outcome = chain.apply(result.outgoing.message);
      if (!chain.empty()) result.outgoing.transformed = ports_.clock.now();
    });
    return results;
  }

  Status deliver(const stream::Batch& batch, std::vector<Handled> results) {
    Group group;
    batcher_.clear();
    bool ends = false;  // the group takes no further message
    for (std::size_t item = 0; item < results.size(); ++item) {
      Handled& result = results[item];
      if (ends || !joins(group, result)) {
        LVP_DO(flush(group, batch, item - 1));
        ends = false;
      }
      const std::string_view original = batch.records[item].value;
      ends = add(group, std::move(result), original);
    }
    return flush(group, batch, results.size() - 1);
  }

  bool is_too_large(const Outgoing& outgoing) const {
    return outgoing.message.data.size() > settings_.target->batching().message_bytes_max;
  }

  bool joins(const Group& group, const Handled& result) const {
    if (result.outcome.verdict != Verdict::passed || is_too_large(result.outgoing)) return true;
    if (group.good.empty()) return true;
    return batcher_.has_room(result.outgoing.message.data.size()) &&
           !settings_.target->wants_alone(result.outgoing.message);
  }

  // Whether the group is to be sent now.
  bool add(Group& group, Handled result, std::string_view original) {
    Outgoing& outgoing = result.outgoing;
    if (result.outcome.verdict == Verdict::filtered) {
      group.filtered.push_back(std::move(outgoing));
      return false;
    }
    if (result.outcome.verdict == Verdict::failed) {
      std::string& text = result.outcome.reason;
      const std::string code(bridge::transformation_error_code(text));
      add_failure(group, std::move(outgoing), original, {"transformation", code, std::move(text)});
      return false;
    }
    if (is_too_large(outgoing)) {
      add_row(group, std::move(outgoing), [&](const auto& envelope, std::string_view data) {
        return bridge::size_violation_row(envelope, settings_.target->batching().message_bytes_max,
                                          data);
      });
      return false;
    }
    const bool is_alone = settings_.target->wants_alone(outgoing.message);
    const bool is_full = batcher_.add(outgoing.message.data.size());
    group.good.push_back(std::move(outgoing));
    group.originals.push_back(original);
    return is_full || is_alone;
  }

  void add_failure(Group& group, Outgoing outgoing, std::string_view original,
                   const Reason& reason) {
    add_row(group, std::move(outgoing), [&](const auto& envelope, std::string_view data) {
      if (settings_.failure_format == bridge::FailureFormat::snowplow)
        return bridge::generic_error_row(envelope, std::array{reason.text}, data);
      return bridge::forwarding_error_row(envelope, {reason.type, reason.code, reason.text, data},
                                          original);
    });
  }

  // The message becomes a row that keeps its key, its headers and its times.
  template <class MakeRow>
  void add_row(Group& group, Outgoing outgoing, const MakeRow& make_row) {
    const bridge::Envelope envelope{artifact, LVP_VERSION, outgoing.pulled,
                                    settings_.failure_target->batching().message_bytes_max};
    auto row = make_row(envelope, outgoing.message.data);
    // Not even the row without its payload fits, so it says what there is to say.
    outgoing.message.data = row ? std::move(*row) : row.error().what;
    group.failures.push_back(std::move(outgoing));
  }

  // Sends the group and commits up to the record `last`; then it is empty.
  Status flush(Group& group, const stream::Batch& batch, std::size_t last) {
    const auto unit = ports_.new_unit();
    std::size_t refused = 0;
    if (!group.good.empty()) LVP_DO(send_good(group, *unit, refused));
    LVP_DO(send_all(*settings_.filter_target, group.filtered, *unit));
    LVP_DO(send_all(*settings_.failure_target, group.failures, *unit));
    LVP_DO(ports_.in.commit(*unit, {batch.partition, batch.records[last].offset}));
    LVP_DO(unit->commit());
    attempts_.succeeded();
    sent_.add(static_cast<double>(group.good.size() - refused));
    filtered_.add(static_cast<double>(group.filtered.size()));
    failed_.add(static_cast<double>(group.failures.size()));
    group = {};
    batcher_.clear();
    return {};
  }

  Status send_good(Group& group, UnitOfWork& unit, std::size_t& refused) {
    Delivery delivery = settings_.target->send(group.good, unit);
    if (delivery.verdict != Delivery::Verdict::sent) {
      const bool is_last = give_up_on(delivery);
      if (!is_last) return unavailable(fmt::format("target: {}", delivery.reason));
      if (!attempts_.invalid_after_max() || delivery.verdict == Delivery::Verdict::fatal)
        return invalid(fmt::format("target: {}", delivery.reason));
      for (std::size_t index = 0; index < group.good.size(); ++index)
        delivery.refused.push_back({index, delivery.reason, "api", ""});
    }
    refused = delivery.refused.size();
    for (Delivery::Refused& one : delivery.refused)
      add_failure(group, group.good[one.index], group.originals[one.index],
                  {one.type, std::move(one.code), std::move(one.reason)});
    return {};
  }

  // Whether no further attempt is made.
  bool give_up_on(const Delivery& delivery) {
    if (delivery.verdict == Delivery::Verdict::fatal) return true;
    retries_.add();
    const bool is_last = attempts_.failed(delivery, ports_.clock.now());
    return is_last && (attempts_.invalid_after_max() || settings_.gives_up);
  }

  // In batches. What one of these refuses is nobody's to take, so it counts as not sent.
  Status send_all(BridgeTarget& target, std::span<const Outgoing> messages, UnitOfWork& unit) {
    bridge::Batcher batcher(target.batching());
    std::size_t from = 0;
    const auto send = [&](std::size_t end) -> Status {
      if (end == from) return {};
      Delivery delivery = target.send(messages.subspan(from, end - from), unit);
      if (delivery.verdict == Delivery::Verdict::sent && !delivery.refused.empty())
        delivery = {Delivery::Verdict::fatal, delivery.refused.front().reason};
      from = end;
      batcher.clear();
      if (delivery.verdict == Delivery::Verdict::sent) return {};
      if (delivery.verdict == Delivery::Verdict::fatal || give_up_on(delivery))
        return invalid(fmt::format("filter or failure target: {}", delivery.reason));
      return unavailable(fmt::format("filter or failure target: {}", delivery.reason));
    };
    for (std::size_t at = 0; at < messages.size(); ++at) {
      const bridge::Message& message = messages[at].message;
      if (!batcher.has_room(message.data.size()) || target.wants_alone(message)) LVP_DO(send(at));
      if (batcher.add(message.data.size()) || target.wants_alone(message)) LVP_DO(send(at + 1));
    }
    return send(messages.size());
  }

  BridgePorts ports_;
  BridgeSettings settings_;
  Workers workers_;
  Attempts attempts_;
  bridge::Batcher batcher_;
  Counter& sent_;
  Counter& filtered_;
  Counter& failed_;
  Counter& retries_;
};

}  // namespace

std::unique_ptr<Stage> make_bridge_stage(BridgePorts ports, BridgeSettings settings) {
  return std::make_unique<BridgeStage>(std::move(ports), std::move(settings));
}

}  // namespace lvp::stages
