// What every store must do. Instantiated in store_contract_test.cc.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/engines.h"

namespace lvp::tests {

class StoreContract : public testing::TestWithParam<EngineCase> {
 protected:
  using Rows = std::vector<std::pair<std::string, std::string>>;

  std::unique_ptr<store::Table> table(const std::string& name) {
    return must(engine_->store().table(name));
  }
  std::string get(const std::string& name, std::string_view key) {
    return must(table(name)->get(key)).value_or("(none)");
  }
  void put(const std::string& name, std::string_view key, std::string value) {
    const auto unit = engine_->unit();
    must(table(name)->put(*unit, key, std::move(value)));
    must(unit->commit());
  }
  Rows scan(const std::string& name, std::string_view prefix) {
    Rows rows;
    must(table(name)->scan(prefix, [&](std::string_view key, std::string_view value) -> Status {
      rows.emplace_back(key, value);
      return {};
    }));
    return rows;
  }

  std::unique_ptr<Engine> engine_ = GetParam().make();
};

TEST_P(StoreContract, ReadsSeeCommittedUnitsOnly) {
  const auto unit = engine_->unit();
  must(table("profiles")->put(*unit, "ann", "1"));
  EXPECT_EQ(get("profiles", "ann"), "(none)");
  must(unit->commit());
  EXPECT_EQ(get("profiles", "ann"), "1");
}

TEST_P(StoreContract, AnUncommittedUnitLeavesNothing) {
  put("profiles", "ann", "1");
  {
    const auto unit = engine_->unit();
    must(table("profiles")->put(*unit, "ann", "2"));
    must(table("profiles")->erase(*unit, "ann"));
  }
  EXPECT_EQ(get("profiles", "ann"), "1");
}

TEST_P(StoreContract, AUnitThatFailsLeavesNothing) {
  const auto unit = engine_->unit();
  must(table("profiles")->put(*unit, "ann", "1"));
  unit->before([]() -> Status { return unavailable("broker away"); });
  EXPECT_FALSE(unit->commit());
  EXPECT_EQ(get("profiles", "ann"), "(none)");
}

TEST_P(StoreContract, TheLastChangeOfAKeyWins) {
  const auto unit = engine_->unit();
  const auto profiles = table("profiles");
  must(profiles->put(*unit, "a", "1"));
  must(profiles->put(*unit, "a", "2"));
  must(profiles->put(*unit, "b", "1"));
  must(profiles->erase(*unit, "b"));
  must(profiles->erase(*unit, "c"));
  must(profiles->put(*unit, "c", "3"));
  must(unit->commit());
  EXPECT_EQ(scan("profiles", ""), (Rows{{"a", "2"}, {"c", "3"}}));
}

TEST_P(StoreContract, ScansAPrefixInTheOrderOfBytes) {
  const std::string high = "a\xff";
  for (const auto& key : {std::string("b"), high, std::string("a"), std::string("ab"),
                          high + "\xff", std::string("aa"), std::string("A")}) {
    put("profiles", key, key);
  }
  EXPECT_EQ(
      scan("profiles", "a"),
      (Rows{{"a", "a"}, {"aa", "aa"}, {"ab", "ab"}, {high, high}, {high + "\xff", high + "\xff"}}));
  EXPECT_EQ(scan("profiles", high), (Rows{{high, high}, {high + "\xff", high + "\xff"}}));
  EXPECT_EQ(scan("profiles", "").size(), 7u);
  EXPECT_EQ(scan("profiles", "x"), Rows{});
}

TEST_P(StoreContract, AVisitorStopsAScanWithItsError) {
  for (const char* key : {"a", "b", "c"}) put("profiles", key, "");
  std::string seen;
  const Status status = table("profiles")->scan("", [&](std::string_view key, auto) -> Status {
    seen += key;
    return key == "b" ? Status(invalid("enough")) : Status();
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().what, "enough");
  EXPECT_EQ(seen, "ab");
}

TEST_P(StoreContract, KeysAndValuesAreAnyBytes) {
  using namespace std::string_literals;
  put("profiles", "", "empty key");
  put("profiles", "\0\x01\0"s, "\0\xff"s);
  put("profiles", "none", "");
  EXPECT_EQ(get("profiles", ""), "empty key");
  EXPECT_EQ(get("profiles", "\0\x01\0"s), "\0\xff"s);
  EXPECT_EQ(get("profiles", "none"), "");
  EXPECT_EQ(scan("profiles", "\0"s), (Rows{{"\0\x01\0"s, "\0\xff"s}}));
}

TEST_P(StoreContract, TablesAreApart) {
  put("a", "k", "1");
  put("a_", "k", "2");
  put("b", "k", "3");
  EXPECT_EQ(get("a", "k"), "1");
  EXPECT_EQ(scan("a", ""), (Rows{{"k", "1"}}));
  EXPECT_EQ(scan("a_", ""), (Rows{{"k", "2"}}));
}

TEST_P(StoreContract, TablesAreNamedInSmallLetters) {
  for (const char* name : {"", "A", "a b", "a1", "a/b"}) {
    const auto made = engine_->store().table(name);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().code, Error::Code::invalid) << name;
  }
}

/// What engines promise that keep anything.
class DurableStoreContract : public StoreContract {};

TEST_P(DurableStoreContract, WhatWasCommittedSurvivesReopening) {
  put("profiles", "ann", "1");
  ASSERT_TRUE(engine_->reopen());
  EXPECT_EQ(get("profiles", "ann"), "1");
}

TEST_P(StoreContract, TakesPartInUnitsOfOtherEngines) {
  UnitOfWork plain;
  must(table("profiles")->put(plain, "ann", "1"));
  EXPECT_EQ(get("profiles", "ann"), "(none)");
  must(plain.commit());
  EXPECT_EQ(get("profiles", "ann"), "1");
}

}  // namespace lvp::tests
