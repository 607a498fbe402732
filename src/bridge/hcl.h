// The part of HCL (version 2, native syntax) that Snowbridge's configurations are written in.
//
//   body       := { attribute | block }
//   attribute  := NAME "=" expression NEWLINE
//   block      := NAME { NAME | string } "{" NEWLINE body "}" NEWLINE
//               | NAME { NAME | string } "{" [ NAME "=" expression ] "}" NEWLINE
//   expression := string | heredoc | NUMBER | "true" | "false" | "null"
//               | "env" "." NAME | "env" "(" string ")" | "(" expression ")"
//               | "[" [ expression { "," expression } [ "," ] ] "]"
//               | "{" { (NAME | string) ("=" | ":") expression ("," | NEWLINE) } "}"
//   string     := "…" with \n \r \t \" \\ \uXXXX \UXXXXXXXX, ${expression}, and $${ for ${
//   heredoc    := "<<" ["-"] NAME NEWLINE lines NAME
//
// Comments are #, // and /* */. Operators, conditions, "for", %{…} and functions other than env are
// errors, and every error names the file, the line and the block.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace lvp::bridge::hcl {

struct Value;
using List = std::vector<Value>;
using Map = std::map<std::string, Value, std::less<>>;

struct Value {
  std::variant<std::monostate, bool, double, std::string, List, Map> is;  ///< monostate is null
};

struct Attribute {
  std::string name;
  int line = 0;
  /// An error if it names an environment variable with env.NAME that is not set: an error of
  /// whoever needs the attribute.
  Result<Value> value;
};

struct Block;

struct Body {
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;

  const Attribute* find(std::string_view name) const;
};

struct Block {
  std::string type;
  std::vector<std::string> labels;
  int line = 0;
  Body body;

  std::string name() const;  ///< use "js"
};

/// An environment variable's value, if it is set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// Error::invalid as "file:line: block: what". `file` is its name in messages.
Result<Body> parse(std::string_view text, std::string_view file, const Environment& environment);

}  // namespace lvp::bridge::hcl
