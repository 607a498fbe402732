#include "enrich/ua_parser.h"

#include <fmt/format.h>

#include "base/text.h"
#include "wire/json.h"

namespace lvp::enrich {
namespace {

// The replacement with $1 to $9 filled in.
std::string filled(std::string_view replacement, const std::vector<std::string_view>& groups) {
  std::string out;
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const bool is_group = replacement[i] == '$' && i + 1 < replacement.size() &&
                          replacement[i + 1] >= '1' && replacement[i + 1] <= '9';
    if (!is_group) {
      out += replacement[i];
      continue;
    }
    const auto group = static_cast<std::size_t>(replacement[++i] - '0');
    if (group < groups.size()) out += groups[group];
  }
  return std::string(trim(out));
}

void text_or_null(json::Writer& out, std::string_view key, std::string_view text) {
  out.key(key);
  text.empty() ? out.null() : out.string(text);
}

// "Chrome 33.0.1750"
std::string version(const auto& parts) {
  std::string out = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (!parts[i].empty()) out += (i == 1 ? " " : ".") + parts[i];
  }
  return out;
}

}  // namespace

Result<UaParser> UaParser::load(const Configuration& configuration, const Assets& assets) {
  LVP_DO(configuration.only("", {"database", "uri"}));
  std::string name = "regexes.yaml";
  if (configuration.parameter("database").exists()) {
    LVP_TRY(name, configuration.text("database"));
  }
  LVP_TRY(const std::string text, assets.read(name));
  auto parser = from(text);
  if (!parser)
    return configuration.wrong("database", fmt::format("{}: {}", name, parser.error().what));
  return parser;
}

Result<UaParser> UaParser::from(std::string_view regexes_yaml) {
  LVP_TRY(const YamlTables tables, parse_yaml_tables(regexes_yaml));
  LVP_TRY(auto browsers, table(tables, "user_agent_parsers",
                               {"family_replacement", "v1_replacement", "v2_replacement",
                                "v3_replacement", "v4_replacement"}));
  LVP_TRY(auto systems, table(tables, "os_parsers",
                              {"os_replacement", "os_v1_replacement", "os_v2_replacement",
                               "os_v3_replacement", "os_v4_replacement"}));
  LVP_TRY(auto devices, table(tables, "device_parsers", {"device_replacement"}));
  return UaParser(std::move(browsers), std::move(systems), std::move(devices));
}

Result<UaParser::Table> UaParser::table(
    const YamlTables& tables, std::string_view name,
    const std::array<std::string_view, parts_max>& replacement_keys) {
  const auto found = tables.find(name);
  if (found == tables.end()) return invalid(fmt::format("no {}", name));
  std::vector<std::string> expressions;
  std::vector<Parts> replacements;
  for (const YamlItem& item : found->second) {
    const auto text_of = [&](std::string_view key) {
      const auto pair = item.find(key);
      return pair == item.end() ? std::string() : pair->second;
    };
    const std::string regex = text_of("regex");
    if (regex.empty()) return invalid(fmt::format("{}: an item has no regex", name));
    expressions.push_back((text_of("regex_flag") == "i" ? "(?i)" : "") + regex);
    Parts& parts = replacements.emplace_back();
    for (std::size_t i = 0; i < parts_max; ++i) {
      if (!replacement_keys[i].empty()) parts[i] = text_of(replacement_keys[i]);
    }
  }
  LVP_TRY(auto patterns, PatternList::compile(expressions));
  return Table{std::move(patterns), std::move(replacements)};
}

UaParser::Parts UaParser::Table::parts(std::string_view useragent) const {
  Parts out;
  const auto match = patterns.first_match(useragent);
  if (match) {
    const Parts& replaced = replacements[match->index];
    for (std::size_t i = 0; i < parts_max; ++i) {
      if (!replaced[i].empty()) {
        out[i] = filled(replaced[i], match->groups);
      } else if (i + 1 < match->groups.size()) {
        out[i] = trim(match->groups[i + 1]);
      }
    }
  }
  if (out[0].empty()) out[0] = "Other";
  return out;
}

std::string UaParser::context(std::string_view useragent) const {
  Parts browser = browsers_.parts(useragent);
  browser[4].clear();  // browsers have three parts of a version
  const Parts system = systems_.parts(useragent);
  json::Writer out;
  out.begin_object().key("useragentFamily").string(browser[0]);
  text_or_null(out, "useragentMajor", browser[1]);
  text_or_null(out, "useragentMinor", browser[2]);
  text_or_null(out, "useragentPatch", browser[3]);
  out.key("useragentVersion").string(version(browser));
  out.key("osFamily").string(system[0]);
  text_or_null(out, "osMajor", system[1]);
  text_or_null(out, "osMinor", system[2]);
  text_or_null(out, "osPatch", system[3]);
  text_or_null(out, "osPatchMinor", system[4]);
  out.key("osVersion").string(version(system));
  out.key("deviceFamily").string(devices_.parts(useragent)[0]);
  return out.end_object().take();
}

const std::string& UserAgentMemory::context(const UaParser& parser, const std::string& useragent) {
  if (const auto found = young_.find(useragent); found != young_.end()) return found->second;
  if (young_.size() == size_max) {
    old_ = std::move(young_);
    young_.clear();
  }
  const auto older = old_.find(useragent);
  return young_.emplace(useragent, older != old_.end() ? older->second : parser.context(useragent))
      .first->second;
}

}  // namespace lvp::enrich
