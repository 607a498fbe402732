#include "enrich/javascript.h"

#include "enrich/test_events.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view name = "com.snowplowanalytics.snowplow/javascript_script_config/1-0-0";
constexpr std::string_view page = "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0";
constexpr std::string_view page_data = R"({"id":"b7272b85-472b-493a-91f1-734e138ef09a"})";

std::string parameters(std::string_view script, std::string_view config = "") {
  json::Writer out;
  out.begin_object().key("script").string(base64_encode(script));
  if (!config.empty()) out.key("config").raw(config);
  return out.end_object().take();
}

class JavascriptEnrichments : public Enrich {
 protected:
  void script(std::string_view text, std::string_view config = "") {
    use(name, parameters(text, config));
  }

  std::string column(const Outcome& outcome, Column column) {
    EXPECT_EQ(outcome.good.size(), 1u);
    if (outcome.good.size() != 1) return {};
    return std::string((*EnrichedView::parse(outcome.good[0].tsv))[column]);
  }

  static std::string row(const Outcome& outcome) {
    EXPECT_EQ(outcome.bad.size(), 1u);
    return outcome.bad.size() == 1 ? outcome.bad[0] : std::string();
  }

  Outcome page_view() { return run(pixel({{"e", "pv"}, {"aid", "tv"}, {"vid", "7"}})); }
};

TEST_F(JavascriptEnrichments, ReadsAndSetsColumns) {
  struct Row {
    std::string_view script;  // the body of process()
    Column column;
    std::string_view expected;
  };
  const Row rows[] = {
      {"event.setApp_id(event.getApp_id() + '-2')", Column::app_id, "tv-2"},
      {"event.setUser_id(typeof event.getDomain_sessionidx())", Column::user_id, "number"},
      {"event.setDomain_sessionidx(event.getDomain_sessionidx() + 1)", Column::domain_sessionidx,
       "8"},
      {"event.setUser_id(String(event.getUser_id()))", Column::user_id, "null"},
      {"event.setApp_id(null)", Column::app_id, ""},
      {"event.setApp_id('a\\tb\\n')", Column::app_id, "a    b"},
      {"event.setBr_cookies(true)", Column::br_cookies, "1"},
      {"event.setApp_id('x'); event.setUser_id(event.getApp_id())", Column::user_id, "x"},
      {"event.setApp_id(params.prefix)", Column::app_id, "web"},
      {"event.setApp_id(headers[0])", Column::app_id, "A: b"},
      {"event.setEtl_tags(event.getEvent_name())", Column::etl_tags, "page_view"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.script);
    script(fmt::format("function process(event, params, headers) {{ {}; }}", row.script),
           R"({"prefix":"web"})");
    CollectorPayload payload = pixel({{"e", "pv"}, {"aid", "tv"}, {"vid", "7"}});
    payload.headers = {"A: b"};
    EXPECT_EQ(column(run(payload), row.column), row.expected);
  }
}

TEST_F(JavascriptEnrichments, Row140WhatItThrowsIsAFailure) {
  script("function process(event) { throw new Error('boom'); }");
  const std::string bad = row(page_view());
  EXPECT_NE(bad.find("/enrichment_failures/"), bad.npos);
  EXPECT_NE(bad.find(R"("identifier":"Javascript enrichment")"), bad.npos);
  EXPECT_NE(bad.find("Error during execution of JavaScript function: [Error: boom"), bad.npos);
}

TEST_F(JavascriptEnrichments, AValueThatAColumnCannotHoldIsThrown) {
  for (const std::string_view call : {"setDomain_sessionidx('x')", "setDomain_sessionidx(1.5)",
                                      "setSe_value('many')", "setBr_cookies(2)", "setApp_id({})"}) {
    script(fmt::format("function process(event) {{ event.{}; }}", call));
    EXPECT_NE(row(page_view()).find("TypeError: set"), std::string::npos) << call;
  }
}

TEST_F(JavascriptEnrichments, Row141ASchemaViolationComesFirst) {
  script("function process(event) { throw new Error('boom'); }");
  const std::string bad =
      row(run(pixel({{"e", "pv"}, {"co", entities(self_describing(page, R"({"id":1})"))}})));
  EXPECT_NE(bad.find("/schema_violations/"), bad.npos);
  EXPECT_EQ(bad.find(R"("error":"Error during execution)"), bad.npos);
}

TEST_F(JavascriptEnrichments, ItsEntitiesAreAdded) {
  script(fmt::format("function process(event) {{ return [{{schema: '{}', data: {}}}]; }}", page,
                     page_data));
  EXPECT_EQ(column(page_view(), Column::derived_contexts),
            entities(self_describing(page, page_data)));
}

TEST_F(JavascriptEnrichments, Row143AnInvalidEntityIsASchemaViolation) {
  script(fmt::format("function process(event) {{ return [{{schema: '{}', data: {{id: 1}}}}]; }}",
                     page));
  const std::string bad = row(page_view());
  EXPECT_NE(bad.find("/schema_violations/"), bad.npos);
  EXPECT_NE(bad.find("integer found, string expected"), bad.npos);
}

TEST_F(JavascriptEnrichments, Row144WhatItReplacesIsCheckedAgain) {
  script("function process(event) { event.setContexts('x'); }");
  EXPECT_NE(row(page_view()).find("/schema_violations/"), std::string::npos);

  json::Writer good;
  good.string(entities(self_describing(page, page_data)));
  script("function process(event, params) { event.setContexts(params); }", good.text());
  EXPECT_EQ(column(page_view(), Column::contexts), entities(self_describing(page, page_data)));

  json::Writer bad;
  bad.string(entities(self_describing(page, R"({"id":1})")));
  script("function process(event, params) { event.setContexts(params); }", bad.text());
  Settings settings;
  settings.incomplete = true;
  const Outcome outcome = run_bytes(encode(pixel({{"e", "pv"}})), settings);
  EXPECT_NE(row(outcome).find("/schema_violations/"), std::string::npos);
  ASSERT_EQ(outcome.incomplete.size(), 1u);
  EXPECT_EQ((*EnrichedView::parse(outcome.incomplete[0].tsv))[Column::contexts], "");
}

TEST_F(JavascriptEnrichments, Row145ADroppedEventLeavesNothing) {
  script("function process(event) { event.drop(); }");
  const Outcome good = page_view();
  EXPECT_TRUE(good.good.empty() && good.bad.empty() && good.incomplete.empty());
  const Outcome bad =
      run(pixel({{"e", "pv"}, {"co", entities(self_describing(page, R"({"id":1})"))}}));
  EXPECT_TRUE(bad.good.empty() && bad.bad.empty() && bad.incomplete.empty());
}

TEST_F(JavascriptEnrichments, Row146ErasedEntitiesAreGone) {
  const auto load = [this](std::string_view second) {
    const NamedText files[] = {
        {"a.json", configuration_text(
                       name, parameters(fmt::format(
                                 "function process() {{ return [{{schema: '{}', data: {}}}]; }}",
                                 page, page_data)))},
        {"b.json", configuration_text(name, parameters(second))}};
    auto loaded = Enrichments::load(files, {});
    ASSERT_TRUE(loaded) << loaded.error().what;
    enrichments_ = std::make_shared<const Enrichments>(std::move(*loaded));
  };
  load("function process(event) { event.setUser_id(event.getDerived_contexts()); }");
  EXPECT_EQ(column(page_view(), Column::user_id), entities(self_describing(page, page_data)));
  load("function process(event) { event.eraseDerived_contexts(); }");
  EXPECT_EQ(column(page_view(), Column::derived_contexts), "");
}

TEST_F(JavascriptEnrichments, Row147WhatIsNoListOfEntitiesIsAFailure) {
  const struct {
    std::string_view returned, words;
  } rows[] = {{"{}", "not read as an array"},
              {"'x'", "not read as an array"},
              {"[1]", "not self-desribing"},
              {"[{schema: 'iglu:x', data: {}}]", "not self-desribing"},
              {"[{schema: 'iglu:a/b/jsonschema/1-0-0'}]", "not self-desribing"}};
  for (const auto& each : rows) {
    script(fmt::format("function process(event) {{ return {}; }}", each.returned));
    const std::string bad = row(page_view());
    EXPECT_NE(bad.find("/enrichment_failures/"), bad.npos);
    EXPECT_NE(bad.find(each.words), bad.npos) << bad;
  }
}

TEST_F(JavascriptEnrichments, Row148NothingIsNothing) {
  for (const std::string_view body : {"", "return null;", "return undefined;", "return [];"}) {
    script(fmt::format("function process(event) {{ {} }}", body));
    EXPECT_EQ(column(page_view(), Column::derived_contexts), "");
  }
}

TEST_F(JavascriptEnrichments, AScriptThatCannotRunStopsTheStart) {
  const auto error = [](std::string_view text) {
    const NamedText file{"s.json", configuration_text(name, parameters(text))};
    const auto loaded = Enrichments::load({&file, 1}, {});
    return loaded ? "" : loaded.error().what;
  };
  EXPECT_TRUE(error("function process( {").starts_with("s.json: parameters.script: syntax: "));
  EXPECT_TRUE(error("let x = 1;").starts_with("s.json: parameters.script: "));
}

}  // namespace
}  // namespace lvp::enrich
