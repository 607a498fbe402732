#include "enrich/campaigns.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "enrich/conversions.h"

namespace lvp::enrich {
namespace {

struct Setting {
  std::string_view key;
  Column column;
};
constexpr std::array<Setting, 5> settings{{{"mktMedium", Column::mkt_medium},
                                           {"mktSource", Column::mkt_source},
                                           {"mktTerm", Column::mkt_term},
                                           {"mktContent", Column::mkt_content},
                                           {"mktCampaign", Column::mkt_campaign}}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> known_networks{
    {{"gclid", "Google"}, {"msclkid", "Microsoft"}, {"dclid", "DoubleClick"}}};

// The last value of the parameter; "" if it has none, nothing if it is not there.
std::optional<std::string_view> value_of(std::span<const FormField> query, std::string_view name) {
  std::optional<std::string_view> value;
  for (const FormField& field : query) {
    if (field.name == name) value = field.value ? std::string_view(*field.value) : "";
  }
  return value;
}

}  // namespace

Result<Campaigns> Campaigns::load(const Configuration& configuration) {
  LVP_DO(configuration.only("", {"mapping", "fields"}));
  LVP_DO(configuration.only(
      "fields", {"mktMedium", "mktSource", "mktTerm", "mktContent", "mktCampaign", "mktClickId"}));
  Campaigns out;
  for (const Setting& setting : settings) {
    LVP_TRY(auto names, configuration.texts(fmt::format("fields.{}", setting.key)));
    out.sources_.push_back({setting.column, std::move(names)});
  }
  for (const json::Member member : configuration.parameter("fields.mktClickId").members()) {
    const auto network = member.value.string();
    if (!network) return configuration.wrong("fields.mktClickId", "not all networks are texts");
    out.networks_.emplace_back(member.key, *network);
  }
  for (const auto& [name, network] : known_networks) {
    if (std::ranges::find(out.networks_, name, [](const auto& row) { return row.first; }) ==
        out.networks_.end()) {
      out.networks_.emplace_back(name, network);
    }
  }
  return out;
}

void Campaigns::apply(std::span<const FormField> page_query, EnrichedEvent& event) const {
  for (const Source& source : sources_) {
    for (const std::string& name : source.names) {
      const auto value = value_of(page_query, name);
      if (!value) continue;
      event[source.column] = clean(*value);
      break;
    }
  }
  for (const auto& [name, network] : networks_) {
    const auto value = value_of(page_query, name);
    if (!value) continue;
    event[Column::mkt_clickid] = clean(*value);
    event[Column::mkt_network] = network;
    break;
  }
}

}  // namespace lvp::enrich
