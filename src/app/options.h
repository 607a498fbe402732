// The options of one command, read from its command line. CLI11's door.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace lvp::app {

class Options {
 public:
  Options(std::string_view command, std::string_view help);
  ~Options();

  // What is given is stored into the variable, which must outlive parse().
  void required(const std::string& name, std::string& value, const std::string& help);
  void option(const std::string& name, std::string& value, const std::string& help);
  void flag(const std::string& name, bool& value, const std::string& help);
  /// --config, --data and --set.
  void configuration();

  /// Nothing if the command shall go on; else what the program ends with: help was asked for, or
  /// the command line is wrong, which has been said.
  std::optional<int> parse(const std::vector<std::string>& arguments);

  /// The configuration as files, environment and flags make it.
  Result<Config> config() const;
  bool data_given() const { return !data_.empty(); }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string file_;
  std::string data_;
  std::vector<std::string> flags_;
};

/// Prints the error to standard error. Returns wrong_use for what is invalid, else failed.
int complain(const Error& error);

}  // namespace lvp::app
