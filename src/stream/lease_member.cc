#include "stream/lease_member.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "base/thread_name.h"

namespace lvp::stream {
namespace {

using Steady = std::chrono::steady_clock;
using Moment = Steady::time_point;

// While it waits for a lease that it asked for, a member looks so many times as often.
constexpr int eager = 6;

class Member final : public Ownership {
 public:
  Member(LeaseTable table, std::string member, const LeaseOptions& options, ListShards list_shards)
      : table_(std::move(table)),
        member_(std::move(member)),
        options_(options),
        list_shards_(std::move(list_shards)) {}

  ~Member() override {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    look();
    thread_.join();
    leave();
  }

  Status join() {
    LVP_DO(table_.create());
    LVP_DO(cycle());
    thread_ = std::jthread([this](const std::stop_token& stop) {
      name_thread("leases");
      run(stop);
    });
    return {};
  }

  std::vector<Held> held() override {
    MutexLock lock(mutex_);
    std::vector<Held> all;
    for (const auto& [shard, mine] : mine_) {
      all.push_back({shard, mine.lease.stint, mine.lease.position, !mine.lease.wanted.empty()});
    }
    return all;
  }

  bool knows(std::string_view shard) override {
    MutexLock lock(mutex_);
    return std::ranges::find(shards_, shard, &Shard::id) != shards_.end();
  }

  Status confirm(std::string_view shard, std::uint64_t stint) override;
  void pass(std::string_view shard, std::uint64_t stint, const std::string& position) override;
  void note_fresh(std::string_view shard, std::uint64_t stint, Timestamp at) override {
    MutexLock lock(mutex_);
    const auto found = mine_.find(shard);
    if (found == mine_.end() || found->second.lease.stint != stint) return;
    found->second.lease.fresh = std::max(found->second.lease.fresh, at);
  }
  void give_up(std::string_view shard, std::uint64_t stint) override;
  void finish(std::string_view shard, std::uint64_t stint) override;

  void wait(Duration wait) override {
    MutexLock lock(mutex_);
    if (changes_ == std::exchange(seen_changes_, changes_)) changed_.wait_for(mutex_, wait);
    seen_changes_ = changes_;
  }

 private:
  struct Mine {
    Lease lease;
    Moment confirmed_at;        // when the table last agreed; before it was asked
    bool is_unwritten = false;  // the position
  };
  // When another's lease was last seen to change.
  struct Seen {
    std::uint64_t stint = 0;
    std::uint64_t beat = 0;
    Moment at;
  };

  void run(const std::stop_token& stop);
  Status cycle();
  void beat_all();
  Status beat(const std::string& shard, std::uint64_t stint);
  Status match_shards(std::vector<Lease>& leases);
  std::vector<bool> silent(const std::vector<Lease>& leases);
  void adopt(const std::vector<Lease>& leases);
  void share(const std::vector<Lease>& leases);
  void hold(const Lease& lease, Moment at);
  void lose(std::string_view shard, std::uint64_t stint, std::string_view why);
  void leave();
  void give(const Lease& lease, std::string_view member);

  // Wakes the thread.
  void look() {
    MutexLock lock(mutex_);
    look_now_ = true;
    look_.notify_all();
  }
  void note_change() REQUIRES(mutex_) {
    ++changes_;
    changed_.notify_all();
  }
  std::optional<Mine> find(std::string_view shard, std::uint64_t stint) {
    MutexLock lock(mutex_);
    const auto found = mine_.find(shard);
    if (found == mine_.end() || found->second.lease.stint != stint) return std::nullopt;
    return found->second;
  }

  LeaseTable table_;
  const std::string member_;
  const LeaseOptions options_;
  const ListShards list_shards_;

  // Of the thread alone, once it runs.
  std::map<std::string, Seen> seen_;
  Moment list_shards_at_;
  std::vector<std::string> wanted_;  // shards asked for

  Mutex beating_;  // taken before the other
  Mutex mutex_;
  Condition look_;
  Condition changed_;
  bool look_now_ GUARDED_BY(mutex_) = false;
  bool shards_now_ GUARDED_BY(mutex_) = false;
  std::uint64_t changes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t seen_changes_ GUARDED_BY(mutex_) = 0;
  std::vector<Shard> shards_ GUARDED_BY(mutex_);
  std::map<std::string, Mine, std::less<>> mine_ GUARDED_BY(mutex_);
  // The last stint of what was given away: a table read before that still says it is ours.
  std::map<std::string, std::uint64_t, std::less<>> given_ GUARDED_BY(mutex_);
  std::jthread thread_;
};

void Member::run(const std::stop_token& stop) {
  bool failed = false;
  while (!stop.stop_requested()) {
    const Duration wait = wanted_.empty() ? options_.renew_every : options_.renew_every / eager;
    {
      MutexLock lock(mutex_);
      if (!look_now_) look_.wait_for(mutex_, wait);
      look_now_ = false;
    }
    if (stop.stop_requested()) return;
    const Status status = cycle();
    if (!status && !failed) log::warn("leases: {}", status.error().what);
    failed = !status.has_value();
  }
}

Status Member::cycle() {
  beat_all();
  LVP_TRY(std::vector<Lease> leases, table_.all());
  LVP_DO(match_shards(leases));
  adopt(leases);
  share(leases);
  return {};
}

void Member::beat_all() {
  for (const Held& held : this->held()) {
    if (const Status status = beat(held.shard, held.stint);
        !status && status.error().code != Error::Code::conflict) {
      log::debug("leases: {}", status.error().what);
    }
  }
}

Status Member::beat(const std::string& shard, std::uint64_t stint) {
  MutexLock one_at_a_time(beating_);  // or an older position might be written last
  const auto mine = find(shard, stint);
  if (!mine) return {};
  const Moment before = Steady::now();
  const auto beaten = table_.beat(
      mine->lease, mine->is_unwritten ? std::optional(mine->lease.position) : std::nullopt);
  if (!beaten) {
    if (beaten.error().code == Error::Code::conflict) lose(shard, stint, beaten.error().what);
    return std::unexpected(beaten.error());
  }
  MutexLock lock(mutex_);
  const auto found = mine_.find(shard);
  if (found == mine_.end() || found->second.lease.stint != stint) return {};
  Mine& now = found->second;
  now.confirmed_at = before;
  if (now.lease.position == mine->lease.position) now.is_unwritten = false;
  if (now.lease.wanted != beaten->wanted) {
    now.lease.wanted = beaten->wanted;
    note_change();
  }
  return {};
}

// The table's items and the stream's shards, made to match now and then.
Status Member::match_shards(std::vector<Lease>& leases) {
  const Moment now = Steady::now();
  {
    MutexLock lock(mutex_);
    if (!std::exchange(shards_now_, false) && now < list_shards_at_) return {};
  }
  LVP_TRY(std::vector<Shard> shards, list_shards_());
  list_shards_at_ = now + options_.shards_every;
  for (const Shard& shard : shards) {
    if (std::ranges::find(leases, shard.id, &Lease::shard) != leases.end()) continue;
    LVP_DO(table_.add(shard.id));
    leases.push_back({.shard = shard.id});
  }
  for (const Lease& lease : leases) {
    if (std::ranges::find(shards, lease.shard, &Shard::id) != shards.end()) continue;
    if (!lease.read_out) {
      log::error("leases: shard {} is gone with records that were not read", lease.shard);
    }
    LVP_DO(table_.remove(lease.shard));
    lose(lease.shard, lease.stint, "the shard is gone");
  }
  MutexLock lock(mutex_);
  shards_ = std::move(shards);
  return {};
}

std::vector<bool> Member::silent(const std::vector<Lease>& leases) {
  const Moment now = Steady::now();
  std::vector<bool> silent;
  for (const Lease& lease : leases) {
    Seen& seen = seen_[lease.shard];
    if (seen.at == Moment() || seen.stint != lease.stint || seen.beat != lease.beat) {
      seen = {lease.stint, lease.beat, now};
    }
    const bool is_others = !lease.member.empty() && lease.member != member_;
    silent.push_back(is_others && now - seen.at >= options_.lease_wait);
  }
  return silent;
}

// What others gave us.
void Member::adopt(const std::vector<Lease>& leases) {
  for (const Lease& lease : leases) {
    if (lease.member != member_ || find(lease.shard, lease.stint)) continue;
    {
      MutexLock lock(mutex_);
      const auto given = given_.find(lease.shard);
      if (given != given_.end() && lease.stint <= given->second) continue;
    }
    const Moment before = Steady::now();
    if (const auto beaten = table_.beat(lease, std::nullopt)) hold(*beaten, before);
  }
}

void Member::share(const std::vector<Lease>& leases) {
  std::vector<Shard> shards;
  {
    MutexLock lock(mutex_);
    shards = shards_;
  }
  const std::vector<Lease> open = open_leases(leases, shards);
  const Plan plan = plan_shares(open, silent(open), member_);
  for (const std::size_t i : plan.take) {
    const Moment before = Steady::now();
    const auto taken = table_.take(open[i], member_);
    if (!taken) continue;  // another was faster, or it is tried again in the next cycle
    if (!open[i].member.empty()) {
      log::warn("leases: shard {} is taken from {}, which is silent", open[i].shard,
                open[i].member);
    }
    hold(*taken, before);
  }
  wanted_.clear();
  for (const Lease& lease : open) {
    if (lease.wanted == member_) wanted_.push_back(lease.shard);
  }
  for (const std::size_t i : plan.want) {
    if (table_.want(open[i], member_)) wanted_.push_back(open[i].shard);
  }
}

void Member::hold(const Lease& lease, Moment at) {
  log::info("leases: {} has shard {} now", member_, lease.shard);
  MutexLock lock(mutex_);
  mine_[lease.shard] = {lease, at};
  note_change();
}

void Member::lose(std::string_view shard, std::uint64_t stint, std::string_view why) {
  MutexLock lock(mutex_);
  const auto found = mine_.find(shard);
  if (found == mine_.end() || found->second.lease.stint != stint) return;
  log::warn("leases: {} lost shard {}: {}", member_, shard, why);
  mine_.erase(found);
  note_change();
}

Status Member::confirm(std::string_view shard, std::uint64_t stint) {
  const auto gone = [&] {
    return conflict(fmt::format("leases: shard {} has gone to another member", shard));
  };
  const auto mine = find(shard, stint);
  if (!mine) return gone();
  if (Steady::now() - mine->confirmed_at < options_.lease_wait / 2) return {};
  LVP_DO(beat(std::string(shard), stint));
  if (!find(shard, stint)) return gone();
  return {};
}

void Member::pass(std::string_view shard, std::uint64_t stint, const std::string& position) {
  {
    MutexLock lock(mutex_);
    const auto found = mine_.find(shard);
    if (found == mine_.end() || found->second.lease.stint != stint) return;
    found->second.lease.position = position;
    found->second.is_unwritten = true;
  }
  if (const Status status = beat(std::string(shard), stint); !status) {
    log::debug("leases: shard {}: its position is written later: {}", shard, status.error().what);
  }
}

void Member::give(const Lease& lease, std::string_view member) {
  const Status given = table_.give(
      lease, member, lease.position.empty() ? std::nullopt : std::optional(lease.position));
  if (!given) log::warn("leases: shard {} is not given up: {}", lease.shard, given.error().what);
}

void Member::give_up(std::string_view shard, std::uint64_t stint) {
  const auto mine = find(shard, stint);
  if (!mine) return;
  {
    MutexLock lock(mutex_);
    mine_.erase(std::string(shard));
    given_[std::string(shard)] = stint;
    note_change();
  }
  log::info("leases: {} gives shard {} to {}", member_, shard, mine->lease.wanted);
  give(mine->lease, mine->lease.wanted);
}

void Member::finish(std::string_view shard, std::uint64_t stint) {
  MutexLock no_beat(beating_);  // which would be refused
  const auto mine = find(shard, stint);
  if (!mine) return;
  const Status finished = table_.finish(mine->lease);
  if (!finished && finished.error().code != Error::Code::conflict) {
    log::warn("leases: shard {} is read out, to be noted later: {}", shard, finished.error().what);
    return;
  }
  MutexLock lock(mutex_);
  mine_.erase(std::string(shard));
  given_[std::string(shard)] = stint;
  shards_now_ = look_now_ = true;
  look_.notify_all();
  note_change();
}

// What is asked for is asked for no more, what was given meanwhile goes back.
void Member::leave() {
  for (const std::string& shard : wanted_) (void)table_.stop_wanting(shard, member_);
  std::map<std::string, Mine, std::less<>> mine;
  {
    MutexLock lock(mutex_);
    mine.swap(mine_);
  }
  for (const auto& [shard, each] : mine) give(each.lease, each.lease.wanted);
  if (wanted_.empty()) return;
  if (const auto leases = table_.all()) {
    for (const Lease& lease : *leases) {
      if (lease.member == member_) give(lease, {});
    }
  }
}

// Belongs to one thread, as the reader that has it.
class Follower final : public Ownership {
 public:
  Follower(Duration shards_every, ListShards list_shards)
      : shards_every_(shards_every), list_shards_(std::move(list_shards)) {}

  Status look() {
    LVP_TRY(shards_, list_shards_());
    list_shards_at_ = Steady::now() + shards_every_;
    std::vector<Lease> leases;
    for (const Shard& shard : shards_) {
      const auto found = states_.find(shard.id);
      leases.push_back(
          {.shard = shard.id, .read_out = found != states_.end() && found->second.end});
    }
    for (const Lease& lease : open_leases(leases, shards_)) states_.try_emplace(lease.shard);
    std::erase_if(states_, [&](const auto& state) {
      return std::ranges::find(shards_, state.first, &Shard::id) == shards_.end();
    });
    return {};
  }

  std::vector<Held> held() override {
    if (Steady::now() >= list_shards_at_) {
      if (const Status looked = look(); !looked) log::warn("kinesis: {}", looked.error().what);
    }
    std::vector<Held> all;
    for (const auto& [shard, state] : states_) {
      if (!state.end) all.push_back({shard, 1, state.position});
    }
    return all;
  }
  bool knows(std::string_view shard) override {
    return std::ranges::find(shards_, shard, &Shard::id) != shards_.end();
  }
  Status confirm(std::string_view, std::uint64_t) override { return {}; }
  void pass(std::string_view shard, std::uint64_t, const std::string& position) override {
    if (const auto found = states_.find(shard); found != states_.end()) {
      found->second.position = position;
    }
  }
  void note_fresh(std::string_view, std::uint64_t, Timestamp) override {}
  void give_up(std::string_view, std::uint64_t) override {}
  void finish(std::string_view shard, std::uint64_t) override {
    if (const auto found = states_.find(shard); found != states_.end()) found->second.end = true;
    list_shards_at_ = {};
  }
  void wait(Duration wait) override {
    MutexLock lock(mutex_);
    never_.wait_for(mutex_, wait);
  }

 private:
  struct State {
    std::string position;
    bool end = false;
  };
  const Duration shards_every_;
  const ListShards list_shards_;
  std::vector<Shard> shards_;
  std::map<std::string, State, std::less<>> states_;
  Moment list_shards_at_;
  Mutex mutex_;
  Condition never_;
};

}  // namespace

Result<std::unique_ptr<Ownership>> join_group(LeaseTable table, std::string member,
                                              const LeaseOptions& options, ListShards list_shards) {
  auto joined = std::make_unique<Member>(std::move(table), std::move(member), options,
                                         std::move(list_shards));
  LVP_DO(joined->join());
  return joined;
}

Result<std::unique_ptr<Ownership>> follow_shards(Duration shards_every, ListShards list_shards) {
  auto follower = std::make_unique<Follower>(shards_every, std::move(list_shards));
  LVP_DO(follower->look());
  return follower;
}

}  // namespace lvp::stream
