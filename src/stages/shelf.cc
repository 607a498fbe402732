#include "stages/shelf.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace lvp::stages {
namespace {

constexpr std::size_t slots_min = 1024;
constexpr std::size_t allocation_bytes = 16;  // what the allocator adds to a block, about
// Rows grow by a few bytes now and then: blocks have room, and are not too large.
constexpr std::size_t room_step = 32;
constexpr std::size_t room_max = 128;
constexpr std::size_t entry_bytes_brought = 1024;  // at once: what most have

std::size_t room_for(std::size_t bytes) {
  return (bytes + room_step - 1) / room_step * room_step;
}

}  // namespace

// Followed by the bytes of the row and of the log.
struct Shelf::Block {
  std::uint32_t row_bytes = 0;
  std::uint32_t log_bytes = 0;
  std::uint32_t room = 0;  // for row and log
  bool used = true;
  bool behind = false;
  bool hidden = false;
  profile::Newest newest;
  std::uint64_t journal_from = 0;
  Timestamp told_at;
  Timestamp armed;

  char* data() { return reinterpret_cast<char*>(this + 1); }
  const char* data() const { return reinterpret_cast<const char*>(this + 1); }
  std::size_t bytes() const { return sizeof(Block) + room + allocation_bytes; }
  bool fits(const Shelved& entry) const {
    const std::size_t needed = entry.row.size() + entry.log.size();
    return needed <= room && room - needed <= room_max;
  }
  void hold(const Shelved& entry) {
    row_bytes = static_cast<std::uint32_t>(entry.row.size());
    log_bytes = static_cast<std::uint32_t>(entry.log.size());
    behind = entry.behind;
    hidden = entry.hidden;
    newest = entry.newest;
    journal_from = entry.journal_from;
    told_at = entry.told_at;
    armed = entry.armed;
    std::memcpy(data(), entry.row.data(), row_bytes);
    if (log_bytes > 0) std::memcpy(data() + row_bytes, entry.log.data(), log_bytes);
  }
};

void Shelf::Free::operator()(Block* block) const {
  block->~Block();
  std::free(block);
}

Shelf::Shelf() : slots_(slots_min) {}

Shelf::Place Shelf::find(std::uint64_t hash, Place after) const {
  for (Place p = after == nowhere ? home(hash) : next(after); slots_[p].block; p = next(p)) {
    if (slots_[p].hash == hash) return p;
  }
  return nowhere;
}

Shelved Shelf::at(Place place) const {
  const Block& block = *slots_[place].block;
  return {.row = {block.data(), block.row_bytes},
          .log = {block.data() + block.row_bytes, block.log_bytes},
          .journal_from = block.journal_from,
          .told_at = block.told_at,
          .armed = block.armed,
          .behind = block.behind,
          .hidden = block.hidden,
          .newest = block.newest};
}

std::size_t Shelf::bytes_at(Place place) const {
  return slots_[place].block->bytes();
}

void Shelf::insert(std::uint64_t hash, const Shelved& entry) {
  if (4 * (size_ + 1) > 3 * slots_.size()) grow();
  Place place = home(hash);
  while (slots_[place].block) place = next(place);
  slots_[place] = {hash, make_block(entry)};
  ++size_;
  bytes_ += slots_[place].block->bytes();
}

void Shelf::replace(Place place, const Shelved& entry) {
  BlockPtr& block = slots_[place].block;
  if (block->fits(entry)) {
    block->hold(entry);
    block->used = true;
    return;
  }
  bytes_ -= block->bytes();
  block = make_block(entry);
  bytes_ += block->bytes();
}

void Shelf::arm(Place place, Timestamp at) {
  slots_[place].block->armed = at;
}

void Shelf::erase(Place place) {
  --size_;
  bytes_ -= slots_[place].block->bytes();
  slots_[place].block.reset();
  // Entries that were pushed behind this one by it move up.
  for (Place p = next(place); slots_[p].block; p = next(p)) {
    const Place wanted = home(slots_[p].hash);
    const bool stays = place <= p ? place < wanted && wanted <= p : place < wanted || wanted <= p;
    if (stays) continue;
    slots_[place] = std::move(slots_[p]);
    place = p;
  }
}

void Shelf::bring_entry(std::uint64_t hash) const {
  constexpr std::size_t line_bytes = 64;
  const Place place = find(hash);
  if (place == nowhere) return;
  const auto* const begin = reinterpret_cast<const char*>(slots_[place].block.get());
  for (std::size_t at = 0; at < entry_bytes_brought; at += line_bytes)
    __builtin_prefetch(begin + at);
}

void Shelf::use(Place place) {
  slots_[place].block->used = true;
}

Shelf::Place Shelf::coldest() {
  for (std::size_t i = 0; i < 2 * slots_.size(); ++i) {
    const Place place = hand_;
    hand_ = next(hand_);
    Block* const block = slots_[place].block.get();
    if (block != nullptr && !std::exchange(block->used, false)) return place;
  }
  return nowhere;
}

Shelf::BlockPtr Shelf::make_block(const Shelved& entry) {
  const std::size_t room = room_for(entry.row.size() + entry.log.size());
  void* const memory = std::malloc(sizeof(Block) + room);
  if (memory == nullptr) throw std::bad_alloc();
  BlockPtr block(new (memory) Block);
  block->room = static_cast<std::uint32_t>(room);
  block->hold(entry);
  return block;
}

void Shelf::grow() {
  std::vector<Slot> old(2 * slots_.size());
  std::swap(old, slots_);
  hand_ = 0;
  for (Slot& slot : old) {
    if (!slot.block) continue;
    Place place = home(slot.hash);
    while (slots_[place].block) place = next(place);
    slots_[place] = std::move(slot);
  }
}

}  // namespace lvp::stages
