#include "stages/devices.h"

#include <algorithm>

#include "profile/codec.h"
#include "profile/event_log.h"
#include "profile/head.h"

namespace lvp::stages {
namespace {

using profile::Device;
using profile::Followed;
using profile::Reader;
using profile::Row;
using profile::Writer;

constexpr Timestamp long_ago;
constexpr Timestamp unarmed = Timestamp::max();
constexpr std::size_t log_bytes_max = 4096;           // then a device is told
constexpr std::size_t journal_bytes_max = 512 << 10;  // of an entry, about; the rest is told
constexpr std::uint32_t pieces_max = 24;              // then its log is begun anew
constexpr std::size_t cold_max = 8'000;               // told in one step to leave memory
constexpr char codec_version = 2;                     // of numbers and texts in the journal

std::string packed(Writer& scratch, const Row& row) {
  write_row(scratch, row);
  return std::string(scratch.bytes());
}

bool knows(const profile::Profile& profile, std::string_view viewer) {
  return std::ranges::find(profile.viewers, viewer, &profile::Identity::viewer) !=
         profile.viewers.end();
}

// What the journal has of a device behind the entry that its row includes. Sets the first of these.
std::string log_beyond(std::uint64_t included, std::string_view pending, std::uint64_t& first) {
  std::string log;
  Reader in(pending, codec_version);
  while (!in.at_end()) {
    const std::uint64_t entry = in.fixed(8);
    const std::string_view part = in.sized();
    if (entry <= included) continue;
    if (first == 0) first = entry;
    log += part;
  }
  return log;
}

std::string_view new_part(const Touched& touched) {
  return std::string_view(touched.log).substr(touched.journalled);
}

}  // namespace

Devices::Devices(const Tables& tables, const DevicesSettings& settings)
    : tables_(tables), settings_(settings) {}

// ---- At the start ----

Result<bool> Devices::restore(Timestamp wall) {
  LVP_TRY(const Pending pending, read_journal());
  LVP_DO(tables_.devices->scan("", [&](std::string_view key, std::string_view value) -> Status {
    if (profile::is_row(value)) {
      restore_row(key, value, pending, wall);
    } else {
      stale_.emplace_back(key);
      all_in_memory_ = false;
    }
    return {};
  }));
  std::ranges::stable_sort(waiting_, {}, &Waiting::entry);
  return timers_.size() > 0 || !stale_.empty();
}

Result<Devices::Pending> Devices::read_journal() {
  Pending pending;
  LVP_DO(tables_.journal->scan("", [&](std::string_view key, std::string_view value) -> Status {
    const std::uint64_t entry = number_of(key);
    entries_.push_back(entry);
    next_entry_ = entry + 1;
    Reader in(value, codec_version);
    while (!in.at_end()) {
      std::string device;
      in(device);
      scratch_.clear();
      scratch_.fixed(entry, 8);
      const std::string_view log = in.sized();
      scratch_(static_cast<std::uint64_t>(log.size()));
      scratch_.raw(log);
      pending[device] += scratch_.bytes();
    }
    return in.good() ? Status() : corrupt("table journal: an entry makes no sense");
  }));
  return pending;
}

// What the journal has of it is folded when it is touched, which is soon: it waits to be told.
void Devices::restore_row(std::string_view key, std::string_view row, const Pending& pending,
                          Timestamp wall) {
  const std::uint64_t hash = hash_of(key);
  const auto deadline = profile::deadline_of(row);
  if (deadline) timers_.set({*deadline, hash});
  next_entry_ = std::max(next_entry_, profile::journal_of(row) + 1);
  Shelved entry;
  entry.row = row;
  entry.told_at = wall;
  entry.armed = deadline.value_or(unarmed);
  std::string log;
  if (const auto found = pending.find(key); found != pending.end())
    log = log_beyond(profile::journal_of(row), found->second, entry.journal_from);
  if (log.empty() && is_full()) {
    all_in_memory_ = false;
    return;
  }
  entry.log = log;
  entry.behind = entry.hidden = !log.empty();
  shelf_.insert(hash, entry);
  if (entry.journal_from != 0) waiting_.push_back({entry.journal_from, hash, long_ago});
}

Status Devices::renew(const std::string& stale, Work& work) {
  LVP_TRY(Touched* const touched, touch(stale, work));
  touched->changed = touched->tell = true;
  return {};
}

// ---- One device ----

Result<Touched*> Devices::touch(std::string_view key, Work& work) {
  const std::uint64_t hash = hash_of(key);
  if (Touched* const found = work.touched.find(hash, key)) return found;
  Touched& touched = work.touched.add(hash, key);
  if (const Status loaded = load(touched); !loaded) {
    work.touched.drop_last();
    return std::unexpected(loaded.error());
  }
  return &touched;
}

// In two steps, since where the row is must be there before the row can come.
void Devices::expect(std::string_view key) {
  const std::uint64_t hash = hash_of(key);
  shelf_.bring_place(hash);
  shelf_.bring_entry(std::exchange(expected_[next_expected_], hash));
  next_expected_ = (next_expected_ + 1) % expected_.size();
}

Status Devices::load(Touched& touched) {
  touched.place = find(touched.hash, touched.key);
  if (touched.place == Shelf::nowhere) {
    LVP_DO(load_stored(touched));
  } else {
    shelf_.use(touched.place);
    const Shelved entry = shelf_.at(touched.place);
    touched.row = entry.row;
    touched.log = entry.log;
    touched.journalled = entry.log.size();
    touched.journal_from = entry.journal_from;
    touched.newest = entry.newest;
    touched.told_at = entry.told_at;
    touched.hidden = entry.hidden;
    if (entry.behind) LVP_DO(catch_up(touched));
  }
  touched.version = profile::version_of(touched.row);
  return {};
}

// Lets the row have the events of the log. Where it cannot follow them, because it was kept with
// other limits, the whole device takes them.
Status Devices::catch_up(Touched& touched) {
  LVP_TRY(const Row stored, profile::read_row(touched.row));
  LVP_TRY(const auto known, contexts(touched.key, stored.contexts.size()));
  Row row = stored;
  LVP_TRY(const bool follows,
          profile::catch_up(row.head, touched.log, known, settings_.limits, {}));
  if (follows) {
    touched.row = packed(scratch_, row);
    return {};
  }
  std::vector<profile::LoggedEvent> events;
  LVP_DO(profile::read_log(touched.log, known, events));
  touched.log.clear();
  touched.journalled = 0;
  LVP_TRY(touched.whole, join(touched, stored));
  for (const profile::LoggedEvent& logged : events)
    apply(*touched.whole, logged.event, logged.now, settings_.limits);
  touched.changed = touched.tell = true;
  return {};
}

Status Devices::load_stored(Touched& touched) {
  std::optional<std::string> stored;
  if (!all_in_memory_) {
    LVP_TRY(stored, tables_.devices->get(touched.key));
  }
  if (stored && profile::is_row(*stored)) {
    touched.row = *std::move(stored);
    return {};
  }
  touched.is_new = true;
  Row row;
  row.head.profile.device = touched.key;
  if (stored) {
    LVP_TRY(touched.whole, profile::decode_device(*stored));
    row.head = profile::head_of(*touched.whole);
    touched.changed = touched.tell = true;
    for (const profile::Identity& identity : touched.whole->profile.viewers)
      touched.viewers.push_back(identity.viewer);
  }
  touched.row = packed(scratch_, row);
  return {};
}

Shelf::Place Devices::find(std::uint64_t hash, std::string_view key) const {
  for (Shelf::Place place = shelf_.find(hash); place != Shelf::nowhere;
       place = shelf_.find(hash, place)) {
    if (profile::is_of(shelf_.at(place).row, key)) return place;
  }
  return Shelf::nowhere;
}

// Nearly every event: what the row has of it is changed where it is.
bool Devices::take_quietly(Touched& touched, const MediaEvent& event, Timestamp now) {
  const auto ping = pings_.follow(touched.row, event, now, settings_.limits, scratch_);
  if (!ping) return false;
  touched.tell |= touched.log.size() > log_bytes_max;
  touched.row = scratch_.bytes();
  scratch_.clear();
  append_known(scratch_, ping->context, event, ping->now);
  touched.log += scratch_.bytes();
  touched.newest = {static_cast<std::uint8_t>(ping->play), event.kind};
  return true;
}

Status Devices::take(Touched& touched, const MediaEvent& event, Timestamp now,
                     const profile::PingHabits& habits) {
  touched.changed = true;
  const bool short_log =
      profile::next_piece_of(touched.row) - profile::first_piece_of(touched.row) < pieces_max;
  if (!touched.whole && short_log && take_quietly(touched, event, now)) return {};
  if (!touched.whole) {
    Row& row = row_;
    LVP_DO(profile::read_row(touched.row, row));
    const bool known = knows(row.head.profile, event.viewer);
    const std::size_t plays = row.head.profile.plays.size();
    const Followed followed =
        short_log ? follow(row.head, event, now, settings_.limits, habits, &touched.newest)
                  : Followed::no;
    if (followed != Followed::no) {
      touched.show |= followed == Followed::with_news;
      touched.tell |= followed == Followed::counted || row.head.profile.plays.size() != plays ||
                      touched.log.size() > log_bytes_max;
      if (followed != Followed::counted) {
        if (!known && !event.viewer.empty()) {
          touched.viewers.push_back(event.viewer);
          touched.tell = true;
        }
        scratch_.clear();
        if (append(scratch_, row.contexts, event, std::max(now, row.head.profile.last_arrival))) {
          touched.contexts.emplace_back(row.contexts.size() - 1, profile::encode_context(event));
          touched.tell = true;
        }
        touched.log += scratch_.bytes();
      }
      write_row(scratch_, row);
      touched.row = scratch_.bytes();
      return {};
    }
    LVP_TRY(touched.whole, join(touched, row));
    touched.newest = {};
  }
  const bool known = knows(touched.whole->profile, event.viewer);
  apply(*touched.whole, event, now, settings_.limits, habits);
  if (!known && knows(touched.whole->profile, event.viewer))
    touched.viewers.push_back(event.viewer);
  touched.tell = true;
  return {};
}

Status Devices::begin_at(Touched& touched, std::uint64_t version) {
  LVP_TRY(Row row, profile::read_row(touched.row));
  row.head.profile.version = touched.version = version;
  touched.row = packed(scratch_, row);
  return {};
}

Result<Device*> Devices::whole(Touched& touched) {
  if (!touched.whole) {
    LVP_TRY(const Row row, profile::read_row(touched.row));
    LVP_TRY(touched.whole, join(touched, row));
    touched.newest = {};
  }
  touched.changed = touched.tell = true;
  return &*touched.whole;
}

Status Devices::expire(Touched& touched, Timestamp now) {
  bool left = false;
  if (touched.whole) {
    left = profile::expire(*touched.whole, now);
  } else {
    LVP_DO(profile::read_row(touched.row, row_));
    left = profile::expire(row_.head.profile, now);
    if (left) touched.row = packed(scratch_, row_);
  }
  touched.changed |= left;
  touched.tell |= left;
  return {};
}

Result<std::vector<MediaEvent>> Devices::contexts(std::string_view key, std::size_t count) const {
  std::vector<MediaEvent> contexts;
  for (std::uint32_t i = 0; i < count; ++i) {
    LVP_TRY(const auto stored, tables_.contexts->get(numbered_key(key, i)));
    if (!stored) return corrupt("table contexts: one is missing");
    LVP_TRY(contexts.emplace_back(), profile::decode_context(*stored));
  }
  return contexts;
}

Result<Device> Devices::join(const Touched& touched, const Row& row) const {
  const std::size_t stored = row.contexts.size() - touched.contexts.size();
  LVP_TRY(std::vector<MediaEvent> known, contexts(touched.key, stored));
  for (const auto& [number, context] : touched.contexts) {
    LVP_TRY(known.emplace_back(), profile::decode_context(context));
  }
  std::vector<std::string> pieces;
  for (std::uint32_t i = row.first_piece; i < row.next_piece; ++i) {
    LVP_TRY(auto piece, tables_.pieces->get(numbered_key(touched.key, i)));
    if (!piece) return corrupt("table pieces: one is missing");
    pieces.push_back(*std::move(piece));
  }
  if (pieces.empty()) pieces.emplace_back(profile::no_base);
  pieces.push_back(touched.log);
  const std::vector<std::string_view> views(pieces.begin(), pieces.end());
  return profile::join(row.head, known, views, settings_.limits);
}

// ---- Many ----

Result<std::vector<Touched*>> Devices::touch_due(Timestamp now, std::size_t devices_max,
                                                 Work& work) {
  std::vector<std::string> keys;
  const auto look_at = [&](std::string_view row, std::uint64_t hash) {
    const auto deadline = profile::deadline_of(row);
    if (!deadline) return unarmed;
    if (*deadline <= now) {
      keys.push_back(profile::device_of(row));
      return unarmed;
    }
    timers_.set({*deadline, hash});
    return *deadline;
  };
  work.fired = timers_.take_due(now, devices_max);
  for (const Timer& timer : work.fired) {
    Shelf::Place place = shelf_.find(timer.device);
    const bool in_memory = place != Shelf::nowhere;
    for (; place != Shelf::nowhere; place = shelf_.find(timer.device, place)) {
      if (shelf_.at(place).armed == timer.at)
        shelf_.arm(place, look_at(shelf_.at(place).row, timer.device));
    }
    if (in_memory) continue;
    LVP_DO(
        tables_.names->scan(number_key(timer.device), [&](std::string_view name, auto) -> Status {
          LVP_TRY(const auto row, tables_.devices->get(name.substr(8)));
          if (row && profile::is_row(*row)) look_at(*row, timer.device);
          return {};
        }));
  }
  for (const std::string& key : keys) LVP_DO(touch(key, work));
  std::vector<Touched*> due;
  for (const auto& touched : work.touched.all()) {
    const auto at = touched->whole ? profile::deadline(touched->whole->profile)
                                   : profile::deadline_of(touched->row);
    if (at && *at <= now) due.push_back(touched.get());
  }
  return due;
}

bool Devices::is_waiting(const Waiting& waiting) const {
  for (Shelf::Place place = shelf_.find(waiting.device); place != Shelf::nowhere;
       place = shelf_.find(waiting.device, place)) {
    const std::uint64_t from = shelf_.at(place).journal_from;
    if (from != 0 && from <= waiting.entry) return true;
  }
  return false;
}

Result<bool> Devices::touch_waiting(Timestamp wall, bool keeps_up, std::size_t devices_max,
                                    Work& work) {
  const Duration patience = keeps_up ? settings_.told_after : settings_.told_after_max;
  const auto tell_all = [&](std::uint64_t hash, bool dismiss) -> Status {
    for (Shelf::Place place = shelf_.find(hash); place != Shelf::nowhere;
         place = shelf_.find(hash, place)) {
      if (shelf_.at(place).journal_from == 0) continue;
      LVP_TRY(Touched* const touched, touch(profile::device_of(shelf_.at(place).row), work));
      touched->changed = touched->tell = true;
      touched->dismiss |= dismiss;
    }
    return {};
  };
  for (const std::uint64_t hash : std::exchange(cold_, {})) LVP_DO(tell_all(hash, true));
  while (!waiting_.empty() && !is_waiting(waiting_.front())) waiting_.pop_front();
  for (std::size_t i = 0; i < waiting_.size() && wall - waiting_[i].since >= patience; ++i) {
    if (i == devices_max) return true;
    if (is_waiting(waiting_[i])) LVP_DO(tell_all(waiting_[i].device, false));
  }
  return false;
}

// ---- Writing ----

Status Devices::write(UnitOfWork& unit, Work& work, Timestamp wall, bool keeps_up,
                      const Publish& publish) {
  const Duration patience = is_full()  ? Duration(0)
                            : keeps_up ? settings_.told_after
                                       : settings_.told_after_max;
  Writer entry;
  for (const auto& item : work.touched.all()) {
    Touched& touched = *item;
    if (!touched.changed) continue;
    touched.tell |= entry.bytes().size() > journal_bytes_max || (touched.show && keeps_up) ||
                    wall - touched.told_at >= patience;
    for (const std::string& viewer : touched.viewers_gone)
      LVP_DO(tables_.viewers->erase(unit, viewer_key(viewer, touched.key)));
    if (touched.erase) {
      LVP_DO(erase(touched, unit));
    } else if (touched.tell) {
      LVP_DO(tell(touched, unit, publish));
    } else {
      entry(touched.key, static_cast<std::uint64_t>(new_part(touched).size()));
      entry.raw(new_part(touched));
      touched.hidden = !touched.show;
      if (touched.show) publish(touched.key, profile::profile_of(touched.row));
    }
  }
  work.journal = !entry.bytes().empty();
  if (work.journal)
    LVP_DO(tables_.journal->put(unit, number_key(next_entry_), std::string(entry.bytes())));
  const std::uint64_t needed = !stale_.empty()    ? 0
                               : waiting_.empty() ? next_entry_
                                                  : waiting_.front().entry;
  for (; work.erased < entries_.size() && entries_[work.erased] < needed; ++work.erased)
    LVP_DO(tables_.journal->erase(unit, number_key(entries_[work.erased])));
  return {};
}

Status Devices::tell(Touched& touched, UnitOfWork& unit, const Publish& publish) {
  if (touched.whole) {
    LVP_DO(begin_log(touched, unit));
  } else {
    LVP_DO(extend_log(touched, unit));
  }
  LVP_DO(tables_.devices->put(unit, touched.key, touched.row));
  if (touched.is_new) LVP_DO(tables_.names->put(unit, hashed_key(touched.hash, touched.key), ""));
  for (const std::string& viewer : touched.viewers)
    LVP_DO(tables_.viewers->put(unit, viewer_key(viewer, touched.key), ""));
  if (touched.hidden || profile::version_of(touched.row) != touched.version)
    publish(touched.key, profile::profile_of(touched.row));
  return {};
}

// What was joined is written in one piece.
Status Devices::begin_log(Touched& touched, UnitOfWork& unit) {
  LVP_TRY(Row row, profile::read_row(touched.row));
  const auto contexts_before = static_cast<std::uint32_t>(row.contexts.size());
  for (std::uint32_t i = row.first_piece; i < row.next_piece; ++i)
    LVP_DO(tables_.pieces->erase(unit, numbered_key(touched.key, i)));
  row.head = profile::head_of(*touched.whole);
  profile::FreshLog fresh = fresh_log(*touched.whole, row);
  row.first_piece = row.next_piece++;
  row.journal = next_entry_;
  touched.row = packed(scratch_, row);
  LVP_DO(tables_.pieces->put(unit, numbered_key(touched.key, row.first_piece),
                             std::move(fresh.piece)));
  for (std::uint32_t i = 0; i < fresh.contexts.size(); ++i)
    LVP_DO(tables_.contexts->put(unit, numbered_key(touched.key, i), std::move(fresh.contexts[i])));
  for (auto i = static_cast<std::uint32_t>(fresh.contexts.size()); i < contexts_before; ++i)
    LVP_DO(tables_.contexts->erase(unit, numbered_key(touched.key, i)));
  return {};
}

Status Devices::extend_log(Touched& touched, UnitOfWork& unit) {
  const std::uint32_t first = profile::first_piece_of(touched.row);
  std::uint32_t next = profile::next_piece_of(touched.row);
  if (!touched.log.empty()) {
    std::string piece(first == next ? profile::no_base : std::string_view());
    piece += touched.log;
    LVP_DO(tables_.pieces->put(unit, numbered_key(touched.key, next++), std::move(piece)));
  }
  for (auto& [number, context] : touched.contexts)
    LVP_DO(tables_.contexts->put(unit, numbered_key(touched.key, number), context));
  profile::number_row(touched.row, next_entry_, first, next);
  return {};
}

Status Devices::erase(Touched& touched, UnitOfWork& unit) {
  LVP_TRY(const Row row, profile::read_row(touched.row));
  for (std::uint32_t i = row.first_piece; i < row.next_piece; ++i)
    LVP_DO(tables_.pieces->erase(unit, numbered_key(touched.key, i)));
  for (std::uint32_t i = 0; i < row.contexts.size(); ++i)
    LVP_DO(tables_.contexts->erase(unit, numbered_key(touched.key, i)));
  LVP_DO(tables_.names->erase(unit, hashed_key(touched.hash, touched.key)));
  return tables_.devices->erase(unit, touched.key);
}

// ---- Afterwards ----

void Devices::keep(Work& work, Timestamp wall) {
  // Places are good until others come or go.
  for (const auto& touched : work.touched.all()) {
    if (touched->place != Shelf::nowhere && !touched->erase) keep_one(*touched, wall);
  }
  for (const auto& touched : work.touched.all()) {
    const bool goes = touched->erase || (touched->is_told() && touched->dismiss);
    if (!goes) continue;
    if (!touched->erase) all_in_memory_ = false;
    if (touched->place != Shelf::nowhere) shelf_.erase(find(touched->hash, touched->key));
  }
  for (const auto& touched : work.touched.all()) {
    const bool is_none = touched->erase || (touched->is_new && !touched->changed);
    if (touched->place == Shelf::nowhere && !is_none) keep_one(*touched, wall);
  }
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(work.erased));
  if (work.journal) entries_.push_back(next_entry_);
  ++next_entry_;
  make_room();
}

void Devices::keep_one(const Touched& touched, Timestamp wall) {
  const bool told = touched.is_told();
  Shelved entry;
  entry.row = touched.row;
  entry.told_at = told ? wall : touched.told_at;
  entry.newest = touched.newest;
  entry.armed = touched.place == Shelf::nowhere ? unarmed : shelf_.at(touched.place).armed;
  if (!told) {
    entry.log = touched.log;
    entry.hidden = touched.hidden;
    entry.journal_from = touched.journal_from;
    if (touched.changed && entry.journal_from == 0) {
      entry.journal_from = next_entry_;
      waiting_.push_back({next_entry_, touched.hash, wall});
    }
  }
  if (const auto deadline = profile::deadline_of(touched.row);
      deadline && *deadline < entry.armed) {
    entry.armed = *deadline;
    timers_.set({*deadline, touched.hash});
  }
  if (told && touched.dismiss) return;
  if (touched.place == Shelf::nowhere) {
    shelf_.insert(touched.hash, entry);
  } else {
    shelf_.replace(touched.place, entry);
  }
}

// Those that are told may go at once; the others go with the next step, which tells them.
void Devices::make_room() {
  std::size_t leaving = 0;
  while (bytes_in_memory() > settings_.bytes_max + leaving && cold_.size() < cold_max &&
         cold_.size() < shelf_.size()) {
    const Shelf::Place place = shelf_.coldest();
    if (place == Shelf::nowhere) return;
    if (shelf_.at(place).journal_from == 0) {
      shelf_.erase(place);
      all_in_memory_ = false;
    } else {
      cold_.push_back(shelf_.hash_at(place));
      leaving += shelf_.bytes_at(place);
    }
  }
}

void Devices::abandon(Work& work) {
  for (const Timer& timer : work.fired) {
    timers_.set(timer);
    for (Shelf::Place place = shelf_.find(timer.device); place != Shelf::nowhere;
         place = shelf_.find(timer.device, place)) {
      if (shelf_.at(place).armed == unarmed) shelf_.arm(place, timer.at);
    }
  }
}

}  // namespace lvp::stages
