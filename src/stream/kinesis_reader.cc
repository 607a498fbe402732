#include "stream/kinesis_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "base/backoff.h"
#include "base/deadline.h"
#include "base/log.h"
#include "stream/batch.h"

namespace lvp::stream {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::size_t fetch_records_max = 10'000;  // the service's own limit, with 10 MiB
constexpr Duration backoff_max = 5s;

// One shard in one stint.
class Cursor {
 public:
  Cursor(KinesisApi& api, Held held, Duration get_every)
      : shard(std::move(held.shard)),
        stint(held.stint),
        passed(held.position),
        api_(api),
        get_every_(get_every),
        reached_(passed),
        backoff_(get_every, backoff_max) {}

  // Asks the shard, if it is time.
  Status fetch();
  Duration until_due() const {
    const auto left = std::chrono::ceil<Duration>(due_ - Steady::now());
    return std::max(left, Duration::zero());
  }
  bool is_due() const { return !ended_ && waiting.empty() && until_due() == Duration::zero(); }
  // There is nothing left, and it is time to say so, perhaps again.
  bool is_to_be_finished() {
    if (!ended_ || !waiting.empty() || until_due() > Duration::zero()) return false;
    due_ = Steady::now() + get_every_;
    return true;
  }
  // Of all that arrived until then, nothing is left but `waiting`. Nothing if that is not known.
  std::optional<Timestamp> fresh() const { return fresh_; }
  // Nothing lay beyond `waiting` when the shard was asked.
  bool at_tip() const { return at_tip_; }

  void pass(const Offset& offset) {
    passed = offset;
    const auto rest = std::ranges::upper_bound(waiting, offset, {}, &Arrival::offset);
    waiting.erase(waiting.begin(), rest);
  }
  bool holds(const Offset& offset) const {
    return std::ranges::binary_search(waiting, offset, {}, &Arrival::offset);
  }

  const std::string shard;
  const std::uint64_t stint;
  Offset passed;  // committed
  std::vector<Arrival> waiting;

 private:
  Status failed(const net::AwsError& error);
  void keep(Fetched fetched);

  KinesisApi& api_;
  const Duration get_every_;
  Offset reached_;  // the last record that was read
  std::string iterator_;
  bool resumes_ = false;  // the iterator begins at a record that was read before
  bool ended_ = false;
  bool at_tip_ = false;
  std::optional<Timestamp> fresh_;
  Steady::time_point due_;
  Backoff backoff_;
};

Status Cursor::fetch() {
  if (iterator_.empty()) {
    resumes_ = !reached_.empty();
    auto made = api_.iterator(shard, sequence_number_of(reached_).value_or(""));
    if (!made && resumes_ && made.error().is("InvalidArgumentException")) {
      log::error("kinesis: stream {}: shard {}: reading goes on at the oldest record: {}",
                 api_.stream(), shard, made.error().message);
      resumes_ = false;
      made = api_.iterator(shard, {});
    }
    if (!made) return failed(made.error());
    iterator_ = std::move(*made);
  }
  const Timestamp asked_at = system_clock().now();
  auto fetched = api_.fetch(iterator_, fetch_records_max);
  if (!fetched) return failed(fetched.error());
  fresh_ = asked_at - fetched->behind;
  keep(std::move(*fetched));
  return {};
}

void Cursor::keep(Fetched fetched) {
  backoff_.reset();
  due_ = Steady::now() + get_every_;
  iterator_ = std::move(fetched.next);
  ended_ = iterator_.empty();
  at_tip_ = fetched.at_tip;
  if (fetched.records.empty()) return;
  if (std::exchange(resumes_, false) &&
      fetched.records.front().offset > kinesis_offset(*sequence_number_of(reached_))) {
    log::error(
        "kinesis: stream {}: shard {}: records after {} are not kept any more: reading goes on at "
        "the oldest, {}",
        api_.stream(), shard, reached_, fetched.records.front().offset);
  }
  for (Arrival& record : fetched.records) {
    if (record.offset > reached_) waiting.push_back(std::move(record));
  }
  if (!waiting.empty()) reached_ = waiting.back().offset;
}

Status Cursor::failed(const net::AwsError& error) {
  if (error.is("ExpiredIteratorException")) {
    log::info("kinesis: stream {}: shard {}: its iterator expired and is made anew", api_.stream(),
              shard);
    iterator_.clear();
    return {};
  }
  due_ = Steady::now() + backoff_.next();
  at_tip_ = false;
  if (error.throttled()) {
    log::debug("kinesis: stream {}: shard {}: {}", api_.stream(), shard, error.message);
    return {};
  }
  iterator_.clear();
  return unavailable(
      fmt::format("kinesis: stream {}: shard {}: {}", api_.stream(), shard, error.message));
}

// What units that are about to commit share with the reader; all on its thread.
struct Core {
  std::unique_ptr<Ownership> ownership;  // none once the reader is gone
  std::map<std::string, Cursor, std::less<>> cursors;

  Cursor* find(std::string_view shard, std::uint64_t stint) {
    const auto found = cursors.find(shard);
    return found == cursors.end() || found->second.stint != stint ? nullptr : &found->second;
  }
};

class KinesisReader final : public Reader {
 public:
  KinesisReader(KinesisApi& api, std::unique_ptr<Ownership> ownership, Duration get_every)
      : api_(api), get_every_(get_every), core_(std::make_shared<Core>()) {
    core_->ownership = std::move(ownership);
  }
  ~KinesisReader() override {
    core_->cursors.clear();
    core_->ownership.reset();
  }

  Result<Batch> poll(std::size_t records_max, Duration wait) override;
  Status commit(UnitOfWork& unit, const Position& position) override;
  std::vector<Share> shares() const override {
    std::vector<Share> shares;
    for (const auto& [shard, cursor] : core_->cursors) shares.push_back({shard, cursor.stint});
    return shares;
  }
  bool caught_up(std::string_view partition) const override {
    const auto cursor = core_->cursors.find(partition);
    return cursor != core_->cursors.end() && cursor->second.at_tip() &&
           cursor->second.waiting.empty();
  }

 private:
  void follow_ownership();
  // The next cursor with records, or nullptr and perhaps why.
  Result<Cursor*> next();
  Duration until_next(Duration most) const;

  KinesisApi& api_;
  const Duration get_every_;
  const std::shared_ptr<Core> core_;
  std::string turn_;  // the shard whose turn it is, or was
  Offset given_at_;   // what was passed in it then
};

void KinesisReader::follow_ownership() {
  auto& cursors = core_->cursors;
  for (auto& [shard, cursor] : cursors) {
    if (cursor.is_to_be_finished()) core_->ownership->finish(shard, cursor.stint);
  }
  for (const auto& [shard, cursor] : cursors) {
    if (cursor.fresh() && cursor.waiting.empty()) {
      core_->ownership->note_fresh(shard, cursor.stint, *cursor.fresh());
    }
  }
  for (const Held& held : core_->ownership->held()) {
    if (held.wanted) core_->ownership->give_up(held.shard, held.stint);
  }
  const std::vector<Held> all = core_->ownership->held();
  std::erase_if(cursors, [&](const auto& entry) {
    return std::ranges::none_of(all, [&](const Held& held) {
      return held.shard == entry.first && held.stint == entry.second.stint;
    });
  });
  for (const Held& held : all) cursors.try_emplace(held.shard, api_, held, get_every_);
}

Result<Cursor*> KinesisReader::next() {
  auto& cursors = core_->cursors;
  auto at = cursors.lower_bound(turn_);
  const bool stays = at != cursors.end() && at->first == turn_ && !at->second.waiting.empty() &&
                     at->second.passed == given_at_;
  if (stays) return &at->second;
  if (at != cursors.end() && at->first == turn_) ++at;
  Status problem;
  for (std::size_t i = 0; i < cursors.size(); ++i, ++at) {
    if (at == cursors.end()) at = cursors.begin();
    Cursor& cursor = at->second;
    if (cursor.is_due()) {
      if (Status status = cursor.fetch(); !status) problem = std::move(status);
    }
    if (cursor.waiting.empty()) continue;
    turn_ = at->first;
    given_at_ = cursor.passed;
    return &cursor;
  }
  LVP_DO(problem);
  return nullptr;
}

Duration KinesisReader::until_next(Duration most) const {
  for (const auto& [shard, cursor] : core_->cursors) most = std::min(most, cursor.until_due());
  return std::max(most, Duration(1));
}

Result<Batch> KinesisReader::poll(std::size_t records_max, Duration wait) {
  const Deadline deadline(wait);
  while (true) {
    follow_ownership();
    LVP_TRY(const Cursor* cursor, next());
    if (cursor) return batch_of(cursor->shard, cursor->waiting, records_max, cursor->at_tip());
    if (deadline.left() == Duration::zero()) break;
    core_->ownership->wait(until_next(deadline.left()));
  }
  const bool at_tip =
      std::ranges::all_of(core_->cursors, [](const auto& entry) { return entry.second.at_tip(); });
  return Batch{{}, {}, {}, at_tip};
}

Status KinesisReader::commit(UnitOfWork& unit, const Position& position) {
  const auto& [shard, offset] = position;
  if (!sequence_number_of(offset)) {
    return invalid(fmt::format("stream {}: \"{}\" is not an offset", api_.stream(), offset));
  }
  const auto found = core_->cursors.find(shard);
  if (found == core_->cursors.end()) {
    if (core_->ownership->knows(shard)) {
      return conflict(fmt::format("stream {}: shard {} is another member's", api_.stream(), shard));
    }
    return invalid(fmt::format("stream {}: there is no shard \"{}\"", api_.stream(), shard));
  }
  const Cursor& cursor = found->second;
  const std::uint64_t stint = cursor.stint;
  if (offset <= cursor.passed) return core_->ownership->confirm(shard, stint);
  if (!cursor.holds(offset)) {
    return invalid(
        fmt::format("stream {}: shard {}: no record {} was read", api_.stream(), shard, offset));
  }
  unit.before([core = core_, shard, stint]() -> Status {
    if (!core->ownership || !core->find(shard, stint)) {
      return conflict(fmt::format("kinesis: shard {} was given up", shard));
    }
    return core->ownership->confirm(shard, stint);
  });
  unit.after([core = core_, position, stint] {
    Cursor* const moving = core->find(position.partition, stint);
    if (!moving || position.offset <= moving->passed) return;
    moving->pass(position.offset);
    core->ownership->pass(position.partition, stint, position.offset);
  });
  return {};
}

}  // namespace

std::unique_ptr<Reader> make_kinesis_reader(KinesisApi& api, std::unique_ptr<Ownership> ownership,
                                            Duration get_every) {
  return std::make_unique<KinesisReader>(api, std::move(ownership), get_every);
}

Batch batch_of(std::string partition, std::span<const Arrival> arrivals, std::size_t records_max,
               bool is_all) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (; count < std::min(arrivals.size(), std::max<std::size_t>(records_max, 1)); ++count) {
    bytes += arrivals[count].key.size() + arrivals[count].value.size();
    if (count > 0 && bytes > batch_bytes_max) break;
  }
  const auto kept = std::make_shared<const std::vector<Arrival>>(
      arrivals.begin(), arrivals.begin() + static_cast<std::ptrdiff_t>(count));
  Batch batch{std::move(partition), {}, kept, is_all && count == arrivals.size()};
  batch.records.reserve(count);
  for (const Arrival& arrival : *kept) {
    batch.records.push_back({arrival.key, arrival.value, arrival.offset, arrival.arrived_at});
  }
  return batch;
}

}  // namespace lvp::stream
