#include "stages/partitions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/backoff.h"
#include "base/log.h"
#include "stages/changelog.h"

namespace lvp::stages {
namespace {

constexpr std::size_t batch_records_max = 4'000;
/// Timers of a partition without events are looked at so often.
constexpr Duration tick = std::chrono::milliseconds(200);
constexpr Duration progress_every = std::chrono::seconds(5);

// Gives a profile stage the batch that was read for its partition, or nothing.
class Handed final : public stream::Reader {
 public:
  explicit Handed(stream::Reader& media) : media_(media) {}

  void hand(stream::Batch batch) { batch_ = std::move(batch); }

  Result<stream::Batch> poll(std::size_t, Duration) override { return std::exchange(batch_, {}); }
  Status commit(UnitOfWork& unit, const stream::Position& position) override {
    return media_.commit(unit, position);
  }
  std::vector<stream::Share> shares() const override { return media_.shares(); }
  bool caught_up(std::string_view partition) const override { return media_.caught_up(partition); }

 private:
  stream::Reader& media_;
  stream::Batch batch_;
};

// A partition that this process has, as long as it stays.
class Partition {
 public:
  static Result<std::unique_ptr<Partition>> restore(PartitionsPorts& ports,
                                                    ProfileSettings settings,
                                                    const stream::Share& share) {
    LVP_TRY(auto changes, ports.changes_of(share.partition));
    LVP_TRY(Copy copy, ports.copies.take(share.partition));
    std::unique_ptr<Partition> made(
        new Partition(ports, share, std::move(changes), std::move(copy)));
    settings.partition = share.partition;
    LVP_DO(made->open(ports, std::move(settings)));
    return made;
  }
  ~Partition() {
    stage_.reset();
    if (store_.broken()) {
      copies_.drop(name_);
    } else {
      copies_.give_back(name_, std::move(copy_));
    }
  }
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  std::uint64_t stint() const { return stint_; }
  bool caught_up() const { return progress_.caught_up; }
  bool is_broken() const { return store_.broken(); }
  bool is_due(Timestamp wall) const { return wall - stepped_ >= tick || wall < stepped_; }

  Result<std::size_t> step(stream::Batch batch, Timestamp wall) {
    stepped_ = wall;
    media_.hand(std::move(batch));
    return stage_->step(Duration::zero());
  }

 private:
  Partition(PartitionsPorts& ports, const stream::Share& share,
            std::unique_ptr<stream::Writer> changes, Copy copy)
      : name_(share.partition),
        stint_(share.stint),
        copies_(ports.copies),
        copy_(std::move(copy)),
        changes_(std::move(changes)),
        media_(ports.media),
        store_(*copy_.store, *changes_, copy_.new_unit) {}

  Status open(PartitionsPorts& ports, ProfileSettings settings) {
    const Timestamp begun = ports.clock.now();
    Timestamp told = begun;
    LVP_TRY(const Restored restored,
            stages::restore(copy_, ports.changelog, name_, ports.clock,
                            [&](const Restored& so_far) -> Status {
                              if (ports.clock.now() - told < progress_every) return {};
                              told = ports.clock.now();
                              log::info("profile: partition {}: {} records read of its changelog",
                                        name_, so_far.records);
                              return {};
                            }));
    LVP_TRY(stage_, make_profile_stage({media_, ports.updates, ports.bad, store_,
                                        [&ports, name = name_] { return ports.new_unit(name); },
                                        ports.clock, ports.upstream, progress_},
                                       std::move(settings)));
    log::info("profile: partition {} is here: {} records, {} kB, in {} ms", name_, restored.records,
              restored.bytes / 1000, (ports.clock.now() - begun).count());
    return {};
  }

  const std::string name_;
  const std::uint64_t stint_;
  Copies& copies_;
  Copy copy_;
  const std::unique_ptr<stream::Writer> changes_;
  Handed media_;
  ChangelogStore store_;
  Progress progress_;
  Timestamp stepped_;
  std::unique_ptr<Stage> stage_;
};

class PartitionsStage final : public Stage {
 public:
  PartitionsStage(PartitionsPorts ports, ProfileSettings settings)
      : ports_(std::move(ports)),
        settings_(std::move(settings)),
        owned_(ports_.metrics.gauge("lvp_profile_partitions",
                                    "Partitions of media that this process folds")),
        restored_(ports_.metrics.counter("lvp_profile_restored_total",
                                         "Partitions that were restored from their changelog")) {}

  std::string_view name() const override { return "profile"; }

  Result<std::size_t> step(Duration wait) override {
    if (ports_.may_begin != nullptr && !*ports_.may_begin) {
      sleep(wait, {});
      return 0;
    }
    LVP_TRY(stream::Batch batch, ports_.media.poll(batch_records_max, wait));
    const Timestamp wall = ports_.clock.now();
    LVP_DO(follow_shares(batch.partition, wall));
    LVP_TRY(const std::size_t handled, hand_out(std::move(batch), wall));
    ports_.progress.caught_up = partitions_.size() == ports_.media.shares().size() &&
                                std::ranges::all_of(partitions_, [](const auto& entry) {
                                  return entry.second->caught_up();
                                });
    return handled;
  }

 private:
  using Partitions = std::map<std::string, std::unique_ptr<Partition>, std::less<>>;

  // Lets go what went and restores what came: all of it before the next poll, since a partition may
  // have come with events, and time must not go on for viewers that nobody has read.
  Status follow_shares(const std::string& wanted, Timestamp wall) {
    std::vector<stream::Share> shares = ports_.media.shares();
    const auto stays = [&](const auto& entry) {
      return !entry.second->is_broken() &&
             std::ranges::any_of(shares, [&](const stream::Share& share) {
               return share.partition == entry.first && share.stint == entry.second->stint();
             });
    };
    std::erase_if(partitions_, [&](const auto& entry) {
      if (stays(entry)) return false;
      log::info("profile: partition {} is let go", entry.first);
      return true;
    });
    // That with events first: somebody waits for it.
    std::ranges::stable_partition(
        shares, [&](const stream::Share& share) { return share.partition == wanted; });
    for (const stream::Share& share : shares) {
      if (partitions_.contains(share.partition)) continue;
      LVP_TRY(auto partition, Partition::restore(ports_, settings_, share));
      partitions_.emplace(share.partition, std::move(partition));
      restored_.add(1);
      if (ports_.clock.now() - wall > tick) break;  // those that are here have waited long enough
    }
    owned_.add(static_cast<double>(partitions_.size()) - static_cast<double>(told_));
    told_ = partitions_.size();
    return {};
  }

  Result<std::size_t> hand_out(stream::Batch batch, Timestamp wall) {
    const std::size_t records = batch.records.size();
    std::string of_batch = batch.partition;
    if (records > 0 && partitions_.contains(of_batch)) {
      LVP_DO(step(of_batch, std::move(batch), wall));
    } else if (records > 0) {
      of_batch.clear();  // not restored yet: it is read again
    }
    std::vector<std::string> due;
    for (const auto& [name, partition] : partitions_) {
      if (name != of_batch && partition->is_due(wall)) due.push_back(name);
    }
    for (const std::string& name : due) {
      stream::Batch nothing;
      nothing.partition = name;
      nothing.caught_up = ports_.media.caught_up(name);
      LVP_DO(step(name, std::move(nothing), wall));
    }
    return of_batch.empty() ? 0 : records;
  }

  Status step(const std::string& name, stream::Batch batch, Timestamp wall) {
    const auto partition = partitions_.find(name);
    const auto handled = partition->second->step(std::move(batch), wall);
    if (handled) return {};
    partitions_.erase(partition);
    return std::unexpected(handled.error());
  }

  PartitionsPorts ports_;
  const ProfileSettings settings_;
  Partitions partitions_;
  std::size_t told_ = 0;  ///< of them, to the gauge, which all threads share
  Gauge& owned_;
  Counter& restored_;
};

}  // namespace

std::unique_ptr<Stage> make_partitions_stage(PartitionsPorts ports, ProfileSettings settings,
                                             std::size_t partitions) {
  settings.memory_bytes_max /= std::max<std::size_t>(partitions, 1);
  return std::make_unique<PartitionsStage>(std::move(ports), std::move(settings));
}

}  // namespace lvp::stages
