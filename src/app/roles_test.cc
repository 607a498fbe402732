#include "app/roles.h"

#include <gtest/gtest.h>

namespace lvp::app {
namespace {

TEST(Roles, AreNamedWithCommasBetween) {
  EXPECT_EQ(parse_roles("collect,enrich,bridge,profile,serve,sink"), all_roles);
  EXPECT_EQ(parse_roles(" enrich , bridge,"), (Roles{.enrich = true, .bridge = true}));
}

TEST(Roles, ThatDoNotExistAreRefused) {
  EXPECT_EQ(parse_roles("enrich,bakery").error().what,
            "--stages: there is no stage bakery; there are collect, enrich, bridge, profile, "
            "serve, sink");
  EXPECT_EQ(parse_roles(" ,").error().what, "--stages: name at least one stage");
}

std::string complaint(const Roles& roles, const Config& config) {
  const Status status = check_roles(roles, config);
  return status ? "" : status.error().what;
}

TEST(Roles, AStageReadsOnlyWhatSomebodyCanWrite) {
  Config config;
  EXPECT_EQ(complaint(wanted_roles(config), config), "");
  EXPECT_EQ(complaint({.collect = true}, config), "") << "it waits in the folder";
  EXPECT_EQ(complaint({.enrich = true}, config),
            "enrich reads streams.raw, which is rocks: in this process's own folder, where nobody "
            "writes it: run collect, too, or put streams.raw where both can reach it "
            "(kafka:TOPIC)");
  EXPECT_NE(complaint({.enrich = true, .serve = true}, config), "");
  config.streams.raw = "kafka:";
  EXPECT_EQ(complaint({.enrich = true}, config), "");
  EXPECT_NE(complaint({.bridge = true}, config), "");
  config.streams.enriched = "kinesis:good";
  EXPECT_EQ(complaint({.bridge = true}, config), "");
  config.streams.media = "memory:";
  EXPECT_NE(complaint({.profile = true}, config), "");
}

TEST(Roles, ASinkNeedsATable) {
  Config config;
  EXPECT_FALSE(wanted_roles(config).sink);
  EXPECT_NE(complaint(all_roles, config).find("set sink.table"), std::string::npos);
  config.sink.table = "dynamodb:";
  EXPECT_TRUE(wanted_roles(config).sink);
  EXPECT_EQ(complaint(all_roles, config), "");
  EXPECT_NE(complaint({.sink = true}, config).find("sink reads streams.updates"),
            std::string::npos);
  config.streams.updates = "kafka:";
  EXPECT_EQ(complaint({.sink = true}, config), "");
}

}  // namespace
}  // namespace lvp::app
