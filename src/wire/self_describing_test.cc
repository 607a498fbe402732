#include "wire/self_describing.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(SchemaKey, ParsesAndPrints) {
  const auto key =
      parse_schema_key("iglu:com.snowplowanalytics.snowplow.media/play_event/jsonschema/1-0-12");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->vendor, "com.snowplowanalytics.snowplow.media");
  EXPECT_EQ(key->name, "play_event");
  EXPECT_EQ(key->version(), "1-0-12");
  EXPECT_EQ(key->uri(), "iglu:com.snowplowanalytics.snowplow.media/play_event/jsonschema/1-0-12");
}

TEST(SchemaKey, Refuses) {
  using enum SchemaKeyError;
  const struct {
    std::string uri;
    SchemaKeyError error;
  } rows[] = {
      {"s", invalid_igluuri},
      {"iglooooooo://blah", invalid_igluuri},
      {"iglu:com.acme/a/jsonschema", invalid_igluuri},
      {"iglu:com.acme/a.b/jsonschema/1-0-0", invalid_igluuri},
      {"iglu:com.acme//jsonschema/1-0-0", invalid_igluuri},
      {"iglu:com.acme/a/jsonschema/1-0-0/x", invalid_igluuri},
      {"iglu:" + std::string(129, 'v') + "/a/jsonschema/1-0-0", invalid_igluuri},
      {"iglu:com.acme/" + std::string(129, 'n') + "/jsonschema/1-0-0", invalid_igluuri},
      {"iglu:com.acme/a/jsonschema/0-0-0", invalid_schemaver},
      {"iglu:com.acme/a/jsonschema/1-01-0", invalid_schemaver},
      {"iglu:com.acme/a/jsonschema/1-0", invalid_schemaver},
      {"iglu:com.acme/a/jsonschema/1-0-99999999999", invalid_schemaver},
  };
  for (const auto& row : rows) {
    const auto key = parse_schema_key(row.uri);
    ASSERT_FALSE(key) << row.uri;
    EXPECT_EQ(key.error(), row.error) << row.uri;
  }
}

}  // namespace
}  // namespace lvp
