// Rows named R… are those of docs/compatibility-bridge.md.
#include "bridge/configuration.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace lvp::bridge {
namespace {

std::optional<std::string> environment(std::string_view name) {
  if (name == "HOST") return "broker";
  if (name == "PORT") return "9092";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

Result<Configuration> read(std::string_view text) {
  return read_configuration(text, "c.hcl", environment);
}

std::string error_of(std::string_view text) {
  const auto refused = read(text);
  return refused ? "accepted" : refused.error().what;
}

// The accelerator's shape: blocks, settings, calls and order as its file has them.
constexpr std::string_view accelerator = R"hcl(
license {
  accept = env("ACCEPT_LICENSE")
}

source {
  use "kinesis" {
    stream_name = "enriched-good"
    region      = env("AWS_REGION")
    app_name    = "snowbridge"
    custom_aws_endpoint = "http://localstack.cloud:4566"
  }
}

// only self-describing events
transform {
  use "spEnrichedFilter" {
    atomic_field = "event"
    regex = "^unstruct$"
    filter_action = "keep"
  }
}
transform {
  use "spEnrichedFilter" {
    atomic_field = "event_name"
    regex = "^(play|pause|ping|end|ad_break.*)_event$"
    filter_action = "keep"
  }
}
transform {
  use "js" {
    script_path = env.HOST
    snowplow_mode = true
  }
}

target {
  use "kafka" {
    brokers    = "${env.HOST}:${env("PORT")}"
    topic_name = "snowplow-enriched-good"
  }
}
failure_target {
  use "stdout" {}
}
log_level = "debug"
disable_telemetry = true
)hcl";

TEST(Configuration, ReadsTheShapeOf2) {
  const auto made = read(accelerator);
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_EQ(made->source.name, "kinesis");
  EXPECT_EQ(made->source.settings().text("stream_name"), "enriched-good");
  EXPECT_EQ(made->source.settings().text("region"), "");
  EXPECT_EQ(made->target.name, "kafka");
  EXPECT_EQ(made->target.settings().text("brokers"), "broker:9092");
  EXPECT_EQ(made->failure_target.name, "stdout");
  EXPECT_EQ(made->filter_target.name, "silent");
  EXPECT_EQ(made->log_level, "debug");
  ASSERT_EQ(made->transformations.size(), 3u);
  EXPECT_EQ(made->transformations[0].settings().text("atomic_field"), "event");
  EXPECT_EQ(made->transformations[1].settings().text("regex"),
            "^(play|pause|ping|end|ad_break.*)_event$");
  EXPECT_EQ(made->transformations[2].name, "js");
  EXPECT_EQ(made->transformations[2].settings().flag_or("snowplow_mode", false), true);
  EXPECT_EQ(made->notes, std::vector<std::string>{"c.hcl:2: license has no effect"});
}

TEST(Configuration, ReadsTheShapeOf5) {
  const auto made = read(R"hcl(
    transform {
      worker_pool = 5
      use "one" {}
      use "two" {}
      use "three" {}
      use "four" {}
      use "five" {}
    }
    failure_parser { format = "event_forwarding" }
    filter_target {
      use "silent" {
        batching {
          max_batch_messages = 10
        }
      }
    }
    retry {
      transient {
        delay_ms     = "250"
        max_attempts = 0
      }
      throttle {
        invalid_after_max = true
      }
    }
    metrics { enable_e2e_latency = "1" }
    sentry { dsn = "x" }
    monitoring {
      webhook {
        endpoint = "http://example.com"
      }
    }
    stats_receiver {
      use "statsd" {
        address = "127.0.0.1:8125"
      }
    }
  )hcl");
  ASSERT_TRUE(made) << made.error().what;
  std::string names;  // R264
  for (const Component& component : made->transformations) names += component.name + ' ';
  EXPECT_EQ(names, "one two three four five ");
  EXPECT_EQ(made->failure_format, FailureFormat::event_forwarding);
  EXPECT_EQ(made->transient, (Retry{Duration(250), 0}));
  EXPECT_EQ(made->setup, (Retry{Duration(20000), 5}));
  EXPECT_EQ(made->throttle, (Retry{Duration(10000), 5, true}));
  EXPECT_TRUE(made->end_to_end_latency);
  EXPECT_EQ(made->notes.size(), 4u);
}

TEST(Configuration, HasDefaults) {  // R259, R260
  for (const std::string_view text : {"", "\n# nothing\n", "source {}\ntarget {\n}"}) {
    const auto made = read(text);
    ASSERT_TRUE(made) << made.error().what;
    EXPECT_EQ(made->source.name, "stdin");
    EXPECT_EQ(made->target.name, "stdout");
    EXPECT_EQ(made->failure_target.name, "stdout");
    EXPECT_EQ(made->filter_target.name, "silent");
    EXPECT_EQ(made->failure_format, FailureFormat::snowplow);
    EXPECT_EQ(made->transient, (Retry{Duration(1000), 5}));
    EXPECT_EQ(made->log_level, "info");
    EXPECT_TRUE(made->transformations.empty());
    EXPECT_TRUE(made->notes.empty());
  }
}

TEST(Configuration, EveryErrorNamesFileLineAndBlock) {
  struct Row {
    std::string_view id, text, error;
  };
  constexpr Row rows[] = {
      {"R273", "source {\n  use \"fake\" {}\n}",
       "c.hcl:2: source: use \"fake\": unknown source: fake"},
      {"R183", "target {\n  use \"fakeHCL\" {}\n}",
       "c.hcl:2: target: use \"fakeHCL\": unknown target: fakeHCL"},
      {"R262", "failure_parser {\n  format = \"fakeHCL\"\n}",
       "c.hcl:2: failure_parser: format: invalid failure format found; expected one of 'snowplow', "
       "'event_forwarding' and got 'fakeHCL'"},
      {"R271", "\nlog_level = \"DEBUG\"",
       "c.hcl:2: log_level: supported log levels are 'debug, info, warning, error, fatal, panic'; "
       "provided DEBUG"},
      {"", "target {}\n\ntarget {}", "c.hcl:3: a second block target"},
      {"", "target {\n use \"stdout\" {}\n use \"stdout\" {}\n}",
       "c.hcl:3: target: a second block use"},
      {"", "targets {}", "c.hcl:1: targets: there is no such block here"},
      {"", "log = 1", "c.hcl:1: log: there is no such setting here"},
      {"", "transform {\n  pool = 1\n}", "c.hcl:2: transform: pool: there is no such setting here"},
      {"", "transform {\n  use {}\n}", "c.hcl:2: transform: use: expected use \"name\""},
      {"", "retry {\n transient {\n  delay_ms = 1.5\n }\n}",
       "c.hcl:3: retry: transient: delay_ms: a whole number is required"},
      {"", "retry {\n setup {\n  max_attempts = -1\n }\n}",
       "c.hcl:3: retry: setup: max_attempts: must be from 0 to 1000000"},
      {"", "metrics {\n  enable_e2e_latency = \"yes\"\n}",
       "c.hcl:2: metrics: enable_e2e_latency: a bool is required"},
      {"", "log_level = env.UNSET",
       "c.hcl:1: log_level: env.UNSET: the environment has no such variable"},
      {"", "log_level = [1]", "c.hcl:1: log_level: a string is required"},
      // What HCL has and this reader has not.
      {"R270", "target {", "c.hcl:1: target: } is missing"},
      {"", "a = 1 + 1",
       "c.hcl:1: expected a new line; of expressions, values, templates and env are supported"},
      {"", "a = upper(\"x\")",
       "c.hcl:1: a: upper is not supported; of functions and names, env is"},
      {"", "a = true ? 1 : 2",
       "c.hcl:1: expected a new line; of expressions, values, templates and env are supported"},
      {"", "b {\n c {\n  a = \"%{ if true }x%{ endif }\"\n }\n}",
       "c.hcl:3: b: c: a: %{…} is not supported"},
      {"", "a = \"${1 + 1}\"",
       "c.hcl:1: a: expected } after ${…; of expressions, values and env are supported"},
      {"", "a = \"x\n\"", "c.hcl:1: a: a string ends on its line"},
      {"", "a = \"\\q\"", "c.hcl:1: a: \\q is no escape"},
      {"", "a = 1\na = 2", "c.hcl:2: a is set twice"},
      {"", "target { use \"stdout\" {} }",
       "c.hcl:1: target: a block on one line may hold one attribute, no block"},
      {"", "}", "c.hcl:1: unexpected }"},
      {"", "a = <<X\nnever\n", "c.hcl:3: a: unexpected end of file"},
      {"", "/* never", "c.hcl:1: */ is missing"},
      {"", "a =", "c.hcl:1: a: expected a value"},
      {"", "a = [1", "c.hcl:1: a: expected , or ]"},
      {"", "a = {b = 1", "c.hcl:1: a: expected , or a new line"},
  };
  for (const Row& row : rows) EXPECT_EQ(error_of(row.text), row.error) << row.id << row.text;
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  EXPECT_EQ(error_of("a = " + deep), "c.hcl:1: a: nested too deeply");
}

// R266 and the table of conversions.
TEST(Settings, ConvertAsHclDoes) {
  const auto body = hcl::parse(R"hcl(
    text = env.HOST
    port = env("PORT")
    unset = env("UNSET")
    number = 2e3
    float = 5.5
    yes = "1"
    no = false
    nothing = null
    escaped = "a\tb\"\\ $${x} $$ %%{y} \u00e9 $"
    heredoc = <<-END
      first ${env.HOST}
        second \n
      END
    plain = <<END
  kept
END
    list = [1, "two", [true],
      env.HOST,]
    map = { a = 1, "b": "x"
      c = null }
    wrapped = (("in"))
  )hcl",
                               "s.hcl", environment);
  ASSERT_TRUE(body) << body.error().what;
  Settings settings(*body, "s.hcl", "block", 1);
  EXPECT_EQ(settings.text("text"), "broker");
  EXPECT_EQ(settings.whole_or("port", 0, 0, 65535), 9092);
  EXPECT_EQ(settings.text("unset"), "");
  EXPECT_EQ(settings.whole_or("number", 0, 0, 5000), 2000);
  EXPECT_EQ(settings.text("number"), "2000");
  EXPECT_EQ(settings.text("no"), "false");
  EXPECT_FALSE(settings.whole_or("float", 0, 0, 9));
  EXPECT_FALSE(settings.whole_or("number", 0, 0, 1999));
  EXPECT_EQ(settings.flag_or("yes", false), true);
  EXPECT_EQ(settings.flag_or("no", true), false);
  EXPECT_FALSE(settings.flag_or("unset", true));
  EXPECT_EQ(settings.text_or("nothing", "otherwise"), "otherwise");
  EXPECT_FALSE(settings.text("nothing"));
  EXPECT_EQ(settings.text("escaped"), "a\tb\"\\ ${x} $$ %{y} \u00e9 $");
  EXPECT_EQ(settings.text("heredoc"), "first broker\n  second \\n\n");
  EXPECT_EQ(settings.text("plain"), "  kept\n");
  EXPECT_EQ(settings.text("wrapped"), "in");
  EXPECT_FALSE(settings.text("list"));
  const auto& list = std::get<hcl::List>(body->find("list")->value->is);
  ASSERT_EQ(list.size(), 4u);
  EXPECT_EQ(std::get<std::string>(list[3].is), "broker");
  const auto& map = std::get<hcl::Map>(body->find("map")->value->is);
  EXPECT_EQ(map.size(), 3u);
  EXPECT_EQ(std::get<std::string>(map.at("b").is), "x");
}

TEST(Settings, EnvironmentThatIsNotSetMattersToWhoNeedsIt) {
  const auto made = read(
      "license {\n accept = env.UNSET\n}\nsource {\n use \"kinesis\" {\n"
      "  region = env.UNSET\n  stream_name = \"s\"\n }\n}");
  ASSERT_TRUE(made) << made.error().what;
  Settings settings = made->source.settings();
  EXPECT_EQ(settings.text("stream_name"), "s");
  const auto region = settings.text("region");
  ASSERT_FALSE(region);
  EXPECT_EQ(region.error().what,
            "c.hcl:6: source: use \"kinesis\": region: env.UNSET: the "
            "environment has no such variable");
}

}  // namespace
}  // namespace lvp::bridge
