#include "stages/sink.h"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "live/board.h"
#include "profile/codec.h"
#include "stages/refused.h"
#include "stages/sink_items.h"
#include "wire/update.h"

namespace lvp::stages {
namespace {

using store::Change;
using store::Outcome;

// Changes of one table, of which each item has one, the newest.
class Changes {
 public:
  void put(store::Item item, std::optional<std::uint64_t> version = {}) {
    set({Change::Kind::put, std::move(item), version});
  }
  void erase(store::ItemKey key, std::uint64_t version) {
    set({Change::Kind::erase, {std::move(key), {}}, version});
  }
  bool empty() const { return changes_.empty(); }

  // Removes and returns up to `count`; the caller gives back what must be done again.
  std::vector<Change> take(std::size_t count) {
    std::vector<Change> taken;
    while (taken.size() < count && !changes_.empty())
      taken.push_back(std::move(changes_.extract(changes_.begin()).mapped()));
    return taken;
  }
  void give_back(Change change) {
    store::ItemKey key = change.item.key;
    changes_.try_emplace(std::move(key), std::move(change));
  }

 private:
  void set(Change change) {
    store::ItemKey key = change.item.key;
    changes_.insert_or_assign(std::move(key), std::move(change));
  }

  std::map<store::ItemKey, Change> changes_;
};

// Which viewers a device has items of, of the devices that were written last.
class Known {
 public:
  explicit Known(std::size_t devices_max) : devices_max_(devices_max) {}

  const DeviceItem* find(const std::string& device) const {
    const auto found = devices_.find(device);
    return found == devices_.end() ? nullptr : &found->second;
  }
  void set(const std::string& device, DeviceItem item) {
    if (devices_.insert_or_assign(device, std::move(item)).second) order_.push_back(device);
    while (devices_.size() > devices_max_) {
      devices_.erase(order_.front());
      order_.pop_front();
    }
  }
  void clear() {
    devices_.clear();
    order_.clear();
  }

 private:
  const std::size_t devices_max_;
  std::unordered_map<std::string, DeviceItem> devices_;
  std::deque<std::string> order_;  // as they came
};

// A batch on its way: what is left to write, in steps that follow each other.
struct Work {
  stream::Position end;
  std::size_t records = 0;
  bool caught_up = false;
  std::map<std::string, profile::Profile> newest;  // by device
  Changes events;
  bool planned = false;  // the three below are made
  Changes claims;        // devices' items, before viewers are added
  Changes viewers;
  Changes releases;  // devices' items, after viewers are gone
  std::map<std::string, DeviceItem> after;
  std::vector<stream::Entry> bad;
};

class SinkStage final : public Stage {
 public:
  SinkStage(SinkPorts ports, SinkSettings settings)
      : ports_(std::move(ports)),
        settings_(std::move(settings)),
        known_(settings_.devices_max),
        written_(count("lvp_sink_items_total", "Items written", "done")),
        outdated_(count("lvp_sink_items_total", "Items written", "outdated")),
        refused_(count("lvp_sink_items_total", "Items written", "refused")),
        throttled_(count("lvp_sink_items_total", "Items written", "throttled")) {}

  std::string_view name() const override { return "sink"; }

  Result<std::size_t> step(Duration wait) override {
    LVP_DO(prepare());
    if (!work_) LVP_DO(read(wait));
    if (!work_) return std::size_t{0};
    LVP_DO(write_all());
    return finish();
  }

 private:
  Counter& count(const std::string& name, const std::string& help, const std::string& outcome) {
    return ports_.metrics.counter(name, help, {{"outcome", outcome}});
  }

  Status prepare() {
    if (prepared_) return {};
    for (store::ExternalTable* table : {ports_.events, ports_.profiles}) {
      if (table != nullptr) LVP_DO(table->prepare(settings_.create));
    }
    prepared_ = true;
    return {};
  }

  // ---- Reading ----

  Status read(Duration wait) {
    LVP_TRY(const stream::Batch batch, ports_.updates.poll(settings_.records_max, wait));
    if (batch.records.empty()) {
      ports_.progress.caught_up = batch.caught_up;
      return {};
    }
    ports_.progress.caught_up = false;
    // In another member's hands meanwhile, devices may have got items that are not known here.
    std::vector<stream::Share> shares = ports_.updates.shares();
    if (shares != shares_) known_.clear();
    shares_ = std::move(shares);

    Work work;
    work.end = batch.end();
    work.records = batch.records.size();
    work.caught_up = batch.caught_up;
    for (const stream::Record& record : batch.records) {
      if (const Status taken = take(record, work); !taken)
        work.bad.push_back(bad_entry(std::string(record.key), taken.error().what, record.value));
    }
    work_ = std::move(work);
    return {};
  }

  Status take(const stream::Record& record, Work& work) {
    if (record.value.empty()) return {};  // erased from a compacted stream
    LVP_TRY(const Update update, decode_update(record.value));
    switch (update.kind) {
      case UpdateKind::profile: {
        LVP_TRY(profile::Profile profile, profile::decode_profile(update.payload));
        take_profile(std::move(profile), work);
        return {};
      }
      case UpdateKind::status:
        return settings_.mode == Mode::exact ? take_status(update.payload, work) : Status();
      case UpdateKind::clock:
        return {};
    }
    return {};
  }

  void take_profile(profile::Profile profile, Work& work) {
    if (ports_.events != nullptr && settings_.mode == Mode::mapped) {
      board_.apply(profile);
      for (const std::string& status : board_.take_changes().statuses)
        static_cast<void>(take_status(status, work));  // its own messages are good
    }
    if (ports_.profiles == nullptr) return;
    profile::Profile& known = work.newest[profile.device];
    if (known.device.empty() || profile.version > known.version) known = std::move(profile);
  }

  Status take_status(std::string_view message, Work& work) const {
    if (ports_.events == nullptr) return {};
    LVP_TRY(store::Item item, event_item(message));
    work.events.put(std::move(item));
    return {};
  }

  stream::Entry bad_entry(std::string key, std::string_view why, std::string_view what) const {
    return {std::move(key),
            refused_row({"lvp-sink", settings_.version}, ports_.clock.now(), why, what)};
  }

  // ---- Which items a device has ----

  // What is not known is read from the table.
  Status recall(const Work& work) {
    std::vector<std::string> devices;
    std::vector<store::ItemKey> keys;
    for (const auto& [device, profile] : work.newest) {
      if (known_.find(device) != nullptr) continue;
      devices.push_back(device);
      keys.push_back(device_key(device));
    }
    if (keys.empty()) return {};
    LVP_TRY(const auto items, ports_.profiles->read(keys));
    recalled_.clear();
    for (std::size_t i = 0; i < devices.size(); ++i) {
      DeviceItem item;
      if (items[i]) {
        LVP_TRY(item, read_device_item(*items[i]));
      }
      recalled_[devices[i]] = std::move(item);
    }
    return {};
  }

  // The device's item names every viewer of whom there is an item, at every moment: it is written
  // before one is added and after one is gone.
  Status plan(Work& work) {
    if (work.planned || ports_.profiles == nullptr) return {};
    LVP_DO(recall(work));
    for (const auto& [device, profile] : work.newest) {
      const DeviceItem* known = known_.find(device);
      plan_device(work, profile, known != nullptr ? *known : recalled_[device]);
    }
    recalled_.clear();
    work.newest.clear();
    work.planned = true;
    return {};
  }

  static void plan_device(Work& work, const profile::Profile& profile, const DeviceItem& before) {
    const std::uint64_t version = profile.version;
    if (before.version > version) return;  // the table is ahead of what is read again
    const std::vector<std::string> now = viewers_of(profile);
    std::vector<std::string> all = before.viewers;
    for (const std::string& viewer : now) {
      if (std::ranges::find(all, viewer) == all.end()) all.push_back(viewer);
      work.viewers.put(profile_item(profile, viewer), version);
    }
    for (const std::string& viewer : before.viewers) {
      if (std::ranges::find(now, viewer) == now.end())
        work.viewers.erase({viewer, profile.device}, version);
    }
    if (all.size() > before.viewers.size())
      work.claims.put(device_item(profile.device, claimed(version), all), claimed(version));
    if (now.empty() && profile.viewers.empty()) {
      work.releases.erase(device_key(profile.device), released(version));
    } else if (all.size() > now.size()) {
      work.releases.put(device_item(profile.device, released(version), now), released(version));
    }
    work.after[profile.device] = {version, now};
  }

  // ---- Writing ----

  Status write_all() {
    Work& work = *work_;
    LVP_DO(plan(work));
    if (ports_.events != nullptr) LVP_DO(write(*ports_.events, work.events));
    if (ports_.profiles == nullptr) return {};
    LVP_DO(write(*ports_.profiles, work.claims));
    LVP_DO(write(*ports_.profiles, work.viewers));
    return write(*ports_.profiles, work.releases);
  }

  // Until nothing is left, or the table wants a pause.
  Status write(store::ExternalTable& table, Changes& changes) {
    while (!changes.empty()) {
      std::vector<Change> some = changes.take(settings_.write_items);
      const auto outcomes = table.write(some);
      if (!outcomes) {
        for (Change& change : some) changes.give_back(std::move(change));
        prepared_ = false;  // the table may be gone
        return std::unexpected(outcomes.error());
      }
      std::string throttled;
      for (std::size_t i = 0; i < some.size(); ++i) {
        if (note((*outcomes)[i], some[i])) continue;
        throttled = (*outcomes)[i].why;
        changes.give_back(std::move(some[i]));
      }
      if (!throttled.empty()) return unavailable(table.name() + " is throttled: " + throttled);
    }
    return {};
  }

  // False if it must be done again.
  bool note(const Outcome& outcome, const Change& change) {
    switch (outcome.kind) {
      case Outcome::Kind::done:
        written_.add();
        return true;
      case Outcome::Kind::outdated:
        outdated_.add();
        return true;
      case Outcome::Kind::throttled:
        throttled_.add();
        return false;
      case Outcome::Kind::refused:
        refused_.add();
        work_->bad.push_back(
            bad_entry(change.item.key.partition, outcome.why, item_text(change.item)));
        return true;
    }
    return true;
  }

  Result<std::size_t> finish() {
    const auto unit = ports_.new_unit();
    if (!work_->bad.empty()) LVP_DO(ports_.bad.append(*unit, work_->bad));
    Status moved = ports_.updates.commit(*unit, work_->end);
    if (moved) moved = unit->commit();
    if (!moved) {
      // Written again it is the same; without the partition it is not ours to write.
      if (moved.error().code == Error::Code::conflict) {
        known_.clear();
        work_.reset();
      }
      return std::unexpected(moved.error());
    }
    for (auto& [device, item] : work_->after) known_.set(device, std::move(item));
    ports_.progress.caught_up = work_->caught_up;
    const std::size_t records = work_->records;
    work_.reset();
    return records;
  }

  const SinkPorts ports_;
  const SinkSettings settings_;
  bool prepared_ = false;
  std::vector<stream::Share> shares_;
  live::Board board_;  // for the statuses alone: it tells what changed, as /ws does
  Known known_;
  std::map<std::string, DeviceItem> recalled_;
  std::optional<Work> work_;
  Counter& written_;
  Counter& outdated_;
  Counter& refused_;
  Counter& throttled_;
};

}  // namespace

std::unique_ptr<Stage> make_sink_stage(SinkPorts ports, SinkSettings settings) {
  return std::make_unique<SinkStage>(std::move(ports), std::move(settings));
}

}  // namespace lvp::stages
