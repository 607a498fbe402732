#include "enrich/referers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "enrich/conversions.h"
#include "wire/form.h"

namespace lvp::enrich {

Result<Referers> Referers::load(const Configuration& configuration, const Assets& assets) {
  LVP_DO(configuration.only("", {"database", "uri", "internalDomains", "referrers"}));
  Referers out;
  LVP_TRY(const auto internal, configuration.texts("internalDomains"));
  for (const std::string& domain : internal) out.internal_.emplace_back(trim(domain));
  const json::Value more = configuration.parameter("referrers");
  if (more.exists() && !out.add(more))
    return configuration.wrong("referrers", "not as a database of referers");
  if (more.exists() && !configuration.parameter("database").exists()) return out;
  LVP_TRY(const std::string name, configuration.text("database"));
  LVP_TRY(const std::string text, assets.read(name));
  json::Parser parser;
  const auto database = parser.parse(text);
  if (!database || !out.add(*database))
    return configuration.wrong("database", fmt::format("{} is no database of referers", name));
  return out;
}

// False if it has not the form of a database.
bool Referers::add(const json::Value& database) {
  if (!database.is_object()) return false;
  for (const json::Member medium : database.members()) {
    if (!medium.value.is_object()) return false;
    for (const json::Member source : medium.value.members()) {
      Site site{std::string(medium.key), std::string(source.key), {}};
      for (const json::Value parameter : source.value["parameters"].elements())
        site.parameters.emplace_back(parameter.string().value_or(""));
      if (!source.value["domains"].is_array()) return false;
      for (const json::Value domain : source.value["domains"].elements())
        sites_.emplace(domain.string().value_or(""), site);
    }
  }
  return true;
}

const Referers::Site* Referers::at(const std::string& place) const {
  const auto found = sites_.find(place);
  return found == sites_.end() ? nullptr : &found->second;
}

// The longest host wins that is known with this path, or its first part; else the longest host
// that is known alone.
const Referers::Site* Referers::find(std::string_view host, std::string_view path) const {
  const std::string first_part(path.substr(0, path.find('/', 1)));
  for (const bool with_path : {true, false}) {
    for (std::string_view rest = host; !rest.empty();) {
      const std::string name(rest);
      const Site* site = with_path ? at(name + std::string(path)) : at(name);
      if (!site && with_path && first_part.size() > 1) site = at(name + first_part);
      if (site) return site;
      const std::size_t dot = rest.find('.');
      rest = dot == rest.npos ? std::string_view() : rest.substr(dot + 1);
    }
  }
  return nullptr;
}

void Referers::apply(EnrichedEvent& event) const {
  const std::string& scheme = event[Column::refr_urlscheme];
  const std::string& host = event[Column::refr_urlhost];
  if ((scheme != "http" && scheme != "https") || host.empty()) return;
  if (host == event[Column::page_urlhost] ||
      std::ranges::find(internal_, host) != internal_.end()) {
    event[Column::refr_medium] = "internal";
    return;
  }
  const Site* site = find(host, event[Column::refr_urlpath]);
  if (site == nullptr) {
    event[Column::refr_medium] = "unknown";
    return;
  }
  event[Column::refr_medium] = site->medium;
  event[Column::refr_source] = site->source;
  if (site->medium != "search") return;
  for (const FormField& field : parse_form(event[Column::refr_urlquery])) {
    if (std::ranges::find(site->parameters, field.name) == site->parameters.end()) continue;
    event[Column::refr_term] = clean(field.value.value_or(""));
    return;
  }
}

}  // namespace lvp::enrich
