// How files of data are reached that configurations name. Given by the shell, as this room opens no
// files. A name is what the configuration's `database` says: "referers-latest.json".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "enrich/ip_database.h"

namespace lvp::enrich {

/// Both give errors that name the file. Without being told otherwise there are no files.
struct Assets {
  std::function<Result<std::string>(std::string_view name)> read = [](std::string_view name) {
    return Result<std::string>(invalid(std::string(name) + ": no such file of data"));
  };
  /// open_mmdb() of ip_database.h, with the folder.
  std::function<Result<std::unique_ptr<IpDatabase>>(std::string_view name)> open_database =
      [](std::string_view name) {
        return Result<std::unique_ptr<IpDatabase>>(
            invalid(std::string(name) + ": no such file of data"));
      };
};

}  // namespace lvp::enrich
