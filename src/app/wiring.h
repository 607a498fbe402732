// Builds the program from its configuration: streams, stages, servers, threads. Nothing else names
// an implementation, so this is where to see what runs, and in which order it starts and stops.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/config.h"
#include "app/roles.h"
#include "base/result.h"

namespace lvp::app {

/// Where the running program can be reached: "http://127.0.0.1:9090".
struct Addresses {
  std::string collector;  ///< empty if this process does not collect
  std::string player;     ///< empty if it is not served
  std::string private_api;
};

/// Stages in one process. Destroyed, it stops: no new request is taken, those taken are
/// answered, stages finish their step.
class Pipeline {
 public:
  /// Opens, restores, listens. Every process has the private port, for its health and metrics.
  /// `on_failure` is called, from a stage's thread, when a stage cannot go on: the process should
  /// stop.
  static Result<std::unique_ptr<Pipeline>> start(const Config& config, const Roles& roles,
                                                 std::function<void(const Error&)> on_failure);
  virtual ~Pipeline() = default;
  virtual const Addresses& addresses() const = 0;
  /// Reads again the files that may change while it runs: certificate and key, resolver,
  /// enrichments and their data. On an error all that was read before goes on to hold.
  virtual Status reload() = 0;
};

}  // namespace lvp::app
