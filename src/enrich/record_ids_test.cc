#include "enrich/record_ids.h"

#include <gtest/gtest.h>

#include <string>

#include "base/uuid.h"

namespace lvp::enrich {
namespace {

TEST(RecordIds, AreTheSameForTheSameRecordAndNoOther) {
  RecordIds one("record");
  RecordIds again("record");
  RecordIds other("recorD");
  const std::string first = one.next();
  EXPECT_EQ(again.next(), first);
  EXPECT_NE(other.next(), first);
  const std::string second = one.next();
  EXPECT_NE(second, first) << "each event of a record has its own";
  EXPECT_EQ(again.next(), second);
}

TEST(RecordIds, AreVersion4) {
  RecordIds ids("record");
  for (int i = 0; i < 100; ++i) {
    const std::string id = ids.next();
    ASSERT_TRUE(parse_uuid(id)) << id;
    EXPECT_EQ(id[14], '4') << id;
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  }
}

}  // namespace
}  // namespace lvp::enrich
