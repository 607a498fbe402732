// Tables in YAML, as far as the files of uap-core use it:
//
//   file  := table*
//   table := name ":" item*                 at the beginning of a line
//   item  := "-" key ":" text (key ":" text)*   one pair a line, indented
//   text  := plain | 'single quoted, '' is a quote' | "double quoted, with \ before " and \"
//
// Comments and empty lines may stand anywhere.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace lvp::enrich {

using YamlItem = std::map<std::string, std::string, std::less<>>;
using YamlTables = std::map<std::string, std::vector<YamlItem>, std::less<>>;

/// Error::invalid names the line that is not understood.
Result<YamlTables> parse_yaml_tables(std::string_view text);

}  // namespace lvp::enrich
