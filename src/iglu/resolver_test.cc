#include "iglu/resolver.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

namespace lvp::iglu {
namespace {

using namespace std::chrono_literals;
using Why = Absence::Why;
using Kind = RepositoryError::Kind;

constexpr std::string_view uri = "iglu:com.acme/x/jsonschema/1-0-0";

// The schema for a key; `rest` is more of its members.
std::string schema_text(std::string_view name = "x", std::string_view version = "1-0-0",
                        std::string_view rest = "") {
  return fmt::format(R"({{"self":{{"vendor":"com.acme","name":"{}","format":"jsonschema",)"
                     R"("version":"{}"}}{}}})",
                     name, version, rest);
}

class Servers : public Fetch {
 public:
  Result<Fetched> get(std::string_view url, std::string_view apikey) override {
    asked.push_back(fmt::format("{}{}{}", url, apikey.empty() ? "" : " ", apikey));
    const auto found = answers.find(url);
    return found == answers.end() ? Result<Fetched>(Fetched{404, ""}) : found->second;
  }

  std::map<std::string, Result<Fetched>, std::less<>> answers;
  std::vector<std::string> asked;
};

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() : resolver_(make({})) {}

  static ResolverConfig config(std::size_t size, std::optional<Duration> ttl) {
    ResolverConfig made;
    made.cache_size = size;
    made.cache_ttl = ttl;
    return made;
  }

  static Resolver make(ResolverConfig config) {
    if (config.repositories.empty()) {
      config.repositories = {{"Central", 0, {"com.snowplowanalytics"}, "http://central", ""},
                             {"Acme", 5, {"com.acme"}, "http://acme/api", "key"},
                             {"Other", 6, {}, "http://other", ""}};
    }
    return Resolver(*Registry::embedded(), std::move(config));
  }

  void acme_has(std::string text, std::string_view path = "com.acme/x/jsonschema/1-0-0") {
    servers_.answers.insert_or_assign(fmt::format("http://acme/api/schemas/{}", path),
                                      Fetched{200, std::move(text)});
  }

  Why why(std::string_view key = uri) {
    const auto found = resolver_.find(key, now_);
    EXPECT_FALSE(found);
    return found ? Why::needed : found.error().why;
  }

  bool finds(std::string_view key = uri) { return resolver_.find(key, now_).has_value(); }

  Status load(std::string_view key = uri) {
    return resolver_.keep(key, ask(resolver_.config(), key, servers_, now_), now_);
  }

  // What enrichment does for one record that needs the schema.
  Status record(std::string_view key = uri) {
    static_cast<void>(resolver_.find(key, now_));
    const std::vector<std::string> needs = resolver_.needs();
    for (const std::string& need : needs) LVP_DO(load(need));
    resolver_.begin_record();
    return {};
  }

  Resolver resolver_;
  Servers servers_;
  Timestamp now_ = from_ms(1777622280001);  // 2026-05-01T07:58:00.001Z
};

TEST_F(ResolverTest, HasTheProgramsOwnSchemasWithoutAsking) {
  EXPECT_TRUE(finds("iglu:com.snowplowanalytics.snowplow.media/ping_event/jsonschema/1-0-0"));
  EXPECT_TRUE(resolver_.needs().empty());
}

TEST_F(ResolverTest, SaysWhatItNeedsAndHasItOnceLoaded) {
  acme_has(schema_text());
  EXPECT_EQ(why(), Why::needed);
  EXPECT_EQ(why(), Why::needed);
  EXPECT_EQ(resolver_.needs(), (std::vector<std::string>{std::string(uri)}));
  ASSERT_TRUE(load());
  EXPECT_TRUE(resolver_.needs().empty());
  EXPECT_TRUE(finds());
  resolver_.begin_record();
  now_ += 1000h;
  EXPECT_TRUE(finds());
  EXPECT_TRUE(resolver_.due().empty());
}

TEST_F(ResolverTest, AsksThoseWithThePrefixFirstAndSendsTheKeyToItsOwner) {
  ASSERT_TRUE(load());
  EXPECT_EQ(servers_.asked,
            (std::vector<std::string>{"http://acme/api/schemas/com.acme/x/jsonschema/1-0-0 key",
                                      "http://central/schemas/com.acme/x/jsonschema/1-0-0",
                                      "http://other/schemas/com.acme/x/jsonschema/1-0-0"}));
  servers_.asked.clear();
  acme_has(schema_text());
  ASSERT_TRUE(load());
  EXPECT_EQ(servers_.asked.size(), 1u);  // the first that has it wins
}

TEST_F(ResolverTest, SaysWhoWasAskedForWhatNobodyHas) {
  ASSERT_TRUE(load());
  const auto absent = resolver_.find(uri, now_);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().why, Why::not_found);
  EXPECT_EQ(absent.error().history, (LookupHistory{{"Acme", {{}}, 1, now_},
                                                   {"Central", {{}}, 1, now_},
                                                   {"Other", {{}}, 1, now_},
                                                   {"lvp embedded", {{}}, 1, now_}}));
}

TEST_F(ResolverTest, AsksAgainAfterAWhileForWhatNobodyHad) {
  ASSERT_TRUE(record());
  now_ += 9min;
  EXPECT_EQ(why(), Why::not_found);
  now_ += 1min;
  EXPECT_EQ(why(), Why::needed);
  acme_has(schema_text());
  ASSERT_TRUE(load());
  EXPECT_TRUE(finds());
}

// An outage holds records back; it never makes a schema "not found".
TEST_F(ResolverTest, IsUnavailableWhileOneThatCouldHaveItCannotBeAsked) {
  const std::string url = "http://other/schemas/com.acme/x/jsonschema/1-0-0";
  const struct {
    Result<Fetched> answer;
    RepositoryError error;
  } rows[] = {
      {unavailable("connection refused"), {Kind::client_failure, "connection refused"}},
      {Fetched{503, "busy"}, {Kind::repo_failure, "Unexpected server response: busy"}},
      {Fetched{403, "no"}, {Kind::client_failure, "Unexpected response code: 403"}},
      {Fetched{200, "<html>"}, {Kind::client_failure, "the answer is no JSON object"}},
  };
  LookupHistory::value_type other{"Other", {}, 0, now_};
  for (const auto& row : rows) {
    servers_.answers.insert_or_assign(url, row.answer);
    const Status status = load();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Error::Code::unavailable);
    EXPECT_EQ(status.error().what, fmt::format("schema {}: Other: {}", uri, row.error.message));
    EXPECT_EQ(why(), Why::needed);
    other.errors.push_back(row.error);
    ++other.attempts;
  }
  servers_.answers.erase(url);
  ASSERT_TRUE(load());
  const auto absent = resolver_.find(uri, now_);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().why, Why::not_found);
  other.errors.emplace_back();
  ++other.attempts;
  EXPECT_EQ(absent.error().history[2], other);
  EXPECT_EQ(absent.error().history[0], (RepositoryLookup{"Acme", {{}}, 5, now_}));
}

TEST_F(ResolverTest, UsesAnotherRepositoryThatHasItWhileOneIsAway) {
  servers_.answers.insert_or_assign("http://acme/api/schemas/com.acme/x/jsonschema/1-0-0",
                                    unavailable("connection refused"));
  servers_.answers.insert_or_assign("http://other/schemas/com.acme/x/jsonschema/1-0-0",
                                    Fetched{200, schema_text()});
  ASSERT_TRUE(load());
  EXPECT_TRUE(finds());
}

TEST_F(ResolverTest, KeepsAnOldSchemaInUseUntilThereIsANewOne) {
  resolver_ = make(config(500, 10min));
  acme_has(schema_text());
  ASSERT_TRUE(record());
  now_ += 10min;
  EXPECT_TRUE(finds());
  EXPECT_TRUE(finds());
  EXPECT_TRUE(resolver_.needs().empty());
  EXPECT_EQ(resolver_.due(), (std::vector<std::string>{std::string(uri)}));

  servers_.answers.begin()->second = Result<Fetched>(unavailable("connection refused"));
  EXPECT_FALSE(load());
  EXPECT_TRUE(resolver_.due().empty());
  EXPECT_TRUE(finds());
  EXPECT_TRUE(resolver_.due().empty());  // not again at once
  resolver_.begin_record();
  now_ += 1min;
  EXPECT_TRUE(finds());
  EXPECT_EQ(resolver_.due().size(), 1u);

  servers_.answers.clear();  // gone everywhere: what was published once stays
  ASSERT_TRUE(load());
  EXPECT_TRUE(finds());
  acme_has(schema_text("x", "1-0-0", R"(,"type":"object")"));
  ASSERT_TRUE(load());
  json::Parser parser;
  EXPECT_EQ(resolver_.find(uri, now_)->schema->check(*parser.parse("1")).size(), 1u);
}

TEST_F(ResolverTest, ExplainsASchemaThatCannotBeObeyed) {
  const struct {
    std::string text;
    std::string_view issue;
  } rows[] = {
      {schema_text("y"), "Acme: self says that it is iglu:com.acme/y/jsonschema/1-0-0"},
      {schema_text("x", "1-0-0", R"j(,"pattern":"(?=x)")j"), "Acme: $: pattern: regular"},
      {"{", "Acme: "},
  };
  for (const auto& row : rows) {
    resolver_ = make({});
    acme_has(row.text);
    ASSERT_TRUE(record());
    const auto absent = resolver_.find(uri, now_);
    ASSERT_FALSE(absent);
    EXPECT_EQ(absent.error().why, Why::unusable);
    EXPECT_TRUE(absent.error().issue.starts_with(row.issue)) << absent.error().issue;
    now_ += 10min;
    EXPECT_EQ(why(), Why::needed);
  }
}

TEST_F(ResolverTest, FollowsTheVersionThatSupersedes) {
  acme_has(schema_text("x", "1-0-0", R"(,"$supersededBy":"1-0-1")"));
  acme_has(schema_text("x", "1-0-1", R"(,"type":"object")"), "com.acme/x/jsonschema/1-0-1");
  ASSERT_TRUE(load());
  EXPECT_EQ(why(), Why::needed);
  EXPECT_EQ(resolver_.needs(), (std::vector<std::string>{"iglu:com.acme/x/jsonschema/1-0-1"}));
  ASSERT_TRUE(load("iglu:com.acme/x/jsonschema/1-0-1"));
  const auto found = resolver_.find(uri, now_);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->superseded_by, "1-0-1");
  EXPECT_EQ(found->schema->self()->version(), "1-0-1");
  EXPECT_EQ(resolver_.find("iglu:com.acme/x/jsonschema/1-0-1", now_)->superseded_by, "");
}

TEST_F(ResolverTest, AsksForNothingThatCannotBeASchema) {
  for (const std::string_view key :
       {"", "iglu:com.acme/x/jsonschema/1-0", "iglu:../x/jsonschema/1-0-0",
        "iglu:com.acme/x/thrift/1-0-0"}) {
    EXPECT_EQ(why(key), Why::not_found) << key;
    ASSERT_TRUE(load(key));
  }
  EXPECT_TRUE(resolver_.needs().empty());
  EXPECT_TRUE(servers_.asked.empty());
  EXPECT_TRUE(resolver_.find("no key", now_).error().history.empty());
}

TEST_F(ResolverTest, NeedsNothingWithoutRepositories) {
  Resolver alone(*Registry::embedded(), {});
  const auto absent = alone.find(uri, now_);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().why, Why::not_found);
  EXPECT_EQ(absent.error().history, (LookupHistory{{"lvp embedded", {{}}, 1, now_}}));
}

TEST_F(ResolverTest, ForgetsTheLeastUsedBetweenRecords) {
  resolver_ = make(config(2, {}));
  const auto key = [](int number) {
    return fmt::format("iglu:com.acme/s{}/jsonschema/1-0-0", number);
  };
  for (int number = 0; number < 3; ++number) {
    acme_has(schema_text(fmt::format("s{}", number)),
             fmt::format("com.acme/s{}/jsonschema/1-0-0", number));
    ASSERT_TRUE(load(key(number)));
  }
  EXPECT_EQ(resolver_.cached(), 3u);  // one record may need more than there is room for
  EXPECT_TRUE(finds(key(0)));
  resolver_.begin_record();
  EXPECT_EQ(resolver_.cached(), 2u);
  EXPECT_EQ(why(key(1)), Why::needed);
  EXPECT_TRUE(finds(key(0)));
  EXPECT_TRUE(finds(key(2)));
}

TEST_F(ResolverTest, EndsARecordEvenIfNothingMayBeKept) {
  for (const ResolverConfig& nothing : {config(0, {}), config(500, 0min)}) {
    resolver_ = make(nothing);
    acme_has(schema_text());
    ASSERT_TRUE(load());
    EXPECT_TRUE(finds());
    ASSERT_TRUE(load("iglu:com.acme/none/jsonschema/1-0-0"));
    EXPECT_EQ(why("iglu:com.acme/none/jsonschema/1-0-0"), Why::not_found);
    resolver_.begin_record();
    EXPECT_EQ(resolver_.cached(), 0u);
    EXPECT_EQ(why(), Why::needed);
  }
}

// A tracker can name any schema: what one record makes us ask is bounded.
TEST_F(ResolverTest, LooksUpSoManySchemasForOneRecordAndNoMore) {
  for (std::size_t number = 0; number < Resolver::lookups_max; ++number)
    EXPECT_EQ(why(fmt::format("iglu:com.acme/s{}/jsonschema/1-0-0", number)), Why::needed);
  EXPECT_EQ(why("iglu:com.acme/more/jsonschema/1-0-0"), Why::not_found);
  EXPECT_EQ(why("iglu:com.acme/s0/jsonschema/1-0-0"), Why::needed);
  ASSERT_TRUE(load("iglu:com.acme/s0/jsonschema/1-0-0"));
  EXPECT_EQ(why("iglu:com.acme/more/jsonschema/1-0-0"), Why::not_found);
  resolver_.begin_record();
  EXPECT_TRUE(resolver_.needs().empty());
  EXPECT_EQ(why("iglu:com.acme/more/jsonschema/1-0-0"), Why::needed);
}

// What it was given in another run is good enough to go on with, and is asked for again at leisure.
TEST_F(ResolverTest, UsesWhatIsArchivedAndAsksForItAgain) {
  const Answer archived{schema_text(), "archive", {}, /*is_archived=*/true};
  ASSERT_TRUE(resolver_.keep(uri, archived, now_));
  EXPECT_TRUE(finds());
  EXPECT_TRUE(resolver_.due().empty());  // for this record it is fresh
  resolver_.begin_record();
  EXPECT_TRUE(finds());
  EXPECT_EQ(resolver_.due(), (std::vector<std::string>{std::string(uri)}));
  EXPECT_TRUE(load());  // nobody has it any more
  EXPECT_TRUE(finds());
}

// An attempt counts what the attempts before it asked for.
TEST_F(ResolverTest, LooksUpNoMoreForOneRecordHoweverOftenItIsTried) {
  resolver_.begin_record(/*asked=*/Resolver::lookups_max - 1);
  EXPECT_EQ(why("iglu:com.acme/s0/jsonschema/1-0-0"), Why::needed);
  EXPECT_EQ(why("iglu:com.acme/s1/jsonschema/1-0-0"), Why::not_found);
}

}  // namespace
}  // namespace lvp::iglu
