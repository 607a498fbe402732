// Bodies of requests as Snowbridge's template_file writes them: a part of Go's text/template, over
// the array of a batch's messages.
//
//   text    := { any | "{{" ["- "] action [" -"] "}}" }
//   action  := pipe | "/*" … "*/" | "$x" ":=" pipe
//            | "range" ["$x" ["," "$y"] ":="] pipe | "if" pipe | "with" pipe
//            | "else" ["if" pipe] | "end"
//   pipe    := command { "|" command }          the value before | is the last argument after it
//   command := value | function { value }
//   value   := "." | ["." | "$" | "$x"] { "." NAME } | "string" | `string` | NUMBER
//            | "true" | "false" | "nil" | "(" pipe ")"
//   function := prettyPrint | env | index | len | eq | ne | and | or | not
//
// Values print as Go prints them ("map[a:1]", "<no value>"); prettyPrint makes compact JSON of
// them, null of what is not there. Everything else of text/template is an error at the start.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bridge/hcl.h"
#include "wire/json.h"

namespace lvp::bridge {

class BodyTemplate {
 public:
  /// Error::invalid as "template: line: what". `environment` is asked for env now, not later.
  static Result<BodyTemplate> parse(std::string_view text, const hcl::Environment& environment);

  ~BodyTemplate();
  BodyTemplate(BodyTemplate&&) noexcept;
  BodyTemplate& operator=(BodyTemplate&&) noexcept;

  /// Error::invalid if an index is out of range, or what is ranged over is no array or object.
  Result<std::string> fill(const json::Value& messages) const;

 private:
  struct Program;
  explicit BodyTemplate(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

}  // namespace lvp::bridge
