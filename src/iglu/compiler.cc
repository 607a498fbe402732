#include "iglu/compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "iglu/bounds.h"
#include "iglu/reference.h"

namespace lvp::iglu {
namespace {

using json::Type;
using json::Value;

// Subschemas of a schema, and of them inside each other; no sensible schema comes near.
constexpr std::size_t nodes_max = 20'000;
constexpr std::size_t depth_max = 500;

// Keywords that say nothing about what is valid.
constexpr std::array<std::string_view, 8> annotations{
    "$schema", "self", "description", "title", "default", "definitions", "id", "$supersededBy"};

bool is_remote(std::string_view reference) {
  return reference.starts_with("http://") || reference.starts_with("https://");
}

class Compiler {
 public:
  explicit Compiler(Compiled& out) : out_(out) {}

  Status run() {
    out_.root = &out_.nodes.emplace_back();
    references_.emplace("#", out_.root);
    LVP_DO(fill(out_.nodes.front(), out_.document));
    return check_bounds(out_.nodes);
  }

 private:
  using Read = Status (Compiler::*)(Node&, const Value& value, const Value& schema);
  struct Keyword {
    std::string_view name;
    Read read;
  };
  static const Keyword keywords[];

  Result<const Node*> node_for(const Value& schema) {
    if (out_.nodes.size() >= nodes_max)
      return wrong(fmt::format("more than {} subschemas", nodes_max));
    Node& node = out_.nodes.emplace_back();
    LVP_DO(fill(node, schema));
    return &node;
  }

  Result<const Node*> node_at(std::string_view step, const Value& schema) {
    const std::string path = std::exchange(path_, fmt::format("{}.{}", path_, step));
    const std::string keyword = keyword_;
    LVP_TRY(const Node* node, node_for(schema));
    path_ = path;
    keyword_ = keyword;
    return node;
  }

  Status fill(Node& node, const Value& schema);

  // The rules of that kind, made if need be.
  template <class Rules>
  static Rules& rules(std::unique_ptr<Rules>& kind) {
    if (kind == nullptr) kind = std::make_unique<Rules>();
    return *kind;
  }

  std::unexpected<Error> wrong(std::string_view what) const {
    return invalid(fmt::format("{}: {}", path_, what));
  }
  std::unexpected<Error> must_be(std::string_view what) const {
    return wrong(fmt::format("{} must be {}", keyword_, what));
  }

  Result<std::size_t> count(const Value& value) const {
    const auto number = value.number();
    if (!number || *number < 0 || *number != std::floor(*number))
      return must_be("a whole number that is not negative");
    return *number < 1e15 ? static_cast<std::size_t>(*number) : unlimited;
  }

  Result<std::vector<std::string>> names(const Value& value) const {
    if (!value.is_array()) return must_be("a list of names");
    std::vector<std::string> result;
    for (const Value element : value.elements()) {
      if (!element.string()) return must_be("a list of names");
      result.emplace_back(*element.string());
    }
    return result;
  }

  Result<std::vector<const Node*>> alternatives(const Value& value) {
    if (!value.is_array() || value.size() == 0) return must_be("a list of schemas");
    std::vector<const Node*> result;
    for (const Value element : value.elements()) {
      LVP_TRY(const Node* node, node_at(fmt::format("{}[{}]", keyword_, result.size()), element));
      result.push_back(node);
    }
    return result;
  }

  Result<TextPattern> pattern(std::string_view expression) const {
    auto compiled = TextPattern::compile(expression);
    if (!compiled) return wrong(fmt::format("{}: {}", keyword_, compiled.error().what));
    return compiled;
  }

  // ---- Any value ----

  Status read_type(Node& node, const Value& value, const Value&) {
    node.types = {};
    node.union_type = value.is_array();
    std::vector<std::string_view> given;
    const auto add = [&](const Value& name) {
      const Type type = type_named(name.string().value_or(""));
      if (type == Type::absent) return false;
      node.types.add(type);
      given.push_back(type_name(type));
      return true;
    };
    if (node.union_type) {
      for (const Value name : value.elements())
        if (!add(name)) return must_be("types of JSON");
      node.type_text = fmt::format("[{}]", fmt::join(given, ", "));
    } else {
      if (!add(value)) return must_be("a type of JSON");
      node.type_text = given.front();
    }
    return {};
  }

  Status read_nullable(Node& node, const Value& value, const Value&) {
    node.nullable = value.boolean() == true;
    return {};
  }

  Status read_enum(Node& node, const Value& value, const Value&) {
    if (!value.is_array() || value.size() == 0) return must_be("a list of values");
    std::vector<std::string> texts;
    for (const Value element : value.elements()) {
      rules(node.combination).enumeration.push_back(element);
      const bool is_container = element.is_array() || element.is_object();
      texts.push_back(is_container       ? ""  // as the original prints them
                      : element.string() ? std::string(*element.string())
                                         : json::print(element));
    }
    node.combination->enumeration_text = fmt::format("[{}]", fmt::join(texts, ", "));
    return {};
  }

  Status read_all_of(Node& node, const Value& value, const Value&) {
    LVP_TRY(rules(node.combination).all_of, alternatives(value));
    return {};
  }
  Status read_any_of(Node& node, const Value& value, const Value&) {
    LVP_TRY(rules(node.combination).any_of, alternatives(value));
    return {};
  }
  Status read_one_of(Node& node, const Value& value, const Value&) {
    Combination& combination = rules(node.combination);
    LVP_TRY(combination.one_of, alternatives(value));
    for (const Value element : value.elements()) combination.one_of_text += json::print(element);
    return {};
  }
  Status read_not(Node& node, const Value& value, const Value&) {
    Combination& combination = rules(node.combination);
    LVP_TRY(combination.negated, node_at("not", value));
    combination.negated_text = fmt::format("\"not\" : {}", json::print(value));
    return {};
  }

  // ---- References ----

  Status read_reference(Node& node, const Value& value, const Value&) {
    if (!value.string()) return must_be("a text");
    const std::string_view reference = *value.string();
    const auto known = references_.find(reference);
    if (known != references_.end()) {
      rules(node.combination).reference = known->second;
    } else if (const std::size_t hash = reference.find('#');
               is_remote(reference) && hash >= reference.size() - 1) {
      out_.without_effect.push_back(
          fmt::format("{}: $ref {} is not fetched and accepts everything", path_, reference));
      return {};
    } else {
      if (!reference.starts_with('#'))
        return wrong(fmt::format("$ref {} is not supported", reference));
      const Value target = find_reference(out_.document, reference);
      if (!target.exists()) return wrong(fmt::format("$ref {} leads nowhere", reference));
      Node& referred = out_.nodes.emplace_back();
      references_.emplace(reference, &referred);
      rules(node.combination).reference = &referred;
      const std::string path = std::exchange(path_, reference);
      LVP_DO(fill(referred, target));
      path_ = path;
    }
    return {};
  }

  // ---- Numbers ----

  template <std::optional<Limit> NumberRules::* limit>
  Status read_limit(Node& node, const Value& value, const Value& schema) {
    if (!value.number()) return must_be("a number");
    const auto whole = value.integer();
    const Value exclusive = schema[keyword_ == "minimum" ? "exclusiveMinimum" : "exclusiveMaximum"];
    rules(node.numbers).*
        limit = {.value = whole ? static_cast<long double>(*whole)
                                : static_cast<long double>(*value.number()),
                 .exclusive = exclusive.boolean() == true,
                 .text = whole ? std::to_string(*whole) : fmt::format("{}", *value.number())};
    return {};
  }

  Status read_exclusive(Node&, const Value& value, const Value&) {
    if (!value.boolean()) {
      out_.without_effect.push_back(
          fmt::format("{}: {} has no effect unless it is true", path_, keyword_));
    }
    return {};
  }

  Status read_multiple_of(Node& node, const Value& value, const Value&) {
    const auto number = value.number();
    if (!number || *number <= 0) return must_be("a number above 0");
    NumberRules& numbers = rules(node.numbers);
    numbers.multiple_of = to_decimal(*number);
    numbers.multiple_of_text = fmt::format("{}", *number);
    if (numbers.multiple_of_text.find_first_of(".e") == std::string::npos)
      numbers.multiple_of_text += ".0";
    return {};
  }

  // ---- Counts: of characters, items and members ----

  template <auto kind, auto limit>
  Status read_count(Node& node, const Value& value, const Value&) {
    LVP_TRY(rules(node.*kind).*limit, count(value));
    return {};
  }

  // ---- Texts ----

  Status read_pattern(Node& node, const Value& value, const Value&) {
    if (!value.string()) return must_be("a regular expression");
    LVP_TRY(rules(node.texts).pattern, pattern(*value.string()));
    return {};
  }

  Status read_format(Node& node, const Value& value, const Value&) {
    if (!value.string()) return must_be("a text");
    std::optional<Format> format = Format::named(*value.string());
    if (format) {
      rules(node.texts).format = std::move(format);
    } else {
      out_.without_effect.push_back(
          fmt::format("{}: format {} is not enforced", path_, *value.string()));
    }
    return {};
  }

  // ---- Arrays ----

  Status read_items(Node& node, const Value& value, const Value& schema) {
    ArrayRules& arrays = rules(node.arrays);
    if (value.is_array()) {
      LVP_TRY(arrays.tuple, alternatives(value));
      const Value rest = schema["additionalItems"];
      arrays.closed = rest.boolean() == false;
      if (!rest.is_object()) return {};
      LVP_TRY(arrays.items, node_at("additionalItems", rest));
    } else {
      LVP_TRY(arrays.items, node_at("items", value));
    }
    return {};
  }

  Status read_additional_items(Node&, const Value& value, const Value&) {
    if (!value.boolean() && !value.is_object()) return must_be("a schema, true or false");
    return {};  // read with items
  }

  Status read_unique_items(Node& node, const Value& value, const Value&) {
    if (!value.boolean()) return must_be("true or false");
    rules(node.arrays).unique = *value.boolean();
    return {};
  }

  // ---- Objects ----

  Status read_properties(Node& node, const Value& value, const Value&) {
    if (!value.is_object()) return must_be("an object of schemas");
    for (const json::Member member : value.members()) {
      LVP_TRY(const Node* schema, node_at(fmt::format("properties.{}", member.key), member.value));
      rules(node.objects).properties.at(member.key).schema = schema;
    }
    return {};
  }

  Status read_pattern_properties(Node& node, const Value& value, const Value&) {
    if (!value.is_object()) return must_be("an object of schemas");
    for (const json::Member member : value.members()) {
      LVP_TRY(TextPattern name, pattern(member.key));
      LVP_TRY(const Node* schema,
              node_at(fmt::format("patternProperties.{}", member.key), member.value));
      rules(node.objects).patterns.push_back({std::move(name), schema});
    }
    return {};
  }

  Status read_additional_properties(Node& node, const Value& value, const Value&) {
    if (!value.boolean() && !value.is_object()) return must_be("a schema, true or false");
    rules(node.objects).closed = value.boolean() == false;
    if (!value.is_object()) return {};
    LVP_TRY(node.objects->additional, node_at("additionalProperties", value));
    return {};
  }

  Status read_required(Node& node, const Value& value, const Value&) {
    ObjectRules& objects = rules(node.objects);
    LVP_TRY(objects.required, names(value));
    for (std::size_t i = 0; i < std::min(objects.required.size(), PropertyTable::required_bits);
         ++i) {
      std::uint64_t& bit = objects.properties.at(objects.required[i]).required_bit;
      if (bit == 0) bit = std::uint64_t{1} << i;
      objects.required_bits |= bit;
    }
    return {};
  }

  Status read_dependencies(Node& node, const Value& value, const Value&) {
    if (!value.is_object()) return must_be("an object of names or schemas");
    std::vector<std::string> texts;
    for (const json::Member member : value.members()) {
      Dependency dependency;
      dependency.name = member.key;
      if (member.value.is_array()) {
        LVP_TRY(dependency.names, names(member.value));
        texts.push_back(fmt::format("{}=[{}]", member.key, fmt::join(dependency.names, ", ")));
      } else {
        LVP_TRY(dependency.schema,
                node_at(fmt::format("dependencies.{}", member.key), member.value));
      }
      rules(node.objects).dependencies.push_back(std::move(dependency));
    }
    rules(node.objects).dependencies_text = fmt::format("{{{}}}", fmt::join(texts, ", "));
    return {};
  }

  Compiled& out_;
  std::string path_ = "$";
  std::string keyword_;  // the one being read
  std::size_t depth_ = 0;
  std::map<std::string, const Node*, std::less<>> references_;
};

const Compiler::Keyword Compiler::keywords[] = {
    {"type", &Compiler::read_type},
    {"properties", &Compiler::read_properties},
    {"required", &Compiler::read_required},
    {"additionalProperties", &Compiler::read_additional_properties},
    {"maxLength", &Compiler::read_count<&Node::texts, &TextRules::length_max>},
    {"minLength", &Compiler::read_count<&Node::texts, &TextRules::length_min>},
    {"minimum", &Compiler::read_limit<&NumberRules::minimum>},
    {"maximum", &Compiler::read_limit<&NumberRules::maximum>},
    {"enum", &Compiler::read_enum},
    {"format", &Compiler::read_format},
    {"pattern", &Compiler::read_pattern},
    {"items", &Compiler::read_items},
    {"additionalItems", &Compiler::read_additional_items},
    {"minItems", &Compiler::read_count<&Node::arrays, &ArrayRules::size_min>},
    {"maxItems", &Compiler::read_count<&Node::arrays, &ArrayRules::size_max>},
    {"uniqueItems", &Compiler::read_unique_items},
    {"minProperties", &Compiler::read_count<&Node::objects, &ObjectRules::size_min>},
    {"maxProperties", &Compiler::read_count<&Node::objects, &ObjectRules::size_max>},
    {"patternProperties", &Compiler::read_pattern_properties},
    {"dependencies", &Compiler::read_dependencies},
    {"multipleOf", &Compiler::read_multiple_of},
    {"exclusiveMinimum", &Compiler::read_exclusive},
    {"exclusiveMaximum", &Compiler::read_exclusive},
    {"allOf", &Compiler::read_all_of},
    {"anyOf", &Compiler::read_any_of},
    {"oneOf", &Compiler::read_one_of},
    {"not", &Compiler::read_not},
    {"$ref", &Compiler::read_reference},
    {"nullable", &Compiler::read_nullable},
};

Status Compiler::fill(Node& node, const Value& schema) {
  if (!schema.is_object()) return wrong("a schema must be an object");
  if (depth_ == depth_max) return wrong("subschemas are nested too deep");
  ++depth_;
  node.types.add_all();
  for (const json::Member member : schema.members()) {
    const auto keyword = std::ranges::find(keywords, member.key, &Keyword::name);
    if (keyword != std::end(keywords)) {
      keyword_ = member.key;
      LVP_DO((this->*keyword->read)(node, member.value, schema));
    } else if (std::ranges::find(annotations, member.key) == annotations.end()) {
      out_.without_effect.push_back(
          fmt::format("{}: {} is not a keyword of draft 4 and has no effect", path_, member.key));
    }
  }
  if (node.nullable) node.types.add(Type::null);
  if (node.objects) node.objects->properties.index();
  --depth_;
  return {};
}

}  // namespace

Result<std::unique_ptr<Compiled>> compile(std::string_view text) {
  auto compiled = std::make_unique<Compiled>();
  LVP_TRY(compiled->document, compiled->parser.parse(text, schema_depth_max));
  LVP_DO(Compiler(*compiled).run());
  return compiled;
}

}  // namespace lvp::iglu
