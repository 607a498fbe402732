#include "live/by_name.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>

namespace lvp::live {
namespace {

TEST(ByName, HoldsWhatAMapHolds) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ByName<int> table;
    std::map<std::string, int> map;
    for (int i = 0; i < 5'000; ++i) {
      const std::string name = "viewer-" + std::to_string(random() % 300);
      const auto known = map.find(name);
      const auto* const found = table.find(name);
      ASSERT_EQ(found != nullptr, known != map.end());
      if (random() % 2 == 0) {
        const auto [item, is_new] = table.find_or_add(name);
        ASSERT_EQ(is_new, known == map.end());
        ASSERT_EQ(item.name, name);
        ASSERT_EQ(item.value, is_new ? 0 : known->second);
        item.value = map[name] = i;
      } else if (found != nullptr) {
        table.erase(found->name);
        map.erase(known);
      }
      ASSERT_EQ(table.size(), map.size());
    }
    std::map<std::string, int> visited;
    table.for_each([&](const auto& item) { visited[item.name] = item.value; });
    EXPECT_EQ(visited, map);
  }
}

TEST(ByName, WhatItHoldsStaysWhereItIs) {
  ByName<int> table;
  std::map<std::string, int*> places;
  for (int i = 0; i < 10'000; ++i) {
    const std::string name = std::to_string(i);
    places[name] = &table.find_or_add(name).first.value;
    if (i % 3 != 0) continue;
    table.erase(name);
    places.erase(name);
  }
  for (const auto& [name, place] : places) ASSERT_EQ(&table.find(name)->value, place);
}

TEST(ByName, FindsNothingWhereThereIsNothing) {
  const ByName<int> table;
  EXPECT_EQ(table.find(""), nullptr);
  EXPECT_EQ(table.size(), 0u);
  table.for_each([](const auto&) { FAIL(); });
}

}  // namespace
}  // namespace lvp::live
