// Rows named R… are those of docs/compatibility-bridge.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bridge/field_path.h"
#include "bridge/made_up.h"

namespace lvp::bridge {
namespace {

using namespace made_up;

std::string atomic(std::string_view action, std::string_view field, std::string_view regex) {
  return fmt::format(
      "use \"spEnrichedFilter\" {{\n filter_action = \"{}\"\n atomic_field = \"{}\"\n"
      " regex = \"{}\"\n}}",
      action, field, regex);
}

// What came of it in one word.
std::string verdict(std::string_view blocks, std::string_view data) {
  const std::string result = became(blocks, data);
  if (result == data) return "kept";
  return result.starts_with("failed: ") ? "failed" : result;
}

TEST(EnrichedFilter, KeepsOrDropsByAColumn) {
  struct Row {
    std::string_view id, action, field, regex, verdict;
  };
  constexpr Row rows[] = {
      {"R1", "keep", "app_id", "^test-data3$", "kept"},
      {"R2", "keep", "app_id", "failThis", "filtered"},
      {"R3", "keep", "page_urlport", "^80$", "kept"},
      {"R4", "keep", "app_id", "^someotherValue|test-data3$", "kept"},
      {"R5", "keep", "app_id", "^someotherValue|failThis$", "filtered"},
      {"R6", "drop", "app_id", "^test-data3", "filtered"},
      {"R7", "drop", "app_id", "^someValue", "kept"},
      {"R8", "drop", "app_id", "^(one|test-data3|two)$", "filtered"},
      {"R9", "drop", "app_id", "^(one|two|three)$", "kept"},
      {"R10", "keep", "txn_id", "^something$", "filtered"},
      {"R11", "drop", "txn_id", "^something", "kept"},
      {"empty", "keep", "txn_id", "^$", "kept"},
      {"flags", "keep", "app_id", "(?i)^TEST-DATA3$", "kept"},
      {"time", "keep", "collector_tstamp", "^2019-05-10 14:40:29\\\\.576 \\\\+0000 UTC$", "kept"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(verdict(atomic(row.action, row.field, row.regex), page_view()), row.verdict)
        << row.id;
  EXPECT_EQ(verdict(atomic("keep", "ti_price", "^1e\\\\+06$"), transaction_item()), "kept");
  EXPECT_EQ(verdict(atomic("keep", "dvce_ismobile", "^true$"), transaction_item()), "kept");
}

TEST(EnrichedFilter, IsRefusedAtTheStart) {
  struct Row {
    std::string_view action, field, regex, error;
  };
  constexpr Row rows[] = {
      {"keep", "nothing", "x",
       "atomic_field: error validating atomic field: key nothing not a valid "
       "atomic field"},                                                     // R12, R13
      {"keep", "refr_dvce_tstamp", "x", "atomic_field: error validating"},  // it has another name
      {"maybe", "app_id", "x",
       "filter_action: invalid filter action found: maybe - must be 'keep' or 'drop'"},
      {"keep", "app_id", "(?=x)", "regex: error compiling regex for filter: "},
      {"keep", "app_id", "(", "regex: error compiling regex for filter: "},
  };
  for (const Row& row : rows) {
    const auto refused = chain(atomic(row.action, row.field, row.regex));
    ASSERT_FALSE(refused) << row.error;
    EXPECT_NE(refused.error().what.find(row.error), std::string::npos) << refused.error().what;
    EXPECT_TRUE(refused.error().what.starts_with("test.hcl:")) << refused.error().what;
  }
  EXPECT_TRUE(chain(atomic("keep", "refr_device_tstamp", "x")));
}

TEST(EnrichedFilter, FailsWhatIsNoEvent) {
  struct Row {
    std::string_view id, action, regex;
    std::string_view add_to_cart, transaction_item, page_view;
  };
  constexpr Row rows[] = {
      {"R14", "keep", "^test-data1$", "kept", "filtered", "filtered"},
      {"R15", "keep", "^test-data1|test-data2$", "kept", "kept", "filtered"},
      {"R16", "drop", "^(test-data1|test-data2)$", "filtered", "filtered", "kept"},
  };
  for (const Row& row : rows) {
    const std::string filter = atomic(row.action, "app_id", row.regex);
    EXPECT_EQ(verdict(filter, add_to_cart()), row.add_to_cart) << row.id;
    EXPECT_EQ(verdict(filter, transaction_item()), row.transaction_item) << row.id;
    EXPECT_EQ(verdict(filter, page_view()), row.page_view) << row.id;
    EXPECT_EQ(verdict(filter, no_event), "failed") << row.id;
  }
}

TEST(EnrichedFilter, FailsOnlyByItsOwnColumn) {
  EnrichedEvent bad = event("test-data1", "page_view");
  bad[Column::txn_id] = "80.0";
  EXPECT_EQ(verdict(atomic("keep", "app_id", "1"), bad.tsv()), "kept");
  const std::string failed = became(atomic("keep", "txn_id", "80"), bad.tsv());
  EXPECT_TRUE(failed.starts_with("failed: failed to get value of parsed event: ")) << failed;
}

std::string steps_text(std::string_view path) {
  const auto parsed = FieldPath::parse(path);
  if (!parsed) return parsed.error().what;
  std::string text;
  for (const FieldPath::Step& step : parsed->steps()) {
    if (!text.empty()) text += ' ';
    const auto* name = std::get_if<std::string>(&step);
    text += name != nullptr ? *name : fmt::format("#{}", std::get<std::size_t>(step));
  }
  return text;
}

TEST(FieldPath, ReadsNamesAndIndices) {
  struct Row {
    std::string_view id, path, steps;
  };
  constexpr Row rows[] = {
      {"R21", "test1[123].test2[1].test3", "test1 #123 test2 #1 test3"},
      {"R22", "test-1.test_2[1].test$3", "test-1 test_2 #1 test$3"},
      {"R23", "123.456[1].789", "123 456 #1 789"},
      {"R24", "test1.test2[1][2].test3", "test1 test2 #1 #2 test3"},
      {"R25", "test1.test[2.test3", "unmatched brace in path: test1.test[2.test3"},
      {"", "a..b", "a b"},
      {"", "a[-1]", "a -1]"},
      {"", "a[*]", "a *]"},
      {"", "[0]", "#0"},
      {"", "", ""},
      {"", "a[99999999999999999999]", "index beyond an int in path: a[99999999999999999999]"},
  };
  for (const Row& row : rows) EXPECT_EQ(steps_text(row.path), row.steps) << row.id;
}

std::string context(std::string_view action, std::string_view name, std::string_view path,
                    std::string_view regex) {
  return fmt::format(
      "use \"spEnrichedFilterContext\" {{\n filter_action = \"{}\"\n context_full_name = \"{}\"\n"
      " custom_field_path = \"{}\"\n regex = \"{}\"\n}}",
      action, name, path, regex);
}

TEST(EnrichedFilterContext, KeepsOrDropsByAValueInAnyEntity) {
  const std::string one = page_view();
  const std::string number = page_view("1");
  const std::string null = page_view("null");
  const std::string cart = add_to_cart();
  constexpr std::string_view ints = "contexts_com_acme_just_ints_1";
  constexpr std::string_view yauaa_1 = "contexts_nl_basjes_yauaa_context_1";
  constexpr std::string_view yauaa_2 = "contexts_nl_basjes_yauaa_context_2";
  constexpr std::string_view path = "test1.test2[0].test3";
  struct Row {
    std::string_view id, action, name, path, regex, data, verdict;
  };
  const Row rows[] = {
      {"R26 first", "keep", ints, "integerField", "^0$", cart, "kept"},
      {"R17 R26 last", "keep", ints, "integerField", "^2$", cart, "kept"},
      {"R18", "keep", ints, "integerField", "^3$", cart, "filtered"},
      {"R18 null", "keep", yauaa_1, path, "nil", null, "filtered"},
      {"R20 null", "keep", yauaa_1, path, "^$", null, "kept"},
      {"R20 none", "keep", yauaa_2, path, "^$", one, "kept"},
      {"R20 other", "keep", yauaa_1, path, "^$", one, "filtered"},
      {"R28", "keep", yauaa_1, path, ".", cart, "filtered"},
      {"R27 R29", "keep", yauaa_1, path, "^testValue$", one, "kept"},
      {"R30", "drop", yauaa_1, path, "^testValue$", one, "filtered"},
      {"R19 R31", "keep", yauaa_1, path, "^1$", number, "kept"},
      {"R32", "drop", yauaa_1, path, "^1$", number, "filtered"},
      {"R33", "keep", yauaa_2, path, "^testValue$", one, "filtered"},
      {"R34", "keep", "contexts_com_acme_none_1", "none", "^testValue$", one, "filtered"},
      {"R35", "drop", "contexts_com_acme_none_1", "none", "^testValue$", one, "kept"},
      {"case", "keep", yauaa_1, "Test1.test2[0].test3", "^testValue$", one, "filtered"},
      {"whole", "keep", yauaa_1, "", "^map\\\\[test1:map\\\\[test2:\\\\[map\\\\[", one, "kept"},
      {"range", "keep", yauaa_1, "test1.test2[1].test3", ".", one, "filtered"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(verdict(context(row.action, row.name, row.path, row.regex), row.data), row.verdict)
        << row.id;

  EnrichedEvent broken = event("a", "b");
  broken[Column::contexts] = "{";
  EXPECT_EQ(verdict(context("drop", yauaa_1, path, "x"), broken.tsv()), "failed");
}

std::string unstruct(std::string_view action, std::string_view name, std::string_view version,
                     std::string_view path, std::string_view regex) {
  const std::string line =
      version == "-" ? "" : fmt::format(" unstruct_event_version_regex = \"{}\"\n", version);
  return fmt::format(
      "use \"spEnrichedFilterUnstructEvent\" {{\n filter_action = \"{}\"\n"
      " unstruct_event_name = \"{}\"\n{} custom_field_path = \"{}\"\n regex = \"{}\"\n}}",
      action, name, line, path, regex);
}

TEST(EnrichedFilterUnstructEvent, KeepsOrDropsByAValueOfTheEvent) {
  struct Row {
    std::string_view id, action, name, version, path, regex, verdict;
  };
  constexpr Row rows[] = {
      {"R36 R41", "keep", "add_to_cart", "1-*-*", "sku", "^item41$", "kept"},
      {"R37 R45", "keep", "add_to_cart", "1-*-*", "ska", "^item41$", "filtered"},
      {"R38", "keep", "add_to_cart", "2-*-*", "sku", "^item41$", "filtered"},
      {"R39", "keep", "add_to_cart", "", "sku", "^item41$", "kept"},
      {"R40 R44", "keep", "wrong_name", "1-*-*", "sku", "^item41$", "filtered"},
      {"R42", "drop", "add_to_cart", "1-*-*", "sku", "^item41$", "filtered"},
      {"R43", "keep", "add_to_cart", "-", "sku", "^item41$", "kept"},
      {"R46", "drop", "wrong_name", "1-*-*", "sku", "^item41$", "kept"},
      {"R47", "drop", "add_to_cart", "1-*-*", "ska", "^item41$", "kept"},
      {"number", "keep", "add_to_cart", "-", "unitPrice", "^32\\\\.4$", "kept"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(
        verdict(unstruct(row.action, row.name, row.version, row.path, row.regex), add_to_cart()),
        row.verdict)
        << row.id;

  EnrichedEvent nameless = event("a", "");
  EXPECT_EQ(verdict(unstruct("drop", "x", "-", "y", "z"), nameless.tsv()), "failed");
  EnrichedEvent broken = event("a", "add_to_cart");
  broken[Column::unstruct_event] = "{";
  EXPECT_EQ(verdict(unstruct("keep", "add_to_cart", "-", "sku", "^$"), broken.tsv()), "kept");
}

}  // namespace
}  // namespace lvp::bridge
