// Rows named R… are those of docs/compatibility-bridge.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "bridge/keyed_hash.h"
#include "bridge/made_up.h"

namespace lvp::bridge {
namespace {

using namespace made_up;

std::string js(std::string_view script, std::string_view settings = "") {
  return fmt::format("use \"js\" {{\n script = <<SCRIPT\n{}\nSCRIPT\n {}\n}}\n", script, settings);
}

std::string main_of(std::string_view body, std::string_view settings = "") {
  return js(fmt::format("function main(input) {{ {} }}", body), settings);
}

constexpr std::string_view event_mode = "snowplow_mode = true";
constexpr std::string_view json_mode = "json_mode = true";

constexpr std::string_view wrong_type =
    "failed: failed to validate JS engine output: invalid return type from JavaScript "
    "transformation";
constexpr std::string_view violation =
    "failed: failed to validate JS engine output: protocol violation in return value from "
    "JavaScript transformation";

TEST(Js, TakesWhatMainReturns) {
  struct Row {
    std::string_view id, body, data, result;
  };
  constexpr std::string_view json = R"({"app_id":"test"})";
  const Row rows[] = {
      {"R106", "return input", "asdf", "asdf"},
      {"R107", "input.Data = 'Hello:' + input.Data; return input", "asdf", "Hello:asdf"},
      {"R108", "input.FilterOut = false; return input", "asdf", "asdf"},
      {"R109", "return {FilterOut: true}", "asdf", "filtered"},
      {"R110", "input.Data = JSON.stringify(JSON.parse(input.Data)); return input", json, json},
      {"R111", "input.Data = input.Data.replace(/app_id/, 'app'); return input", json,
       R"({"app":"test"})"},
      {"R112",
       "const o = JSON.parse(input.Data); Object.defineProperty(o, 'app', "
       "Object.getOwnPropertyDescriptor(o, 'app_id')); delete o.app_id; return {Data: o}",
       json, R"({"app":"test"})"},
      {"R113", "return 0", "asdf", wrong_type},
      {"R113 text", "return 'asdf'", "asdf", wrong_type},
      {"R113 array", "return []", "asdf", wrong_type},
      {"R113 function", "return () => 1", "asdf", wrong_type},
      {"any case", "return {dAtA: input.Data, other: 1}", "asdf", "asdf"},
      {"type", "return {FilterOut: 'yes', Data: 'a'}", "asdf", violation},
      {"key type", "return {PartitionKey: 1, Data: 'a'}", "asdf", violation},
  };
  for (const Row& row : rows) EXPECT_EQ(became(main_of(row.body), row.data), row.result) << row.id;
  const std::string none = std::string(wrong_type) + "; got null or undefined";
  EXPECT_EQ(became(main_of(""), "asdf"), none);  // R114
  EXPECT_EQ(became(main_of("return null"), "asdf"), none);
  for (const std::string_view data : {"undefined", "null", "1", "true", "[]", "new Date()"}) {
    EXPECT_EQ(became(main_of(fmt::format("return {{Data: {}}}", data)), "asdf"),
              std::string(wrong_type) + "; expected string or object")
        << data;
  }
  EXPECT_EQ(became(main_of("return {Dat: input.Data}"), "asdf"),  // R153
            std::string(wrong_type) + "; expected string or object");
}

TEST(Js, FailsWithTheEnginesWords) {
  struct Row {
    std::string_view id, body, beginning;
  };
  constexpr Row rows[] = {
      {"R115", "return input.toExponential()",
       "failed: error running JavaScript function [main]: TypeError: "},
      {"R116", "throw 'Failed'", "failed: error running JavaScript function [main]: Failed"},
      {"unknown", "input.Other = 1", "failed: error running JavaScript function [main]: TypeError"},
      {"delete", "delete input.Data", "failed: error running JavaScript function [main]: TypeErr"},
      {"NaN", "return {Data: {a: NaN}}", "failed: error encoding message data"},
      {"function", "return {Data: {a() {}}}", "failed: error encoding message data"},
      {"cycle", "const a = {}; a.a = a; return {Data: a}", "failed: error encoding message data"},
  };
  for (const Row& row : rows) {
    const std::string failed = became(main_of(row.body), "asdf");
    EXPECT_TRUE(failed.starts_with(row.beginning)) << row.id << ": " << failed;
  }
  EXPECT_EQ(became(main_of("while (true) {}", "timeout_sec = 1"), "asdf"),  // R117
            "failed: error running JavaScript function [main]: runtime deadline exceeded");
}

TEST(Js, EncodesObjectsAsGoDoes) {
  struct Row {
    std::string_view value, json;
  };
  const Row rows[] = {
      {"undefined", "null"},
      {"'<>&\\u2028'", R"("<>&\u2028")"},
      {"'\\ud800 \\ud83d\\ude00 \\\\ud800'", "\"\ufffd \U0001f600 \\\\ud800\""},
      {"-0", "-0"},
      {"1e21", "1e+21"},
      {"1e-7", "1e-07"},
      {"1e-10", "1e-10"},
      {"9007199254740992", "9007199254740992"},
      {"new Date(Date.UTC(2024, 10, 16, 13, 33, 29, 170))", R"("2024-11-16T13:33:29.17Z")"},
      {"new Date(0)", R"("1970-01-01T00:00:00Z")"},
      {"new Map([[1, 'a']])", R"([[1,"a"]])"},
      {"new Set([1, 2])", "[1,2]"},
      {"/x/", "{}"},
      {"new Error('x')", "{}"},
      {"Symbol('s')", R"("s")"},
      {"new Uint8Array([72, 101, 108, 108])", R"("SGVsbA==")"},
      {"Object.create(null)", "{}"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(became(main_of(fmt::format("return {{Data: {{a: {}}}}}", row.value)), "x"),
              fmt::format(R"({{"a":{}}})", row.json))
        << row.value;
}

// R136
TEST(Js, RemovesNullsIfAsked) {
  constexpr std::string_view body =
      "return {Data: {a: null, b: {c: null, d: {}}, e: [null, {}, [], {f: 'null'}], g: 1}}";
  EXPECT_EQ(became(main_of(body, "remove_nulls = true"), "x"), R"({"e":[{"f":"null"}],"g":1})");
  EXPECT_EQ(became(main_of(body), "x"),
            R"({"a":null,"b":{"c":null,"d":{}},"e":[null,{},[],{"f":"null"}],"g":1})");
}

TEST(Js, ReadsTheEventInSnowplowMode) {
  EXPECT_EQ(became(main_of("return input", event_mode), add_to_cart()),  // R124
            became("use \"spEnrichedToJson\" {}", add_to_cart()));
  EXPECT_EQ(
      became(main_of("return {FilterOut: input.Data.app_id !== 'myApp'}", event_mode),  // R125
             add_to_cart()),
      "filtered");
  const std::string failed = became(main_of("return input", event_mode), no_event);  // R127
  EXPECT_TRUE(
      failed.starts_with("failed: failed making input for the JavaScript runtime: "
                         "intermediate state cannot be parsed as parsedEvent: "))
      << failed;
}

// The event's members are made when a script reads them, which no script can tell.
TEST(Js, TheEventIsLikeAnObjectOfAllItsMembers) {
  constexpr std::string_view bodies[] = {
      "return e.app_id + e.user_id + e.page_urlport",
      "return JSON.stringify(e)",
      "return e.app_id + JSON.stringify(e)",
      "return JSON.stringify({...e}) + Object.entries(e).length",
      "let names = ''; for (const name in e) names += name + ' '; return names",
      "const {app_id, ...rest} = e; return app_id + JSON.stringify(rest)",
      "return Object.keys(e) + Reflect.ownKeys(e)",
      "return ['app_id' in e, 'user_id' in e, 'toString' in e, Symbol.iterator in e]",
      "return [e.hasOwnProperty('app_id'), Object.hasOwn(e, 'user_id'), typeof e.toString]",
      "return JSON.stringify(Object.getOwnPropertyDescriptor(e, 'app_id'))",
      "return JSON.stringify(Object.getOwnPropertyDescriptors(e))",
      "return `` + e + typeof e + Array.isArray(e) + (e.__proto__ === Object.prototype)",
      "return e.constructor === Object && Object.getPrototypeOf(e) === Object.prototype",
      "e.mine = 1; e.platform = 'tv'; return e.platform + JSON.stringify(e)",
      "delete e.event_name; e.event_name = 'last'; return JSON.stringify(e)",
      "return [delete e.app_id, e.app_id, delete e.user_id, 'app_id' in e, Object.keys(e)]",
      "e.collector_tstamp = undefined; e.user_id = null; return JSON.stringify(e)",
      "Object.assign(e, {z: 1, app_id: 2}); return JSON.stringify(e)",
      "const name = 'contexts_nl_basjes_yauaa_context_1'; const same = e[name] === e[name];"
      "e[name].push({mine: 1}); return same + e[name].length + JSON.stringify(e)",
      "const a = e.contexts_nl_basjes_yauaa_context_1; a[0].mine = 1; const copy = {...e};"
      "return (copy.contexts_nl_basjes_yauaa_context_1 === a) + JSON.stringify(e)",
      "Object.defineProperty(e, 'app_id', {value: 1, enumerable: false});"
      "return e.app_id + JSON.stringify(e)",
      "Object.freeze(e); let thrown = 0; for (const change of [() => { e.app_id = 1 },"
      "() => { e.mine = 1 }, () => delete e.app_id]) try { change() } catch (error) {"
      "thrown += error instanceof TypeError } return [thrown, Object.isFrozen(e), e.platform]",
      "Object.preventExtensions(e); return [Object.isExtensible(e), Object.isSealed(e), e.app_id]",
      "Object.setPrototypeOf(e, {get its() { return this.app_id }, mine: 1});"
      "return e.its + e.mine + e.hasOwnProperty('mine') + JSON.stringify(e)",
      "const child = Object.create(e); child.app_id += '!'; child.user_id = 1;"
      "return child.app_id + child.platform + e.app_id + ('user_id' in e) + JSON.stringify(e)",
      "return JSON.stringify(e, ['app_id', 'page_urlport', 'event_id'])",
      "return [e['app_id,platform'], e[''], e[0], e['a b'], e.app_id]",
      "let names = ''; for (let i = 0; i < 200; ++i) names += e['name_' + i] ?? ''; "
      "return names + e.platform",
  };
  for (const std::string_view body : bodies) {
    const std::string looks =
        fmt::format("const look = e => {{ {} }}; return {{Data: String(look(input.Data))}}", body);
    const std::string of_object = main_of(looks, json_mode);
    auto made = chain(main_of(looks, event_mode));
    ASSERT_TRUE(made) << made.error().what;
    for (int round = 0; round < 3; ++round) {
      for (const std::string& event : {add_to_cart(), page_view(), transaction_item()}) {
        Message message{event, "key"};
        EXPECT_EQ(became(*made, message),
                  became(of_object, became("use \"spEnrichedToJson\" {}", event)))
            << body << ", round " << round;
      }
    }
  }
}

TEST(Js, AColumnThatNoScriptReadsIsCheckedAllTheSame) {
  auto made = chain(main_of("return {Data: input.Data.app_id}", event_mode));
  ASSERT_TRUE(made);
  EnrichedEvent wrong = event("a", "b");
  for (int round = 0; round < 2; ++round) {
    wrong[Column::txn_id] = "80.0";
    Message message{wrong.tsv(), "key"};
    EXPECT_TRUE(became(*made, message).starts_with("failed: failed making input for the JavaScr"));
    wrong[Column::txn_id] = "80";
    message.data = wrong.tsv();
    EXPECT_EQ(became(*made, message), "a");
  }
}

TEST(Js, GivesTimestampsAsGoTimes) {
  struct Row {
    std::string_view expression, text;
  };
  constexpr Row rows[] = {
      {"typeof t", "object"},
      {"t", "2019-05-10 14:40:35.972 +0000 UTC"},
      {"JSON.stringify(t)", R"("2019-05-10T14:40:35.972Z")"},
      {"t.UnixMilli()", "1557499235972"},
      {"t.Unix()", "1557499235"},
      {"[t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()]",
       "2019,5,10,14,40,35,972000000"},
      {"[t.Weekday(), t.YearDay()]", "5,130"},
      {"t.Format('Mon, 02 Jan 2006 15:04:05 MST')", "Fri, 10 May 2019 14:40:35 UTC"},
      {"t.Format('2006-01-02T15:04:05.000Z07:00 3PM')", "2019-05-10T14:40:35.972Z 2PM"},
      {"t.toISOString", "undefined"},
  };
  for (const Row& row : rows) {
    const std::string body = fmt::format(
        "const t = input.Data.collector_tstamp; return {{Data: `${{{}}}`}}", row.expression);
    // In a heredoc, ${ is a template of the configuration.
    std::string script = main_of(body, event_mode);
    for (std::size_t at = 0; (at = script.find("${", at)) != script.npos; at += 3)
      script.insert(at, "$");
    EXPECT_EQ(became(script, add_to_cart()), row.text) << row.expression;
  }
}

TEST(Js, ReadsJsonInJsonMode) {
  const std::string json = became("use \"spEnrichedToJson\" {}", add_to_cart());
  EXPECT_EQ(became(main_of("return input", json_mode), json), json);  // R132
  EXPECT_EQ(became(main_of("return {Data: typeof input.Data.collector_tstamp}", json_mode), json),
            "string");
  EXPECT_EQ(
      became(main_of("input.Data.app = input.Data.a; delete input.Data.a; return input", json_mode),
             R"({"a":1})"),  // R135
      R"({"app":1})");
  constexpr std::string_view beginning =
      "failed: failed making input for the JavaScript runtime: failed to transform input into JSON";
  for (const std::string& bad :
       {add_to_cart(), std::string("{\"a\""), std::string("[1]"), std::string("null")}) {
    const std::string failed = became(main_of("return input", json_mode), bad);  // R133, R134
    EXPECT_TRUE(failed.starts_with(beginning)) << failed;
  }
}

TEST(Js, SetsTheKey) {
  for (const std::string_view mode : {std::string_view(), event_mode}) {  // R137
    auto made = chain(main_of("input.PartitionKey = 'newPk'; return input", mode));
    ASSERT_TRUE(made);
    Message message{add_to_cart(), "oldPk"};
    ASSERT_EQ(made->apply(message).verdict, Verdict::passed);
    EXPECT_EQ(message.key, "newPk");
  }
  auto filters = chain(main_of(  // R126, R138, R150
      "return {FilterOut: true, PartitionKey: 'newPk', Data: 'new', HTTPHeaders: {a: 'b'}}"));
  ASSERT_TRUE(filters);
  Message message{"old", "oldPk"};
  EXPECT_EQ(filters->apply(message).verdict, Verdict::filtered);
  EXPECT_EQ(message.key, "oldPk");
  EXPECT_EQ(message.data, "old");
  EXPECT_TRUE(message.headers.empty());
}

TEST(Js, SetsHeaders) {
  using Headers = std::map<std::string, std::string>;
  const Headers old{{"oldKey", "oldVal"}};
  struct Row {
    std::string_view id, body;
    Headers before, after;
  };
  const Row rows[] = {
      {"R139", "input.HTTPHeaders = {foo: 'bar'}; return input", {}, {{"foo", "bar"}}},
      {"R140", "input.HTTPHeaders = {foo: 'bar'}; return input", old, {{"foo", "bar"}}},
      {"R141",
       "input.HTTPHeaders.foo = 'bar'; return input",
       old,
       {{"foo", "bar"}, {"oldKey", "oldVal"}}},
      {"crash", "input.HTTPHeaders.foo = 'bar'; return input", {}, {{"foo", "bar"}}},
      {"R142 null", "input.HTTPHeaders = null; return input", old, old},
      {"R142 undefined", "input.HTTPHeaders = undefined; return input", {}, {}},
      {"R143", "input.HTTPHeaders = {}; return input", old, old},
      {"R146", "input.HTTPHeaders = () => 1; return input", old, old},
      {"R147", "input.HTTPHeaders = [10, 11]; return input", old, {{"0", "10"}, {"1", "11"}}},
      {"R149", "input.HTTPHeaders = {a: {}}; return input", {}, {{"a", "[object Object]"}}},
      {"returned", "return {Data: 'x', HTTPHeaders: {n: 1}}", old, {{"n", "1"}}},
  };
  for (const Row& row : rows) {
    auto made = chain(main_of(row.body));
    ASSERT_TRUE(made);
    Message message{"x", "k", row.before};
    EXPECT_EQ(made->apply(message).reason, "") << row.id;
    EXPECT_EQ(message.headers, row.after) << row.id;
  }
  auto text = chain(main_of("input.HTTPHeaders = 'x'; return input"));  // R144
  Message message{"x", "k", old};
  EXPECT_NE(text->apply(message).reason.find("TypeError: could not convert"), std::string::npos);
  EXPECT_EQ(message.headers, old);
  EXPECT_EQ(became(main_of("return {Data: 'x', HTTPHeaders: 'x'}"), "x"), violation);  // R145
  EXPECT_EQ(became(main_of("return {Data: 'x', HTTPHeaders: []}"), "x"), violation);   // R148
}

struct Hash {
  std::string_view algorithm, salt, hex;
};
constexpr Hash hashes[] = {
    {"sha1", "", "3767ff5f27dff1fc1a8a8bbf3aa53a7170adbcbea0ab43b3"},
    {"sha1", "09a2d6b3ecd943aa8512df1f", "5841e55de6c4486fa092f044a5189570dec421cb06652829"},
    {"sha256", "", "262ca08d9db38199ac487454bd4accb795a33297516b3cec"},
    {"sha256", "09a2d6b3ecd943aa8512df1f", "23e37c9c9aaed4e592b306b291deb43fd197551048704d57"},
    {"md5", "", "30368c83ff2751652f501b62d6b965794d3512177f301db1"},
    {"md5", "09a2d6b3ecd943aa8512df1f", "8ac2e6ae6f31687f8f52ec3ae553d1dc78a591d31bfae508"},
};

TEST(Js, Hashes) {
  for (const Hash& row : hashes) {  // R118, R160
    EXPECT_EQ(keyed_hash("python-requests 2", row.algorithm, row.salt), row.hex);
    const std::string body = fmt::format("return {{Data: hash(input.Data, '{}')}}", row.algorithm);
    const std::string salt = fmt::format("hash_salt_secret = \"{}\"", row.salt);
    EXPECT_EQ(became(main_of(body, salt), "python-requests 2"), row.hex);
  }
  EXPECT_EQ(became(main_of("return {Data: hash(input.Data, 'sha512')}"), "x"), "");
  EXPECT_NE(became(main_of("return {Data: hash(input.Data)}"), "x").find("two arguments"),
            std::string::npos);
}

TEST(Js, FindsEntitiesOfAllModels) {
  constexpr std::string_view data =
      R"({"contexts_com_example_1":[{"n":1}],"contexts_com_example_12":[{"n":12},{"n":13}],)"
      R"("contexts_com_example_sub_1":[{"n":0}],"unstruct_event_com_example_sub_1":{"n":3},)"
      R"("unstruct_event_com_example_1":{"n":4}})";
  struct Row {
    std::string_view id, expression, json;
  };
  constexpr Row rows[] = {
      {"R119", "allContexts(input.Data, 'com_example_sub')", R"([{"n":0}])"},
      {"R120 R122", "allContexts(input.Data, 'com_example')", R"([{"n":12},{"n":13},{"n":1}])"},
      {"R121", "allContexts(input.Data, 'com_other')", "[]"},
      {"R123", "allUnstruct(input.Data, 'com_example')", R"({"n":4})"},
      {"R123 none", "allUnstruct(input.Data, 'com_other')", "null"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(
        became(main_of(fmt::format("return {{Data: {{a: {}}}}}", row.expression), json_mode), data),
        fmt::format(R"({{"a":{}}})", row.json))
        << row.id;
}

TEST(Js, HandsItsObjectToTheNextScript) {
  const std::string set =
      main_of("return {Data: {app_id: '1', t: input.Data.collector_tstamp}}", event_mode);
  const std::string next =
      main_of("input.Data.app_id += typeof input.Data.t.Year; return input");  // R128
  const std::string last = main_of("input.Data.app_id += '3'; return input", event_mode);
  EXPECT_EQ(became(set + next + last, add_to_cart()),  // R155, R156
            R"({"app_id":"1function3","t":"2019-05-10T14:40:35.972Z"})");
  const std::string text = main_of("return {Data: 'text', PartitionKey: 'k1'}");
  const std::string shows = main_of("return {Data: input.PartitionKey + input.Data}", event_mode);
  EXPECT_EQ(became(text + shows, "x"), "k1text");  // R129
  // A step between that reads the event makes the next one read it too; R130, R131, R157.
  const std::string filter =
      "use \"spEnrichedFilter\" {\n atomic_field = \"app_id\"\n regex = \"data1\"\n"
      " filter_action = \"keep\"\n}\n";
  const std::string pass = main_of("return input");
  const std::string app = main_of("return {Data: input.Data.app_id}", event_mode);
  EXPECT_EQ(became(pass + filter + app, add_to_cart()), "test-data1");
  EXPECT_EQ(became(pass + filter + app, page_view()), "filtered");
  const std::string failed = became(text + filter, add_to_cart());
  EXPECT_TRUE(failed.starts_with("failed: intermediate state cannot be parsed")) << failed;
}

TEST(Js, IsRefusedAtTheStart) {
  struct Row {
    std::string_view id, script, error;
  };
  constexpr Row rows[] = {
      {"R151", "function other() {}",
       "error smoke testing JS function: could not assert as function: \"main\""},
      {"R152 R154", "local y = 0", "error building JS engine: syntax: SyntaxError: "},
      {"top level", "undeclared()", "error building JS engine: top level: ReferenceError: "},
  };
  for (const Row& row : rows) {
    const auto refused = chain(js(row.script));
    ASSERT_FALSE(refused) << row.id;
    EXPECT_TRUE(refused.error().what.starts_with("test.hcl:2: transform: use \"js\": " +
                                                 std::string(row.error)))
        << refused.error().what;
  }
}

std::string file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct Expected {
  std::string_view event_name, time, event_id, clicked, skipped, ad_id, video_ts;
};
constexpr Expected golden[] = {
    {"play_event", "13:33:29.17", "15928a51-c999-4185-bf40-796886441149", "0", "0", "0", "0"},
    {"pause_event", "13:33:30.146", "69bc9af1-72e2-4230-8e7e-f7ac708dd754", "0", "0", "\"288\"",
     "0.112652"},
    {"ad_break_start_event", "13:33:30.146", "9f0ae951-fabd-4fe0-a2d7-b1c1c182111b", "0", "0", "0",
     "0"},
    {"ad_break_end_event", "13:33:38.339", "2688462e-cc38-469e-ab72-0bd16d25ee0a", "0", "0", "0",
     "0.112652"},
    {"play_event", "13:33:38.601", "2eb657f0-0777-40e8-ac69-e4fc762dd527", "0", "0", "0",
     "0.16254"},
    {"ping_event", "13:33:53.338", "1617ca18-7ed2-4ed4-a793-1382942f2a30", "0", "0", "0",
     "15.0301"},
    {"ad_break_start_event", "13:34:08.349", "d9fd8a15-3548-4b9f-b0ea-a919eea71925", "0", "0", "0",
     "29.926184"},
    {"pause_event", "13:34:08.408", "bc812c39-3002-4dfc-a17f-2966f96e0290", "0", "0", "\"293\"",
     "30.120879"},
    {"ad_break_end_event", "13:34:17.768", "52428cd3-8441-462c-b85f-f1f99120db2c", "1", "1", "0",
     "30.120879"},
    {"play_event", "13:34:18.039", "6aa7e70c-1099-47f6-8c34-b9eb8277ee8d", "1", "1", "0",
     "30.185941"},
    {"ping_event", "13:34:23.338", "d4cb46c6-0e1a-4b9c-83ea-50b2788d733d", "1", "1", "0",
     "35.425666"},
    {"ad_break_start_event", "13:34:48.339", "bcf526e0-7e9c-4edc-b9e1-0eb7f0fb6800", "1", "1", "0",
     "60.674818"},
    {"pause_event", "13:34:48.398", "7621a504-287c-4ff3-884c-475fb4dd4857", "1", "1", "\"285\"",
     "60.69049"},
    {"ad_break_end_event", "13:34:52.978", "a9890ee5-c439-4444-bdce-db149a937392", "1", "3", "0",
     "60.69049"},
    {"play_event", "13:34:53.037", "53b3fee7-f9e6-48af-ad44-2f62f114e4c1", "1", "3", "0",
     "60.758767"},
    {"ping_event", "13:34:53.328", "b6f6d8e0-b844-42bb-9f10-0ea448fde5b5", "1", "3", "0",
     "60.960138"},
    {"pause_event", "13:34:59.778", "d895b0b3-43e1-450f-8155-6a493d61d9b5", "1", "3", "0",
     "67.502404"},
    {"ping_event", "13:35:23.338", "8428f3e8-90fb-4278-aa4f-b70a94346347", "1", "3", "0",
     "67.502404"},
};

std::string message_of(const Expected& e) {
  return fmt::format(
      R"({{"collector_tstamp":"2024-11-16T{}Z","event_id":"{}","event_name":"{}",)"
      R"("viewer_id":"143f9cb9-3db9-4e99-8d67-c8aea075d190","adsClicked":{},"adsSkipped":{},)"
      R"("adId":{},"video_ts":{}}})",
      e.time, e.event_id, e.event_name, e.clicked, e.skipped, e.ad_id, e.video_ts);
}

TEST(Js, TheExampleMakesTheAcceleratorsEighteenMessages) {
  const auto configuration =
      read_configuration(file(LVP_CONFIG "/bridge/viewers.hcl"), "viewers.hcl",
                         [](std::string_view name) -> std::optional<std::string> {
                           if (name == "BRIDGE_SCRIPT") return "viewers.js";
                           return std::nullopt;
                         });
  ASSERT_TRUE(configuration) << configuration.error().what;
  auto made = Chain::compile(*configuration, [](std::string_view path) -> Result<std::string> {
    return file(LVP_CONFIG "/bridge/" + std::string(path));
  });
  ASSERT_TRUE(made) << made.error().what;
  std::ifstream sample(LVP_TEST_DATA "/bugs_bunny.tsv");
  std::size_t kept = 0;
  for (std::string line; std::getline(sample, line);) {
    Message message{line, "key"};
    const Outcome outcome = made->apply(message);
    ASSERT_NE(outcome.verdict, Verdict::failed) << outcome.reason;
    if (outcome.verdict == Verdict::filtered) continue;
    ASSERT_LT(kept, std::size(golden));
    EXPECT_EQ(message.data, message_of(golden[kept++]));
  }
  EXPECT_EQ(kept, std::size(golden));
}

}  // namespace
}  // namespace lvp::bridge
