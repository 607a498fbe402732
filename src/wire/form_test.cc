#include "wire/form.h"

#include <gtest/gtest.h>

namespace lvp {
namespace {

TEST(Form, DecodesAsEnrichDoes) {
  const struct {
    std::string_view query;
    std::vector<FormField> fields;
  } rows[] = {
      {"", {}},
      {"e=pv&p=web", {{"e", "pv"}, {"p", "web"}}},
      {"a=1;b=2", {{"a", "1"}, {"b", "2"}}},
      {"a=1=2", {{"a", "1=2"}}},
      {"a+b=c+d", {{"a b", "c d"}}},
      {"page=Celestial%2520Tarot", {{"page", "Celestial%20Tarot"}}},
      {"?e=pv&tid=1", {{"?e", "pv"}, {"tid", "1"}}},
      {"a&b=", {{"a", std::nullopt}, {"b", ""}}},
      {"=v&&x=1", {{"x", "1"}}},
      {"x=%E9", {{"x", "\xef\xbf\xbd"}}},
      {"x=1#y=2", {{"x", "1"}}},
      {"x=%zz", {{"x", "%zz"}}},
  };
  for (const auto& row : rows) EXPECT_EQ(parse_form(row.query), row.fields) << row.query;
}

TEST(Form, KnowsWhatJavaRefuses) {
  EXPECT_TRUE(is_java_uri_query("a=b&c=[d]&e=%20'(),"));
  for (const std::string_view query :
       {"a b", "a|b", "{a}", "\"", "^", "`", "\\", "<", ">", "%", "%a", "%zz", "a\tb"}) {
    EXPECT_FALSE(is_java_uri_query(query)) << query;
  }
}

}  // namespace
}  // namespace lvp
