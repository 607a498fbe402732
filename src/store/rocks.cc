// A row of a table is a key of the family `tables`: name 0x00 key → value.
#include "store/rocks.h"

#include "rocks/bytes.h"
#include "rocks/db.h"

namespace lvp::store {
namespace {

using rocks::Family;

class RocksTable final : public Table {
 public:
  RocksTable(rocks::Db& db, std::string_view name) : db_(db), name_(std::string(name) + '\0') {}

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return db_.get(Family::tables, row_key(key));
  }

  Status scan(std::string_view prefix, const Visit& visit) const override {
    const std::string begin = row_key(prefix);
    rocks::Cursor cursor = db_.cursor(Family::tables, begin, rocks::end_of_prefix(begin));
    for (; cursor.valid(); cursor.next()) {
      LVP_DO(visit(cursor.key().substr(name_.size()), cursor.value()));
    }
    return cursor.status();
  }

  Status put(UnitOfWork& unit, std::string_view key, std::string value) override {
    rocks::unit_in(unit, db_).put(Family::tables, row_key(key), std::move(value));
    return {};
  }

  Status erase(UnitOfWork& unit, std::string_view key) override {
    rocks::unit_in(unit, db_).erase(Family::tables, row_key(key));
    return {};
  }

 private:
  std::string row_key(std::string_view key) const { return std::string(name_).append(key); }

  rocks::Db& db_;
  const std::string name_;
};

class RocksStore final : public Store {
 public:
  explicit RocksStore(rocks::Db& db) : db_(db) {}

  Result<std::unique_ptr<Table>> table(std::string_view name) override {
    LVP_DO(check_table_name(name));
    return std::make_unique<RocksTable>(db_, name);
  }

 private:
  rocks::Db& db_;
};

}  // namespace

std::unique_ptr<Store> make_rocks_store(rocks::Db& db) {
  return std::make_unique<RocksStore>(db);
}

}  // namespace lvp::store
