#include "stages/standby.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/log.h"

namespace lvp::stages {
namespace {

constexpr std::size_t batch_records_max = 5'000;

class StandbyStage final : public Stage {
 public:
  explicit StandbyStage(StandbyPorts ports) : ports_(ports), begun_(ports.clock.now()) {}

  std::string_view name() const override { return "standby"; }

  Result<std::size_t> step(Duration wait) override {
    LVP_TRY(const bool all, read_on());
    LVP_TRY(const stream::Batch batch, ports_.changes.poll(batch_records_max, wait));
    if (!batch.records.empty()) LVP_DO(take(batch));
    ports_.progress.caught_up = all && batch.caught_up;
    if (all && batch.records.empty() && batch.caught_up && !ports_.is_warm.exchange(true))
      log::info("standby: {} records in {} ms; this process may take over any partition",
                ports_.progress.records.load(), (ports_.clock.now() - begun_).count());
    return batch.records.size();
  }

 private:
  // A copy that an owner has misses what is read meanwhile; so does one that was made anew.
  Status take(const stream::Batch& batch) {
    stream::Offset& seen = seen_[batch.partition];
    bool followed = false;
    if (!missed_.contains(batch.partition)) {
      LVP_DO(with(batch.partition, [&](Copy& copy) -> Status {
        if (copy.at < seen) return {};
        followed = true;
        const auto restored = follow(copy, batch, ports_.clock.now());
        return restored ? Status() : std::unexpected(restored.error());
      }));
    }
    if (!followed) missed_.insert(batch.partition);
    UnitOfWork moves;
    LVP_DO(ports_.changes.commit(moves, batch.end()));
    LVP_DO(moves.commit());
    seen = batch.end().offset;
    return {};
  }

  // Lets copies that came back have what they missed. True if none that is here misses anything.
  Result<bool> read_on() {
    bool all = true;
    for (auto partition = missed_.begin(); partition != missed_.end();) {
      bool is_here = false;
      bool is_whole = false;
      LVP_DO(with(*partition, [&](Copy& copy) -> Status {
        is_here = true;
        const auto restored = restore(copy, ports_.changelog, *partition, ports_.clock,
                                      [&](const Restored&) { return give_way(*partition); });
        is_whole = restored.has_value();
        const bool gave_way = !restored && restored.error().code == Error::Code::conflict;
        return restored || gave_way ? Status() : std::unexpected(restored.error());
      }));
      all = all && (is_whole || !is_here);
      partition = is_whole ? missed_.erase(partition) : std::next(partition);
    }
    return all;
  }

  Status give_way(const std::string& partition) const {
    if (ports_.copies.is_wanted(partition)) return conflict("its owner waits for it");
    return {};
  }

  // Does nothing if somebody has it. A copy with which that failed is as good as before.
  Status with(const std::string& partition, const auto& use) {
    LVP_TRY(std::optional<Copy> copy, ports_.copies.borrow(partition));
    if (!copy) return {};
    const Status used = use(*copy);
    ports_.copies.give_back(partition, *std::move(copy));
    return used;
  }

  const StandbyPorts ports_;
  const Timestamp begun_;
  std::map<std::string, stream::Offset> seen_;  ///< the last record of each partition
  std::set<std::string> missed_;                ///< partitions whose copies do not follow
};

}  // namespace

std::unique_ptr<Stage> make_standby_stage(StandbyPorts ports) {
  return std::make_unique<StandbyStage>(ports);
}

}  // namespace lvp::stages
