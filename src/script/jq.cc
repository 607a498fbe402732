#include "script/jq.h"

#include <fmt/format.h>

extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/mutex.h"

namespace lvp::script {
namespace {

using std::chrono::steady_clock;

constexpr Duration idle_wait{1000};

// What the process knows and the program need not, and what would stop the machine for good.
constexpr std::string_view withheld =
    "def env: {}; def halt: error(\"halt is not supported\"); def halt_error: halt; "
    "def halt_error(code): halt; def input_filename: null; ";

// Consumes the value.
std::string text_of(jv value, int flags = 0) {
  const jv text =
      jv_get_kind(value) == JV_KIND_STRING && flags == 0 ? value : jv_dump_string(value, flags);
  std::string copy(jv_string_value(text),
                   static_cast<std::size_t>(jv_string_length_bytes(jv_copy(text))));
  jv_free(text);
  return copy;
}

// Stops the program when its time is over.
class Watch {
 public:
  Watch(jq_state* jq, Duration limit) : jq_(jq), limit_(limit), thread_([this] { run(); }) {}
  ~Watch() {
    const MutexLock lock(mutex_);
    is_stopping_ = true;
    changed_.notify_all();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void begin() {
    const MutexLock lock(mutex_);
    has_fired_ = false;
    deadline_ = steady_clock::now() + limit_;
    if (is_idle_) changed_.notify_all();
  }

  /// True if the program was stopped.
  bool end() {
    const MutexLock lock(mutex_);
    deadline_.reset();
    return has_fired_;
  }

 private:
  void run() {
    const MutexLock lock(mutex_);
    while (!is_stopping_) {
      const auto now = steady_clock::now();
      is_idle_ = !deadline_;
      if (is_idle_) {
        changed_.wait_for(mutex_, idle_wait);
      } else if (now < *deadline_) {
        changed_.wait_for(mutex_, std::chrono::ceil<Duration>(*deadline_ - now));
      } else {
        jq_halt(jq_, jv_null(), jv_null());  // read by the machine before its next instruction
        has_fired_ = true;
        deadline_.reset();
      }
    }
  }

  jq_state* jq_;
  Duration limit_;
  Mutex mutex_;
  Condition changed_;
  std::optional<steady_clock::time_point> deadline_ GUARDED_BY(mutex_);
  bool is_idle_ GUARDED_BY(mutex_) = false;
  bool has_fired_ GUARDED_BY(mutex_) = false;
  bool is_stopping_ GUARDED_BY(mutex_) = false;
  std::jthread thread_;  // the last: it ends before what it uses
};

void append_message(void* messages, jv message) {
  std::string& text = *static_cast<std::string*>(messages);
  if (!text.empty()) text += ' ';
  text += text_of(message);
}

void ignore_message(void*, jv message) {
  jv_free(message);
}

}  // namespace

struct Jq::State {
  State() : jq(jq_init()) {
    LVP_CHECK(jq != nullptr);
    jq_set_debug_cb(jq, ignore_message, nullptr);
    jq_set_input_cb(jq, nullptr, nullptr);  // jq 1.6 leaves it undefined, and `input` calls it
  }
  ~State() {
    watch.reset();
    jq_teardown(&jq);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  jq_state* jq;
  Duration limit{};
  std::optional<Watch> watch;
};

Jq::Jq(std::unique_ptr<State> state) : state_(std::move(state)) {}
Jq::~Jq() = default;
Jq::Jq(Jq&&) noexcept = default;
Jq& Jq::operator=(Jq&&) noexcept = default;

Result<Jq> Jq::load(std::string_view definitions, std::string_view program, Duration limit) {
  auto state = std::make_unique<State>();
  std::string messages;
  jq_set_error_cb(state->jq, append_message, &messages);
  const std::string source = fmt::format("{}{} {{}} as $ENV | {}", withheld, definitions, program);
  if (jq_compile(state->jq, source.c_str()) == 0) return invalid(messages);
  jq_set_error_cb(state->jq, ignore_message, nullptr);
  state->limit = limit;
  if (limit > Duration(0)) state->watch.emplace(state->jq, limit);
  return Jq(std::move(state));
}

std::expected<std::string, JqFailure> Jq::first(std::string_view json) {
  using enum JqFailure::Kind;
  const JqFailure late{time_limit, "context deadline exceeded"};
  if (!state_->watch) return std::unexpected(late);
  const jv document = jv_parse_sized(json.data(), static_cast<int>(json.size()));
  if (!jv_is_valid(document))
    return std::unexpected(
        JqFailure{JqFailure::Kind::input, text_of(jv_invalid_get_msg(document))});

  state_->watch->begin();
  jq_start(state_->jq, document, 0);
  const jv output = jq_next(state_->jq);
  if (state_->watch->end()) {
    jv_free(output);
    return std::unexpected(late);
  }
  if (jv_is_valid(output)) return text_of(output, JV_PRINT_SORTED);
  if (!jv_invalid_has_msg(jv_copy(output))) {
    jv_free(output);
    return std::unexpected(JqFailure{no_output, ""});
  }
  return std::unexpected(JqFailure{error, text_of(jv_invalid_get_msg(output))});
}

}  // namespace lvp::script
