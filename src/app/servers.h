// The HTTP servers of the program, as the configuration sets them up: collector, player page,
// private port.
#pragma once

#include "app/config.h"
#include "base/result.h"
#include "net/server.h"
#include "stages/stages.h"

namespace lvp::app {

/// Error::invalid with the setting that makes no sense.
Result<stages::CollectSettings> collect_stage_settings(const Config& config);

net::ServerOptions collector_options(const Config& config, stages::CollectStage& stage);
net::ServerOptions player_options(const Config& config);
net::ServerOptions private_options(const Config& config);

}  // namespace lvp::app
