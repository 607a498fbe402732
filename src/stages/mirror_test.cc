#include "stages/mirror.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "store/memory.h"

namespace lvp::stages {
namespace {

class Mirror : public testing::Test {
 protected:
  Mirror() : store_(store::make_memory_store()), tables_(*open_tables(*store_)) {}

  void apply(std::uint64_t version, std::initializer_list<const char*> viewers,
             const std::string& device = "d") {
    profile::Profile profile;
    profile.device = device;
    profile.version = version;
    for (const char* viewer : viewers) profile.viewers.emplace_back().viewer = viewer;
    UnitOfWork unit;
    ASSERT_TRUE(mirror(tables_, unit, profile));
    ASSERT_TRUE(unit.commit());
  }

  // The versions of the devices that are found by that id.
  std::vector<std::uint64_t> found(std::string_view id) {
    std::vector<std::uint64_t> versions;
    const auto profiles = find_profiles(tables_, id);
    for (const profile::Profile& profile : *profiles)
      versions.push_back(profile.version);
    return versions;
  }

  std::unique_ptr<store::Store> store_;
  Tables tables_;
};

using Versions = std::vector<std::uint64_t>;

TEST_F(Mirror, FindsAProfileByDeviceAndByViewer) {
  apply(1, {"alice", "bob"});
  apply(2, {"alice"}, "e");
  EXPECT_EQ(found("d"), Versions{1});
  EXPECT_EQ(found("bob"), Versions{1});
  EXPECT_EQ(found("alice"), (Versions{1, 2}));
}

TEST_F(Mirror, KeepsTheNewest) {
  apply(2, {"alice"});
  apply(1, {"bob"});
  EXPECT_EQ(found("d"), Versions{2});
  EXPECT_EQ(found("bob"), Versions{});
  apply(3, {"bob"});
  EXPECT_EQ(found("bob"), Versions{3});
  EXPECT_EQ(found("alice"), Versions{}) << "who left the device";
}

TEST_F(Mirror, LosesADeviceOfWhichNothingIsLeft) {
  apply(1, {"alice"});
  apply(2, {});
  EXPECT_EQ(found("d"), Versions{});
  EXPECT_EQ(found("alice"), Versions{});
  apply(3, {"alice"});
  EXPECT_EQ(found("alice"), Versions{3});
}

}  // namespace
}  // namespace lvp::stages
