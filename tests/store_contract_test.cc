#include "tests/store_contract.h"

namespace lvp::tests {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, StoreContract, testing::Values(memory_case, rocks_case),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Engines, DurableStoreContract, testing::Values(rocks_case), case_name);

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows rows_of(const store::Table& table) {
  Rows rows;
  must(table.scan("", [&](std::string_view key, std::string_view value) -> Status {
    rows.emplace_back(key, value);
    return {};
  }));
  return rows;
}

TEST(RocksSpaces, AreApartAndClearedOneByOne) {
  RocksEngine engine;
  const std::vector<std::string> spaces{"", "a", "ab", "b"};
  const auto table_of = [&](const std::string& space) {
    return must(store::make_rocks_store(engine.db(), space)->table("t"));
  };
  for (const std::string& space : spaces) {
    const auto unit = engine.unit();
    must(table_of(space)->put(*unit, "k", "of " + space));
    must(unit->commit());
  }
  for (const std::string& space : spaces)
    EXPECT_EQ(rows_of(*table_of(space)), (Rows{{"k", "of " + space}})) << space;

  must(store::clear_rocks_store(engine.db(), "a"));
  EXPECT_EQ(rows_of(*table_of("a")), Rows{});
  for (const std::string space : {"", "ab", "b"}) EXPECT_EQ(rows_of(*table_of(space)).size(), 1u);

  const auto unit = engine.unit();
  must(table_of("a")->put(*unit, "k", "new"));
  must(unit->commit());
  EXPECT_EQ(rows_of(*table_of("a")), (Rows{{"k", "new"}}));
}

}  // namespace
}  // namespace lvp::tests
