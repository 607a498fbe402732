#include "enrich/cross_navigation.h"

#include <array>
#include <optional>

#include "base/text.h"
#include "base/time.h"
#include "enrich/conversions.h"
#include "wire/base64.h"

namespace lvp::enrich {
namespace {

constexpr std::string_view entity_uri =
    "iglu:com.snowplowanalytics.snowplow/cross_navigation/jsonschema/1-0-0";

enum Part { domain_user_id, sent, session_id, user_id, source_id, platform, reason, part_count };
using Parts = std::array<std::string_view, part_count>;

// Nothing if there is no `_sp`, or it has too many parts.
std::optional<Parts> split_parts(std::string_view value) {
  const auto texts = split(value, '.');
  if (value.empty() || texts.size() > part_count) return std::nullopt;
  Parts parts;
  for (std::size_t i = 0; i < texts.size(); ++i) parts[i] = texts[i];
  return parts;
}

void text_or_null(json::Writer& out, std::string_view key, std::string_view text) {
  out.key(key);
  text.empty() ? out.null() : out.string(text);
}

std::string decoded(std::string_view base64) {
  return repaired_utf8(base64_decode(base64));
}

std::string entity_data(const Parts& parts, Timestamp at) {
  json::Writer out;
  out.begin_object().key("domain_user_id").string(parts[domain_user_id]);
  out.key("timestamp").string(iso_text(at));
  text_or_null(out, "session_id", parts[session_id]);
  text_or_null(out, "user_id", decoded(parts[user_id]));
  text_or_null(out, "source_id", decoded(parts[source_id]));
  text_or_null(out, "source_platform", parts[platform]);
  text_or_null(out, "reason", decoded(parts[reason]));
  return out.end_object().take();
}

}  // namespace

Result<CrossNavigation> CrossNavigation::load(const Configuration& configuration) {
  return CrossNavigation(configuration.schema().uri());
}

void CrossNavigation::apply(std::span<const FormField> page_query,
                            const CrossNavigation* enrichment, Draft& draft) {
  std::string_view value;
  for (const FormField& field : page_query) {
    if (field.name == "_sp") value = field.value ? std::string_view(*field.value) : "";
  }
  const auto parts = split_parts(value);
  if (!parts) return;
  EnrichedEvent& event = draft.event;
  event[Column::refr_domain_userid] = clean((*parts)[domain_user_id]);
  if ((*parts)[sent].empty()) return;
  auto text = timestamp((*parts)[sent]);
  if (!text) {
    const auto by =
        enrichment ? std::optional(bad_row::Enrichment{enrichment->schema_uri_, "cross-navigation"})
                   : std::nullopt;
    draft.failures.push_back(bad_input(draft.by, "sp_dtm", (*parts)[sent], text.error(), by));
    return;
  }
  event[Column::refr_dvce_tstamp] = std::move(*text);
  const auto at = parse_timestamp(event[Column::refr_dvce_tstamp]);
  if (enrichment && at && !(*parts)[domain_user_id].empty())
    draft.add({Entity{std::string(entity_uri), entity_data(*parts, *at)}});
}

}  // namespace lvp::enrich
