#include "stages/changelog.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"

namespace lvp::stages {
namespace {

constexpr std::size_t batch_records_max = 5'000;
constexpr char present = 1;

// A change of one row; nothing: it was erased.
struct Change {
  std::shared_ptr<store::Table> table;
  std::string key;
  std::optional<std::string> value;
};
using Changes = std::vector<Change>;

Status write(UnitOfWork& unit, Change& change) {
  if (change.value) return change.table->put(unit, change.key, std::move(*change.value));
  return change.table->erase(unit, change.key);
}

}  // namespace

struct ChangelogStore::Shared {
  Shared(store::Store& its_copy, stream::Writer& its_changes, NewUnitOfWork its_copy_unit)
      : copy(its_copy), changes(its_changes), copy_unit(std::move(its_copy_unit)) {}

  store::Store& copy;
  stream::Writer& changes;
  const NewUnitOfWork copy_unit;
  bool broken = false;

  // Of the unit that is being filled. The unit holds the changes, so they are gone with it.
  const UnitOfWork* unit = nullptr;
  std::weak_ptr<Changes> pending;

  void follow(Changes& made) {
    const auto own = copy_unit();
    Status done;
    for (Change& change : made) {
      if (done) done = write(*own, change);
    }
    if (done) done = own->commit();
    if (done) return;
    broken = true;
    log::warn("changelog: the copy could not follow: {}; it is made anew", done.error().what);
  }

  static Changes& changes_of(const std::shared_ptr<Shared>& shared, UnitOfWork& unit) {
    if (shared->unit == &unit) {
      if (const auto pending = shared->pending.lock()) return *pending;
    }
    const auto fresh = std::make_shared<Changes>();
    shared->unit = &unit;
    shared->pending = fresh;
    unit.after([shared, fresh] {
      shared->unit = nullptr;
      shared->follow(*fresh);
    });
    return *fresh;
  }
};

class ChangelogStore::Followed final : public store::Table {
 public:
  Followed(std::shared_ptr<Shared> shared, std::string_view name,
           std::shared_ptr<store::Table> copy)
      : shared_(std::move(shared)), prefix_(std::string(name) + '\0'), copy_(std::move(copy)) {}

  Result<std::optional<std::string>> get(std::string_view key) const override {
    return copy_->get(key);
  }
  Status scan(std::string_view prefix, const Visit& visit) const override {
    return copy_->scan(prefix, visit);
  }

  Status put(UnitOfWork& unit, std::string_view key, std::string value) override {
    LVP_DO(append(unit, key, present + value));
    Shared::changes_of(shared_, unit).push_back({copy_, std::string(key), std::move(value)});
    return {};
  }
  Status erase(UnitOfWork& unit, std::string_view key) override {
    LVP_DO(append(unit, key, ""));
    Shared::changes_of(shared_, unit).push_back({copy_, std::string(key), std::nullopt});
    return {};
  }

 private:
  Status append(UnitOfWork& unit, std::string_view key, std::string value) {
    std::vector<stream::Entry> entries;
    entries.push_back({std::string(prefix_).append(key), std::move(value)});
    return shared_->changes.append(unit, std::move(entries));
  }

  const std::shared_ptr<Shared> shared_;
  const std::string prefix_;
  const std::shared_ptr<store::Table> copy_;
};

ChangelogStore::ChangelogStore(store::Store& copy, stream::Writer& changes, NewUnitOfWork copy_unit)
    : shared_(std::make_shared<Shared>(copy, changes, std::move(copy_unit))) {}

ChangelogStore::~ChangelogStore() = default;

Result<std::unique_ptr<store::Table>> ChangelogStore::table(std::string_view name) {
  LVP_TRY(std::shared_ptr<store::Table> copy, shared_->copy.table(name));
  return std::make_unique<Followed>(shared_, name, std::move(copy));
}

bool ChangelogStore::broken() const {
  return shared_->broken;
}

// ---- Following ----

namespace {

// The tables of a store, opened when a change names them.
class Opened {
 public:
  explicit Opened(store::Store& store) : store_(store) {}

  Result<Change> change_of(const stream::Record& record) {
    const std::size_t end = record.key.find('\0');
    const bool makes_sense =
        end != record.key.npos && (record.value.empty() || record.value.front() == present);
    if (!makes_sense) return corrupt("is no change of a table");
    LVP_TRY(std::shared_ptr<store::Table> table, table_of(record.key.substr(0, end)));
    Change change{std::move(table), std::string(record.key.substr(end + 1)), {}};
    if (!record.value.empty()) change.value.emplace(record.value.substr(1));
    return change;
  }

 private:
  Result<std::shared_ptr<store::Table>> table_of(std::string_view name) {
    if (const auto found = tables_.find(name); found != tables_.end()) return found->second;
    LVP_TRY(std::shared_ptr<store::Table> table, store_.table(name));
    tables_.emplace(name, table);
    return table;
  }

  store::Store& store_;
  std::map<std::string, std::shared_ptr<store::Table>, std::less<>> tables_;
};

Result<stream::Offset> last_of(stream::Stream& changelog, std::string_view partition) {
  LVP_TRY(const auto extents, changelog.extents());
  for (const stream::Extent& extent : extents) {
    if (extent.partition == partition) return extent.last;
  }
  return invalid(fmt::format("changelog: there is no partition {}", partition));
}

}  // namespace

Result<Restored> follow(Copy& copy, const stream::Batch& batch, Timestamp now) {
  Restored restored;
  if (batch.records.empty() || batch.end().offset <= copy.at) return restored;
  Opened tables(*copy.store);
  const auto unit = copy.new_unit();
  for (const stream::Record& record : batch.records) {
    if (record.offset <= copy.at) continue;
    auto change = tables.change_of(record);
    if (!change)
      return std::unexpected(Error{
          change.error().code, fmt::format("changelog: partition {}: record {}: {}",
                                           batch.partition, record.offset, change.error().what)});
    ++restored.records;
    restored.bytes += record.key.size() + record.value.size();
    LVP_DO(write(*unit, *change));
  }
  LVP_DO(unit->commit());
  copy.at = batch.end().offset;
  copy.known = now;
  return restored;
}

Result<Restored> restore(Copy& copy, stream::Stream& changelog, std::string_view partition,
                         const Clock& clock,
                         const std::function<Status(const Restored&)>& progress) {
  LVP_TRY(const stream::Offset last, last_of(changelog, partition));
  Restored restored;
  while (copy.at < last) {
    LVP_TRY(const stream::Batch batch, changelog.read(partition, copy.at, batch_records_max));
    if (batch.records.empty()) {
      if (!batch.caught_up)
        return unavailable(fmt::format("changelog: partition {}: no word of its end", partition));
      break;  // what lay behind is gone
    }
    LVP_TRY(const Restored more, follow(copy, batch, clock.now()));
    restored.records += more.records;
    restored.bytes += more.bytes;
    LVP_DO(progress(restored));
  }
  copy.known = clock.now();
  return restored;
}

}  // namespace lvp::stages
