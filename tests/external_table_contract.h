// What every table of others must do. Instantiated in external_table_test.cc, and beside real
// services in external_table_services_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "base/uuid.h"
#include "store/external_table.h"
#include "tests/engines.h"

namespace lvp::tests {

using store::Change;
using store::Item;
using store::ItemKey;
using store::Outcome;
using store::ValueType;

struct TableCase {
  std::string name;
  std::function<std::unique_ptr<store::ExternalTable>(store::TableShape)> make;
};

inline std::string table_case_name(const testing::TestParamInfo<TableCase>& info) {
  return info.param.name;
}

/// A table that nothing else has used.
inline store::TableShape new_shape() {
  return {"t_" + random_uuid().substr(0, 8) + "Mixed",
          "viewer",
          "device",
          {{"version", ValueType::number},
           {"adId", ValueType::number},
           {"state", ValueType::text},
           {"live", ValueType::boolean}},
          "version"};
}

inline Item item(std::string viewer, std::string device, int version, std::string state) {
  return {{std::move(viewer), std::move(device)},
          {{"version", {ValueType::number, std::to_string(version)}},
           {"state", {ValueType::text, std::move(state)}}}};
}
inline Change put(Item item, std::optional<std::uint64_t> version = {}) {
  return {Change::Kind::put, std::move(item), version};
}
inline Change erase(ItemKey key, std::optional<std::uint64_t> version = {}) {
  return {Change::Kind::erase, {std::move(key), {}}, version};
}

class ExternalTableContract : public testing::TestWithParam<TableCase> {
 protected:
  using Kind = Outcome::Kind;

  void SetUp() override { prepare(*table_, true); }

  static void prepare(store::ExternalTable& table, bool create) {
    Status prepared = table.prepare(create);
    for (int tries = 0; tries < 200 && !prepared &&
                        prepared.error().what.find("is being made") != std::string::npos;
         ++tries) {
      sleep(std::chrono::milliseconds(20), {});  // the services have no way to wait for a table
      prepared = table.prepare(create);
    }
    must(prepared);
  }

  std::vector<Kind> write(const std::vector<Change>& changes) {
    std::vector<Kind> kinds;
    for (const Outcome& outcome : must(table_->write(changes))) kinds.push_back(outcome.kind);
    return kinds;
  }
  std::string state(const std::string& viewer, const std::string& device) {
    const std::vector<ItemKey> keys{{viewer, device}};
    const auto found = must(table_->read(keys));
    if (!found.at(0)) return "(none)";
    const store::Value* value = store::field(*found[0], "state");
    return value == nullptr ? "(no state)" : value->text;
  }

  const store::TableShape shape_ = new_shape();
  const std::unique_ptr<store::ExternalTable> table_ = GetParam().make(shape_);
};

TEST_P(ExternalTableContract, IsMadeOnceAndFoundAgain) {
  write({put(item("ann", "tv", 1, "PLAYING"))});
  const auto again = GetParam().make(shape_);
  prepare(*again, false);
  const std::vector<ItemKey> keys{{"ann", "tv"}};
  EXPECT_TRUE(must(again->read(keys)).at(0).has_value());
}

TEST_P(ExternalTableContract, GivesBackEveryType) {
  const Item all{{"ann", "tv"},
                 {{"version", {ValueType::number, "9007199254740993"}},
                  {"adId", {ValueType::number, "-29.926184"}},
                  {"state", {ValueType::text, "O'Hara \"\\\n\xe2\x82\xac $1"}},
                  {"live", {ValueType::boolean, "true"}}}};
  EXPECT_EQ(write({put(all)}), std::vector{Kind::done});
  const std::vector<ItemKey> keys{all.key};
  EXPECT_EQ(must(table_->read(keys)).at(0), all);
}

TEST_P(ExternalTableContract, ReadsInTheOrderOfTheKeysAndSaysWhatIsMissing) {
  write({put(item("ann", "tv", 1, "a")), put(item("bob", "tv", 1, "b"))});
  const std::vector<ItemKey> keys{{"bob", "tv"}, {"cy", "tv"}, {"ann", "tv"}, {"ann", "pc"}};
  const auto found = must(table_->read(keys));
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0], item("bob", "tv", 1, "b"));
  EXPECT_EQ(found[1], std::nullopt);
  EXPECT_EQ(found[2], item("ann", "tv", 1, "a"));
  EXPECT_EQ(found[3], std::nullopt);
  EXPECT_TRUE(must(table_->read({})).empty());
}

TEST_P(ExternalTableContract, APutReplacesTheWholeItem) {
  Item first = item("ann", "tv", 1, "a");
  first.fields.push_back({"live", {ValueType::boolean, "false"}});
  write({put(first)});
  EXPECT_EQ(write({put(item("ann", "tv", 1, "b"))}), std::vector{Kind::done});
  const std::vector<ItemKey> keys{{"ann", "tv"}};
  EXPECT_EQ(must(table_->read(keys)).at(0), item("ann", "tv", 1, "b"));
}

TEST_P(ExternalTableContract, AVersionKeepsTheOldFromReplacingTheNew) {
  EXPECT_EQ(write({put(item("ann", "tv", 5, "five"), 5)}), std::vector{Kind::done});
  EXPECT_EQ(write({put(item("ann", "tv", 4, "four"), 4)}), std::vector{Kind::outdated});
  EXPECT_EQ(write({put(item("ann", "tv", 5, "again"), 5)}), std::vector{Kind::outdated});
  EXPECT_EQ(state("ann", "tv"), "five");
  EXPECT_EQ(write({put(item("ann", "tv", 10, "ten"), 10)}), std::vector{Kind::done});
  EXPECT_EQ(state("ann", "tv"), "ten");
}

TEST_P(ExternalTableContract, AVersionKeepsTheNewFromBeingErased) {
  write({put(item("ann", "tv", 5, "five"), 5)});
  write({erase({"ann", "tv"}, 5)});
  EXPECT_EQ(state("ann", "tv"), "five");
  write({erase({"ann", "tv"}, 6)});
  EXPECT_EQ(state("ann", "tv"), "(none)");
  EXPECT_EQ(write({erase({"ann", "tv"}, 7), erase({"nobody", "tv"})}),
            (std::vector{Kind::done, Kind::done}));
}

TEST_P(ExternalTableContract, ErasesWithoutAVersion) {
  write({put(item("ann", "tv", 5, "five"))});
  EXPECT_EQ(write({erase({"ann", "tv"})}), std::vector{Kind::done});
  EXPECT_EQ(state("ann", "tv"), "(none)");
}

TEST_P(ExternalTableContract, TakesManyAtOnceOfAllKinds) {
  std::vector<Change> changes;
  for (int i = 0; i < 130; ++i) {
    const std::string viewer = "v" + std::to_string(i);
    changes.push_back(i % 2 == 0 ? put(item(viewer, "tv", 2, viewer), 2)
                                 : put(item(viewer, "tv", 2, viewer)));
  }
  EXPECT_EQ(write(changes), std::vector(130, Kind::done));
  for (const int i : {0, 1, 24, 25, 51, 129})
    EXPECT_EQ(state("v" + std::to_string(i), "tv"), "v" + std::to_string(i));
  EXPECT_EQ(write({put(item("v0", "tv", 1, "old"), 1), put(item("new", "tv", 1, "n"), 1),
                   erase({"v2", "tv"}, 3), erase({"v3", "tv"})}),
            (std::vector{Kind::outdated, Kind::done, Kind::done, Kind::done}));
  EXPECT_EQ(state("v0", "tv"), "v0");
  EXPECT_EQ(state("v2", "tv") + state("v3", "tv"), "(none)(none)");
}

TEST_P(ExternalTableContract, OneThatIsRefusedHoldsUpNoOther) {
  // More than any engine takes in a key.
  const std::string endless(100'000, 'k');
  for (const bool versioned : {false, true}) {
    const std::optional<std::uint64_t> version =
        versioned ? std::optional<std::uint64_t>(7) : std::nullopt;
    std::string random;  // a database may compress a key before it measures it
    while (random.size() < endless.size()) random += random_uuid();
    EXPECT_EQ(
        write({put(item("ann", "tv", 7, "a"), version), put(item(random, "tv", 7, "x"), version),
               put(item("bob", "tv", 7, "b"), version)}),
        (std::vector{Kind::done, Kind::refused, Kind::done}));
    EXPECT_EQ(state("ann", "tv") + state("bob", "tv"), "ab");
    write({erase({"ann", "tv"}), erase({"bob", "tv"})});
  }
}

}  // namespace lvp::tests
