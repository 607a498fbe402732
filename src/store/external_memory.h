// A table of others in memory, for tests: it can be away, slow, or refuse what it is given.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "store/external_table.h"

namespace lvp::store {

class MemoryTable final : public ExternalTable {
 public:
  explicit MemoryTable(TableShape shape);

  const std::string& name() const override { return name_; }
  Status prepare(bool create) override;
  Result<std::vector<Outcome>> write(std::span<const Change> changes) override;
  Result<std::vector<std::optional<Item>>> read(std::span<const ItemKey> keys) override;

  // For tests.
  bool away = false;  ///< not reachable
  /// Asked of each change; anything but done is its outcome, and the change is not made.
  std::function<Outcome(const Change& change)> fate = {};
  std::size_t written = 0;  ///< changes that were made

  const std::map<ItemKey, std::vector<Field>>& items() const { return items_; }

 private:
  Outcome make(const Change& change);

  const TableShape shape_;
  const std::string name_;
  std::map<ItemKey, std::vector<Field>> items_;
};

}  // namespace lvp::store
