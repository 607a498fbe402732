#include "app/options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/commands.h"

namespace lvp::app {

struct Options::State {
  CLI::App app;
};

Options::Options(std::string_view command, std::string_view help)
    : state_(std::make_unique<State>()) {
  state_->app.name("lvp " + std::string(command));
  state_->app.description(std::string(help));
}

Options::~Options() = default;

void Options::required(const std::string& name, std::string& value, const std::string& help) {
  state_->app.add_option(name, value, help)->required();
}

void Options::option(const std::string& name, std::string& value, const std::string& help) {
  state_->app.add_option(name, value, help);
}

void Options::flag(const std::string& name, bool& value, const std::string& help) {
  state_->app.add_flag(name, value, help);
}

void Options::configuration() {
  state_->app.add_option("--config", file_, "TOML file with settings");
  state_->app.add_option("--data", data_, "folder of everything that is kept (data.dir)");
  state_->app.add_option("--set", flags_, "a setting: section.key=value; may be repeated")
      ->expected(1)
      ->take_all();
}

std::optional<int> Options::parse(const std::vector<std::string>& arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  try {
    state_->app.parse(reversed);
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    return state_->app.exit(error) == 0 ? done : wrong_use;
  }
}

Result<Config> Options::config() const {
  Sources sources{file_, environment(), flags_};
  if (!data_.empty()) sources.flags.push_back("data.dir=" + data_);
  return load(sources);
}

int complain(const Error& error) {
  fmt::print(stderr, "lvp: {}\n", error.what);
  return error.code == Error::Code::invalid ? wrong_use : failed;
}

}  // namespace lvp::app
