#include "store/external_memory.h"
#include "tests/external_table_contract.h"

namespace lvp::tests {
namespace {

constexpr std::size_t key_bytes_max = 2048;

// Gives what is asked of one table to another, which tests keep: a table outlives who uses it.
class SameTable final : public store::ExternalTable {
 public:
  explicit SameTable(store::TableShape shape) : table_(known(std::move(shape))) {
    table_->fate = [](const Change& change) {
      const bool fits = change.item.key.partition.size() <= key_bytes_max;
      return fits ? Outcome() : Outcome{Outcome::Kind::refused, "the key is too long"};
    };
  }
  const std::string& name() const override { return table_->name(); }
  Status prepare(bool create) override { return table_->prepare(create); }
  Result<std::vector<Outcome>> write(std::span<const Change> changes) override {
    return table_->write(changes);
  }
  Result<std::vector<std::optional<Item>>> read(std::span<const ItemKey> keys) override {
    return table_->read(keys);
  }

 private:
  static std::shared_ptr<store::MemoryTable> known(store::TableShape shape) {
    static std::map<std::string, std::shared_ptr<store::MemoryTable>> tables;
    auto& table = tables[shape.name];
    if (!table) table = std::make_shared<store::MemoryTable>(std::move(shape));
    return table;
  }

  const std::shared_ptr<store::MemoryTable> table_;
};

const TableCase memory_table{"memory", [](store::TableShape shape) {
                               return std::make_unique<SameTable>(std::move(shape));
                             }};

INSTANTIATE_TEST_SUITE_P(Tables, ExternalTableContract, testing::Values(memory_table),
                         table_case_name);

}  // namespace
}  // namespace lvp::tests
