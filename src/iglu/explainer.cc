#include "iglu/explainer.h"

#include <fmt/format.h>

#include <string>

#include "iglu/checker.h"
#include "iglu/keywords.h"

namespace lvp::iglu {
namespace {

using bad_row::Report;
using json::Member;
using json::Type;
using json::Value;

class Explainer {
 public:
  std::vector<Report> run(const Node& node, const Value& value) {
    explain(node, value);
    return std::move(reports_);
  }

 private:
  void report(std::string_view keyword, std::string_view text, std::vector<std::string> targets) {
    if (reports_.size() == reports_max) return;
    reports_.push_back(
        {fmt::format("{}: {}", path_, text), path_, std::string(keyword), std::move(targets)});
  }

  // Reports about a member or an item name it in the message and its parent in the path.
  void report_part(std::string_view keyword, std::string_view part, std::string_view text,
                   std::string_view target) {
    if (reports_.size() == reports_max) return;
    reports_.push_back({fmt::format("{}{}: {}", path_, part, text),
                        path_,
                        std::string(keyword),
                        {std::string(target)}});
  }

  // In the order of the original, which is that of the keywords' names.
  void explain(const Node& node, const Value& value) {
    const Type type = value.type();
    const bool is_number = type == Type::integer || type == Type::number;
    const Combination* combination = node.combination.get();
    const NumberRules* numbers = is_number ? node.numbers.get() : nullptr;
    const TextRules* texts = type == Type::string ? node.texts.get() : nullptr;
    const ArrayRules* arrays = type == Type::array ? node.arrays.get() : nullptr;
    const ObjectRules* objects = type == Type::object ? node.objects.get() : nullptr;

    if (objects) explain_properties(*objects, value);
    if (combination && combination->reference) explain(*combination->reference, value);
    if (objects) explain_additional(*objects, value);
    if (combination) explain_all_of_and_any_of(*combination, value);
    if (objects) explain_dependencies(*objects, value);
    if (is_unlisted(node, value)) explain_enum(*combination);
    if (texts) explain_format(*texts, *value.string());
    if (arrays) explain_items(*arrays, value);
    if (arrays) explain_size(arrays->size_max, arrays->size_min, value.size(), array_size);
    if (objects) explain_size(objects->size_max, objects->size_min, value.size(), object_size);
    if (texts) explain_length(*texts, *value.string());
    if (numbers) explain_number(*numbers, value);
    if (combination) explain_not_and_one_of(*combination, value);
    if (texts) explain_pattern(*texts, *value.string());
    if (objects) explain_patterns(*objects, value);
    if (objects) explain_required(*objects, value);
    if (!node.types.contains(type)) explain_type(node, type);
    if (arrays && arrays->unique && has_twins(value))
      report("uniqueItems", "the items in the array must be unique", {});
  }

  void inside(const std::string& step, const Node& node, const Value& value) {
    const std::size_t length = path_.size();
    path_ += step;
    explain(node, value);
    path_.resize(length);
  }

  void explain_properties(const ObjectRules& rules, const Value& object) {
    for (const Property& property : rules.properties.all()) {
      if (property.schema == nullptr) continue;
      for (const Member member : object.members())
        if (member.key == property.name)
          inside(fmt::format(".{}", member.key), *property.schema, member.value);
    }
  }

  void explain_additional(const ObjectRules& rules, const Value& object) {
    if (!rules.closed && rules.additional == nullptr) return;
    for (const Member member : object.members()) {
      const Property* property = rules.properties.find(member.key);
      const bool is_declared = property != nullptr && property->schema != nullptr;
      if (is_declared || !is_additional(rules, member.key)) continue;
      const std::string step = fmt::format(".{}", member.key);
      if (rules.closed) {
        report_part(
            "additionalProperties", step,
            "is not defined in the schema and the schema does not allow additional properties",
            member.key);
      } else {
        inside(step, *rules.additional, member.value);
      }
    }
  }

  void explain_all_of_and_any_of(const Combination& rules, const Value& value) {
    for (const Node* other : rules.all_of) explain(*other, value);
    if (rules.any_of.empty() || matches(rules.any_of, value) > 0) return;
    for (const Node* alternative : rules.any_of) explain(*alternative, value);
  }

  void explain_dependencies(const ObjectRules& rules, const Value& object) {
    bool lacks = false;
    for (const Dependency& dependency : rules.dependencies) {
      if (!object[dependency.name].exists()) continue;
      lacks = lacks || lacks_names(dependency, object);
      if (dependency.schema != nullptr) explain(*dependency.schema, object);
    }
    if (!lacks) return;
    report("dependencies", "has an error with dependencies " + rules.dependencies_text,
           {rules.dependencies_text});
  }

  void explain_enum(const Combination& rules) {
    report("enum", "does not have a value in the enumeration " + rules.enumeration_text,
           {rules.enumeration_text});
  }

  void explain_format(const TextRules& rules, std::string_view text) {
    if (!rules.format || rules.format->accepts(text)) return;
    const std::string name(rules.format->name());
    if (rules.format->keyword() != "format") {
      report(rules.format->keyword(), fmt::format("{} is an invalid {}", text, name),
             {std::string(text), name});
    } else if (rules.format->reports_text()) {
      report("format", fmt::format("does not match the {} pattern {}", text, name),
             {std::string(text), name});
    } else {
      report("format", fmt::format("does not match the {} pattern", name), {name});
    }
  }

  void explain_items(const ArrayRules& rules, const Value& array) {
    std::size_t index = 0;
    for (const Value element : array.elements()) {
      const std::string step = fmt::format("[{}]", index);
      const Node* schema = item_schema(rules, index);
      if (is_refused_item(rules, index)) {
        report_part("items", step, "no validator found at this index", std::to_string(index));
      } else if (schema != nullptr) {
        inside(step, *schema, element);
      }
      ++index;
    }
  }

  // The words of a limit on a size: before and after the number.
  struct SizeWords {
    std::string_view keyword_max, before_max, keyword_min, before_min, after;
  };
  static constexpr SizeWords array_size{"maxItems", "there must be a maximum of ", "minItems",
                                        "there must be a minimum of ", " items in the array"};
  static constexpr SizeWords object_size{"maxProperties", "may only have a maximum of ",
                                         "minProperties", "should have a minimum of ",
                                         " properties"};
  static constexpr SizeWords text_length{"maxLength", "may only be ", "minLength",
                                         "must be at least ", " characters long"};

  void explain_size(std::size_t most, std::size_t least, std::size_t size, const SizeWords& words) {
    if (size > most) {
      report(words.keyword_max, fmt::format("{}{}{}", words.before_max, most, words.after),
             {std::to_string(most)});
    }
    if (size < least) {
      report(words.keyword_min, fmt::format("{}{}{}", words.before_min, least, words.after),
             {std::to_string(least)});
    }
  }

  void explain_length(const TextRules& rules, std::string_view text) {
    explain_size(rules.length_max, rules.length_min, code_points(text), text_length);
  }

  void explain_number(const NumberRules& rules, const Value& value) {
    if (rules.maximum && is_above(*rules.maximum, exact(value))) {
      report("maximum", "must have a maximum value of " + rules.maximum->text,
             {rules.maximum->text});
    }
    if (rules.minimum && is_below(*rules.minimum, exact(value))) {
      report("minimum", "must have a minimum value of " + rules.minimum->text,
             {rules.minimum->text});
    }
    if (rules.multiple_of && !is_multiple_of(*rules.multiple_of, value)) {
      report("multipleOf", "must be multiple of " + rules.multiple_of_text,
             {rules.multiple_of_text});
    }
  }

  void explain_not_and_one_of(const Combination& rules, const Value& value) {
    if (rules.negated != nullptr && accepts(*rules.negated, value)) {
      report("not", "should not be valid to the schema " + rules.negated_text,
             {rules.negated_text});
    }
    if (rules.one_of.empty()) return;
    const std::size_t valid = matches(rules.one_of, value);
    if (valid == 0) {
      for (const Node* alternative : rules.one_of) explain(*alternative, value);
    } else if (valid > 1) {
      report("oneOf",
             "should be valid to one and only one of schema, but more than one are valid: " +
                 rules.one_of_text,
             {rules.one_of_text});
    }
  }

  void explain_pattern(const TextRules& rules, std::string_view text) {
    if (!rules.pattern || rules.pattern->finds(text)) return;
    const std::string& expression = rules.pattern->expression();
    report("pattern", "does not match the regex pattern " + expression, {expression});
  }

  void explain_patterns(const ObjectRules& rules, const Value& object) {
    for (const PatternProperty& pattern : rules.patterns) {
      for (const Member member : object.members())
        if (pattern.name.finds(member.key))
          inside(fmt::format(".{}", member.key), *pattern.schema, member.value);
    }
  }

  void explain_required(const ObjectRules& rules, const Value& object) {
    for (const std::string& name : rules.required) {
      if (!object[name].exists())
        report_part("required", "." + name, "is missing but it is required", name);
    }
  }

  void explain_type(const Node& node, Type type) {
    const std::string found(type_name(type));
    if (node.union_type) {
      report("unionType", fmt::format("{} found, but {} is required", found, node.type_text),
             {found, node.type_text});
    } else {
      report("type", fmt::format("{} found, {} expected", found, node.type_text),
             {found, node.type_text});
    }
  }

  std::string path_ = "$";
  std::vector<Report> reports_;
};

}  // namespace

std::vector<Report> explain(const Node& node, const Value& value) {
  return Explainer().run(node, value);
}

}  // namespace lvp::iglu
