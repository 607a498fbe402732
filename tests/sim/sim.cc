// Runs one world after the other, each from its own seed, and stops at the first broken promise.
//
//   lvp_sim [--seeds N] [--first SEED]
//
// Ends with 1 and the seed that failed; `lvp_sim --first SEED --seeds 1` repeats it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "world.h"

int main(int argc, char** argv) {
  CLI::App app("Whole pipelines under a virtual clock, with faults, one for each seed.");
  std::uint64_t first = 1;
  std::uint64_t seeds = 1000;
  app.add_option("--first", first, "the first seed")->capture_default_str();
  app.add_option("--seeds", seeds, "how many")->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  lvp::log::set_level(lvp::log::Level::error);
  lvp::tests::Outcome all;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const lvp::tests::Outcome one = lvp::tests::run_world(seed);
    if (one.broken) {
      fmt::print("seed {}: {}\nrepeat it: {} --first {} --seeds 1\n", seed, *one.broken, argv[0],
                 seed);
      return 1;
    }
    all.events += one.events;
    all.crashes += one.crashes;
    all.failed_commits += one.failed_commits;
    all.comparisons += one.comparisons;
  }
  fmt::print("{} worlds: {} events, {} crashes, {} failed commits, {} comparisons of a viewer\n",
             seeds, all.events, all.crashes, all.failed_commits, all.comparisons);
  // A simulation in which nothing happens would prove nothing.
  return all.events > 0 && all.comparisons > 0 ? 0 : 1;
}
