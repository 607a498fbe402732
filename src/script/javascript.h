// Runs a user's JavaScript, one call at a time, within limits. JavaScriptCore's door.
//
// A program is two sources: the user's *script*, which declares a function, and the *adapter*,
// ours, which makes that function's argument out of texts and texts out of its result. So one
// crossing into the engine carries a whole call.
//
// What a call promises:
//   - Nothing of one call reaches the next. The script's top level runs anew for each call, in a
//     context whose built-ins are frozen. A script that alters them gets a context of its own for
//     each call, as soon as the engine's refusal shows it (some 0.5 ms more for each).
//   - It ends: over Limits::time the engine is stopped. The heap has no limit of its own; what goes
//     in and comes out has.
//   - Scripts are strict and synchronous: no promises, no async functions, no timers, no console.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace lvp::script {

struct Limits {
  Duration time{1000};  ///< of the processor, for one call
  std::size_t input_bytes_max = 8u << 20;
  std::size_t output_bytes_max = 8u << 20;
};

/// A function of ours that the adapter may call as host.<name>(…): texts in, a text out.
struct HostFunction {
  std::string name;
  std::function<std::string(std::span<const std::string> arguments)> call;
};

struct Source {
  std::string_view script;
  /// What the script must declare.
  std::string_view function;
  /// An expression: (host, harden) => (function, ...texts) => text. It is trusted; what it shows to
  /// the script it must have frozen with harden(object). Empty texts at the end may be left out.
  std::string_view adapter;
};

struct Failure {
  enum class Kind : std::uint8_t {
    too_large,   ///< input or output beyond its limit
    top_level,   ///< the script threw before its function was declared
    function,    ///< the function threw
    time_limit,  ///< either took too long
  };
  Kind kind;
  std::string text;  ///< "TypeError: …", with line and column where the engine knows them
};

/// Not thread-safe; may move between threads.
class Javascript {
 public:
  /// Compiles, runs the top level once and looks for the function. Error::invalid, in the engine's
  /// words after "syntax: ", "top level: " or "function: ", if any of these goes wrong.
  static Result<Javascript> load(const Source& source, const Limits& limits,
                                 std::vector<HostFunction> host = {});

  ~Javascript();
  Javascript(Javascript&&) noexcept;
  Javascript& operator=(Javascript&&) noexcept;

  /// What the adapter makes of one call, with at most eight texts. They are UTF-8; what is not
  /// becomes U+FFFD.
  std::expected<std::string, Failure> call(std::span<const std::string_view> texts);

  /// True once the script has been seen to alter built-ins.
  bool is_isolated() const;

 private:
  struct State;
  explicit Javascript(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lvp::script
