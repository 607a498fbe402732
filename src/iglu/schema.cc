#include "iglu/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>

#include "base/text.h"
#include "iglu/format.h"
#include "base/pattern.h"

namespace lvp::iglu {
namespace {

using json::Type;
using json::Value;

struct TypeName {
  std::string_view name;
  Type type;
};
constexpr std::array<TypeName, 7> type_names{{{"null", Type::null},
                                              {"boolean", Type::boolean},
                                              {"integer", Type::integer},
                                              {"number", Type::number},
                                              {"string", Type::string},
                                              {"array", Type::array},
                                              {"object", Type::object}}};

std::string_view name_of(Type type) {
  const auto found = std::ranges::find(type_names, type, &TypeName::type);
  return found == type_names.end() ? "unknown" : found->name;
}

// Keywords without effect on validity, and those of later drafts, which draft 4 ignores.
constexpr std::array<std::string_view, 15> ignored_keywords{"$schema",
                                                            "self",
                                                            "description",
                                                            "title",
                                                            "default",
                                                            "definitions",
                                                            "id",
                                                            "$supersededBy",
                                                            "examples",
                                                            "const",
                                                            "contains",
                                                            "propertyNames",
                                                            "$defs",
                                                            "exclusiveMinimum",
                                                            "exclusiveMaximum"};

struct Node;

struct Property {
  std::string name;
  const Node* schema;
};

// One (sub)schema. Limits are absent unless the schema gives them.
struct Node {
  std::vector<Type> types;  // empty: any
  bool union_type = false;
  bool nullable = false;
  std::vector<Value> enumeration;
  std::string enumeration_text;
  std::optional<double> minimum, maximum;
  std::optional<std::size_t> length_min, length_max;
  std::optional<std::size_t> items_min, items_max;
  std::optional<std::size_t> properties_min;
  std::optional<Pattern> pattern;
  std::string pattern_text;
  std::optional<Format> format;
  const Node* items = nullptr;
  std::vector<Property> properties;
  std::vector<std::string> required;
  std::map<std::string, std::vector<std::string>> dependencies;
  bool closed = false;               // additionalProperties: false
  const Node* additional = nullptr;  // additionalProperties: {schema}
};

bool allows(const Node& node, Type type) {
  if (node.types.empty() || (node.nullable && type == Type::null)) return true;
  return std::ranges::any_of(node.types, [&](Type t) {
    return t == type || (t == Type::number && type == Type::integer);
  });
}

// ---- Checking ----

class Checker {
 public:
  std::vector<Report> run(const Node& node, const Value& value) {
    check(node, value);
    return std::move(reports_);
  }

 private:
  void report(std::string_view keyword, std::string_view text, std::vector<std::string> targets) {
    reports_.push_back(
        {fmt::format("{}: {}", path_, text), path_, std::string(keyword), std::move(targets)});
  }

  // Reports about a member name the member in the message and its parent in the path.
  void report_member(std::string_view keyword, std::string_view member, std::string_view text) {
    reports_.push_back({fmt::format("{}.{}: {}", path_, member, text),
                        path_,
                        std::string(keyword),
                        {std::string(member)}});
  }

  void check(const Node& node, const Value& value) {
    const Type type = value.type();
    if (!allows(node, type)) wrong_type(node, type);
    if (!node.enumeration.empty()) check_enum(node, value);
    switch (type) {
      case Type::integer:
      case Type::number:
        return check_number(node, *value.number());
      case Type::string:
        return check_string(node, *value.string());
      case Type::array:
        return check_array(node, value);
      case Type::object:
        return check_object(node, value);
      default:
        return;
    }
  }

  void wrong_type(const Node& node, Type type) {
    const std::string found(name_of(type));
    if (node.union_type) {
      std::vector<std::string_view> names;
      for (const Type t : node.types) names.push_back(name_of(t));
      const std::string expected = fmt::format("[{}]", fmt::join(names, ", "));
      report("unionType", fmt::format("{} found, but {} is required", found, expected),
             {found, expected});
    } else {
      const std::string expected(name_of(node.types.front()));
      report("type", fmt::format("{} found, {} expected", found, expected), {found, expected});
    }
  }

  void check_enum(const Node& node, const Value& value) {
    const bool known = std::ranges::any_of(node.enumeration,
                                           [&](const Value& v) { return json::equal(v, value); });
    if (known || (node.nullable && value.type() == Type::null)) return;
    report("enum", "does not have a value in the enumeration " + node.enumeration_text,
           {node.enumeration_text});
  }

  void check_number(const Node& node, double number) {
    if (node.maximum && number > *node.maximum) {
      const std::string limit = fmt::format("{}", *node.maximum);
      report("maximum", "must have a maximum value of " + limit, {limit});
    }
    if (node.minimum && number < *node.minimum) {
      const std::string limit = fmt::format("{}", *node.minimum);
      report("minimum", "must have a minimum value of " + limit, {limit});
    }
  }

  void check_string(const Node& node, std::string_view text) {
    if (node.length_max && text.size() > *node.length_max && code_points(text) > *node.length_max) {
      report("maxLength", fmt::format("may only be {} characters long", *node.length_max),
             {std::to_string(*node.length_max)});
    }
    if (node.length_min && code_points(text) < *node.length_min) {
      report("minLength", fmt::format("must be at least {} characters long", *node.length_min),
             {std::to_string(*node.length_min)});
    }
    if (node.pattern && !node.pattern->finds(text)) {
      report("pattern", "does not match the regex pattern " + node.pattern_text,
             {node.pattern_text});
    }
    if (node.format && !satisfies(*node.format, text)) wrong_format(*node.format, text);
  }

  void wrong_format(Format format, std::string_view text) {
    switch (format) {
      case Format::date_time:
        return report("dateTime", fmt::format("{} is an invalid date-time", text),
                      {std::string(text), "date-time"});
      case Format::uuid:
        return report("uuid", fmt::format("{} is an invalid uuid", text),
                      {std::string(text), "uuid"});
      case Format::uri:
        return report("format", "does not match the uri pattern", {"uri"});
    }
  }

  void check_array(const Node& node, const Value& array) {
    const std::size_t size = array.size();
    if (node.items_min && size < *node.items_min) {
      report("minItems",
             fmt::format("there must be a minimum of {} items in the array", *node.items_min),
             {std::to_string(*node.items_min)});
    }
    if (node.items_max && size > *node.items_max) {
      report("maxItems",
             fmt::format("there must be a maximum of {} items in the array", *node.items_max),
             {std::to_string(*node.items_max)});
    }
    if (node.items == nullptr) return;
    std::size_t index = 0;
    for (const Value element : array.elements())
      inside(fmt::format("[{}]", index++), *node.items, element);
  }

  void check_object(const Node& node, const Value& object) {
    for (const std::string& name : node.required) {
      if (!object[name].exists()) report_member("required", name, "is missing but it is required");
    }
    for (const json::Member member : object.members()) {
      const auto property = std::ranges::find(node.properties, member.key, &Property::name);
      if (property != node.properties.end()) {
        inside(fmt::format(".{}", member.key), *property->schema, member.value);
      } else if (member.key.starts_with('#')) {
        continue;  // networknt lets names with '#' through any additionalProperties
      } else if (node.closed) {
        report_member(
            "additionalProperties", member.key,
            "is not defined in the schema and the schema does not allow additional properties");
      } else if (node.additional != nullptr) {
        inside(fmt::format(".{}", member.key), *node.additional, member.value);
      }
    }
    if (node.properties_min && object.size() < *node.properties_min) {
      report("minProperties",
             fmt::format("should have a minimum of {} properties", *node.properties_min),
             {std::to_string(*node.properties_min)});
    }
    for (const auto& [name, needed] : node.dependencies) {
      if (!object[name].exists()) continue;
      for (const std::string& other : needed) {
        if (!object[other].exists()) {
          report("dependencies",
                 fmt::format("has an error with dependencies {{{}=[{}]}}", name,
                             fmt::join(needed, ", ")),
                 {name});
        }
      }
    }
  }

  void inside(const std::string& step, const Node& node, const Value& value) {
    const std::size_t length = path_.size();
    path_ += step;
    check(node, value);
    path_.resize(length);
  }

  std::string path_ = "$";
  std::vector<Report> reports_;
};

}  // namespace

// ---- Compiling ----

struct Schema::State {
  json::Parser parser;  // owns the values that enumerations hold
  Value document;
  std::deque<Node> nodes;  // a deque, because nodes point at each other
  std::map<std::string, const Node*, std::less<>> references;

  Result<const Node*> compile(const Value& schema);
  Status compile_keyword(Node& node, const Value& schema, std::string_view keyword,
                         const Value& value);
  Result<const Node*> resolve(std::string_view reference);
};

namespace {

std::vector<std::string> strings(const Value& array) {
  std::vector<std::string> result;
  for (const Value element : array.elements()) result.emplace_back(element.string().value_or(""));
  return result;
}

Result<std::size_t> count(const Value& value, std::string_view keyword) {
  const auto number = value.integer();
  if (!number || *number < 0) return invalid(fmt::format("{} must be a whole number", keyword));
  return static_cast<std::size_t>(*number);
}

Status add_type(Node& node, const Value& name) {
  const auto found = std::ranges::find(type_names, name.string().value_or(""), &TypeName::name);
  if (found == type_names.end()) return invalid("unknown type");
  node.types.push_back(found->type);
  return {};
}

}  // namespace

Result<const Node*> Schema::State::resolve(std::string_view reference) {
  if (const auto found = references.find(reference); found != references.end())
    return found->second;
  if (!reference.starts_with("#/"))
    return invalid(fmt::format("$ref {} is not supported", reference));
  Value target = document;
  for (const std::string_view step : split(reference.substr(2), '/')) target = target[step];
  if (!target.exists()) return invalid(fmt::format("$ref {} leads nowhere", reference));
  return compile(target);
}

Status Schema::State::compile_keyword(Node& node, const Value& schema, std::string_view keyword,
                                      const Value& value) {
  if (keyword == "type") {
    if (!value.is_array()) return add_type(node, value);
    node.union_type = true;
    for (const Value name : value.elements()) LVP_DO(add_type(node, name));
  } else if (keyword == "enum") {
    std::vector<std::string> texts;
    for (const Value element : value.elements()) {
      node.enumeration.push_back(element);
      texts.push_back(element.string() ? std::string(*element.string()) : json::print(element));
    }
    node.enumeration_text = fmt::format("[{}]", fmt::join(texts, ", "));
  } else if (keyword == "minimum" || keyword == "maximum") {
    if (schema[keyword == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum"].boolean() == true) {
      return invalid("exclusive limits are not supported");
    }
    (keyword == "minimum" ? node.minimum : node.maximum) = value.number();
  } else if (keyword == "minLength") {
    LVP_TRY(node.length_min, count(value, keyword));
  } else if (keyword == "maxLength") {
    LVP_TRY(node.length_max, count(value, keyword));
  } else if (keyword == "minItems") {
    LVP_TRY(node.items_min, count(value, keyword));
  } else if (keyword == "maxItems") {
    LVP_TRY(node.items_max, count(value, keyword));
  } else if (keyword == "minProperties") {
    LVP_TRY(node.properties_min, count(value, keyword));
  } else if (keyword == "pattern") {
    node.pattern_text = value.string().value_or("");
    LVP_TRY(node.pattern, Pattern::compile(node.pattern_text));
  } else if (keyword == "format") {
    LVP_TRY(node.format, parse_format(value.string().value_or("")));
  } else if (keyword == "items") {
    LVP_TRY(node.items, compile(value));
  } else if (keyword == "properties") {
    for (const json::Member member : value.members()) {
      LVP_TRY(const Node* property, compile(member.value));
      node.properties.push_back({std::string(member.key), property});
    }
  } else if (keyword == "required") {
    node.required = strings(value);
  } else if (keyword == "additionalProperties") {
    node.closed = value.boolean() == false;
    if (value.is_object()) {
      LVP_TRY(node.additional, compile(value));
    }
  } else if (keyword == "dependencies") {
    for (const json::Member member : value.members()) {
      if (!member.value.is_array()) return invalid("schema dependencies are not supported");
      node.dependencies.emplace(member.key, strings(member.value));
    }
  } else if (keyword == "nullable") {
    node.nullable = value.boolean() == true;
  } else if (std::ranges::find(ignored_keywords, keyword) == ignored_keywords.end()) {
    return invalid(fmt::format("keyword {} is not supported", keyword));
  }
  return {};
}

Result<const Node*> Schema::State::compile(const Value& schema) {
  if (!schema.is_object()) return invalid("a schema must be an object");
  if (const auto reference = schema["$ref"].string()) return resolve(*reference);
  Node& node = nodes.emplace_back();
  for (const json::Member member : schema.members()) {
    LVP_DO(compile_keyword(node, schema, member.key, member.value));
  }
  return &node;
}

Schema::Schema(std::unique_ptr<State> state) : state_(std::move(state)) {}
Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

Result<Schema> Schema::compile(std::string_view text) {
  auto state = std::make_unique<State>();
  LVP_TRY(state->document, state->parser.parse(text));
  LVP_DO(state->compile(state->document));
  return Schema(std::move(state));
}

std::vector<Report> Schema::check(const Value& value) const {
  return Checker().run(state_->nodes.front(), value);
}

}  // namespace lvp::iglu
