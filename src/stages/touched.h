// The devices that a step of the profile stage works on, and what it changes of them.
//
// What is allocated for them is kept for the next step: a busy stage touches thousands in each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "profile/device.h"
#include "profile/head.h"
#include "stages/shelf.h"
#include "stages/timers.h"

namespace lvp::stages {

/// A device while a step works on it.
struct Touched {
  std::string key;
  std::uint64_t hash = 0;
  std::string row;
  std::string log;             ///< what is not stored as a piece
  std::size_t journalled = 0;  ///< how much of the log the journal has
  std::uint64_t journal_from = 0;
  profile::Newest newest;
  bool hidden = false;  ///< Shelved::hidden
  Timestamp told_at;
  Shelf::Place place = Shelf::nowhere;   ///< where it was found
  std::uint64_t version = 0;             ///< when it was touched
  std::optional<profile::Device> whole;  ///< from when it was needed; the row is old then
  std::vector<std::pair<std::uint32_t, std::string>> contexts;  ///< new ones, by their numbers
  std::vector<std::string> viewers;                             ///< new ones
  std::vector<std::string> viewers_gone;                        ///< that were forgotten
  bool is_new = false;                                          ///< was in no table
  bool changed = false;                                         ///< since it was touched
  bool show = false;  ///< people see the change (devices.h)
  bool tell = false;
  bool erase = false;    ///< nothing may be left of it
  bool dismiss = false;  ///< from memory

  bool is_told() const { return changed && tell; }

  /// As if it were made anew, but for the memory of what it holds.
  void begin(std::string_view new_key, std::uint64_t new_hash) {
    key = new_key;
    hash = new_hash;
    row.clear();
    log.clear();
    journalled = 0;
    journal_from = 0;
    newest = {};
    hidden = false;
    told_at = {};
    place = Shelf::nowhere;
    version = 0;
    whole.reset();
    contexts.clear();
    viewers.clear();
    viewers_gone.clear();
    is_new = changed = show = tell = erase = dismiss = false;
  }
};

/// In the order in which they were touched. Pointers to them are good until clear().
class TouchedDevices {
 public:
  Touched* find(std::uint64_t hash, std::string_view key) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t slot = home(hash); slots_[slot] != 0;
         slot = (slot + 1) & (slots_.size() - 1)) {
      Touched* const touched = items_[slots_[slot] - 1].get();
      if (touched->hash == hash && touched->key == key) return touched;
    }
    return nullptr;
  }

  /// One that is not there yet.
  Touched& add(std::uint64_t hash, std::string_view key) {
    if (4 * (size_ + 1) > 3 * slots_.size()) grow();
    if (size_ == items_.size()) items_.push_back(std::make_unique<Touched>());
    Touched& touched = *items_[size_++];
    touched.begin(key, hash);
    insert(hash, static_cast<std::uint32_t>(size_));
    return touched;
  }
  /// Takes back the last add().
  void drop_last() {
    --size_;
    rebuild();
  }

  std::span<const std::unique_ptr<Touched>> all() const { return std::span(items_).first(size_); }

  void clear() {
    size_ = 0;
    slots_.assign(slots_.size(), 0);
  }

 private:
  std::size_t home(std::uint64_t hash) const { return hash & (slots_.size() - 1); }

  void insert(std::uint64_t hash, std::uint32_t number) {
    std::size_t slot = home(hash);
    while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = number;
  }
  void grow() {
    constexpr std::size_t slots_min = 64;
    slots_.resize(slots_.empty() ? slots_min : 2 * slots_.size());
    rebuild();
  }
  void rebuild() {
    slots_.assign(slots_.size(), 0);
    for (std::size_t i = 0; i < size_; ++i)
      insert(items_[i]->hash, static_cast<std::uint32_t>(i + 1));
  }

  std::vector<std::unique_ptr<Touched>> items_;  // the first size_ are in use
  std::size_t size_ = 0;
  std::vector<std::uint32_t> slots_;  // a power of two: 1 + index in items_, or 0; linear probing
};

/// What a step changes. Nothing of it counts before Devices::keep().
struct Work {
  TouchedDevices touched;
  std::vector<Timer> fired;
  bool journal = false;    ///< an entry was written
  std::size_t erased = 0;  ///< entries, from the oldest on

  /// For the next step.
  void clear() {
    touched.clear();
    fired.clear();
    journal = false;
    erased = 0;
  }
};

}  // namespace lvp::stages
