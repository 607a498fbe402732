// lvp viewer ID: the profile of a viewer or device, from the running program or from its folder.
#include <fmt/core.h>

#include "app/commands.h"
#include "app/options.h"
#include "app/running.h"
#include "live/messages.h"
#include "rocks/db.h"
#include "stages/tables.h"
#include "store/rocks.h"
#include "wire/json.h"

namespace lvp::app {
namespace {

Result<std::string> from_folder(const std::string& data_dir, const std::string& id) {
  LVP_DO(check_folder(data_dir));
  LVP_TRY(const auto db, rocks::Db::open(data_dir));
  const auto store = store::make_rocks_store(*db);
  LVP_TRY(const stages::Tables tables, stages::open_tables(*store));
  LVP_TRY(const auto profiles, stages::find_profiles(tables, id));
  if (profiles.empty()) return unavailable(fmt::format("there is no viewer or device {}", id));
  return live::viewer_detail(id, profiles, system_clock().now());
}

}  // namespace

int viewer(const std::vector<std::string>& arguments) {
  Options options("viewer", "Prints the profile of a viewer, or of a device, as JSON.");
  std::string id;
  std::string url;
  options.required("id", id, "viewer id, or the key of a device");
  options.option("--url", url, "private address of a running lvp");
  options.configuration();
  if (const auto end = options.parse(arguments)) return *end;
  const auto config = options.config();
  if (!config) return complain(config.error());

  if (url.empty()) url = find_running(config->data.dir);
  const auto answer = url.empty()
                          ? from_folder(config->data.dir, id)
                          : ask(url, "/api/v1/viewers/" + escaped(id), config->private_api.token);
  if (!answer) {
    complain(answer.error());
    return failed;
  }
  fmt::print("{}\n", *answer);
  return done;
}

}  // namespace lvp::app
