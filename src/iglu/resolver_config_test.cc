#include "iglu/resolver_config.h"

#include <gtest/gtest.h>

namespace lvp::iglu {
namespace {

std::string config(const std::string& data, const std::string& version = "1-0-3") {
  return R"({"schema":"iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/)" + version +
         R"(","data":)" + data + "}";
}

std::string repository(const std::string& connection) {
  return config(R"({"cacheSize":1,"repositories":[{"name":"n","priority":0,"vendorPrefixes":[],)"
                R"("connection":)" +
                connection + "}]}");
}

TEST(ResolverConfig, IsReadAsUsersHaveIt) {
  const auto read = parse_resolver_config(config(R"({
    "cacheSize": 500, "cacheTtl": 600,
    "repositories": [
      {"name":"Acme","priority":5,"vendorPrefixes":["com.acme","org.acme"],
       "connection":{"http":{"uri":"https://iglu.acme.com/api/","apikey":"k"}}},
      {"name":"Embedded","priority":0,"vendorPrefixes":[],
       "connection":{"embedded":{"path":"/iglu-client-embedded"}}},
      {"name":"Iglu Central","priority":0,"vendorPrefixes":["com.snowplowanalytics"],
       "connection":{"http":{"uri":"http://iglucentral.com"}}}
    ]})"));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->cache_size, 500u);
  EXPECT_EQ(read->cache_ttl, Duration(600'000));
  EXPECT_EQ(read->embedded_name, "Embedded");
  ASSERT_EQ(read->repositories.size(), 2u);
  EXPECT_EQ(read->repositories[0].name, "Iglu Central");  // by priority
  EXPECT_EQ(read->repositories[0].uri, "http://iglucentral.com");
  EXPECT_EQ(read->repositories[0].apikey, "");
  EXPECT_EQ(read->repositories[1].uri, "https://iglu.acme.com/api");
  EXPECT_EQ(read->repositories[1].apikey, "k");
  EXPECT_EQ(read->repositories[1].vendor_prefixes,
            (std::vector<std::string>{"com.acme", "org.acme"}));
}

TEST(ResolverConfig, NeedsNoTtl) {
  for (const std::string version : {"1-0-0", "1-0-1", "1-0-2"}) {
    const auto read =
        parse_resolver_config(config(R"({"cacheSize":5,"repositories":[]})", version));
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(read->cache_ttl, std::nullopt);
  }
}

TEST(ResolverConfig, NamesWhatIsWrong) {
  const struct {
    std::string text;
    std::string_view error;
  } rows[] = {
      {"{", "iglu resolver: the file is not JSON"},
      {"{}", "iglu resolver: schema must be"},
      {config("{}", "1-0-4"), "iglu resolver: schema must be"},
      {config("{}", "1-1-0"), "iglu resolver: schema must be"},
      {config("[]"), "iglu resolver: data must be an object"},
      {config("{}"), "iglu resolver: data.cacheSize is missing"},
      {config(R"({"cacheSize":"5"})"), "iglu resolver: data.cacheSize must be a whole number"},
      {config(R"({"cacheSize":5,"cacheTtl":-1})"), "iglu resolver: data.cacheTtl must be"},
      {config(R"({"cacheSize":5,"cachettl":1})"), "iglu resolver: data.cachettl is not known"},
      {config(R"({"cacheSize":5})"), "iglu resolver: data.repositories must be a list"},
      {config(R"({"cacheSize":5,"repositories":[{}]})"),
       "iglu resolver: data.repositories[0].name is missing"},
      {repository("{}"), "iglu resolver: data.repositories[0].connection must have http or"},
      {repository(R"({"http":{}})"), "iglu resolver: data.repositories[0].connection.http.uri is"},
      {repository(R"({"http":{"uri":"iglucentral.com"}})"),
       "iglu resolver: data.repositories[0].connection.http.uri must begin with"},
      {repository(R"({"http":{"uri":"http://a","apiKey":"x"}})"),
       "iglu resolver: data.repositories[0].connection.http.apiKey is not known"},
      {repository(R"({"s3":{}})"), "iglu resolver: data.repositories[0].connection.s3 is not"},
  };
  for (const auto& row : rows) {
    const auto read = parse_resolver_config(row.text);
    ASSERT_FALSE(read) << row.text;
    EXPECT_TRUE(read.error().what.starts_with(row.error)) << read.error().what;
  }
}

}  // namespace
}  // namespace lvp::iglu
