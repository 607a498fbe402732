// What holds for every request, however wrong: drawn at random, shrunk to the smallest that fails.
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "enrich/test_events.h"
#include "enrich/tracker_protocol.h"

namespace lvp::enrich {
namespace {

using rc::Gen;
namespace gen = rc::gen;

// Texts as trackers send them, and as nobody should.
Gen<std::string> any_text() {
  return gen::weightedOneOf<std::string>(
      {{9, gen::element<std::string>("", "a", "\t", "null", "1", "-1", "1.5", "1E9", "1200x800",
                                     "1398762053000", "9999999999999999",
                                     "f732d278-120a-4ac6-845b-d1f12ce45ac7",
                                     "http://a.com/b?c=d&_sp=a.1.b#e", "http://a|b/%zz", "[::1]:80",
                                     "%", "\xc3\xa9", "\xf0\x9f\x8e\xac", "{\"a\":1}")},
       {1, gen::element<std::string>("\xff\xfe", "\xed\xa0\x80")},
       {2, gen::string<std::string>()}});
}

Gen<std::string> any_self_describing() {
  const auto data = gen::element<std::string>(
      "{}", "[]", "1", "null", R"({"id":"b7272b85-472b-493a-91f1-734e138ef09a"})",
      R"({"id":1,"more":[{"a":"\u0001"}]})", R"({"id":"x","id":"y"})");
  const auto schema = gen::element<std::string>(
      "iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",
      "iglu:com.snowplowanalytics.snowplow.media/play_event/jsonschema/1-0-0",
      "iglu:com.acme/none/jsonschema/1-0-0", "iglu:com.acme/none/jsonschema/0-0-0", "iglu:", "");
  return gen::apply(
      [](const std::string& uri, const std::string& text) { return self_describing(uri, text); },
      schema, data);
}

Gen<std::string> any_event() {
  return gen::oneOf(any_text(), any_self_describing(),
                    gen::map(any_self_describing(), [](const std::string& event) {
                      return self_describing(event_schema, event);
                    }));
}

Gen<std::string> any_entities() {
  return gen::oneOf(any_text(),
                    gen::map(gen::container<Texts>(any_self_describing()), [](const Texts& list) {
                      return entities(fmt::format("{}", fmt::join(list, ",")));
                    }));
}

Gen<std::string> coded(Gen<std::string> json) {
  return gen::map(std::move(json), [](const std::string& text) { return url_base64(text); });
}

using FieldPair = std::pair<std::string, std::string>;

Gen<FieldPair> named(std::string name, Gen<std::string> value) {
  return gen::pair(gen::just(std::move(name)), std::move(value));
}

Gen<FieldPair> any_field() {
  const auto name = gen::element<std::string>(
      "eid", "p", "aid", "tv", "cv", "dtm", "stm", "ttm", "tid", "uid", "duid", "nuid", "tnuid",
      "vid", "sid", "ip", "ua", "url", "refr", "page", "res", "vp", "ds", "cookie", "f_pdf",
      "se_ca", "se_va", "tr_tt", "ti_qu", "pp_mix", "u", "schema", "x", "");
  return gen::oneOf(gen::pair(name, any_text()),
                    named("e", gen::element<std::string>("pv", "pp", "ue", "se", "x")),
                    named("ue_pr", any_event()), named("ue_px", coded(any_event())),
                    named("co", any_entities()), named("cx", coded(any_entities())));
}

// Few, as each is likely to be wrong.
Gen<Fields> any_fields() {
  return gen::map(gen::resize(5, gen::container<Fields>(any_field())), [](Fields fields) {
    fields.insert(fields.begin(), {"e", "pv"});
    return fields;
  });
}

// A tp2 body keeps only events whose items the schema of bodies accepts.
Gen<CollectorPayload> any_post() {
  return gen::map(gen::container<std::vector<Fields>>(any_fields()),
                  [](std::vector<Fields> events) {
                    for (Fields& fields : events) {
                      std::erase_if(fields, [](const FieldPair& field) {
                        return field.first == "u" || field.first == "schema" ||
                               field.first == "x" || field.first == "cv" || field.first.empty();
                      });
                      fields.insert(fields.begin(), {{"p", "web"}, {"tv", "1"}});
                    }
                    return post(events);
                  });
}

Gen<CollectorPayload> any_get() {
  const auto path =
      gen::element<std::string>("/i", "/i", "/i", "/com.snowplowanalytics.snowplow/tp2", "/r/tp2",
                                "/com.snowplowanalytics.iglu/v1", "/a/b", "nonsense");
  return gen::apply(
      [](const Fields& fields, std::string where) {
        CollectorPayload payload = pixel(fields);
        payload.path = std::move(where);
        return payload;
      },
      any_fields(), path);
}

Gen<CollectorPayload> with_odd_parts(Gen<CollectorPayload> payload) {
  return gen::apply(
      [](CollectorPayload made, const Texts& headers, const std::string& text, int part) {
        made.headers = headers;
        if (part == 0) made.user_agent = text;
        if (part == 1) made.body = text;
        if (part == 2) made.querystring = text;
        if (part == 3) made.content_type = "application/x-www-form-urlencoded";
        if (part == 4) made.referer_uri = text;
        if (part == 5) made.ip_address = text;
        if (part == 6) made.network_userid = text;
        if (part == 7) made.timestamp_ms = static_cast<std::int64_t>(text.size()) << 50;
        return made;
      },
      std::move(payload),
      gen::container<Texts>(gen::element<std::string>("X-Forwarded-For: 1.1.1.1", "Cookie: a=b; c",
                                                      "Host: h", "SP-Anonymous: *", ":", "")),
      any_text(), gen::inRange(0, 40));
}

std::shared_ptr<const Enrichments> all_enrichments() {
  const auto text = [](std::string_view name, std::string_view parameters) {
    return NamedText{"f.json", configuration_text(name, parameters)};
  };
  const NamedText files[] = {
      text("com.snowplowanalytics.snowplow/event_fingerprint_config/1-0-1",
           R"({"excludeParameters":["eid"],"hashAlgorithm":"SHA256"})"),
      text("com.snowplowanalytics.snowplow/campaign_attribution/1-0-1",
           R"({"fields":{"mktMedium":["c"]}})"),
      text("com.snowplowanalytics.snowplow/anon_ip/1-0-1", R"({"anonOctets":2})"),
      text("com.snowplowanalytics.snowplow/cookie_extractor_config/1-0-0", R"({"cookies":["a"]})"),
      text("com.snowplowanalytics.snowplow/referer_parser/2-0-0",
           R"({"referrers":{"search":{"A":{"domains":["a.com"],"parameters":["c"]}}}})"),
      text("com.snowplowanalytics.snowplow.enrichments/http_header_extractor_config/1-0-0",
           R"({"headersPattern":".*"})"),
      text("com.snowplowanalytics.snowplow.enrichments/cross_navigation_config/1-0-0", "{}"),
      text(
          "com.snowplowanalytics.snowplow.enrichments/pii_enrichment_config/2-0-1",
          R"({"pii":[{"pojo":{"field":"user_id"}},{"json":{"field":"contexts","schemaCriterion":)"
          R"("iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-*-*","jsonPath":"$..*"}},)"
          R"({"json":{"field":"unstruct_event","schemaCriterion":)"
          R"("iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-*-*","jsonPath":"$.id"}}],)"
          R"("strategy":{"pseudonymize":{"hashFunction":"SHA-256","salt":"s"}}})")};
  return std::make_shared<const Enrichments>(*Enrichments::load(files, {}));
}

// How many events the request asks for, if it can be read at all.
std::optional<std::size_t> events_in(const CollectorPayload& payload, iglu::Resolver& resolver) {
  const auto request = open_request(encode(payload));
  if (!request) return std::nullopt;
  json::Parser body;
  const auto raw = read_events(*request, resolver, body, now);
  return raw ? std::optional(raw->events.size()) : std::nullopt;
}

void check_line(const std::string& tsv) {
  const auto event = EnrichedView::parse(tsv);
  RC_ASSERT(event);
  EnrichedEvent copy;
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    copy[column] = (*event)[column];
    RC_ASSERT((*event)[column].find('\n') == std::string_view::npos);
  }
  RC_ASSERT(copy.tsv() == tsv);
  RC_ASSERT(is_utf8(tsv));
  json::Parser parser;
  for (const Column column : {Column::contexts, Column::unstruct_event, Column::derived_contexts}) {
    const std::string_view text = (*event)[column];
    RC_ASSERT(text.empty() || parser.parse(text));
    RC_ASSERT(text.empty() || json::compact(text) == text);
  }
  RC_ASSERT(!(*event)[Column::event_id].empty());
}

class EnrichProperty : public Enrich {
 protected:
  // The same cases each time, unless RC_PARAMS asks for others.
  static void SetUpTestSuite() {
    setenv("RC_PARAMS", "seed=1 max_size=30 max_success=500", /*overwrite=*/0);
  }

  void check(const CollectorPayload& payload) {
    Settings settings;
    settings.incomplete = true;
    const Outcome outcome = run(payload, settings);
    json::Parser parser;
    for (const std::string& row : outcome.bad) RC_ASSERT(parser.parse(row));
    for (const Good& event : outcome.good) check_line(event.tsv);
    for (const Good& event : outcome.incomplete) check_line(event.tsv);
    // Each event ends in exactly one of good and bad; a request that cannot be read is one row, or
    // several where it is no request at all.
    if (const auto count = events_in(payload, resolver_)) {
      RC_ASSERT(outcome.good.size() + outcome.bad.size() == *count);
      RC_ASSERT(outcome.incomplete.size() <= outcome.bad.size());
    } else {
      RC_ASSERT(outcome.good.empty() && !outcome.bad.empty());
    }
    // The same record gives the same again, from a new enricher or from one that has memories of
    // all the records before.
    check_same(run(payload, settings), outcome);
    if (!used_) used_.emplace(resolver_, settings, enrichments_);
    for (int i = 0; i < 2; ++i)
      check_same(used_->enrich(encode(payload), now, [] { return std::string(made_id); }), outcome);
  }

 private:
  static void check_same(const Outcome& a, const Outcome& b) {
    const auto same = [](const Good& x, const Good& y) { return x.key == y.key && x.tsv == y.tsv; };
    RC_ASSERT(a.bad == b.bad);
    RC_ASSERT(std::ranges::equal(a.good, b.good, same));
    RC_ASSERT(std::ranges::equal(a.incomplete, b.incomplete, same));
  }

  std::optional<Enricher> used_;
};

TEST_F(EnrichProperty, HoldsForEveryRequest) {
  EXPECT_TRUE(rc::check([&] { check(*with_odd_parts(gen::oneOf(any_get(), any_post()))); }));
}

TEST_F(EnrichProperty, HoldsWithEveryEnrichment) {
  enrichments_ = all_enrichments();
  EXPECT_TRUE(rc::check([&] { check(*with_odd_parts(gen::oneOf(any_get(), any_post()))); }));
}

TEST_F(EnrichProperty, NoBytesAreTooOdd) {
  const std::string whole = encode(pixel({{"e", "pv"}, {"co", entities(web_page)}}));
  EXPECT_TRUE(rc::check([&](const std::vector<std::uint8_t>& noise) {
    const auto at = *gen::inRange<std::size_t>(0, whole.size());
    std::string record = whole.substr(0, at);
    record.append(noise.begin(), noise.end());
    if (record.size() < whole.size()) record += whole.substr(record.size());
    const Outcome outcome = run_bytes(record);
    RC_ASSERT(outcome.good.size() + outcome.bad.size() > 0);
    json::Parser parser;
    for (const std::string& row : outcome.bad) RC_ASSERT(parser.parse(row));
    for (const Good& event : outcome.good) check_line(event.tsv);
  }));
}

}  // namespace
}  // namespace lvp::enrich
