// The files that section [enrich] names: the resolver's, the enrichments', and their data.
#pragma once

#include "app/config.h"
#include "base/result.h"
#include "stages/enrich.h"

namespace lvp::app {

/// Reads and compiles them. Error::invalid names the setting, the file and the key.
Result<stages::EnrichSources> read_enrich_files(const Config& config);

/// The resolver's file alone. Without a name there are no repositories.
Result<iglu::ResolverConfig> read_resolver_file(const std::string& file);

/// Error::invalid names the file.
Result<std::string> read_text(const std::string& file);

}  // namespace lvp::app
