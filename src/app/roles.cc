#include "app/roles.h"

#include <fmt/format.h>

#include <utility>

#include "app/stream_url.h"
#include "base/text.h"

namespace lvp::app {
namespace {

constexpr std::pair<std::string_view, bool Roles::*> stages[] = {
    {"collect", &Roles::collect}, {"enrich", &Roles::enrich}, {"bridge", &Roles::bridge},
    {"profile", &Roles::profile}, {"serve", &Roles::serve},   {"sink", &Roles::sink}};

bool is_own(std::string_view url) {
  return is_on(StreamEngine::rocks, url) || is_on(StreamEngine::memory, url);
}

}  // namespace

Result<Roles> parse_roles(std::string_view names) {
  Roles roles;
  for (const std::string_view word : split(names, ',')) {
    const std::string_view name = trim(word);
    if (name.empty()) continue;
    bool known = false;
    for (const auto& [stage, role] : stages) {
      if (stage == name) known = roles.*role = true;
    }
    if (!known)
      return invalid(fmt::format(
          "--stages: there is no stage {}; there are collect, enrich, bridge, profile, serve, sink",
          name));
  }
  if (roles == Roles{}) return invalid("--stages: name at least one stage");
  return roles;
}

Roles wanted_roles(const Config& config) {
  Roles roles = all_roles;
  roles.sink = !config.sink.table.empty();
  return roles;
}

Status check_roles(const Roles& roles, const Config& config) {
  const struct {
    std::string_view reader;
    bool reads;
    std::string_view stream;
    const std::string& url;
    std::string_view writer;
    bool writes;
  } seams[] = {
      {"enrich", roles.enrich, "raw", config.streams.raw, "collect", roles.collect},
      {"bridge", roles.bridge, "enriched", config.streams.enriched, "enrich", roles.enrich},
      {"profile", roles.profile, "media", config.streams.media, "bridge", roles.bridge},
      {"serve", roles.serve, "updates", config.streams.updates, "profile", roles.profile},
      {"sink", roles.sink, "updates", config.streams.updates, "profile", roles.profile},
  };
  if (roles.sink && config.sink.table.empty())
    return invalid(
        "sink: there is no table to fill: set sink.table to dynamodb: or to the URL of a "
        "PostgreSQL database (docs/sink.md)");
  for (const auto& seam : seams) {
    if (seam.reads && !seam.writes && is_own(seam.url))
      return invalid(fmt::format(
          "{0} reads streams.{1}, which is {2} in this process's own folder, where nobody writes "
          "it: run {3}, too, or put streams.{1} where both can reach it (kafka:TOPIC)",
          seam.reader, seam.stream, seam.url, seam.writer));
  }
  return {};
}

}  // namespace lvp::app
