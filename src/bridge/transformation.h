// One step of a chain: what a message becomes, and what the steps hand each other beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bridge/event.h"
#include "bridge/settings.h"

namespace lvp::bridge {

struct Message {
  std::string data;
  std::string key;  ///< of its partition
  std::map<std::string, std::string> headers{};
};

enum class Verdict : std::uint8_t { passed, filtered, failed };

struct Outcome {
  Verdict verdict = Verdict::passed;
  std::string reason{};  ///< why it failed

  static Outcome filtered() { return {Verdict::filtered}; }
  static Outcome failed(std::string reason) { return {Verdict::failed, std::move(reason)}; }
};

/// What a script returned, for a script that follows.
struct ScriptObject {
  bool is_text = false;  ///< data is a text, else a JSON object
  std::string data;
  std::string key;
  std::string times;  ///< names of its members that are times, with commas between
};

/// Beside the message, from step to step.
class Carried {
 public:
  /// The event of the step before if there is one, else that of the message's data. Error::invalid,
  /// with the text that failures carry, if that is none.
  Result<Event*> event(const Message& message);

  std::optional<ScriptObject> script;

  void forget();  ///< both

 private:
  Event event_;
  bool has_event_ = false;
};

class Transformation {
 public:
  virtual ~Transformation() = default;
  /// Changes the message in place; what has failed or been filtered keeps what earlier steps made.
  virtual Outcome apply(Message& message, Carried& carried) = 0;
};

using Made = Result<std::unique_ptr<Transformation>>;

/// A file's bytes, or why there are none.
using Files = std::function<Result<std::string>(std::string_view path)>;

// Snowbridge's transformations. Each reads its block; Error::invalid as "file:line: block: what".
Made make_enriched_filter(Settings& settings);
Made make_enriched_filter_context(Settings& settings);
Made make_enriched_filter_unstruct_event(Settings& settings);
Made make_enriched_set_pk(Settings& settings);
Made make_enriched_to_json(Settings& settings);
Made make_base64_encode(Settings& settings);
Made make_base64_decode(Settings& settings);
Made make_jq(Settings& settings);
Made make_jq_filter(Settings& settings);
Made make_js(Settings& settings, const Files& files);

}  // namespace lvp::bridge
