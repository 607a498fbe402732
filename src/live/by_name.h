// A hash table of things by their names, for millions of them.
//
// What costs there is waiting for memory: once to see that a name is not known, twice to reach what
// one names. What the table holds stays where it is until it is erased; to grow, the table moves
// hashes and pointers and looks at nothing else.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lvp::live {

template <class T>
class ByName {
 public:
  struct Item {
    explicit Item(std::string_view n) : name(n) {}

    const std::string name;
    T value{};
  };

  /// Nothing if there is none of that name.
  Item* find(std::string_view name) const {
    return slots_.empty() ? nullptr : slots_[slot_of(hash_of(name), name)].item.get();
  }

  /// The one of that name, and whether it was made now.
  std::pair<Item&, bool> find_or_add(std::string_view name) {
    if (4 * (size_ + 1) > 3 * slots_.size()) grow();
    const std::size_t hash = hash_of(name);
    Slot& slot = slots_[slot_of(hash, name)];
    if (slot.item) return {*slot.item, false};
    slot = {hash, std::make_unique<Item>(name)};
    ++size_;
    return {*slot.item, true};
  }

  /// There must be one of that name.
  void erase(std::string_view name) {
    std::size_t hole = slot_of(hash_of(name), name);
    slots_[hole].item.reset();
    --size_;
    // Those that were pushed behind this one by it move up.
    for (std::size_t at = next(hole); slots_[at].item; at = next(at)) {
      const std::size_t wanted = home(slots_[at].hash);
      if (((at - wanted) & mask()) < ((at - hole) & mask())) continue;
      slots_[hole] = std::move(slots_[at]);
      hole = at;
    }
  }

  std::size_t size() const { return size_; }

  /// In no order.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.item) visit(*slot.item);
    }
  }

 private:
  struct Slot {
    std::size_t hash = 0;
    std::unique_ptr<Item> item;  // none: the slot is free
  };

  static constexpr std::size_t slots_min = 64;

  static std::size_t hash_of(std::string_view name) { return std::hash<std::string_view>()(name); }
  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t home(std::size_t hash) const { return hash & mask(); }
  std::size_t next(std::size_t slot) const { return (slot + 1) & mask(); }

  // Where it is, or belongs.
  std::size_t slot_of(std::size_t hash, std::string_view name) const {
    std::size_t at = home(hash);
    while (slots_[at].item && (slots_[at].hash != hash || slots_[at].item->name != name))
      at = next(at);
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? slots_min : 2 * slots_.size());
    std::swap(old, slots_);
    for (Slot& slot : old) {
      if (!slot.item) continue;
      std::size_t at = home(slot.hash);
      while (slots_[at].item) at = next(at);
      slots_[at] = std::move(slot);
    }
  }

  std::vector<Slot> slots_;  // none, or a power of two, a quarter of them free; linear probing
  std::size_t size_ = 0;
};

}  // namespace lvp::live
