// A row of a table is a key of the family `tables`: [0x00 space 0x00] name 0x00 key → value. Names
// of tables do not begin with a zero, so spaces and the tables without one are apart.
#include "store/rocks.h"

#include "base/check.h"
#include "rocks/bytes.h"
#include "rocks/db.h"

namespace lvp::store {
namespace {

using rocks::Family;

// What the keys of a space begin with.
std::string prefix_of(std::string_view space) {
  LVP_CHECK(space.find('\0') == space.npos);
  return space.empty() ? std::string() : '\0' + std::string(space) + '\0';
}

class RocksTable final : public Table {
 public:
  RocksTable(rocks::Db& db, std::string name) : db_(db), name_(std::move(name) + '\0') {}

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
    rocks::unit_in(unit, db_).put(Family::tables, row_key(key), value);
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
  RocksStore(rocks::Db& db, std::string_view space) : db_(db), prefix_(prefix_of(space)) {}

  Result<std::unique_ptr<Table>> table(std::string_view name) override {
    LVP_DO(check_table_name(name));
    return std::make_unique<RocksTable>(db_, std::string(prefix_).append(name));
  }

 private:
  rocks::Db& db_;
  const std::string prefix_;
};

}  // namespace

std::unique_ptr<Store> make_rocks_store(rocks::Db& db, std::string_view space) {
  return std::make_unique<RocksStore>(db, space);
}

Status clear_rocks_store(rocks::Db& db, std::string_view space) {
  LVP_CHECK(!space.empty());
  const std::string begin = prefix_of(space);
  const std::string end = rocks::end_of_prefix(begin);
  const auto unit = db.unit();
  unit->erase_range(Family::tables, begin, end);
  LVP_DO(unit->commit());
  return db.reclaim(Family::tables, begin, end);
}

}  // namespace lvp::store
