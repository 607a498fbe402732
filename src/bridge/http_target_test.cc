// Rows named R… are those of docs/compatibility-bridge.md.
#include "bridge/http_target.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bridge/made_up.h"

namespace lvp::bridge {
namespace {

using Verdict = Delivery::Verdict;

Result<HttpSettings> read(std::string_view settings, std::string_view template_text = "") {
  const std::string text = "target {\n use \"http\" {\n" + std::string(settings) + "\n}\n}\n";
  LVP_TRY(const Configuration made,
          read_configuration(text, "t.hcl", [](std::string_view) { return std::nullopt; }));
  return read_http_target(
      made.target,
      [&](std::string_view path) -> Result<std::string> {
        if (path == "missing") return invalid("missing: cannot be read");
        return std::string(template_text);
      },
      [](std::string_view) { return std::nullopt; });
}

constexpr std::string_view url = "url = \"http://localhost/x\"\n";

HttpSettings settings(std::string_view more = "", std::string_view template_text = "") {
  auto made = read(std::string(url) + std::string(more), template_text);
  EXPECT_TRUE(made) << made.error().what;
  return made ? *std::move(made) : HttpSettings{};
}

TEST(Batcher, SendsWhatWillNotGrow) {
  struct Row {
    std::string_view id;
    Batching limits;
    std::vector<std::size_t> messages;
    std::string_view batches;  // sizes of each; the last, in brackets, has room for more
  };
  const Row rows[] = {
      {"R169", {10, 1000, 500}, {5}, "(5)"},
      {"R170", {3, 1000, 500}, {5, 5, 5}, "5+5+5 ()"},
      {"R171", {10, 100, 100}, {40, 40, 40}, "40+40 (40)"},
      {"R173", {10, 100, 100}, {40, 40, 30}, "40+40 (30)"},
      {"R174", {10, 100, 100}, {50, 45}, "50+45 ()"},
      {"R240", {10, 100, 100}, {20, 20, 20, 41}, "20+20+20 (41)"},
      {"", {1, 100, 100}, {1, 2}, "1 2 ()"},
      {"", {10, 100, 100}, {51, 1}, "51 (1)"},
      {"", {10, 100, 100}, {0, 0, 100}, "0+0+100 ()"},
  };
  for (const Row& row : rows) {
    Batcher batcher(row.limits);
    std::string batches, now;
    const auto send = [&] {
      batches += now + " ";
      now.clear();
      batcher.clear();
    };
    for (const std::size_t bytes : row.messages) {
      if (!batcher.has_room(bytes)) send();
      now += fmt::format("{}{}", now.empty() ? "" : "+", bytes);
      if (batcher.add(bytes)) send();
    }
    EXPECT_EQ(batches + "(" + now + ")", row.batches) << row.id;
  }
}

TEST(HttpTarget, HasTheOriginalsDefaultsAndLimits) {
  EXPECT_EQ(settings().batching, (Batching{50, 1048525, 1048525}));  // R180
  EXPECT_EQ(settings().timeout, Duration(5000));
  EXPECT_EQ(settings("batching {\n max_batch_messages = 4\n max_batch_bytes = 30\n"
                     " max_message_bytes = 30\n}")
                .batching,
            (Batching{4, 25, 25}));  // R177
  const std::string text(181, 'x');
  EXPECT_EQ(settings("template_file = \"t\"\nbatching {\n max_batch_messages = 4\n}", text)
                .batching.batch_bytes_max,
            1048576u - 184);  // R178
  EXPECT_EQ(settings("basic_auth_username = \"user\"\nbasic_auth_password = \"pass\"")
                .headers.at("Authorization"),
            "Basic dXNlcjpwYXNz");
}

TEST(HttpTarget, RefusesWhatItCannotDo) {
  struct Row {
    std::string_view id, settings, error;
  };
  constexpr Row rows[] = {
      {"R203", "url = \"something\"",
       "t.hcl:3: target: use \"http\": url: invalid url for HTTP target: 'something'"},
      {"R203", "url = \"\"", "t.hcl:3: target: use \"http\": url: invalid url for HTTP target: ''"},
      {"", "", "t.hcl:2: target: use \"http\": url: is required"},
      {"R182",
       "url = \"http://x\"\nbatching {\n max_message_bytes = 100000\n max_batch_bytes = 99999\n}",
       "t.hcl:5: target: use \"http\": batching: max_message_bytes: invalid batching "
       "configuration: 100000 is more than max_batch_bytes, 99999"},
      {"R219", "url = \"http://x\"\nresponse_rules {\n rule {\n type = \"other\"\n }\n}",
       "t.hcl:6: target: use \"http\": response_rules: rule: type: Invalid response rule type "
       "'other'"},
      {"R219", "url = \"http://x\"\nresponse_rules {\n rule {\n http_codes = [400]\n }\n}",
       "t.hcl:5: target: use \"http\": response_rules: rule: type: Invalid response rule type ''"},
      {"R220",
       "url = \"http://x\"\nresponse_rules {\n rule {\n type = \"invalid\"\n http_codes = [299]\n "
       "}\n}",
       "t.hcl:7: target: use \"http\": response_rules: rule: http_codes: 2XX response rule must "
       "have 'body' setting set"},
      {"R229", "url = \"http://x\"\noauth2_client_id = \"me\"",
       "t.hcl:4: target: use \"http\": oauth2_client_id: is not supported"},
      {"", "url = \"http://x\"\ntemplate_file = \"missing\"",
       "t.hcl:4: target: use \"http\": template_file: missing: cannot be read"},
      {"", "url = \"http://x\"\nretries = 1",
       "t.hcl:4: target: use \"http\": retries: there is no such setting here"},
  };
  for (const Row& row : rows) {
    const auto refused = read(row.settings);
    ASSERT_FALSE(refused) << row.settings;
    EXPECT_EQ(refused.error().what, row.error) << row.id;
  }
  const auto unclosed = read("url = \"http://x\"\ntemplate_file = \"t\"", "{{ ");  // R227
  ASSERT_FALSE(unclosed);
  EXPECT_EQ(unclosed.error().what,
            "t.hcl:4: target: use \"http\": template_file: template: 1: unclosed action");
}

TEST(HttpTarget, MakesOneBodyOfABatch) {
  const std::vector<Message> messages{
      {R"({ "b" : 1.50, "a" : "<&>" })", "k"}, {"no json", "k"}, {"2", "k"}, {"{", "k"}};
  HttpBodies bodies;
  const HttpBody array = bodies.make(settings(), messages);
  EXPECT_EQ(array.text, R"([{"b":1.50,"a":"\u003c\u0026\u003e"},2])");
  ASSERT_EQ(array.refused.size(), 2u);  // R206
  EXPECT_EQ(array.refused[0].index, 1u);
  EXPECT_EQ(array.refused[1].index, 3u);
  EXPECT_TRUE(array.refused[0].reason.starts_with("Message can't be parsed as valid JSON: "));

  const HttpSettings templated =
      settings("template_file = \"t\"", "{{range .}}{{prettyPrint .}}\n{{end}}");
  EXPECT_EQ(bodies.make(templated, messages).text, "{\"b\":1.5,\"a\":\"<&>\"}\n2\n");  // R207
  EXPECT_EQ(bodies.make(templated, messages).refused.size(), 2u);

  const HttpSettings out_of_range = settings("template_file = \"t\"", "{{index . 9}}");
  const HttpBody none = bodies.make(out_of_range, messages);
  EXPECT_EQ(none.text, "");
  ASSERT_EQ(none.refused.size(), 4u);  // R228
  EXPECT_EQ(none.refused[3].reason, "Could not create request JSON: index out of range: 9");
  EXPECT_EQ(none.refused[3].type, "template");
  EXPECT_EQ(bodies.make(settings(), {}).text, "");
}

TEST(HttpTarget, SendsHeadersAsTheyAreSet) {
  const std::vector<Message> messages{{"1", "k", {{"X-One", "message"}}}};
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const std::string set =
      "headers = {\n X-One = \"all\"\n}\ninclude_timing_headers = true\n"
      "request_timeout_in_millis = 1000\nrejection_threshold_in_millis = 100\n";
  EXPECT_EQ(http_headers(settings(set), messages, from_ms(5000)),
            (Headers{{"Content-Type", "application/json"},
                     {"X-One", "all"},
                     {"Rejection-Timestamp", "5900"}}));  // R214
  EXPECT_EQ(
      http_headers(settings("dynamic_headers = true\nheaders = {\n X-One = \"all\"\n}"), messages,
                   from_ms(0)),
      (Headers{
          {"Content-Type", "application/json"}, {"X-One", "all"}, {"X-One", "message"}}));  // R204
}

constexpr std::string_view rules =
    "response_rules {\n"
    "  rule {\n type = \"setup\"\n http_codes = [500, 503]\n body = \"database\"\n }\n"
    "  rule {\n type = \"invalid\"\n http_codes = [400, 500]\n body = \"validation\"\n }\n"
    "  rule {\n type = \"setup\"\n http_codes = [401]\n }\n"
    "  rule {\n type = \"throttle\"\n http_codes = [429]\n }\n"
    "  rule {\n type = \"throttle\"\n http_codes = [200]\n body = \"slower\"\n }\n"
    "  rule {\n type = \"fatal\"\n http_codes = [410]\n }\n"
    "  rule {\n type = \"invalid\"\n http_codes = [0]\n body = \"deadline\"\n }\n"
    "}\n";

TEST(HttpTarget, TheFirstRuleThatFitsAnAnswerDecides) {
  struct Row {
    std::string_view id;
    int status;
    std::string_view text;
    Verdict verdict;
    std::size_t refused;
    std::string_view reason;
  };
  constexpr Row rows[] = {
      {"R221", 200, "ok", Verdict::sent, 0, ""},
      {"R221", 299, "", Verdict::sent, 0, ""},
      {"R221", 300, "", Verdict::transient, 0,
       "response status: '300' with error details: 'Transient error'"},
      {"R221", 199, "", Verdict::transient, 0,
       "response status: '199' with error details: 'Transient error'"},
      {"R210", 200, "go slower", Verdict::throttle, 0,
       "response status: '200 OK' with error details: 'slower'"},
      {"R218", 503, "the database is away", Verdict::setup, 0,
       "response status: '503 Service Unavailable' with error details: 'database'"},
      {"R218", 500, "validation failed", Verdict::sent, 2, ""},
      {"R208", 400, "validation failed", Verdict::sent, 2, ""},
      {"R217", 400, "other", Verdict::transient, 0,
       "response status: '400 Bad Request' with error details: 'Transient error'"},
      {"R218", 401, "who are you", Verdict::setup, 0,
       "response status: '401 Unauthorized' with error details: 'Setup error'"},
      {"R218", 429, "", Verdict::throttle, 0,
       "response status: '429 Too Many Requests' with error details: 'Throttle error'"},
      {"R222", 410, "", Verdict::fatal, 0,
       "response status: '410' with error details: 'Fatal error'"},
      {"R213", 0, "connection refused", Verdict::transient, 0,
       "response status: 'Client failed to complete request' with error details: 'connection "
       "refused'"},
      {"R212", 0, "deadline exceeded", Verdict::sent, 2, ""},
  };
  const HttpSettings made = settings(rules);
  for (const Row& row : rows) {
    const Delivery delivery = judge_answer(made, row.status, row.text, 2);
    EXPECT_EQ(delivery.verdict, row.verdict) << row.id << " " << row.status;
    EXPECT_EQ(delivery.refused.size(), row.refused) << row.id << " " << row.status;
    EXPECT_EQ(delivery.reason, row.reason) << row.id;
  }
  const Delivery refused = judge_answer(made, 400, "validation failed", 1);
  EXPECT_EQ(refused.refused[0].reason, "HTTP Status Code: 400 Bad Request Body: validation failed");
  EXPECT_EQ(refused.refused[0].type, "api");
  EXPECT_EQ(refused.refused[0].code, "400");
  const HttpSettings open = settings(std::string(rules) + "metadata_safe_mode = false");
  EXPECT_EQ(judge_answer(open, 401, "who are you", 1).reason,
            "response status: '401 Unauthorized' with error details: 'who are you'");  // R222
}

}  // namespace
}  // namespace lvp::bridge
