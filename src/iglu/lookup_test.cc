#include "iglu/lookup.h"

#include <gtest/gtest.h>

namespace lvp::iglu {
namespace {

using Kind = RepositoryError::Kind;

TEST(Lookup, IsWrittenAsTheOriginalWritesIt) {
  const Timestamp at = from_ms(1777622280001);  // 2026-05-01T07:58:00.001Z
  const LookupHistory history{{"Iglu Central", {{}}, 1, at}};
  EXPECT_EQ(
      resolution_error("iglu:com.acme/play/jsonschema/1-0-9", history),
      R"({"schemaKey":"iglu:com.acme/play/jsonschema/1-0-9","error":{"error":"ResolutionError",)"
      R"("lookupHistory":[{"errors":[{"error":"NotFound"}],"attempts":1,)"
      R"("lastAttempt":"2026-05-01T07:58:00.001Z","repository":"Iglu Central"}]}})");
  EXPECT_EQ(
      lookup_history_json({{"a", {{Kind::repo_failure, "m"}, {Kind::client_failure, "n"}}, 3, at}}),
      R"([{"errors":[{"error":"RepoFailure","message":"m"},{"error":"ClientFailure",)"
      R"("message":"n"}],"attempts":3,"lastAttempt":"2026-05-01T07:58:00.001Z",)"
      R"("repository":"a"}])");
  EXPECT_EQ(schema_issue("iglu:com.acme/x/jsonschema/1-0-0", "$: type must be a type of JSON"),
            R"({"schemaKey":"iglu:com.acme/x/jsonschema/1-0-0","error":{"error":"ValidationError",)"
            R"("schemaIssues":[{"path":"$","message":"$: type must be a type of JSON"}]}})");
}

TEST(Lookup, AddsWhatWasSaidLater) {
  LookupHistory history;
  add(history, {{"b", {{Kind::repo_failure, "m"}}, 1, from_ms(1)}});
  add(history, {{"a", {{}}, 1, from_ms(2)}, {"b", {{Kind::repo_failure, "m"}}, 1, from_ms(3)}});
  add(history, {{"b", {{}}, 1, from_ms(4)}});
  EXPECT_EQ(history, (LookupHistory{{"a", {{}}, 1, from_ms(2)},
                                    {"b", {{Kind::repo_failure, "m"}, {}}, 3, from_ms(4)}}));
  for (int i = 0; i < 100; ++i)
    add(history, {{"a", {{Kind::client_failure, std::to_string(i)}}, 1, from_ms(5)}});
  EXPECT_EQ(history.front().errors.size(), 8u);
  EXPECT_EQ(history.front().attempts, 101);
}

}  // namespace
}  // namespace lvp::iglu
