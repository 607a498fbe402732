#include "store/memory.h"

#include <map>

#include "base/mutex.h"

namespace lvp::store {
namespace {

class Rows {
 public:
  std::optional<std::string> get(std::string_view key) const {
    MutexLock lock(mutex_);
    const auto found = rows_.find(key);
    if (found == rows_.end()) return std::nullopt;
    return found->second;
  }

  /// The first row at or, if it was `seen`, behind `key`.
  std::optional<std::pair<std::string, std::string>> next(std::string_view key, bool seen) const {
    MutexLock lock(mutex_);
    const auto found = seen ? rows_.upper_bound(key) : rows_.lower_bound(key);
    if (found == rows_.end()) return std::nullopt;
    return *found;
  }

  void put(const std::string& key, std::string value) {
    MutexLock lock(mutex_);
    rows_.insert_or_assign(key, std::move(value));
  }

  void erase(const std::string& key) {
    MutexLock lock(mutex_);
    rows_.erase(key);
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, std::string, std::less<>> rows_ GUARDED_BY(mutex_);
};

class MemoryTable final : public Table {
 public:
  explicit MemoryTable(std::shared_ptr<Rows> rows) : rows_(std::move(rows)) {}

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return rows_->get(key);
  }

  Status scan(std::string_view prefix, const Visit& visit) const override {
    auto row = rows_->next(prefix, /*seen=*/false);
    for (; row && row->first.starts_with(prefix); row = rows_->next(row->first, /*seen=*/true)) {
      LVP_DO(visit(row->first, row->second));
    }
    return {};
  }

  Status put(UnitOfWork& unit, std::string_view key, std::string value) override {
    unit.after([rows = rows_, key = std::string(key), value = std::move(value)] {
      rows->put(key, value);
    });
    return {};
  }

  Status erase(UnitOfWork& unit, std::string_view key) override {
    unit.after([rows = rows_, key = std::string(key)] { rows->erase(key); });
    return {};
  }

 private:
  const std::shared_ptr<Rows> rows_;
};

class MemoryStore final : public Store {
 public:
  Result<std::unique_ptr<Table>> table(std::string_view name) override {
    LVP_DO(check_table_name(name));
    MutexLock lock(mutex_);
    std::shared_ptr<Rows>& rows = tables_[std::string(name)];
    if (!rows) rows = std::make_shared<Rows>();
    return std::make_unique<MemoryTable>(rows);
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<Rows>> tables_ GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<Store> make_memory_store() {
  return std::make_unique<MemoryStore>();
}

}  // namespace lvp::store
