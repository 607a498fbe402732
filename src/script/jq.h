// Runs a user's jq program, one document at a time, within a time limit. libjq's door.
//
// A program sees its input alone: $ENV and env are empty, there are no modules, no further inputs
// and no halt. A regular expression that runs wild is beyond the limit's reach; everything else is
// not.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace lvp::script {

struct JqFailure {
  enum class Kind : std::uint8_t {
    input,       ///< it is no JSON to jq
    no_output,   ///< the program gave nothing
    error,       ///< the program failed
    time_limit,  ///< it took too long
  };
  Kind kind;
  std::string text;
};

/// Not thread-safe. Has a thread that watches the time.
class Jq {
 public:
  /// `definitions` are ours: functions that the program may call, on one line. Error::invalid in
  /// jq's words. With a limit of zero every document takes too long.
  static Result<Jq> load(std::string_view definitions, std::string_view program, Duration limit);

  ~Jq();
  Jq(Jq&&) noexcept;
  Jq& operator=(Jq&&) noexcept;

  /// The first of the program's outputs, as JSON with its members sorted.
  std::expected<std::string, JqFailure> first(std::string_view json);

 private:
  struct State;
  explicit Jq(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lvp::script
