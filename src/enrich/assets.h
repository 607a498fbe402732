// How files of data are reached that configurations name. Given by the shell, as this room reads no
// files. A name is what the configuration's `database` says: "referers-latest.json".
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace lvp::enrich {

struct Assets {
  std::function<Result<std::string>(std::string_view name)> read;
};

}  // namespace lvp::enrich
