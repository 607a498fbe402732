// The only loop in the program that runs for ever.
#include "base/backoff.h"
#include "base/log.h"
#include "stages/stage.h"

namespace lvp::stages {
namespace {

using namespace std::chrono_literals;

bool worth_retrying(const Error& error) {
  return error.code == Error::Code::unavailable || error.code == Error::Code::conflict;
}

}  // namespace

Status run(Stage& stage, Progress& progress, const std::stop_token& stop) {
  Backoff backoff(/*first=*/10ms, /*most=*/2s);
  while (!stop.stop_requested()) {
    const Result<std::size_t> handled = stage.step(/*wait=*/100ms);
    if (handled) {
      if (progress.failing.exchange(false)) log::info("{}: works again", stage.name());
      progress.records += *handled;
      backoff.reset();
      continue;
    }
    progress.caught_up = false;
    if (!worth_retrying(handled.error())) return std::unexpected(handled.error());
    if (!progress.failing.exchange(true))
      log::warn("{}: {}; trying again", stage.name(), handled.error().what);
    sleep(backoff.next(), stop);
  }
  return {};
}

}  // namespace lvp::stages
