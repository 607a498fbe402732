#include "bridge/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace lvp::bridge {
namespace {

constexpr std::int64_t milliseconds_max = 24 * 3600 * 1000;

constexpr std::array<std::string_view, 6> sources{"stdin",  "kinesis", "kafka",
                                                  "pubsub", "sqs",     "http"};
constexpr std::array<std::string_view, 8> targets{"stdout", "silent", "kafka",    "kinesis",
                                                  "sqs",    "pubsub", "eventhub", "http"};
constexpr std::array<std::string_view, 6> log_levels{"debug", "info",  "warning",
                                                     "error", "fatal", "panic"};
// Of Snowbridge's own operation.
constexpr std::array<std::string_view, 4> without_effect{"license", "sentry", "monitoring",
                                                         "stats_receiver"};

Result<Component> read_use(const Settings& outer, const hcl::Block& use, std::string_view file,
                           std::string_view where) {
  if (use.labels.size() != 1) return outer.inner(use).error("", "expected use \"name\"");
  return Component{use.labels.front(), use.body, std::string(file),
                   fmt::format("{}: {}", where, use.name()), use.line};
}

class ConfigurationReader {
 public:
  ConfigurationReader(const hcl::Body& body, std::string_view file)
      : body_(body), file_(file), top_(body, file_, "", 1) {}

  Result<Configuration> read() {
    LVP_TRY(made_.source, component("source", "stdin", sources));
    LVP_TRY(made_.target, component("target", "stdout", targets));
    LVP_TRY(made_.filter_target, component("filter_target", "silent", targets));
    LVP_TRY(made_.failure_target, component("failure_target", "stdout", targets));
    LVP_DO(read_failure_parser());
    LVP_DO(read_transformations());
    LVP_DO(read_retry());
    LVP_DO(read_metrics());
    LVP_DO(read_log_level());
    note_what_has_no_effect();
    LVP_DO(top_.check_all_known());
    return std::move(made_);
  }

 private:
  // The one `use` of a block, or `otherwise` if the block or its `use` is absent.
  template <std::size_t count>
  Result<Component> component(std::string_view type, std::string_view otherwise,
                              const std::array<std::string_view, count>& names) {
    Component chosen{std::string(otherwise), {}, file_, std::string(type), 1};
    LVP_TRY(const hcl::Block* block, top_.block(type));
    if (block == nullptr) return chosen;
    Settings inside = top_.inner(*block);
    if (type == "failure_target") LVP_DO(read_format(inside));
    LVP_TRY(const hcl::Block* use, inside.block("use"));
    LVP_DO(inside.check_all_known());
    if (use == nullptr) return chosen;
    LVP_TRY(chosen, read_use(inside, *use, file_, type));
    if (std::ranges::find(names, chosen.name) == names.end())
      return inside.inner(*use).error(
          "", fmt::format("unknown {}: {}", type == "source" ? "source" : "target", chosen.name));
    return chosen;
  }

  // In failure_target until 4.x, in failure_parser since.
  Status read_format(Settings& in) {
    LVP_TRY(const std::string format, in.text_or("format", "snowplow"));
    if (format == "event_forwarding") {
      made_.failure_format = FailureFormat::event_forwarding;
    } else if (format != "snowplow") {
      return in.error("format",
                      fmt::format("invalid failure format found; expected one of 'snowplow', "
                                  "'event_forwarding' and got '{}'",
                                  format));
    }
    return {};
  }

  Status read_failure_parser() {
    LVP_TRY(const hcl::Block* block, top_.block("failure_parser"));
    if (block == nullptr) return {};
    Settings inside = top_.inner(*block);
    LVP_DO(read_format(inside));
    return inside.check_all_known();
  }

  Status read_transformations() {
    top_.ignore({"transform"});
    for (const hcl::Block& block : body_.blocks) {
      if (block.type != "transform") continue;
      Settings inside = top_.inner(block);
      inside.ignore({"use", "worker_pool"});
      if (const hcl::Attribute* pool = block.body.find("worker_pool"))
        note(pool->line, "worker_pool has no effect: order is kept");
      LVP_DO(inside.check_all_known());
      for (const hcl::Block& use : block.body.blocks) {
        LVP_TRY(Component made, read_use(inside, use, file_, "transform"));
        made_.transformations.push_back(std::move(made));
      }
    }
    return {};
  }

  Status read_retry() {
    LVP_TRY(const hcl::Block* block, top_.block("retry"));
    if (block == nullptr) return {};
    Settings inside = top_.inner(*block);
    for (const auto& [type, retry] :
         {std::pair{"transient", &made_.transient}, std::pair{"setup", &made_.setup},
          std::pair{"throttle", &made_.throttle}}) {
      LVP_TRY(const hcl::Block* one, inside.block(type));
      if (one == nullptr) continue;
      Settings in = inside.inner(*one);
      LVP_TRY(const std::int64_t delay_ms,
              in.whole_or("delay_ms", retry->delay.count(), 0, milliseconds_max));
      LVP_TRY(const std::int64_t attempts,
              in.whole_or("max_attempts", retry->attempts_max, 0, 1'000'000));
      LVP_TRY(retry->invalid_after_max, in.flag_or("invalid_after_max", false));
      LVP_DO(in.check_all_known());
      retry->delay = Duration(delay_ms);
      retry->attempts_max = static_cast<int>(attempts);
    }
    return inside.check_all_known();
  }

  Status read_metrics() {
    LVP_TRY(const hcl::Block* block, top_.block("metrics"));
    if (block == nullptr) return {};
    Settings inside = top_.inner(*block);
    LVP_TRY(made_.end_to_end_latency, inside.flag_or("enable_e2e_latency", false));
    inside.ignore({"enable_kinsumer_memory_metrics"});
    return inside.check_all_known();
  }

  Status read_log_level() {
    LVP_TRY(made_.log_level, top_.text_or("log_level", "info"));
    if (std::ranges::find(log_levels, made_.log_level) == log_levels.end())
      return top_.error("log_level",
                        fmt::format("supported log levels are 'debug, info, warning, error, "
                                    "fatal, panic'; provided {}",
                                    made_.log_level));
    return {};
  }

  void note_what_has_no_effect() {
    top_.ignore({"license", "sentry", "monitoring", "stats_receiver", "disable_telemetry",
                 "user_provided_id"});
    for (const hcl::Block& block : body_.blocks) {
      if (std::ranges::find(without_effect, block.type) != without_effect.end())
        note(block.line, block.type + " has no effect");
    }
  }

  void note(int line, std::string_view what) {
    made_.notes.push_back(fmt::format("{}:{}: {}", file_, line, what));
  }

  const hcl::Body& body_;
  std::string file_;
  Settings top_;
  Configuration made_;
};

}  // namespace

Result<Configuration> read_configuration(std::string_view text, std::string_view file,
                                         const hcl::Environment& environment) {
  LVP_TRY(const hcl::Body body, hcl::parse(text, file, environment));
  return ConfigurationReader(body, file).read();
}

}  // namespace lvp::bridge
