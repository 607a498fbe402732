#include "enrich/enrichments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/check.h"
#include "enrich/derived_fields.h"

namespace lvp::enrich {
namespace {

using Load = Status (*)(const Configuration&, const Assets&, Enrichments&);

// Loads a configuration into a field of Enrichments.
template <auto Field>
Status load_into(const Configuration& configuration, const Assets& assets,
                 Enrichments& enrichments) {
  using Enrichment = std::remove_cvref_t<decltype(enrichments.*Field)>::value_type;
  if constexpr (requires { Enrichment::load(configuration, assets); }) {
    LVP_TRY(enrichments.*Field, Enrichment::load(configuration, assets));
  } else {
    LVP_TRY(enrichments.*Field, Enrichment::load(configuration));
  }
  return {};
}

Status load_script(const Configuration& configuration, const Assets&, Enrichments& enrichments) {
  LVP_TRY(enrichments.scripts.emplace_back(), JavascriptEnrichment::load(configuration));
  return {};
}

struct Known {
  std::string_view name;  // "vendor/name" of the configuration's schema
  int model;
  Load load;  // nullptr if there is no such enrichment here
};

constexpr std::array known = std::to_array<Known>({
    {"com.snowplowanalytics.snowplow/ip_lookups", 2, load_into<&Enrichments::ip_lookups>},
    {"com.snowplowanalytics.snowplow.enrichments/asn_lookups", 1,
     load_into<&Enrichments::asn_lookups>},
    {"com.snowplowanalytics.snowplow.enrichments/bot_detection_enrichment_config", 1,
     load_into<&Enrichments::bot_detection>},
    {"com.snowplowanalytics.snowplow/anon_ip", 1, load_into<&Enrichments::anon_ip>},
    {"com.snowplowanalytics.snowplow.enrichments/pii_enrichment_config", 2,
     load_into<&Enrichments::pii>},
    {"com.snowplowanalytics.snowplow/ua_parser_config", 1, load_into<&Enrichments::ua_parser>},
    {"com.snowplowanalytics.snowplow/referer_parser", 2, load_into<&Enrichments::referers>},
    {"com.snowplowanalytics.snowplow/campaign_attribution", 1, load_into<&Enrichments::campaigns>},
    {"com.snowplowanalytics.snowplow.enrichments/cross_navigation_config", 1,
     load_into<&Enrichments::cross_navigation>},
    {"com.snowplowanalytics.snowplow/cookie_extractor_config", 1, load_into<&Enrichments::cookies>},
    {"com.snowplowanalytics.snowplow.enrichments/http_header_extractor_config", 1,
     load_into<&Enrichments::headers>},
    {"com.snowplowanalytics.snowplow/event_fingerprint_config", 1,
     load_into<&Enrichments::event_fingerprint>},
    {"com.snowplowanalytics.snowplow.enrichments/api_request_enrichment_config", 1, nullptr},
    {"com.snowplowanalytics.snowplow.enrichments/event_spec_enrichment_config", 1, nullptr},
    {"com.snowplowanalytics.snowplow.enrichments/iab_spiders_and_robots_enrichment", 1, nullptr},
    {"com.snowplowanalytics.snowplow.enrichments/sql_query_enrichment_config", 1, nullptr},
    {"com.snowplowanalytics.snowplow.enrichments/weather_enrichment_config", 1, nullptr},
    {"com.snowplowanalytics.snowplow.enrichments/yauaa_enrichment_config", 1, nullptr},
    {"com.snowplowanalytics.snowplow/currency_conversion_config", 1, nullptr},
    {"com.snowplowanalytics.snowplow/javascript_script_config", 1, load_script},
    {"com.snowplowanalytics.snowplow/user_agent_utils_config", 1, nullptr},
});

}  // namespace

Result<Enrichments> Enrichments::load(std::span<const NamedText> files, const Assets& assets) {
  Enrichments out;
  std::set<std::string> loaded;
  for (const NamedText& file : files) {
    LVP_TRY(const Configuration configuration, Configuration::parse(file));
    if (!configuration.enabled()) continue;
    const SchemaKey& schema = configuration.schema();
    const std::string name = fmt::format("{}/{}", schema.vendor, schema.name);
    const auto row = std::ranges::find(known, name, &Known::name);
    if (row == known.end()) return invalid(fmt::format("{}: no enrichment {}", file.name, name));
    if (row->load == nullptr) {
      return invalid(fmt::format("{}: this program has no enrichment {}; set \"enabled\" to false",
                                 file.name, schema.name));
    }
    if (schema.model != row->model || schema.revision != 0) {
      return invalid(fmt::format("{}: schema: {} is known in the versions {}-0-x, not in {}",
                                 file.name, schema.name, row->model, schema.version()));
    }
    if (!loaded.insert(name).second && row->load != load_script)
      return invalid(fmt::format("{}: {} is configured twice", file.name, schema.name));
    LVP_DO(row->load(configuration, assets, out));
  }
  return out;
}

void Enrichments::apply(Draft& draft, Memory& memory) const {
  EnrichedEvent& event = draft.event;
  check_collector(event, draft.by, draft.failures);
  const auto page_query = read_page_url(event, memory.page_urls, draft.by, draft.failures);
  derive_tstamp(event, draft.by, draft.failures);
  const std::string& useragent = event[Column::useragent];
  if (ua_parser && !useragent.empty() && useragent.size() <= UaParser::useragent_bytes_max)
    draft.add({Entity{std::string(UaParser::entity_uri),
                      memory.user_agents.context(*ua_parser, useragent)}});
  read_page_referrer(event, memory.referrers, draft.by, draft.failures);
  if (referers) referers->apply(event);
  if (campaigns) campaigns->apply(page_query, event);
  CrossNavigation::apply(page_query, cross_navigation ? &*cross_navigation : nullptr, draft);
  if (event_fingerprint) event[Column::event_fingerprint] = event_fingerprint->of(draft.parameters);
  if (cookies) draft.add(cookies->entities(draft.headers));
  if (headers) draft.add(headers->entities(draft.headers));
  derive_schema(event, draft.event_uri, draft.by, draft.failures);
  if (ip_lookups) ip_lookups->apply(draft);
  if (asn_lookups) asn_lookups->apply(draft);
  if (bot_detection) draft.add({bot_detection->entity(draft)});
  run_scripts(draft, memory);
  if (draft.dropped) return;
  if (anon_ip && !event[Column::user_ipaddress].empty())
    event[Column::user_ipaddress] = anon_ip->mask(event[Column::user_ipaddress]);
  if (pii) pii->apply(draft);
}

void Enrichments::run_scripts(Draft& draft, Memory& memory) const {
  for (std::size_t i = 0; i < scripts.size() && !draft.dropped; ++i) {
    if (memory.engines.size() == i) {
      auto engine = scripts[i].engine();
      LVP_CHECK(engine);  // it was loaded before
      memory.engines.push_back(*std::move(engine));
    }
    scripts[i].apply(draft, memory.engines[i]);
  }
}

}  // namespace lvp::enrich
