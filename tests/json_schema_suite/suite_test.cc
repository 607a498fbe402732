// The JSON Schema organisation's own test suite for draft 4, as Debian packages it, case by case
// against our validator.
//
// Where we differ, `differences` says so and why. What stands there and passes after all, or is not
// a case of the suite, is a failure, so that the list stays true.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "iglu/schema.h"
#include "wire/json_text.h"

namespace lvp::iglu {
namespace {

enum class Verdict { valid, invalid, refused };

std::ostream& operator<<(std::ostream& out, Verdict verdict) {
  constexpr const char* words[] = {"valid", "invalid", "refused"};
  return out << words[static_cast<std::size_t>(verdict)];
}

struct Case {
  std::string name;  // "file: group: test"
  std::string schema;
  std::string data;
  Verdict verdict;
};

struct Difference {
  std::string_view cases;  // the beginning of their names
  Verdict ours;            // "refused": the schema does not compile, or the data is not read
  std::string_view why;
};

// "As the original": measured with networknt's json-schema-validator 1.0.76 on this suite.
constexpr std::string_view no_fetch =
    "a whole remote schema accepts everything, as the original; part of one is refused";
constexpr std::string_view no_base_uri =
    "ids do not change what a reference means: Iglu's schemas are known by their key";
constexpr std::string_view expression =
    "regular expressions are RE2's; Java's, the original's, differ from ECMA's here too";
constexpr std::string_view big = "integers beyond 64 bits are not read";

constexpr Difference differences[] = {
    {"definitions: validate definition against metaschema: invalid definition schema",
     Verdict::valid, no_fetch},
    {"ref: remote ref, containing refs itself: remote ref invalid", Verdict::valid, no_fetch},
    {"refRemote: remote ref: remote ref invalid", Verdict::valid, no_fetch},
    {"refRemote: fragment within remote ref", Verdict::refused, no_fetch},
    {"refRemote: ref within remote ref", Verdict::refused, no_fetch},
    {"refRemote: Location-independent identifier in remote ref", Verdict::refused, no_fetch},
    {"refRemote: root ref in remote ref", Verdict::refused, no_base_uri},
    {"refRemote: base URI change", Verdict::refused, no_base_uri},
    {"ref: $ref prevents a sibling id from changing the base uri", Verdict::refused, no_base_uri},
    {"ref: Recursive references between schemas", Verdict::refused, no_base_uri},
    {"ref: Location-independent identifier with base URI change in subschema", Verdict::refused,
     no_base_uri},
    {"ref: id must be resolved against nearest parent, not just immediate parent: non-number is "
     "invalid",
     Verdict::valid, no_base_uri},
    {"id: id inside an enum is not a real identifier: no match on enum or $ref to id",
     Verdict::valid, no_base_uri},
    {"ref: ref overrides any sibling keywords: ref valid, maxItems ignored", Verdict::invalid,
     "what stands beside $ref counts, as in the original"},
    {"optional/bignum: integer", Verdict::refused, big},
    {"optional/bignum: number", Verdict::refused, big},
    {"optional/bignum: string", Verdict::refused, big},
    {"optional/bignum: minimum integer comparison", Verdict::refused, big},
    {"optional/format/date-time: validation of date-time strings: a valid date-time with a leap "
     "second",
     Verdict::invalid, "a point in time has no second 60"},
    {R"(optional/ecmascript-regex: ECMA 262 regex escapes control codes with \c)", Verdict::refused,
     expression},
    {R"(optional/ecmascript-regex: ECMA 262 \s matches whitespace: Line tabulation)",
     Verdict::invalid, "RE2 alone: Java matches it"},
    {R"(optional/ecmascript-regex: ECMA 262 \s matches whitespace: latin-1)", Verdict::invalid,
     expression},
    {R"(optional/ecmascript-regex: ECMA 262 \s matches whitespace: zero-width)", Verdict::invalid,
     expression},
    {R"(optional/ecmascript-regex: ECMA 262 \s matches whitespace: paragraph)", Verdict::invalid,
     expression},
    {R"(optional/ecmascript-regex: ECMA 262 \s matches whitespace: EM SPACE)", Verdict::invalid,
     expression},
    {R"(optional/ecmascript-regex: ECMA 262 \S matches everything but whitespace: Line tab)",
     Verdict::valid, "RE2 alone: Java does not match it"},
    {R"(optional/ecmascript-regex: ECMA 262 \S matches everything but whitespace: latin-1)",
     Verdict::valid, expression},
    {R"(optional/ecmascript-regex: ECMA 262 \S matches everything but whitespace: zero-width)",
     Verdict::valid, expression},
    {R"(optional/ecmascript-regex: ECMA 262 \S matches everything but whitespace: paragraph)",
     Verdict::valid, expression},
    {R"(optional/ecmascript-regex: ECMA 262 \S matches everything but whitespace: EM SPACE)",
     Verdict::valid, expression},
    {"optional/ecmascript-regex: patterns always use unicode semantics with", Verdict::refused,
     expression},
    {"optional/ecmascript-regex: pattern with non-ASCII digits", Verdict::refused, expression},
    {"optional/ecmascript-regex: patternProperties with non-ASCII digits", Verdict::refused,
     expression},
};

std::string text_of(std::string_view object, std::string_view key) {
  json::Parser parser;
  const auto raw = json::raw_member(object, key);
  const auto value = parser.parse(raw.value_or("\"\""));
  return value ? std::string(value->string().value_or("")) : "";
}

void read_file(const std::filesystem::path& path, const std::string& name,
               std::vector<Case>& cases) {
  std::ifstream file(path);
  const std::string text = json::compact(
      std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()));
  for (const std::string_view group : json::raw_elements(text)) {
    for (const std::string_view test :
         json::raw_elements(json::raw_member(group, "tests").value())) {
      cases.push_back(
          {fmt::format("{}: {}: {}", name, text_of(group, "description"),
                       text_of(test, "description")),
           std::string(json::raw_member(group, "schema").value()),
           std::string(json::raw_member(test, "data").value()),
           json::raw_member(test, "valid") == "true" ? Verdict::valid : Verdict::invalid});
    }
  }
}

std::vector<Case> read_suite() {
  const std::filesystem::path folder = LVP_JSON_SCHEMA_SUITE;
  std::vector<Case> cases;
  if (!std::filesystem::exists(folder)) return cases;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".json")
      read_file(entry.path(), entry.path().lexically_relative(folder).replace_extension().string(),
                cases);
  }
  return cases;
}

Verdict judge(const Case& row) {
  const auto schema = Schema::compile(row.schema);
  if (!schema) return Verdict::refused;
  json::Parser parser;
  const auto value = parser.parse(row.data);
  if (!value) return Verdict::refused;
  return schema->check(*value).empty() ? Verdict::valid : Verdict::invalid;
}

TEST(JsonSchemaSuite, Draft4) {
  const std::vector<Case> cases = read_suite();
  ASSERT_GT(cases.size(), 800u) << "the suite is missing: tools/install --test";
  std::set<std::string_view> met;
  for (const Case& row : cases) {
    const Verdict verdict = judge(row);
    const auto difference = std::ranges::find_if(
        differences, [&](const Difference& d) { return row.name.starts_with(d.cases); });
    if (difference == std::end(differences)) {
      EXPECT_EQ(verdict, row.verdict) << row.name << "\n" << row.schema << "\n" << row.data;
      continue;
    }
    met.insert(difference->cases);
    EXPECT_EQ(verdict, difference->ours) << row.name << " differs no more: " << difference->why;
    EXPECT_NE(verdict, row.verdict) << row.name << " passes: strike it from the list";
  }
  for (const Difference& difference : differences)
    EXPECT_TRUE(met.contains(difference.cases)) << difference.cases << " is no case of the suite";
}

}  // namespace
}  // namespace lvp::iglu
