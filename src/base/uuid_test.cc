#include "base/uuid.h"

#include <gtest/gtest.h>

#include <set>

namespace lvp {
namespace {

TEST(Uuid, ParsesEitherCaseAndPrintsLowerCase) {
  const auto bytes = parse_uuid("A729D278-110A-4AC6-845B-D1F12CE45AC7");
  ASSERT_TRUE(bytes);
  EXPECT_EQ(uuid_text(*bytes), "a729d278-110a-4ac6-845b-d1f12ce45ac7");
}

TEST(Uuid, RefusesOtherShapes) {
  for (const std::string_view text :
       {"", "{F732D278-110A-4AC6-845B-D1F12CE45AC7}", "1-1-1-1-1",
        "a729d278110a4ac6845bd1f12ce45ac7", "a729d278-110a-4ac6-845b-d1f12ce45ac",
        "g729d278-110a-4ac6-845b-d1f12ce45ac7", "a729d278-110a-4ac6-845bd-1f12ce45ac7"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

TEST(Uuid, Version4HasVersionAndVariantBits) {
  EXPECT_EQ(uuid_v4({}), "00000000-0000-4000-8000-000000000000");
  UuidBytes ones;
  ones.fill(0xff);
  EXPECT_EQ(uuid_v4(ones), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(Uuid, RandomOnesDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random_uuid());
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace lvp
