#include "script/javascript.h"

#include <JavaScriptCore/JavaScript.h>
#include <fmt/format.h>
#include <jsc/jsc.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/pattern.h"
#include "base/sanitizers.h"
#include "base/text.h"

// Exported by the library and stable since 2012, but declared in a header that is not installed.
extern "C" void JSContextGroupSetExecutionTimeLimit(JSContextGroupRef group, double limit_s,
                                                    bool (*should_terminate)(JSContextRef, void*),
                                                    void* context);

namespace lvp::script {
namespace {

// Takes away what is not synchronous or not there in an embedded engine, and whatever remembers
// something between calls; gives the function that freezes an object and all it leads to.
constexpr std::string_view preparation = R"js((() => {
  "use strict";
  for (const name of ["Promise", "WebAssembly", "Atomics", "FinalizationRegistry", "WeakRef",
                      "console", "Intl"]) delete globalThis[name];
  delete Array.fromAsync;
  for (const name of Reflect.ownKeys(RegExp))
    if (name !== "prototype" && name !== "length" && name !== "name" && typeof name === "string")
      delete RegExp[name];
  const done = new WeakSet();
  const {freeze, getOwnPropertyDescriptors, getPrototypeOf} = Object;
  const {ownKeys} = Reflect;
  return (...roots) => {
    const waiting = roots;
    while (waiting.length > 0) {
      const object = waiting.pop();
      if ((typeof object !== "object" && typeof object !== "function") || object === null) continue;
      if (done.has(object)) continue;
      done.add(object);
      freeze(object);
      waiting.push(getPrototypeOf(object));
      const descriptors = getOwnPropertyDescriptors(object);
      for (const key of ownKeys(descriptors)) {
        const {value, get, set} = descriptors[key];
        waiting.push(value, get, set);
      }
    }
  };
})())js";

// The built-ins, those that no name leads to included.
constexpr std::string_view built_ins = R"js([
  globalThis, function* () {}, async function () {}, async function* () {}, Int8Array,
  [][Symbol.iterator](), new Map().entries(), new Set().entries(), ""[Symbol.iterator](),
  "a".matchAll(/a/g), (function* () {})(), (async function* () {})(), Iterator.from({next() {}}),
  [].values().map(x => x)])js";

// One call: the script's top level, then the adapter. And whether the first of these is not done.
constexpr std::string_view calling = R"js(((topLevel, adapted) => {
  "use strict";
  let isAtTop = false;
  return [(a, b, c, d, e, f, g, h) => {
    isAtTop = true;
    const declared = topLevel();
    isAtTop = false;
    return adapted(declared, a, b, c, d, e, f, g, h);
  }, () => isAtTop];
}))js";

// Words of the engine about a frozen object.
constexpr std::array<std::string_view, 5> refusals{
    "Attempted to assign to readonly property", "object that is not extensible",
    "Attempting to change value of a readonly property", "Unable to delete property",
    "Attempting to change"};

constexpr std::string_view terminated = "JavaScript execution terminated.";

constexpr std::size_t texts_max = 8;  // of a call

// For what is ours: far above what it takes.
constexpr double own_limit_s = 60;

class Text {
 public:
  explicit Text(JSStringRef string) : string_(string) {}
  explicit Text(std::string_view utf8) : string_(make(utf8)) {}
  ~Text() {
    if (string_ != nullptr) JSStringRelease(string_);
  }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  JSStringRef ref() const { return string_; }

  std::string utf8() const {
    if (string_ == nullptr) return {};
    const auto* characters = JSStringGetCharactersPtr(string_);
    return to_utf8({reinterpret_cast<const char16_t*>(characters), JSStringGetLength(string_)});
  }

 private:
  // The engine's own conversions cost several times as much, and stop at a zero byte.
  static JSStringRef make(std::string_view utf8) {
    const std::u16string units = to_utf16(utf8);
    return JSStringCreateWithCharacters(reinterpret_cast<const JSChar*>(units.data()),
                                        units.size());
  }

  JSStringRef string_;
};

std::string text_of(JSContextRef context, JSValueRef value) {
  return Text(JSValueToStringCopy(context, value, nullptr)).utf8();
}

double number_at(JSContextRef context, JSObjectRef object, const char* name) {
  const Text key(JSStringCreateWithUTF8CString(name));
  const JSValueRef value = JSObjectGetProperty(context, object, key.ref(), nullptr);
  return value != nullptr && JSValueIsNumber(context, value)
             ? JSValueToNumber(context, value, nullptr)
             : 0;
}

// "TypeError: …" and where, if it is an error.
std::string exception_text(JSContextRef context, JSValueRef exception) {
  std::string text = text_of(context, exception);
  if (text.empty()) return "an exception without a text";
  if (!JSValueIsObject(context, exception)) return text;
  const JSObjectRef object = JSValueToObject(context, exception, nullptr);
  const double line = number_at(context, object, "line");
  if (line < 1) return text;
  return fmt::format("{} at {}:{}", text, line, number_at(context, object, "column"));
}

bool is_refusal(std::string_view text) {
  for (const std::string_view words : refusals) {
    if (text.find(words) != text.npos) return true;
  }
  return false;
}

JSValueRef call_host(JSContextRef context, JSObjectRef function, JSObjectRef, std::size_t count,
                     const JSValueRef* arguments, JSValueRef*) {
  const auto* host = static_cast<const HostFunction*>(JSObjectGetPrivate(function));
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) texts.push_back(text_of(context, arguments[i]));
  return JSValueMakeString(context, Text(host->call(texts)).ref());
}

// By default the engine stops a loop with a signal to its thread, and on a busy machine the signal
// may never take effect. Asking in each loop costs a few per cent and always does. The option
// holds for groups that are made later.
JSContextGroupRef make_group() {
  static const bool polls = jsc_options_set_boolean("usePollingTraps", TRUE) != FALSE;
  LVP_CHECK(polls);
  return JSContextGroupCreate();
}

JSClassRef host_class() {
  static const JSClassRef made = [] {
    JSClassDefinition definition = kJSClassDefinitionEmpty;
    definition.className = "HostFunction";
    definition.callAsFunction = call_host;
    return JSClassCreate(&definition);
  }();
  return made;
}

}  // namespace

struct Javascript::State {
  // A text that calls had at one place, and its value once two in a row had it.
  struct Repeated {
    std::string text;
    JSValueRef value = nullptr;
  };

  // A global object with three functions: the script's top level, and the two of `calling`.
  struct Context {
    JSGlobalContextRef ref = nullptr;
    std::array<Repeated, texts_max> repeated;
    JSObjectRef top_level = nullptr;
    JSObjectRef call = nullptr;
    JSObjectRef is_at_top = nullptr;

    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() {
      if (ref == nullptr) return;
      // What is protected would keep all of the context.
      for (const JSValueRef value : {top_level, call, is_at_top}) unprotect(value);
      for (const Repeated& text : repeated) unprotect(text.value);
      JSGlobalContextRelease(ref);
    }
    void unprotect(JSValueRef value) const {
      if (value != nullptr) JSValueUnprotect(ref, value);
    }
  };

  State(const Source& source, const Limits& its_limits, std::vector<HostFunction> its_host)
      : limits(its_limits),
        host(std::move(its_host)),
        adapter(source.adapter),
        // On one line, so that lines in messages are the script's.
        wrapped(fmt::format("(function () {{\"use strict\";{}\nreturn typeof {} === \"function\" ? "
                            "{} : undefined;}})",
                            source.script, source.function, source.function)),
        group(make_group()) {}
  ~State() {
    warm.reset();
    JSContextGroupRelease(group);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void limit(double seconds) {
    JSContextGroupSetExecutionTimeLimit(group, seconds, nullptr, nullptr);
  }
  std::unique_ptr<Context> make_context(bool frozen);
  JSObjectRef host_object(JSContextRef context);
  static JSValueRef argument(JSContextRef context, Repeated& last, std::string_view text);
  std::expected<std::string, Failure> run(Context& in, std::span<const std::string_view> texts);

  Limits limits;
  std::vector<HostFunction> host;  // functions of contexts point into it
  std::string adapter;
  std::string wrapped;
  JSContextGroupRef group;
  std::unique_ptr<Context> warm;  // none when isolated
};

namespace {

Failure failure_of(JSContextRef context, JSValueRef exception, Failure::Kind kind) {
  std::string text = exception_text(context, exception);
  if (text.starts_with(terminated)) return {Failure::Kind::time_limit, "runtime deadline exceeded"};
  return {kind, std::move(text)};
}

// For our own functions, which give objects and throw nothing.
JSObjectRef call_ours(JSContextRef context, JSObjectRef function,
                      std::span<const JSValueRef> arguments) {
  const JSValueRef value = JSObjectCallAsFunction(context, function, nullptr, arguments.size(),
                                                  arguments.data(), nullptr);
  LVP_CHECK(value != nullptr && JSValueIsObject(context, value));
  return JSValueToObject(context, value, nullptr);
}

// For our own sources: they hold what we wrote.
JSObjectRef object_of(JSContextRef context, std::string_view expression) {
  const Text text(expression);
  const JSValueRef value = JSEvaluateScript(context, text.ref(), nullptr, nullptr, 1, nullptr);
  LVP_CHECK(value != nullptr && JSValueIsObject(context, value));
  return JSValueToObject(context, value, nullptr);
}

}  // namespace

JSObjectRef Javascript::State::host_object(JSContextRef context) {
  const JSObjectRef object = JSObjectMake(context, nullptr, nullptr);
  for (HostFunction& function : host) {
    const Text name(function.name);
    JSObjectSetProperty(context, object, name.ref(), JSObjectMake(context, host_class(), &function),
                        kJSPropertyAttributeNone, nullptr);
  }
  return object;
}

std::unique_ptr<Javascript::State::Context> Javascript::State::make_context(bool frozen) {
  limit(own_limit_s);
  auto made = std::make_unique<Context>();
  made->ref = JSGlobalContextCreateInGroup(group, nullptr);
  const JSContextRef context = made->ref;
  const JSObjectRef harden = object_of(context, preparation);
  made->top_level = object_of(context, wrapped);
  JSValueProtect(context, made->top_level);
  const JSValueRef arguments[] = {
      made->top_level, call_ours(context, object_of(context, adapter),
                                 std::array<JSValueRef, 2>{host_object(context), harden})};
  const JSObjectRef functions = call_ours(context, object_of(context, calling), arguments);
  const auto function_at = [&](unsigned index) {
    const JSValueRef value = JSObjectGetPropertyAtIndex(context, functions, index, nullptr);
    JSValueProtect(context, value);
    return JSValueToObject(context, value, nullptr);
  };
  made->call = function_at(0);
  made->is_at_top = function_at(1);
  if (frozen) {
    const JSValueRef roots = object_of(context, built_ins);
    const JSValueRef done = JSObjectCallAsFunction(context, harden, nullptr, 1, &roots, nullptr);
    LVP_CHECK(done != nullptr);
  }
  limit(to_seconds(limits.time));
  return made;
}

// Most calls differ in their first text alone, and making a value costs more than to compare.
JSValueRef Javascript::State::argument(JSContextRef context, Repeated& last,
                                       std::string_view text) {
  constexpr std::size_t bytes_max = 512;
  const bool is_repeated = text == last.text;
  if (is_repeated && last.value != nullptr) return last.value;
  const JSValueRef value = JSValueMakeString(context, Text(text).ref());
  if (is_repeated) {
    JSValueProtect(context, value);
    last.value = value;
    return value;
  }
  if (last.value != nullptr) JSValueUnprotect(context, last.value);
  last = {std::string(text.size() <= bytes_max ? text : ""), nullptr};
  return value;
}

std::expected<std::string, Failure> Javascript::State::run(
    Context& in, std::span<const std::string_view> texts) {
  while (!texts.empty() && texts.back().empty()) texts = texts.first(texts.size() - 1);
  LVP_CHECK(texts.size() <= texts_max);
  const JSContextRef context = in.ref;
  // On the stack, where the engine's collector sees them.
  std::array<JSValueRef, texts_max> arguments{};
  for (std::size_t i = 0; i < texts.size(); ++i)
    arguments[i] = argument(context, in.repeated[i], texts[i]);
  JSValueRef exception = nullptr;
  const JSValueRef result =
      JSObjectCallAsFunction(context, in.call, nullptr, texts.size(), arguments.data(), &exception);
  if (exception != nullptr) {
    Failure failure = failure_of(context, exception, Failure::Kind::function);
    const bool at_top = JSValueToBoolean(
        context, JSObjectCallAsFunction(context, in.is_at_top, nullptr, 0, nullptr, nullptr));
    if (at_top && failure.kind == Failure::Kind::function) failure.kind = Failure::Kind::top_level;
    return std::unexpected(std::move(failure));
  }
  const Text text(JSValueToStringCopy(context, result, nullptr));
  LVP_CHECK(text.ref() != nullptr);
  const std::size_t length = JSStringGetLength(text.ref());
  if (length > limits.output_bytes_max)
    return std::unexpected(Failure{
        Failure::Kind::too_large,
        fmt::format("result of {} characters, more than {}", length, limits.output_bytes_max)});
  return text.utf8();
}

Javascript::Javascript(std::unique_ptr<State> state) : state_(std::move(state)) {}
Javascript::~Javascript() = default;
Javascript::Javascript(Javascript&&) noexcept = default;
Javascript& Javascript::operator=(Javascript&&) noexcept = default;

bool Javascript::is_isolated() const {
  return state_->warm == nullptr;
}

namespace {

// Work that would go on after a call has returned cannot be limited, so there is none.
Status check_synchronous(std::string_view script) {
  static const auto asynchronous = Pattern::compile(
      R"re(\basync\s*(function\b|\(|\*|\[|[A-Za-z_$][\w$]*\s*(=>|\())|\bimport\s*\()re");
  LVP_CHECK(asynchronous);
  if (asynchronous->finds(script))
    return invalid(
        "syntax: async functions and import() are not supported, results are "
        "synchronous");
  return {};
}

Status check_syntax(JSContextRef context, std::string_view script) {
  const Text text("\"use strict\";" + std::string(script));
  JSValueRef exception = nullptr;
  if (!JSCheckScriptSyntax(context, text.ref(), nullptr, 1, &exception))
    return invalid("syntax: " + exception_text(context, exception));
  return check_synchronous(script);
}

}  // namespace

Result<Javascript> Javascript::load(const Source& source, const Limits& limits,
                                    std::vector<HostFunction> host) {
  auto state = std::make_unique<State>(source, limits, std::move(host));
  const JSGlobalContextRef checker = JSGlobalContextCreateInGroup(state->group, nullptr);
  const Status checked = check_syntax(checker, source.script);
  JSGlobalContextRelease(checker);
  LVP_DO(checked);

  for (const bool frozen : {true, false}) {
    auto context = state->make_context(frozen);
    JSValueRef exception = nullptr;
    const JSValueRef function =
        JSObjectCallAsFunction(context->ref, context->top_level, nullptr, 0, nullptr, &exception);
    if (exception != nullptr) {
      const Failure failure = failure_of(context->ref, exception, Failure::Kind::top_level);
      if (frozen && is_refusal(failure.text)) continue;
      return invalid("top level: " + failure.text);
    }
    if (!JSValueIsObject(context->ref, function))
      return invalid(
          fmt::format("function: could not assert as function: \"{}\"", source.function));
    if (frozen) state->warm = std::move(context);
    break;
  }
  return Javascript(std::move(state));
}

std::expected<std::string, Failure> Javascript::call(std::span<const std::string_view> texts) {
  std::size_t bytes = 0;
  for (const std::string_view text : texts) bytes += text.size();
  if (bytes > state_->limits.input_bytes_max)
    return std::unexpected(Failure{
        Failure::Kind::too_large,
        fmt::format("input of {} bytes, more than {}", bytes, state_->limits.input_bytes_max)});

  if (state_->warm != nullptr) {
    auto made = state_->run(*state_->warm, texts);
    if (made || !is_refusal(made.error().text)) return made;
  }
  // The script itself may be the one who froze the object, and then its context may stay.
  const auto own = state_->make_context(false);
  auto made = state_->run(*own, texts);
  if (made) state_->warm.reset();
  return made;
}

}  // namespace lvp::script
