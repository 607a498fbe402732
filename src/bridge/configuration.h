// A Snowbridge configuration file, as a value.
//
// Both shapes of transformations are read: one `transform` block with many `use` (from 5.0), and
// many blocks with one each (before); they count in the file's order. What belongs to Snowbridge's
// own operation (license, sentry, monitoring, telemetry, worker_pool) is read and has no effect.
// The grammar is hcl.h's; docs/bridge.md lists every block.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "bridge/hcl.h"
#include "bridge/settings.h"

namespace lvp::bridge {

/// A `use "name" { … }`. What it sets is read when it is built.
struct Component {
  std::string name;
  hcl::Body body;
  std::string file;
  std::string where;  ///< in messages: transform: use "js"
  int line = 0;

  Settings settings() const { return {body, file, where, line}; }
};

enum class FailureFormat : std::uint8_t { snowplow, event_forwarding };

struct Retry {
  Duration delay;
  int attempts_max;  ///< 0 means without limit
  bool invalid_after_max = false;

  bool operator==(const Retry&) const = default;
};

struct Configuration {
  Component source;
  Component target;
  Component failure_target;
  Component filter_target;
  std::vector<Component> transformations;
  FailureFormat failure_format = FailureFormat::snowplow;
  Retry transient{Duration(1000), 5};
  Retry setup{Duration(20000), 5};
  Retry throttle{Duration(10000), 5};
  bool end_to_end_latency = false;
  std::string log_level = "info";
  /// What the file sets that has no effect here, as "file:line: what", for the log.
  std::vector<std::string> notes;
};

/// Error::invalid as "file:line: block: what". `file` is the text's name in messages.
Result<Configuration> read_configuration(std::string_view text, std::string_view file,
                                         const hcl::Environment& environment);

}  // namespace lvp::bridge
