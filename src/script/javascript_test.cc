#include "script/javascript.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace lvp::script {
namespace {

using namespace std::chrono_literals;

// The function's argument is a text, and its result a text.
constexpr std::string_view plain = "(host, harden) => (f, ...texts) => String(f(...texts))";

Result<Javascript> load(std::string_view script, const Limits& limits = {},
                        std::string_view adapter = plain, std::vector<HostFunction> host = {}) {
  return Javascript::load({script, "main", adapter}, limits, std::move(host));
}

// The result, or "kind: text" of the failure.
std::string call(Javascript& program, std::vector<std::string_view> texts = {}) {
  const auto result = program.call(texts);
  if (result) return *result;
  constexpr std::string_view kinds[] = {"too large", "top level", "function", "time limit"};
  return fmt::format("{}: {}", kinds[static_cast<std::size_t>(result.error().kind)],
                     result.error().text);
}

std::string once(std::string_view script, std::vector<std::string_view> texts = {}) {
  auto program = load(script);
  if (!program) return program.error().what;
  return call(*program, std::move(texts));
}

TEST(Javascript, CallsTheFunctionThatTheScriptDeclares) {
  struct Row {
    std::string_view script, input, result;
  };
  constexpr Row rows[] = {
      {"function main(x) { return x + '!' }", "hello", "hello!"},
      {"const main = x => x.length // the last line", "abc", "3"},
      {"var main = function (x) { return typeof this }", "", "undefined"},
      {"let n = 40; function main() { return n + two }; var two = 2;", "", "42"},
      {"function main(x) { return x }", "d\u00e9j\u00e0 vu \u732b \U0001f431",
       "d\u00e9j\u00e0 vu \u732b \U0001f431"},
      {"function main(x) { return x }", {"a\0b", 3}, {"a\0b", 3}},
      {"function main(x) { return x }", "\xff.", "\ufffd."},
      {"function main(x) { return JSON.parse(x).a?.b ?? 'none' }", R"({"a":null})", "none"},
      {"class A { #n = 1n; get n() { return this.#n ** 70n } } function main() { return new A().n "
       "}",
       "", "1"},
  };
  for (const Row& row : rows) EXPECT_EQ(once(row.script, {row.input}), row.result) << row.script;
}

TEST(Javascript, RefusesAtTheStartWhatCannotRun) {
  struct Row {
    std::string_view script, error;
  };
  constexpr Row rows[] = {
      {"function main( { }", "syntax: SyntaxError: "},
      {"local y = 0", "syntax: SyntaxError: "},
      {"function main() {} }); (function () {", "syntax: SyntaxError: "},
      {"return 1", "syntax: SyntaxError: "},
      {"with (Math) {}", "syntax: SyntaxError: "},
      {"function other() {}", "function: could not assert as function: \"main\""},
      {"var main = 1", "function: could not assert as function: \"main\""},
      {"throw new Error('no')", "top level: Error: no at 1:"},
      {"\n\nundeclared = 1", "top level: ReferenceError: "},
      {"async function main() {}", "syntax: async functions"},
      {"function main() { return async () => 1 }", "syntax: async functions"},
      {"function main() { return import('x') }", "syntax: async functions"},
  };
  for (const Row& row : rows) {
    const auto program = load(row.script);
    ASSERT_FALSE(program) << row.script;
    EXPECT_EQ(program.error().code, Error::Code::invalid);
    EXPECT_TRUE(program.error().what.starts_with(row.error)) << program.error().what;
  }
}

TEST(Javascript, SaysWhatWasThrownAndWhere) {
  EXPECT_EQ(once("function main() { throw 'Failed' }"), "function: Failed");
  const std::string missing = once("function main(x) {\n  return x.a.b }", {"text"});
  EXPECT_TRUE(missing.starts_with("function: TypeError: undefined is not an object")) << missing;
  EXPECT_NE(missing.find(" at 2:"), missing.npos) << missing;
  EXPECT_TRUE(once("function main() { null_.x }").starts_with("function: ReferenceError: "));
  EXPECT_EQ(once("function main() { throw {toString() { throw 1 }} }"),
            "function: an exception without a text");
  EXPECT_TRUE(once("function main() { return 1 + main() }").starts_with("function: RangeError: "));
}

TEST(Javascript, HasNothingAsynchronousAndNoConsole) {
  for (const std::string_view name : {"Promise", "queueMicrotask", "setTimeout", "console", "fetch",
                                      "require", "WebAssembly", "Atomics", "Intl", "WeakRef"}) {
    const std::string script = fmt::format("function main() {{ return typeof {} }}", name);
    EXPECT_EQ(once(script), "undefined") << name;
  }
}

TEST(Javascript, StopsAtTheTimeLimitAndGoesOn) {
  constexpr std::string_view script =
      "function main(x) { try { while (x === 'forever') {} } finally { while (x === 'forever') {} }"
      " return x }";
  auto program = load(script, {.time = 30ms});
  ASSERT_TRUE(program);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(call(*program, {"forever"}), "time limit: runtime deadline exceeded");
    EXPECT_EQ(call(*program, {"no"}), "no");
  }
  const auto never = load("while (true) {}", {.time = 30ms});
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().what, "top level: runtime deadline exceeded");
}

TEST(Javascript, BoundsWhatGoesInAndComesOut) {
  auto program = load("function main(x) { return 'x'.repeat(Number(x)) }",
                      {.input_bytes_max = 6, .output_bytes_max = 100});
  ASSERT_TRUE(program);
  EXPECT_EQ(call(*program, {"000002"}), "xx");
  EXPECT_EQ(call(*program, {"0000002"}), "too large: input of 7 bytes, more than 6");
  EXPECT_EQ(call(*program, {"100"}).size(), 100u);
  EXPECT_EQ(call(*program, {"101"}), "too large: result of 101 characters, more than 100");
  EXPECT_EQ(call(*program, {"300000"}).substr(0, 9), "too large");
}

// Each script says "new" unless it finds what an earlier call left.
TEST(Javascript, NothingOfACallReachesTheNext) {
  struct Row {
    std::string_view script;
    bool isolated;  // has altered what is frozen
  };
  constexpr Row rows[] = {
      {"let seen = 'new'; function main() { const was = seen; seen = 'old'; return was }", false},
      {"function main() { const was = main.seen ?? 'new'; main.seen = 'old'; return was }", false},
      {"const cache = {}; function main() { const was = cache.a ?? 'new'; cache.a = 'old'; "
       "return was }",
       false},
      {"function main() { const was = /new/.exec(RegExp.$1) ? 'old' : 'new'; /(new)/.exec('new'); "
       "return was }",
       false},
      {"function main() { const was = globalThis.seen ?? 'new'; globalThis.seen = 'old'; "
       "return was }",
       true},
      {"function main() { const was = [].seen ?? 'new'; Array.prototype.seen = 'old'; return was }",
       true},
      {"String.prototype.shout = function () { return this + '!' };"
       "function main() { return 'a'.shout() === 'a!' ? 'new' : 'old' }",
       true},
      {"function main() { const was = JSON.seen ?? 'new'; JSON.seen = 'old'; return was }", true},
      {"function main() { const was = parseInt.seen ?? 'new'; parseInt.seen = 'old'; return was }",
       true},
      {"function main() { const was = 'x'.replace(/x/, 'new'); "
       "String.prototype.replace = () => 'old'; return was }",
       true},
      {"function main() { const g = (function* () {})(); const p = Object.getPrototypeOf("
       "Object.getPrototypeOf(g)); const was = p.seen ?? 'new'; p.seen = 'old'; return was }",
       true},
      {"class Mine extends Error { constructor(m) { super(m); this.name = 'Mine' } }"
       "function main() { return new Mine('m').name === 'Mine' ? 'new' : 'old' }",
       true},
      {"function main() { const was = globalThis.parseInt ? 'new' : 'old'; "
       "delete globalThis.parseInt; return was }",
       true},
      {"function main() { const was = Math.seen ?? 'new'; "
       "Object.defineProperty(Math, 'seen', {value: 'old'}); return was }",
       true},
  };
  for (const Row& row : rows) {
    auto program = load(row.script);
    ASSERT_TRUE(program) << row.script << program.error().what;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(call(*program), "new") << row.script;
    EXPECT_EQ(program->is_isolated(), row.isolated) << row.script;
  }
}

std::size_t resident_bytes() {
  std::size_t whole = 0, resident_pages = 0;
  std::ifstream("/proc/self/statm") >> whole >> resident_pages;
  return resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Each context takes some 200 kB.
TEST(Javascript, ContextsOfSingleCallsAreGivenBack) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer keeps what is freed";
#endif
  auto program = load("function main(x) { Array.prototype.seen = x; return x }");
  ASSERT_TRUE(program);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(call(*program, {"a", "", "b"}), "a");
  const std::size_t before = resident_bytes();
  for (int i = 0; i < 400; ++i) ASSERT_EQ(call(*program, {"a", "", "b"}), "a");
  EXPECT_LT(resident_bytes(), before + (std::size_t{40} << 20));
}

TEST(Javascript, AScriptThatFreezesItsOwnIsNotIsolated) {
  auto program = load("function main() { Object.freeze([1]).push(2) }");
  ASSERT_TRUE(program);
  EXPECT_TRUE(call(*program).starts_with("function: TypeError: "));
  EXPECT_FALSE(program->is_isolated());
}

TEST(Javascript, TheAdapterCallsFunctionsOfOurs) {
  const HostFunction join{"join", [](std::span<const std::string> texts) {
                            std::string joined;
                            for (const std::string& text : texts) joined += text + ";";
                            return joined;
                          }};
  auto program = load("function main(x) { return shown.join(x, 1, undefined) }", {},
                      "(host, harden) => { globalThis.shown = {join: (...a) => host.join(...a)}; "
                      "harden(shown); return (f, ...texts) => f(...texts) + '.' }",
                      {join});
  ASSERT_TRUE(program);
  const std::string_view texts[] = {"a"};
  const auto result = program->call(texts);
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(*result, "a;1;undefined;.");
}

}  // namespace
}  // namespace lvp::script
