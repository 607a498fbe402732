// The devices that the profile stage has in memory: each a row and the log since it was stored, in
// the very bytes in which they are stored (profile/storage.h).
//
// An open hash table of blocks: about 80 bytes beside a device's own. Devices are found by a hash
// of their keys; two keys with one hash are two entries, and whoever looks tells them apart by the
// row. Which entry goes when there is too much: the first that was not used since the hand of the
// clock passed it the last time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "profile/head.h"

namespace lvp::stages {

/// What is kept of a device. The views live until the entry changes.
struct Shelved {
  std::string_view row;
  std::string_view log;            ///< what is not stored yet
  std::uint64_t journal_from = 0;  ///< the first entry of the journal with events of it; 0: none
  Timestamp told_at;               ///< when it was told (devices.h)
  Timestamp armed;                 ///< when the timer fires that was set for it the last time
  bool behind = false;             ///< the row does not have the log's events yet
  bool hidden = false;             ///< the row has what was not shown (devices.h)
  profile::Newest newest;          ///< of the row
};

class Shelf {
 public:
  Shelf();
  Shelf(const Shelf&) = delete;
  Shelf& operator=(const Shelf&) = delete;

  using Place = std::size_t;
  static constexpr Place nowhere = ~Place{0};

  /// The next entry with the hash behind `after`. Places are good until the next insert or erase.
  Place find(std::uint64_t hash, Place after = nowhere) const;
  Shelved at(Place place) const;
  std::uint64_t hash_at(Place place) const { return slots_[place].hash; }
  std::size_t bytes_at(Place place) const;

  void insert(std::uint64_t hash, const Shelved& entry);
  /// No views in `entry` are those of the entry itself.
  void replace(Place place, const Shelved& entry);
  void arm(Place place, Timestamp at);
  void erase(Place place);

  // Bring nearer to the processor what find() is to look at, and then at() and whoever reads the
  // row: each long enough before.
  void bring_place(std::uint64_t hash) const { __builtin_prefetch(&slots_[home(hash)]); }
  void bring_entry(std::uint64_t hash) const;

  /// Marks it as used.
  void use(Place place);
  /// The entry that was used least lately, about; `nowhere` if there is none.
  Place coldest();

  std::size_t size() const { return size_; }
  /// All of it, tables and blocks.
  std::size_t bytes() const { return bytes_ + slots_.size() * sizeof(Slot); }

 private:
  struct Block;
  struct Free {
    void operator()(Block* block) const;
  };
  using BlockPtr = std::unique_ptr<Block, Free>;
  struct Slot {
    std::uint64_t hash = 0;
    BlockPtr block;  // none: the slot is free
  };

  static BlockPtr make_block(const Shelved& entry);
  void grow();
  Place home(std::uint64_t hash) const { return hash & (slots_.size() - 1); }
  Place next(Place place) const { return (place + 1) & (slots_.size() - 1); }

  std::vector<Slot> slots_;  // a power of two; linear probing
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;  // of the blocks
  Place hand_ = 0;
};

}  // namespace lvp::stages
