#include "app/table_url.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lvp::app {
namespace {

TEST(TableUrl, NamesAnEngineOrNone) {
  EXPECT_EQ(parse_table_url(""), TableEngine::none);
  EXPECT_EQ(parse_table_url("dynamodb:"), TableEngine::dynamodb);
  EXPECT_EQ(parse_table_url("postgres://host/base"), TableEngine::postgres);
  EXPECT_EQ(parse_table_url("postgresql://u:p@host:5432/base"), TableEngine::postgres);
  for (const char* wrong : {"dynamodb", "dynamodb:table", "postgres:", "mysql://host", "table"})
    EXPECT_FALSE(parse_table_url(wrong)) << wrong;
}

TEST(TableUrl, PasswordsAreNotShown) {
  const struct {
    const char* text;
    const char* shown;
  } cases[] = {
      {"postgres://ann:secret@host:5432/base", "postgres://ann:…@host:5432/base"},
      {"postgres://ann:se@cr:et/x?y@host/base", "postgres://ann:…@host/base"},
      {"postgres://ann@host:5432/base", "postgres://ann@host:5432/base"},
      {"postgres://host:5432/base", "postgres://host:5432/base"},
      {"postgres://host/base?user=a&password=secret&sslmode=require",
       "postgres://host/base?user=a&password=…&sslmode=require"},
      {"--set a=postgres://a:b@c --set b=postgres://d:e@f",
       "--set a=postgres://a:…@c --set b=postgres://d:…@f"},
      {"{\"x\" = \"http://a:b@c\", \"y\" = \"u@v:w\"}",
       "{\"x\" = \"http://a:…@c\", \"y\" = \"u@v:w\"}"},
      {"dynamodb:", "dynamodb:"},
      {"", ""},
  };
  for (const auto& one : cases) EXPECT_EQ(without_passwords(one.text), one.shown) << one.text;
}

TEST(TableUrl, AWrongSettingTellsNoPassword) {
  for (const char* flag :
       {"sink.table=mysql://ann:secret@host/base", "sink.tabel=postgres://ann:secret@host/base"}) {
    const auto config = load({"", {}, {flag}});
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().what.find("secret"), std::string::npos) << config.error().what;
  }
}

TEST(TableUrl, SecretSettingsAreShownAsDots) {
  const auto config = load({"",
                            {},
                            {"private.token=0123456789abcdef", "sink.table=postgres://a:key1@h/b",
                             "kafka.properties={\"sasl.username\" = \"ann\", \"sasl.password\" = "
                             "\"key2\"}"}});
  ASSERT_TRUE(config) << config.error().what;
  std::string all;
  for (const Setting& setting : settings()) all += shown(setting, *config) + "\n";
  for (const char* secret : {"0123456789abcdef", "key1", "key2"})
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  EXPECT_NE(all.find("ann"), std::string::npos);
  EXPECT_NE(all.find("postgres://a:…@h/b"), std::string::npos);
}

TEST(TableUrl, TheTwoTablesOfTheSinkHaveNames) {
  EXPECT_FALSE(load({"", {}, {"sink.table=dynamodb:", "sink.events=", "sink.profiles="}}));
  EXPECT_FALSE(load({"", {}, {"sink.table=dynamodb:", "sink.events=a", "sink.profiles=a"}}));
  EXPECT_TRUE(load({"", {}, {"sink.table=dynamodb:", "sink.events="}}));
  EXPECT_TRUE(load({"", {}, {"sink.events=", "sink.profiles="}})) << "there is no sink";
}

}  // namespace
}  // namespace lvp::app
