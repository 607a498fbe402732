// The commands of the program: a table, one row each.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lvp::app {

// What a command ends with.
inline constexpr int done = 0;
inline constexpr int failed = 1;
inline constexpr int wrong_use =
    2;  ///< of the command line or the configuration; the message says where

struct Command {
  std::string_view name;
  std::string_view help;
  int (*run)(const std::vector<std::string>& arguments);  ///< those after the name
};

std::span<const Command> commands();

int up(const std::vector<std::string>& arguments);
int collect(const std::vector<std::string>& arguments);
int enrich(const std::vector<std::string>& arguments);
int profile(const std::vector<std::string>& arguments);
int serve(const std::vector<std::string>& arguments);
int sink(const std::vector<std::string>& arguments);
int bridge(const std::vector<std::string>& arguments);
int replay(const std::vector<std::string>& arguments);
int tail(const std::vector<std::string>& arguments);
int schema(const std::vector<std::string>& arguments);
int viewer(const std::vector<std::string>& arguments);
int forget(const std::vector<std::string>& arguments);
int simulate(const std::vector<std::string>& arguments);
int check(const std::vector<std::string>& arguments);
int version(const std::vector<std::string>& arguments);

}  // namespace lvp::app
