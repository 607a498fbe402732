// lvp replay FILE: enriched events from a file, through bridge and profile, to the messages that
// /ws would have sent.
//
// In mapped mode the events of one request (they share its collector time) take effect together, as
// they do in the pipeline; in exact mode each by itself, as in the accelerator.
#include <fmt/core.h>

#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include "app/commands.h"
#include "app/options.h"
#include "bridge/bridge.h"
#include "live/board.h"
#include "profile/accelerator.h"
#include "profile/codec.h"
#include "profile/device.h"
#include "rocks/db.h"
#include "stages/tables.h"
#include "store/rocks.h"
#include "wire/media_event.h"

namespace lvp::app {
namespace {

// Tells what the accelerator's back end would have told.
class Machine {
 public:
  virtual ~Machine() = default;
  virtual void take(const MediaEvent& event) = 0;
  virtual void end() {}
};

void print(std::string_view message) {
  fmt::print("{}\n", message);
}

class Exact final : public Machine {
 public:
  void take(const MediaEvent& event) override {
    const auto status = profile::exact(viewers_[event.accelerator_viewer], event);
    if (status)
      print(profile::message(event.accelerator_viewer, profile::cause_of(event), *status));
  }

 private:
  std::map<std::string, profile::ExactViewer> viewers_;
};

class Mapped final : public Machine {
 public:
  explicit Mapped(std::map<std::string, profile::Device>& devices) : devices_(devices) {}

  void take(const MediaEvent& event) override {
    if (request_ != event.collected) end();
    request_ = event.collected;
    touched_.insert(event.device_key);
  }

  void end() override {
    for (const std::string& key : touched_) board_.apply(devices_.at(key).profile);
    touched_.clear();
    for (const std::string& status : board_.take_changes().statuses) print(status);
  }

 private:
  std::map<std::string, profile::Device>& devices_;
  live::Board board_;
  std::optional<Timestamp> request_;
  std::set<std::string> touched_;
};

class Replay {
 public:
  explicit Replay(bool exact) {
    if (exact) {
      machine_ = std::make_unique<Exact>();
    } else {
      machine_ = std::make_unique<Mapped>(devices_);
    }
  }

  Status take(std::string_view line) {
    LVP_TRY(const auto media, bridge_.map(line));
    if (!media) return {};
    LVP_TRY(const MediaEvent event, decode_media_event(media->value, parser_));
    machine_->take(event);
    newest_ = std::max(newest_, event.collected);
    profile::Device& device = devices_[event.device_key];
    device.profile.device = event.device_key;
    profile::apply(device, event, newest_);
    return {};
  }

  void end() { machine_->end(); }

  Status store(const std::string& data_dir) const {
    LVP_TRY(const auto db, rocks::Db::open(data_dir));
    const auto store = store::make_rocks_store(*db);
    LVP_TRY(const stages::Tables tables, stages::open_tables(*store));
    for (const auto& [key, device] : devices_) {
      const auto unit = db->unit();
      LVP_DO(tables.devices->put(*unit, key, profile::encode(device)));
      for (const profile::Play& play : device.profile.plays)
        LVP_DO(tables.viewers->put(*unit, stages::viewer_key(play.session.viewer, key), ""));
      LVP_DO(unit->commit());
    }
    const auto last = db->unit();
    last->durably();
    return last->commit();
  }

 private:
  bridge::Bridge bridge_;
  json::Parser parser_;
  std::map<std::string, profile::Device> devices_;
  std::unique_ptr<Machine> machine_;
  Timestamp newest_;
};

}  // namespace

int replay(const std::vector<std::string>& arguments) {
  Options options(
      "replay",
      "Feeds enriched events (TSV, one a line; - for standard input) through bridge and "
      "profile and prints the messages that /ws would send. With --data the profiles are "
      "left in that folder, in place of those it has.");
  std::string file;
  std::string mode;
  options.required("file", file, "the events");
  options.option("--mode", mode, "mapped or exact (profile.mode)");
  options.configuration();
  if (const auto end = options.parse(arguments)) return *end;
  auto config = options.config();
  if (!config) return complain(config.error());
  if (mode.empty()) mode = config->profile.mode;
  if (mode != "mapped" && mode != "exact")
    return complain({Error::Code::invalid, "--mode " + mode + ": must be mapped or exact"});

  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened) return complain({Error::Code::invalid, file + ": cannot be read"});
  }
  Replay events(mode == "exact");
  std::size_t number = 0;
  std::size_t refused = 0;
  for (std::string line; std::getline(file == "-" ? std::cin : opened, line);) {
    ++number;
    if (line.empty()) continue;
    if (const Status taken = events.take(line); !taken) {
      ++refused;
      fmt::print(stderr, "{}:{}: {}\n", file, number, taken.error().what);
    }
  }
  events.end();
  if (options.data_given()) {
    if (const Status stored = events.store(config->data.dir); !stored) {
      complain(stored.error());
      return failed;
    }
  }
  if (refused == 0) return done;
  fmt::print(stderr, "lvp: {} of {} lines refused\n", refused, number);
  return failed;
}

}  // namespace lvp::app
