// The transformations of a configuration, compiled, applied to one message after the other.
//
// Steps run in the file's order; the first that filters or fails ends the chain. One message in is
// never two out.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "bridge/configuration.h"
#include "bridge/transformation.h"

namespace lvp::bridge {

/// Not thread-safe.
class Chain {
 public:
  /// Compiles scripts, programs and patterns. Error::invalid as "file:line: block: what". `files`
  /// reads the scripts that the configuration names.
  static Result<Chain> compile(const Configuration& configuration, const Files& files);

  /// Changes the message in place. Without steps it passes untouched.
  Outcome apply(Message& message);

  bool empty() const { return steps_.empty(); }

 private:
  std::vector<std::unique_ptr<Transformation>> steps_;
  Carried carried_;
};

}  // namespace lvp::bridge
