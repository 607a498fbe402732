#include "app/bridging.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "base/log.h"
#include "bridge/chain.h"
#include "bridge/configuration.h"
#include "bridge/http_target.h"
#include "stages/bridge.h"
#include "stages/lines.h"

namespace lvp::app {
namespace {

constexpr std::uintmax_t file_bytes_max = 16 << 20;
constexpr bridge::Batching own_batching{500, 1'048'576, 1'048'576};
constexpr bridge::Batching silent_batching{500, 1 << 30, 1 << 30};

Result<std::string> read_file(std::string_view path) {
  std::ifstream file{std::string(path), std::ios::binary};
  std::string text(file_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() || file.bad()) return invalid(fmt::format("{}: cannot be read", path));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::optional<std::string> environment_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<std::string> stream_name(bridge::Settings& settings) {
  constexpr std::size_t name_bytes_max = 64;
  LVP_TRY(std::string name, settings.text("name"));
  LVP_DO(settings.check_all_known());
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > name_bytes_max ||
      !std::ranges::all_of(name, [&](char c) { return fits(c) || c == '_' || c == '-'; }))
    return settings.error("name", "must be letters a to z, digits, _ and -");
  return name;
}

class BridgeMaker {
 public:
  BridgeMaker(const BridgePlan& plan, const BridgeWorld& world) : plan_(plan), world_(world) {}

  Result<Bridging> make() {
    LVP_TRY(const std::string text, read_file(plan_.file));
    LVP_TRY(const bridge::Configuration read,
            bridge::read_configuration(text, plan_.file, environment_variable));
    Bridging made;
    LVP_TRY(made.in, make_source(read.source));
    stages::BridgeSettings settings;
    settings.name = plan_.name;
    for (std::size_t worker = 0; worker < plan_.workers; ++worker) {
      LVP_TRY(auto chain, bridge::Chain::compile(read, read_file));
      settings.chains.push_back(std::move(chain));
    }
    const bool is_media = plan_.role == BridgeRole::media;
    const bool is_alone = plan_.role == BridgeRole::command;
    LVP_TRY(settings.target, make_target(read.target, is_media ? "media" : ""));
    LVP_TRY(settings.filter_target, make_target(read.filter_target, ""));
    LVP_TRY(settings.failure_target, make_target(read.failure_target, is_alone ? "" : "bad"));
    settings.failure_format = read.failure_format;
    settings.transient = read.transient;
    settings.setup = read.setup;
    settings.throttle = read.throttle;
    settings.gives_up = is_alone;
    made.stage = stages::make_bridge_stage(
        {*made.in, world_.new_unit, world_.clock, world_.metrics, world_.progress},
        std::move(settings));
    for (const std::string& note : read.notes) log::info("{}", note);
    return made;
  }

 private:
  static std::unexpected<Error> not_supported(const bridge::Settings& settings,
                                              std::string_view why = "is not supported here") {
    return settings.error("", why);
  }

  Result<std::unique_ptr<stream::Reader>> make_source(const bridge::Component& source) {
    bridge::Settings settings = source.settings();
    if (source.name == "stream") {
      LVP_TRY(const std::string name, stream_name(settings));
      return world_.reader(name, plan_.group);
    }
    if (plan_.role == BridgeRole::command) {
      if (source.name != "stdin") return not_supported(settings, "use \"stdin\" or \"stream\"");
      settings.ignore({"concurrent_writes"});
      LVP_DO(settings.check_all_known());
      return stages::make_line_reader(STDIN_FILENO, world_.clock, world_.on_end);
    }
    if (source.name == "http") return not_supported(settings);
    log::info("{}: source {}: the stream enriched is read instead", plan_.file, source.name);
    return world_.reader("enriched", plan_.group);
  }

  // `stands_for` is the stream that brokers and standard output stand for, if they do.
  Result<std::unique_ptr<stages::BridgeTarget>> make_target(const bridge::Component& target,
                                                            const std::string& stands_for) {
    bridge::Settings settings = target.settings();
    if (target.name == "stream") {
      LVP_TRY(const std::string name, stream_name(settings));
      return make_stream(name);
    }
    if (target.name == "silent") {
      LVP_TRY(const bridge::Batching batching, bridge::read_batching(settings, silent_batching));
      LVP_DO(settings.check_all_known());
      return stages::make_silent_target(batching);
    }
    if (target.name == "http") {
      if (plan_.role == BridgeRole::media)
        return not_supported(settings,
                             "is not supported in bridge.config, whose messages go to streams: "
                             "give the file to bridge.forward");
      LVP_TRY(auto http, bridge::read_http_target(target, read_file, environment_variable));
      return stages::make_http_target(std::move(http), world_.clock);
    }
    if (!stands_for.empty()) {
      log::info("{}: {}: the stream {} is written instead", plan_.file, target.where, stands_for);
      return make_stream(stands_for);
    }
    if (target.name != "stdout") return not_supported(settings);
    LVP_TRY(const bool data_only, settings.flag_or("data_only_output", false));
    LVP_TRY(const bridge::Batching batching, bridge::read_batching(settings, own_batching));
    LVP_DO(settings.check_all_known());
    return stages::make_stdout_target(data_only, batching);
  }

  Result<std::unique_ptr<stages::BridgeTarget>> make_stream(const std::string& name) {
    LVP_TRY(stream::Writer * writer, world_.writer(name));
    return stages::make_stream_target(*writer);
  }

  const BridgePlan& plan_;
  const BridgeWorld& world_;
};

}  // namespace

Result<Bridging> make_bridging(const BridgePlan& plan, const BridgeWorld& world) {
  return BridgeMaker(plan, world).make();
}

}  // namespace lvp::app
