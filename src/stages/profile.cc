// media → fold → updates and store; bad. Owns the state of devices and the timers.
//
// One step is one batch: its events are folded into their devices, devices whose time has come are
// declared left, and what changed is one unit of work: the stored devices, the updates, the
// position reached. So after a crash each event is either in all of them or in none, and is read
// again.
//
// Devices are kept in memory while there is room. Those that a step touches are taken out first and
// put back once it is committed; if it fails they are read from the store again.
#include <algorithm>
#include <list>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "profile/accelerator.h"
#include "profile/codec.h"
#include "profile/stream_time.h"
#include "stages/stages.h"
#include "stages/tables.h"
#include "wire/bad_row.h"
#include "wire/media_event.h"
#include "wire/update.h"

namespace lvp::stages {
namespace {

using profile::Device;
using profile::Verdict;

constexpr std::size_t batch_records_max = 500;
constexpr std::size_t expiries_max = 1'000;  ///< in one step

// The devices in memory, the one used last in front.
class Cache {
 public:
  explicit Cache(std::size_t devices_max) : devices_max_(devices_max) {}

  /// Removes and returns the device, if it is there.
  std::optional<Device> take(const std::string& key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return std::nullopt;
    Device device = std::move(found->second->second);
    devices_.erase(found->second);
    places_.erase(found);
    return device;
  }

  void put(const std::string& key, Device device) {
    devices_.emplace_front(key, std::move(device));
    places_[key] = devices_.begin();
    if (places_.size() <= devices_max_) return;
    places_.erase(devices_.back().first);
    devices_.pop_back();
  }

 private:
  using Devices = std::list<std::pair<std::string, Device>>;
  std::size_t devices_max_;
  Devices devices_;
  std::unordered_map<std::string, Devices::iterator> places_;
};

// When which device is to be looked at.
class Deadlines {
 public:
  void set(const std::string& key, std::optional<Timestamp> at) {
    if (const auto old = by_key_.find(key); old != by_key_.end()) {
      by_time_.erase({old->second, key});
      by_key_.erase(old);
    }
    if (!at) return;
    by_key_[key] = *at;
    by_time_.emplace(*at, key);
  }

  bool empty() const { return by_key_.empty(); }

  std::vector<std::string> due(Timestamp now, std::size_t keys_max) const {
    std::vector<std::string> keys;
    for (const auto& [at, key] : by_time_) {
      if (at > now || keys.size() == keys_max) break;
      keys.push_back(key);
    }
    return keys;
  }

 private:
  std::set<std::pair<Timestamp, std::string>> by_time_;
  std::unordered_map<std::string, Timestamp> by_key_;
};

std::set<std::string> viewers_of(const Device& device) {
  std::set<std::string> viewers;
  for (const profile::Play& play : device.profile.plays) viewers.insert(play.session.viewer);
  return viewers;
}

// A device while a step works on it.
struct Touched {
  Device device;
  std::uint64_t stored_version = 0;
  std::set<std::string> stored_viewers;
  bool changed = false;
};

// What a step will commit.
struct Work {
  std::unordered_map<std::string, Touched> devices;
  std::vector<stream::Entry> updates;
  std::vector<stream::Entry> bad;
  stream::Position position;
};

class ProfileStage final : public Stage {
 public:
  ProfileStage(ProfilePorts ports, ProfileSettings settings, Tables tables)
      : ports_(std::move(ports)),
        settings_(settings),
        tables_(std::move(tables)),
        cache_(settings.devices_in_memory_max) {}

  std::string_view name() const override { return "profile"; }

  /// Learns the deadlines of the stored devices, and gives those that were not gone time to come
  /// back.
  Status restore() {
    LVP_DO(tables_.devices->scan("", [&](std::string_view key, std::string_view value) -> Status {
      LVP_TRY(const Device device, profile::decode_device(value));
      deadlines_.set(std::string(key), profile::deadline(device.profile));
      return {};
    }));
    if (!deadlines_.empty()) settled_at_ = ports_.clock.now() + settings_.settle;
    return {};
  }

  Result<std::size_t> step(Duration wait) override {
    LVP_TRY(const stream::Batch batch, ports_.media.poll(batch_records_max, wait));
    Work work;
    if (!batch.records.empty()) work.position = batch.end();
    for (const stream::Record& record : batch.records) LVP_DO(fold(record, batch.partition, work));
    LVP_DO(advance(batch, work));
    LVP_DO(commit(work));
    ports_.progress.caught_up = batch.caught_up;
    return batch.records.size();
  }

 private:
  Status fold(const stream::Record& record, std::string_view partition, Work& work) {
    const auto event = decode_media_event(record.value, parser_);
    if (!event) {
      work.bad.push_back({std::string(record.key),
                          bad_row::generic_error({"lvp-profile", LVP_VERSION}, ports_.clock.now(),
                                                 event.error().what, record.value)});
      return {};
    }
    time_.read(partition, event->collected);
    LVP_TRY(Touched* const touched, touch(event->device_key, work));
    // Even an event that does not count is counted, so every one changes the device.
    touched->changed = true;
    profile::apply(touched->device, *event, time_.in(partition), settings_.limits);
    if (settings_.mode == Mode::exact) LVP_DO(tell_exactly(*event, work));
    return {};
  }

  // Moves time on, and declares left who is due.
  Status advance(const stream::Batch& batch, Work& work) {
    const bool lagging =
        !batch.caught_up ||
        std::ranges::any_of(ports_.upstream, [](const Progress* p) { return !p->caught_up; });
    const Timestamp wall = ports_.clock.now();
    if (!lagging) {
      time_.caught_up(wall);
      lagging_since_ = {};
    } else if (lagging_since_ == Timestamp()) {
      lagging_since_ = wall;
    }
    tell_clock(lagging && wall - lagging_since_ > patience_with_lag, work);

    const auto now = time_.now();
    if (!now || wall < settled_at_) return {};
    for (const std::string& key : deadlines_.due(*now, expiries_max)) {
      LVP_TRY(Touched* const touched, touch(key, work));
      // An event of this batch may have given the device more time.
      if (profile::expire(touched->device, *now)) touched->changed = true;
    }
    return {};
  }

  Result<Touched*> touch(const std::string& key, Work& work) {
    if (const auto found = work.devices.find(key); found != work.devices.end())
      return &found->second;
    std::optional<Device> device = cache_.take(key);
    if (!device) {
      LVP_TRY(const auto stored, tables_.devices->get(key));
      if (stored) {
        LVP_TRY(device, profile::decode_device(*stored));
      } else {
        device.emplace().profile.device = key;
      }
    }
    Touched touched;
    touched.stored_version = device->profile.version;
    touched.stored_viewers = viewers_of(*device);
    touched.device = std::move(*device);
    return &work.devices.emplace(key, std::move(touched)).first->second;
  }

  Status tell_exactly(const MediaEvent& event, Work& work) {
    auto viewer = exact_.find(event.accelerator_viewer);
    if (viewer == exact_.end()) {
      if (exact_.size() >= settings_.devices_in_memory_max) exact_.clear();
      LVP_TRY(const auto stored, tables_.statuses->get(event.accelerator_viewer));
      profile::ExactViewer known;
      if (stored && stored->size() == 1) known.status = static_cast<profile::Status>((*stored)[0]);
      viewer = exact_.emplace(event.accelerator_viewer, known).first;
    }
    const auto status = profile::exact(viewer->second, event);
    if (!status) return {};
    told_.insert(event.accelerator_viewer);
    add_update(event.device_key, UpdateKind::status,
               profile::message(event.accelerator_viewer, profile::cause_of(event), *status), work);
    return {};
  }

  void tell_clock(bool stands, Work& work) {
    if (stands == clock_stands_) return;
    add_update("", UpdateKind::clock, std::string(stands ? clock_stands : clock_runs), work);
    next_clock_stands_ = stands;
  }

  static void add_update(const std::string& key, UpdateKind kind, std::string payload, Work& work) {
    work.updates.push_back({key, encode(Update{kind, work.position.partition, work.position.offset,
                                               std::move(payload)})});
  }

  Status commit(Work& work) {
    const Status done = write(work);
    if (!done) {  // what was told and not stored is told again
      exact_.clear();
      told_.clear();
      next_clock_stands_ = clock_stands_;
      return done;
    }
    clock_stands_ = next_clock_stands_;
    told_.clear();
    for (auto& [key, touched] : work.devices) {
      if (touched.changed) deadlines_.set(key, profile::deadline(touched.device.profile));
      cache_.put(key, std::move(touched.device));
    }
    return {};
  }

  Status write(Work& work) {
    const auto unit = ports_.new_unit();
    bool any = !work.position.offset.empty();
    for (const auto& [key, touched] : work.devices) {
      if (!touched.changed) continue;
      any = true;
      LVP_DO(tables_.devices->put(*unit, key, profile::encode(touched.device)));
      for (const std::string& viewer : viewers_of(touched.device)) {
        if (!touched.stored_viewers.contains(viewer))
          LVP_DO(tables_.viewers->put(*unit, viewer_key(viewer, key), ""));
      }
      if (touched.device.profile.version != touched.stored_version)
        add_update(key, UpdateKind::profile, profile::encode(touched.device.profile), work);
    }
    for (const std::string& viewer : told_) {
      const std::string status(1, static_cast<char>(*exact_.at(viewer).status));
      LVP_DO(tables_.statuses->put(*unit, viewer, status));
    }
    if (!any && work.updates.empty()) return {};
    if (!work.updates.empty()) LVP_DO(ports_.updates.append(*unit, std::move(work.updates)));
    if (!work.bad.empty()) LVP_DO(ports_.bad.append(*unit, std::move(work.bad)));
    if (!work.position.offset.empty()) LVP_DO(ports_.media.commit(*unit, work.position));
    return unit->commit();
  }

  /// Shorter lags are what every pipeline has, and not worth a word.
  static constexpr Duration patience_with_lag = std::chrono::seconds(3);

  ProfilePorts ports_;
  ProfileSettings settings_;
  Tables tables_;
  json::Parser parser_;
  Cache cache_;
  Deadlines deadlines_;
  profile::StreamTime time_;
  Timestamp settled_at_;
  Timestamp lagging_since_;
  bool clock_stands_ = false;
  bool next_clock_stands_ = false;

  // Exact mode.
  std::unordered_map<std::string, profile::ExactViewer> exact_;
  std::set<std::string> told_;  ///< their status changed in this step
};

}  // namespace

Result<std::unique_ptr<Stage>> make_profile_stage(ProfilePorts ports, ProfileSettings settings) {
  LVP_TRY(Tables tables, open_tables(ports.store));
  auto stage = std::make_unique<ProfileStage>(std::move(ports), settings, std::move(tables));
  LVP_DO(stage->restore());
  return stage;
}

}  // namespace lvp::stages
