#include "enrich/bots.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "enrich/ip_lookups.h"
#include "wire/json_text.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view detection_uri =
    "iglu:com.snowplowanalytics.snowplow/bot_detection/jsonschema/1-0-1";
// As it stands in an entity of the tracker.
constexpr std::string_view client_side_schema =
    R"("iglu:com.snowplowanalytics.snowplow/client_side_bot_detection/jsonschema/1-0-0")";

bool client_saw_bot(const EnrichedEvent& event) {
  const std::string& contexts = event[Column::contexts];
  if (contexts.find(client_side_schema) == contexts.npos) return false;
  const auto entities = json::raw_elements(*json::raw_member(contexts, "data"));
  return std::ranges::any_of(entities, [](std::string_view entity) {
    return json::raw_member(entity, "schema") == client_side_schema &&
           json::raw_member(*json::raw_member(entity, "data"), "bot") == "true";
  });
}

bool comes_from_bots(const Draft& draft) {
  return std::ranges::any_of(draft.entities, [](const Entity& entity) {
    return entity.uri == IpLookups::asn_uri && json::raw_member(entity.data, "likelyBot") == "true";
  });
}

}  // namespace

Result<AsnLookups> AsnLookups::load(const Configuration& configuration, const Assets& assets) {
  LVP_DO(configuration.only("", {"botAsnsFile", "botAsns", "bypassPlatforms"}));
  AsnLookups out;
  for (const json::Value bot : configuration.parameter("botAsns").elements()) {
    const auto number = bot["asn"].integer();
    if (!number) return configuration.wrong("botAsns", "an item has no asn");
    out.bots_.insert(*number);
  }
  LVP_TRY(out.bypassed_platforms_, configuration.texts("bypassPlatforms"));
  if (configuration.parameter("botAsnsFile").exists()) LVP_DO(out.read_file(configuration, assets));
  return out;
}

Status AsnLookups::read_file(const Configuration& configuration, const Assets& assets) {
  LVP_DO(configuration.only("botAsnsFile", {"database", "uri"}));
  LVP_TRY(const std::string name, configuration.text("botAsnsFile.database"));
  LVP_TRY(const std::string text, assets.read(name));
  const auto lines = split(text, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto number = parse_int64(trim(line.substr(0, line.find(','))));
    if (!number)
      return configuration.wrong("botAsnsFile",
                                 fmt::format("{}: line {} has no number", name, i + 1));
    bots_.insert(*number);
  }
  return {};
}

void AsnLookups::apply(Draft& draft) const {
  const std::string& platform = draft.event[Column::platform];
  if (std::ranges::find(bypassed_platforms_, platform) != bypassed_platforms_.end()) return;
  for (Entity& entity : draft.entities) {
    if (entity.uri != IpLookups::asn_uri) continue;
    const auto number = parse_int64(json::raw_member(entity.data, "number").value_or(""));
    entity.data.pop_back();
    entity.data += fmt::format(R"(,"likelyBot":{}}})", number && bots_.contains(*number));
  }
}

Result<BotDetection> BotDetection::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"useYauaa", "useIab", "useAsnLookups", "useClientSideDetection"}));
  for (const std::string_view key : {"useYauaa", "useIab"}) {
    if (configuration.flag(key))
      return configuration.wrong(key, "this program has no such enrichment; set it to false");
  }
  BotDetection out;
  out.asn_lookups_ = configuration.flag("useAsnLookups");
  out.client_side_ = configuration.flag("useClientSideDetection");
  return out;
}

Entity BotDetection::entity(const Draft& draft) const {
  std::vector<std::string_view> indicators;
  if (asn_lookups_ && comes_from_bots(draft)) indicators.emplace_back(R"("asnLookups")");
  if (client_side_ && client_saw_bot(draft.event))
    indicators.emplace_back(R"("clientSideDetection")");
  return {std::string(detection_uri), fmt::format(R"({{"bot":{},"indicators":[{}]}})",
                                                  !indicators.empty(), fmt::join(indicators, ","))};
}

}  // namespace lvp::enrich
