#include "stream/lease.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace lvp::stream {
namespace {

Lease lease(std::string shard, std::string member, std::string wanted = {}, bool read_out = false) {
  Lease lease;
  lease.shard = std::move(shard);
  lease.member = std::move(member);
  lease.wanted = std::move(wanted);
  lease.read_out = read_out;
  return lease;
}
using Places = std::vector<std::size_t>;

Plan plan(const std::vector<Lease>& leases, const Places& dead, std::string_view member) {
  std::vector<bool> is_dead(leases.size());
  for (const std::size_t i : dead) is_dead[i] = true;
  return plan_shares(leases, is_dead, member);
}

TEST(Lease, TheFirstMemberTakesAll) {
  const Plan made = plan({lease("1", ""), lease("2", ""), lease("3", "")}, {}, "a");
  EXPECT_EQ(made.take, (Places{0, 1, 2}));
  EXPECT_EQ(made.want, Places{});
  EXPECT_EQ(plan({}, {}, "a").take, Places{});
}

TEST(Lease, ANewMemberAsksForItsShareAndNoMore) {
  const std::vector<Lease> leases = {lease("1", "a"), lease("2", "a"), lease("3", "a"),
                                     lease("4", "a"), lease("5", "b")};
  EXPECT_EQ(plan(leases, {}, "c").want, (Places{0, 1}));
  EXPECT_EQ(plan(leases, {}, "b").want, (Places{0}));
  EXPECT_EQ(plan(leases, {}, "a").want, Places{});
  EXPECT_EQ(plan(leases, {}, "c").take, Places{});
}

TEST(Lease, WhatSomebodyAskedForCountsAsTheirs) {
  const std::vector<Lease> leases = {lease("1", "a", "c"), lease("2", "a", "c"), lease("3", "a"),
                                     lease("4", "a")};
  EXPECT_EQ(plan(leases, {}, "c").want, Places{});
  EXPECT_EQ(plan(leases, {}, "d").want, (Places{2}));
}

TEST(Lease, TheDeadsAreTakenUpToAFairShare) {
  const std::vector<Lease> leases = {lease("1", "dead"), lease("2", "dead"), lease("3", "a"),
                                     lease("4", "b")};
  EXPECT_EQ(plan(leases, {0, 1}, "a").take, (Places{0}));
  EXPECT_EQ(plan(leases, {0, 1}, "a").want, Places{});
  EXPECT_EQ(plan(leases, {}, "a").take, Places{});
}

// Members that look and act in turn until nobody wants anything.
TEST(Lease, SharesBecomeEven) {
  for (const std::size_t shards : {1u, 2u, 7u, 12u, 64u}) {
    for (const std::size_t members : {1u, 2u, 3u, 5u, 8u}) {
      std::vector<Lease> leases;
      for (std::size_t i = 0; i < shards; ++i) leases.push_back(lease(std::to_string(i), "m0"));
      for (int round = 0; round < 100; ++round) {
        for (std::size_t m = 0; m < members; ++m) {
          const std::string member = "m" + std::to_string(m);
          const Plan made = plan(leases, {}, member);
          for (const std::size_t i : made.want) leases[i].wanted = member;
          for (Lease& each : leases) {
            if (each.member == member && !each.wanted.empty()) {
              each.member = std::exchange(each.wanted, {});
            }
          }
        }
      }
      std::map<std::string, std::size_t> loads;
      for (const Lease& each : leases) {
        EXPECT_EQ(each.wanted, "");
        ++loads[each.member];
      }
      EXPECT_EQ(loads.size(), std::min(shards, members));
      for (const auto& [member, load] : loads) {
        EXPECT_GE(load, shards / members) << shards << " shards, " << members << " members";
        EXPECT_LE(load, shards / members + 1);
      }
    }
  }
}

TEST(Lease, AShardIsOpenOnceItsParentsAreReadOutOrGone) {
  const std::vector<Shard> shards = {{"1", {}},       {"2", {}},    {"3", {"1", "2"}},
                                     {"4", {"gone"}}, {"5", {"3"}}, {"6", {"1"}}};
  std::vector<Lease> leases = {
      lease("1", "a", "", true), lease("2", "a"), lease("3", ""), lease("4", ""), lease("6", ""),
      lease("vanished", "a")};
  const auto names = [&] {
    std::vector<std::string> open;
    for (const Lease& each : open_leases(leases, shards)) open.push_back(each.shard);
    return open;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"2", "4", "6"}));
  leases[1].read_out = true;
  EXPECT_EQ(names(), (std::vector<std::string>{"3", "4", "6"}));
  // A parent that is listed and has no lease yet was not read.
  leases.push_back(lease("5", ""));
  leases.erase(leases.begin() + 2);
  EXPECT_EQ(names(), (std::vector<std::string>{"4", "6"}));
}

}  // namespace
}  // namespace lvp::stream
