// Rows named R… are those of docs/compatibility-bridge.md.
#include "bridge/body_template.h"

#include <gtest/gtest.h>

namespace lvp::bridge {
namespace {

std::optional<std::string> environment(std::string_view name) {
  if (name == "API_KEY") return "secret";
  return std::nullopt;
}

// The text, or "error: " and why, of parsing or of filling.
std::string filled(std::string_view text, std::string_view messages) {
  const auto made = BodyTemplate::parse(text, environment);
  if (!made) return "error: " + made.error().what;
  json::Parser parser;
  const auto filled = made->fill(*parser.parse(messages));
  return filled ? *filled : "error: " + filled.error().what;
}

TEST(BodyTemplate, WritesWhatMessagesHold) {
  constexpr std::string_view two =
      R"([{"a":{"b":"x<y"},"n":1.5,"t":true},{"a":{"b":"z"},"n":2e6}])";
  struct Row {
    std::string_view id, text, messages, filled;
  };
  constexpr Row rows[] = {
      {"", "as it is: }} {", two, "as it is: }} {"},
      {"R223", "{{range .}}{{.a}} {{end}}", two, "map[b:x<y] map[b:z] "},
      {"R224", "{{range .}}{{prettyPrint .}};{{end}}", R"([{"b":1,"a":[1,{}]},"text"])",
       R"({"b":1,"a":[1,{}]};"text";)"},
      {"R224", "{{ range $i, $e := . }}{{ if $i }},{{ end }}{{ $e.a.b | prettyPrint }}{{ end }}",
       two, R"("x<y","z")"},
      {"R225", R"({"key":"{{env "API_KEY"}}","none":"{{env "UNSET"}}"})", "[]",
       R"({"key":"secret","none":""})"},
      {"R226", "{{range .}}{{.missing}} {{prettyPrint .missing}} {{.x.y}}{{end}}",
       R"([{"x":null}])", "<no value> null <no value>"},
      {"", "{{ (index . 0).n }}", two, "error: template: 1: unexpected \".n\""},
      {"", "{{ index . 1 \"n\" }} {{ len . }}", two, "2e+06 2"},
      {"", "a {{- /* a comment */ -}} b {{- 1 }}", two, "ab1"},
      {"", "a \n {{- \" b\" }} {{ `\\` -}}\n c", two, "a b \\c"},
      {"", "{{with index . 0}}{{.n}}{{else}}none{{end}} {{with false}}{{.}}{{else}}none{{end}}",
       two, "1.5 none"},
      {"", "{{range .}}{{if eq .n 1.5}}one{{else if .t}}two{{else}}three{{end}} {{end}}", two,
       "one three "},
      {"", "{{$first := index . 0}}{{range .}}{{$first.n}}{{len $}} {{end}}", two, "1.52 1.52 "},
      {"", "{{if and .  (not false)}}y{{end}}{{if or 0 \"\"}}n{{end}}{{if ne 1 2}}y{{end}}", two,
       "yy"},
      {"", "{{range .}}{{else}}nothing{{end}}", "[]", "nothing"},
      {"", "{{range $k, $v := index . 0}}{{$k}}={{$v}} {{end}}", R"([{"b":1,"a":null}])",
       "a=<no value> b=1 "},
      // Errors when filled: R228.
      {"R228", "{{ index . 2 }}", two, "error: index out of range: 2"},
      {"", "{{ range .  }}{{ .n.x }}{{ end }}", two, "error: can't evaluate field x"},
      {"", "{{ range 1 }}{{ end }}", two, "error: range can't iterate over 1"},
      // Errors when parsed.
      {"R227", "a\n{{ ", two, "error: template: 2: unclosed action"},
      {"", "{{ range . }}", two, "error: template: 1: {{range .}} has no end"},
      {"", "{{ end }}", two, "error: template: 1: unexpected {{end}}"},
      {"", "\n\n{{ printf \"%d\" 1 }}", two, "error: template: 3: function \"printf\" not defined"},
      {"", "{{ define \"x\" }}", two, "error: template: 1: function \"define\" not defined"},
      {"", "{{ env .a }}", two, "error: template: 1: env needs a text"},
      {"", "{{ .a | .b }}", two, "error: template: 1: a function must follow |"},
      {"", "{{ .a .b }}", two, "error: template: 1: unexpected \".b\""},
      {"", "{{ }}", two, "error: template: 1: missing value"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(filled(row.text, row.messages), row.filled) << row.id << " " << row.text;
  }
  EXPECT_EQ(filled("{{ (index . 0) | prettyPrint | len }}", "[1]"), "1");
  EXPECT_EQ(filled("{{ $x }}", "[1]"), "error: undefined variable \"$x\"");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{{if .}}";
  EXPECT_EQ(filled(deep, "[1]"), "error: template: 1: nested too deep");
}

}  // namespace
}  // namespace lvp::bridge
