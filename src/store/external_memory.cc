#include "store/external_memory.h"

#include <utility>

namespace lvp::store {
namespace {

std::uint64_t number(const Value* value) {
  return value == nullptr ? 0 : std::stoull(value->text);
}

}  // namespace

MemoryTable::MemoryTable(TableShape shape)
    : shape_(std::move(shape)), name_("memory: table " + shape_.name) {}

Status MemoryTable::prepare(bool /*create*/) {
  if (away) return unavailable(name_ + " is away");
  return {};
}

Result<std::vector<Outcome>> MemoryTable::write(std::span<const Change> changes) {
  if (away) return unavailable(name_ + " is away");
  std::vector<Outcome> outcomes;
  for (const Change& change : changes) outcomes.push_back(make(change));
  return outcomes;
}

Outcome MemoryTable::make(const Change& change) {
  if (fate) {
    if (Outcome outcome = fate(change); outcome.kind != Outcome::Kind::done) return outcome;
  }
  const ItemKey& key = change.item.key;
  if (key.partition.empty() || key.sort.empty()) return {Outcome::Kind::refused, "an empty key"};
  const auto stored = items_.find(key);
  if (change.version && stored != items_.end()) {
    const Item item{key, stored->second};
    if (number(field(item, shape_.version)) >= *change.version) return {Outcome::Kind::outdated};
  }
  ++written;
  if (change.kind == Change::Kind::erase) {
    items_.erase(key);
  } else {
    items_[key] = change.item.fields;
  }
  return {};
}

Result<std::vector<std::optional<Item>>> MemoryTable::read(std::span<const ItemKey> keys) {
  if (away) return unavailable(name_ + " is away");
  std::vector<std::optional<Item>> found;
  for (const ItemKey& key : keys) {
    const auto item = items_.find(key);
    found.push_back(item == items_.end() ? std::nullopt : std::optional(Item{key, item->second}));
  }
  return found;
}

}  // namespace lvp::store
