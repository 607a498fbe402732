// Live Viewer Profiles: what every viewer of a video platform is doing, second by second.
//
// From here: commands.cc has the table of commands, up.cc runs the program, wiring.cc builds it.
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "app/commands.h"

namespace {

void print_help(std::FILE* out) {
  fmt::print(out, "Usage: lvp COMMAND [OPTIONS]\n\nCommands:\n");
  for (const lvp::app::Command& command : lvp::app::commands())
    fmt::print(out, "  {:<10}{}\n", command.name, command.help);
  fmt::print(out, "\n`lvp COMMAND --help` tells more.\n");
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print_help(words.empty() ? stderr : stdout);
    return words.empty() ? lvp::app::wrong_use : lvp::app::done;
  }
  const std::string name = words[0] == "--version" ? "version" : words[0];
  const auto commands = lvp::app::commands();
  const auto command = std::ranges::find(commands, name, &lvp::app::Command::name);
  if (command == commands.end()) {
    fmt::print(stderr, "lvp: there is no command {}\n\n", name);
    print_help(stderr);
    return lvp::app::wrong_use;
  }
  return command->run({words.begin() + 1, words.end()});
}
