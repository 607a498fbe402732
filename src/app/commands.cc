#include "app/commands.h"

#include <fmt/core.h>

#include "app/enrich_files.h"
#include "app/options.h"
#include "app/table_url.h"

namespace lvp::app {
namespace {

constexpr Command table[] = {
    {"up", "run the stages, with dashboard and player page", up},
    {"collect", "run the collector alone: events wait in the folder for `lvp up`", collect},
    {"enrich", "run enrich alone", enrich},
    {"profile", "run the profile stage alone", profile},
    {"serve", "run dashboard and API alone", serve},
    {"sink", "run alone what fills tables of others", sink},
    {"bridge", "run a Snowbridge configuration on standard input or on a stream", bridge},
    {"replay", "feed a file of enriched events through bridge and profile", replay},
    {"tail", "print the records of a stream as JSON", tail},
    {"viewer", "print the profile of a viewer or device as JSON", viewer},
    {"forget", "delete all that is kept of a viewer", forget},
    {"simulate", "play an audience, and check what the system says of it", simulate},
    {"schema", "say what is wrong with a schema, or who has it", schema},
    {"check", "check the configuration and print it", check},
    {"version", "print the version", version},
};

}  // namespace

std::span<const Command> commands() {
  return table;
}

int check(const std::vector<std::string>& arguments) {
  Options options(
      "check",
      "Checks the configuration, with the files of [enrich], and prints what holds, as TOML.");
  bool defaults = false;
  options.flag("--reference", defaults, "print every setting with its default and meaning");
  options.configuration();
  if (const auto end = options.parse(arguments)) return *end;
  if (defaults) {
    fmt::print("{}", reference());
    return done;
  }
  const auto config = options.config();
  if (!config) return complain(config.error());
  if (const auto sources = read_enrich_files(*config); !sources) return complain(sources.error());
  for (const Setting& setting : settings())
    fmt::print("{} = {}\n", setting.name, shown(setting, *config));
  return done;
}

int version(const std::vector<std::string>&) {
  fmt::print("lvp {}\n", LVP_VERSION);
  return done;
}

}  // namespace lvp::app
