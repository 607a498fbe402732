// media → fold → updates and store; bad. Owns the state of devices and the timers.
//
// One step is one batch: its events are folded into their devices, devices whose time has come are
// declared left, viewers who asked for it are forgotten, and what changed is one unit of work:
// rows, journal, updates and the position reached (devices.h). So after a crash each event is
// either in all of them or in none, and is read again.
#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "profile/accelerator.h"
#include "profile/clock.h"
#include "profile/codec.h"
#include "profile/forget.h"
#include "profile/ping_habits.h"
#include "profile/stream_time.h"
#include "stages/devices.h"
#include "stages/stages.h"
#include "stages/tables.h"
#include "wire/bad_row.h"
#include "wire/forget_request.h"
#include "wire/media_event.h"
#include "wire/update.h"

namespace lvp::stages {
namespace {

// A batch is as large as what waits, between these: small ones are told sooner, larger ones cost
// less, as long as what they touch stays in a processor's cache.
constexpr std::size_t batch_records_min = 500;
constexpr std::size_t batch_records_max = 2'000;
// For so long after a batch of the smallest size or more the stage does not count as keeping up.
constexpr Duration lag_lasts = std::chrono::milliseconds(100);
constexpr std::size_t expected_before = 8;          // events before that of a device
constexpr std::size_t expiries_max = 2'000;         // in one step
constexpr std::size_t told_max = 4'000;             // in one step, because they waited
constexpr std::size_t forgotten_devices_max = 200;  // in one step
constexpr Duration look_for_requests_every = std::chrono::milliseconds(100);
// A mark of who was forgotten is kept until what arrives is too old to count (Limits), and longer.
constexpr Duration marks_kept_longer = std::chrono::hours(24);
constexpr std::size_t marks_dropped_max = 1'000;  // in one step

// What a step will commit, beside what changes of devices.
struct Outputs {
  std::vector<stream::Entry> updates;
  std::vector<stream::Entry> bad;
  stream::Position position;
  std::vector<profile::PingHabits::Lesson> lessons;          ///< learnt once the step is committed
  std::vector<std::pair<std::string, Timestamp>> forgotten;  ///< viewers of whom nothing is left
  std::vector<std::string> marks_dropped;
  std::vector<ForgetRequest> requests;  ///< to forget, which came as records
  bool any = false;                     ///< something else than the position
};

class ProfileStage final : public Stage {
 public:
  ProfileStage(ProfilePorts ports, ProfileSettings settings, Tables tables)
      : ports_(std::move(ports)),
        settings_(settings),
        tables_(std::move(tables)),
        devices_(tables_, {.limits = settings.limits,
                           .bytes_max = settings.memory_bytes_max,
                           .told_after = settings.told_after,
                           .told_after_max = settings.told_after_max}) {}

  std::string_view name() const override { return "profile"; }

  /// Learns what is stored, and gives those that were not gone time to come back.
  Status restore() {
    const Timestamp wall = ports_.clock.now();
    LVP_DO(tables_.pingless->scan("", [&](std::string_view key, std::string_view) -> Status {
      habits_.restore(number_of(key));
      return {};
    }));
    LVP_DO(tables_.forgotten->scan("", [&](std::string_view viewer, std::string_view at) -> Status {
      forgotten_[std::string(viewer)] = from_ms(static_cast<std::int64_t>(number_of(at)));
      return {};
    }));
    LVP_TRY(const bool any_open, devices_.restore(wall));
    if (any_open) settled_at_ = wall + settings_.settle;
    return renew();
  }

  Result<std::size_t> step(Duration wait) override {
    LVP_TRY(const stream::Batch batch,
            ports_.media.poll(records_max_, has_more_ ? Duration(0) : wait));
    Outputs out;
    if (!batch.records.empty()) out.position = batch.end();
    work_.clear();
    const Status done = handle(batch, work_, out);
    if (!done) {
      abandon(work_);
      return std::unexpected(done.error());
    }
    ports_.progress.caught_up = batch.caught_up && !devices_.any_waiting();
    records_max_ = batch.caught_up ? std::max(records_max_ / 2, batch_records_min)
                                   : std::min(records_max_ * 2, batch_records_max);
    return batch.records.size();
  }

 private:
  Status handle(const stream::Batch& batch, Work& work, Outputs& out) {
    const Timestamp wall = ports_.clock.now();
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      if (i + expected_before < batch.records.size())
        devices_.expect(batch.records[i + expected_before].key);
      LVP_DO(fold(batch.records[i], batch.partition, work, out));
    }
    LVP_DO(advance(batch, wall, work, out));
    LVP_DO(forget(wall, work, out));
    const bool keeps_up = judge_lag(batch, wall);
    LVP_TRY(const bool more_wait, devices_.touch_waiting(wall, keeps_up, told_max, work));
    LVP_DO(commit(work, out, wall, keeps_up));
    has_more_ = work.fired.size() == expiries_max || more_wait;
    return {};
  }

  // Where processors are busy with other stages too, it is told by large batches alone: each step
  // takes all that came while the others had their turn.
  bool judge_lag(const stream::Batch& batch, Timestamp wall) {
    if (!batch.caught_up || batch.records.size() >= batch_records_min) lagged_at_ = wall;
    return wall - lagged_at_ >= lag_lasts || wall < lagged_at_;
  }

  // ---- Events ----

  Status fold(const stream::Record& record, std::string_view partition, Work& work, Outputs& out) {
    if (record.key == forget_request_key) return take_request(record, out);
    const MediaEvent& event = event_;
    if (const Status read = decode_media_event(record.value, parser_, event_); !read)
      return refuse(record, read.error(), out);
    time_.read(partition, event.collected);
    const auto gone = forgotten_.find(event.viewer);
    if (gone != forgotten_.end() && profile::derived_time(event) <= gone->second) return {};

    LVP_TRY(Touched* const touched, devices_.touch(event.device_key, work));
    if (touched->is_new && touched->version == 0 && gone != forgotten_.end())
      LVP_DO(devices_.begin_at(*touched, static_cast<std::uint64_t>(to_ms(event.collected))));
    if (const auto lesson = profile::PingHabits::lesson_of(event)) out.lessons.push_back(*lesson);
    LVP_DO(devices_.take(*touched, event, time_.in(partition), habits_));
    if (settings_.mode == Mode::exact) LVP_DO(tell_exactly(event, out));
    return {};
  }

  Status refuse(const stream::Record& record, const Error& why, Outputs& out) const {
    out.bad.push_back({std::string(record.key),
                       bad_row::generic_error({"lvp-profile", LVP_VERSION}, ports_.clock.now(),
                                              why.what, record.value)});
    return {};
  }

  Status take_request(const stream::Record& record, Outputs& out) const {
    auto request = decode_forget_request(record.value);
    if (!request) return refuse(record, request.error(), out);
    out.requests.push_back(std::move(*request));
    return {};
  }

  // ---- Time ----

  // Moves time on, and declares left who is due.
  Status advance(const stream::Batch& batch, Timestamp wall, Work& work, Outputs& out) {
    const bool lagging =
        !batch.caught_up ||
        std::ranges::any_of(ports_.upstream, [](const Progress* p) { return !p->caught_up; });
    if (!lagging) {
      time_.caught_up(wall);
      lagging_since_ = {};
    } else if (lagging_since_ == Timestamp()) {
      lagging_since_ = wall;
    }
    tell_clock(lagging && wall - lagging_since_ > patience_with_lag, out);

    const auto now = time_.now();
    if (!now || wall < settled_at_) return {};
    LVP_TRY(const auto due, devices_.touch_due(*now, expiries_max, work));
    for (Touched* const touched : due) LVP_DO(devices_.expire(*touched, *now));
    return {};
  }

  // ---- Forgetting ----

  struct Request {
    std::string viewer;
    Timestamp at;
  };

  Status forget(Timestamp wall, Work& work, Outputs& out) {
    if (wall - looked_for_requests_ < look_for_requests_every && wall >= looked_for_requests_)
      return {};
    std::vector<Request> requests;
    LVP_DO(tables_.to_forget->scan("", [&](std::string_view viewer, std::string_view at) -> Status {
      requests.push_back({std::string(viewer), from_ms(static_cast<std::int64_t>(number_of(at)))});
      return {};
    }));
    std::size_t devices_left = forgotten_devices_max;
    for (const Request& request : requests) LVP_DO(forget(request, devices_left, work, out));
    if (requests.empty()) looked_for_requests_ = wall;
    drop_marks(wall, out);
    return {};
  }

  void drop_marks(Timestamp wall, Outputs& out) const {
    for (const auto& [viewer, at] : forgotten_) {
      if (out.marks_dropped.size() == marks_dropped_max) return;
      if (wall - at > settings_.limits.lateness_max + marks_kept_longer) {
        out.marks_dropped.push_back(viewer);
        out.any = true;
      }
    }
  }

  // As many of the viewer's devices as a step may take; the request stays until there is none.
  Status forget(const Request& request, std::size_t& devices_left, Work& work, Outputs& out) {
    std::vector<std::string> devices{request.viewer};  // a device may have that key
    const std::string prefix = viewer_key(request.viewer, "");
    LVP_DO(tables_.viewers->scan(prefix, [&](std::string_view key, std::string_view) -> Status {
      devices.emplace_back(key.substr(prefix.size()));
      return {};
    }));
    for (const auto& touched : work.touched.all()) {
      if (std::ranges::find(touched->viewers, request.viewer) != touched->viewers.end())
        devices.push_back(touched->key);
    }
    const bool all = devices.size() <= devices_left + 1;
    if (!all) devices.resize(devices_left);
    devices_left -= std::min(devices_left, devices.size());
    for (const std::string& device : devices) LVP_DO(forget(request.viewer, device, work, out));
    out.any = true;
    if (all) out.forgotten.emplace_back(request.viewer, request.at);
    return {};
  }

  Status forget(const std::string& viewer, const std::string& device, Work& work, Outputs& out) {
    LVP_TRY(Touched* const touched, devices_.touch(device, work));
    if (touched->is_new && !touched->changed) return {};  // there is none
    LVP_TRY(profile::Device* const whole, devices_.whole(*touched));
    const profile::Forgotten forgotten = profile::forget(*whole, viewer);
    std::erase(touched->viewers, viewer);
    touched->viewers_gone.push_back(viewer);
    if (!forgotten.nothing_left) return {};
    touched->erase = true;
    add_update(device, UpdateKind::profile, profile::encode(whole->profile), out);
    return {};
  }

  // ---- Statuses and the clock ----

  Status tell_exactly(const MediaEvent& event, Outputs& out) {
    auto viewer = exact_.find(event.accelerator_viewer);
    if (viewer == exact_.end()) {
      if (exact_.size() >= exact_viewers_max) exact_.clear();
      LVP_TRY(const auto stored, tables_.statuses->get(event.accelerator_viewer));
      profile::ExactViewer known;
      if (stored && stored->size() == 1) known.status = static_cast<profile::Status>((*stored)[0]);
      viewer = exact_.emplace(event.accelerator_viewer, known).first;
    }
    const auto status = profile::exact(viewer->second, event);
    if (!status) return {};
    told_[event.accelerator_viewer] = *status;
    add_update(event.device_key, UpdateKind::status,
               profile::message(event.accelerator_viewer, profile::cause_of(event), *status), out);
    return {};
  }

  void tell_clock(bool stands, Outputs& out) {
    if (stands == clock_stands_) return;
    std::string key(clock_key);
    add_update(key.append(settings_.partition), UpdateKind::clock,
               stands ? clock_stands : clock_runs, out);
    next_clock_stands_ = stands;
  }

  static void add_update(const std::string& key, UpdateKind kind, std::string_view payload,
                         Outputs& out) {
    out.updates.push_back(
        {key, encode_update(kind, out.position.partition, out.position.offset, payload)});
  }

  // ---- Committing ----

  Status commit(Work& work, Outputs& out, Timestamp wall, bool keeps_up) {
    const auto unit = ports_.new_unit();
    LVP_DO(devices_.write(*unit, work, wall, keeps_up,
                          [&](const std::string& key, std::string_view profile) {
                            add_update(key, UpdateKind::profile, profile, out);
                          }));
    LVP_DO(write_rest(*unit, out));
    const bool any =
        std::ranges::any_of(work.touched.all(), [](const auto& item) { return item->changed; });
    if (any || work.erased > 0 || out.any || !pingless_.empty() || !out.updates.empty() ||
        !out.bad.empty() || !out.position.offset.empty()) {
      if (!out.updates.empty()) LVP_DO(ports_.updates.append(*unit, std::move(out.updates)));
      if (!out.bad.empty()) LVP_DO(ports_.bad.append(*unit, std::move(out.bad)));
      if (!out.position.offset.empty()) LVP_DO(ports_.media.commit(*unit, out.position));
      LVP_DO(unit->commit());
    }
    clock_stands_ = next_clock_stands_;
    told_.clear();
    pingless_.clear();
    for (const profile::PingHabits::Lesson& lesson : out.lessons) {
      if (habits_.learn(lesson) && habits_.pingless(lesson.kind)) pingless_.push_back(lesson.kind);
    }
    for (const std::string& viewer : out.marks_dropped) forgotten_.erase(viewer);
    for (auto& [viewer, at] : out.forgotten) forgotten_[std::move(viewer)] = at;
    devices_.keep(work, wall);
    return {};
  }

  Status write_rest(UnitOfWork& unit, const Outputs& out) {
    for (const auto& [viewer, status] : told_)
      LVP_DO(tables_.statuses->put(unit, viewer, std::string(1, static_cast<char>(status))));
    for (const std::uint64_t kind : pingless_)
      LVP_DO(tables_.pingless->put(unit, number_key(kind), ""));
    for (const std::string& viewer : out.marks_dropped)
      LVP_DO(tables_.forgotten->erase(unit, viewer));
    for (const ForgetRequest& request : out.requests)
      LVP_DO(ask_to_forget(tables_, unit, request.viewer, request.at));
    for (const auto& [viewer, at] : out.forgotten) {
      LVP_DO(tables_.statuses->erase(unit, viewer));
      LVP_DO(tables_.to_forget->erase(unit, viewer));
      LVP_DO(
          tables_.forgotten->put(unit, viewer, number_key(static_cast<std::uint64_t>(to_ms(at)))));
    }
    return {};
  }

  // What was told and not stored is told again.
  void abandon(Work& work) {
    exact_.clear();
    told_.clear();
    next_clock_stands_ = clock_stands_;
    devices_.abandon(work);
  }

  Status renew() {
    constexpr std::size_t in_unit = 500;
    const std::vector<std::string>& stale = devices_.stale();
    for (std::size_t i = 0; i < stale.size(); i += in_unit) {
      Work work;
      Outputs out;
      for (std::size_t k = i; k < std::min(i + in_unit, stale.size()); ++k)
        LVP_DO(devices_.renew(stale[k], work));
      LVP_DO(commit(work, out, ports_.clock.now(), /*keeps_up=*/true));
    }
    devices_.all_renewed();
    return {};
  }

  /// Shorter lags are what every pipeline has, and not worth a word.
  static constexpr Duration patience_with_lag = std::chrono::seconds(3);
  static constexpr std::size_t exact_viewers_max = 100'000;  // in memory

  ProfilePorts ports_;
  ProfileSettings settings_;
  Tables tables_;
  json::Parser parser_;
  MediaEvent event_;  ///< the one in work; its memory is used again and again
  Devices devices_;
  Work work_;  ///< of a step
  profile::PingHabits habits_;
  std::vector<std::uint64_t> pingless_;  ///< kinds of players found to be so, to be stored next
  profile::StreamTime time_;
  std::size_t records_max_ = batch_records_min;
  bool has_more_ = false;  ///< to expire or to tell than a step may: the next one does not wait
  Timestamp settled_at_;
  Timestamp lagging_since_;
  Timestamp lagged_at_;  ///< the last batch that tells of a lag
  // What was told last; nothing is known of what another process told of its partition.
  std::optional<bool> clock_stands_ =
      settings_.partition.empty() ? std::optional(false) : std::nullopt;
  std::optional<bool> next_clock_stands_ = clock_stands_;
  Timestamp looked_for_requests_;
  std::unordered_map<std::string, Timestamp> forgotten_;

  // Exact mode.
  std::unordered_map<std::string, profile::ExactViewer> exact_;
  std::unordered_map<std::string, profile::Status> told_;  ///< changed in this step
};

}  // namespace

Result<std::unique_ptr<Stage>> make_profile_stage(ProfilePorts ports, ProfileSettings settings) {
  LVP_TRY(Tables tables, open_tables(ports.store));
  auto stage = std::make_unique<ProfileStage>(std::move(ports), settings, std::move(tables));
  LVP_DO(stage->restore());
  return stage;
}

}  // namespace lvp::stages
