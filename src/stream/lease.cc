#include "stream/lease.h"

#include <algorithm>
#include <map>

namespace lvp::stream {

std::vector<Lease> open_leases(const std::vector<Lease>& leases, const std::vector<Shard>& shards) {
  const auto is_passed = [&](const std::string& parent) {
    const auto lease = std::ranges::find(leases, parent, &Lease::shard);
    if (lease != leases.end()) return lease->read_out;
    return std::ranges::find(shards, parent, &Shard::id) == shards.end();
  };
  std::vector<Lease> open;
  for (const Lease& lease : leases) {
    const auto shard = std::ranges::find(shards, lease.shard, &Shard::id);
    if (lease.read_out || shard == shards.end()) continue;
    if (std::ranges::all_of(shard->parents, is_passed)) open.push_back(lease);
  }
  return open;
}

Plan plan_shares(const std::vector<Lease>& leases, const std::vector<bool>& is_dead,
                 std::string_view member) {
  // Who has how many, when all that is wanted has been given.
  std::map<std::string_view, std::size_t> loads = {{member, 0}};
  std::vector<std::size_t> free;
  for (std::size_t i = 0; i < leases.size(); ++i) {
    const Lease& lease = leases[i];
    if (lease.member.empty() || is_dead[i]) {
      free.push_back(i);
    } else {
      ++loads[lease.wanted.empty() ? lease.member : lease.wanted];
    }
  }
  Plan plan;
  std::size_t& mine = loads[member];
  const std::size_t share = (leases.size() + loads.size() - 1) / loads.size();
  for (const std::size_t i : free) {
    if (mine >= share) break;
    plan.take.push_back(i);
    ++mine;
  }
  if (!free.empty()) return plan;
  while (true) {
    const auto most =
        std::ranges::max_element(loads, {}, [](const auto& load) { return load.second; });
    if (most->second < mine + 2) return plan;
    std::size_t at = 0;
    for (; at < leases.size(); ++at) {
      const bool is_planned = std::ranges::find(plan.want, at) != plan.want.end();
      if (leases[at].member == most->first && leases[at].wanted.empty() && !is_planned) break;
    }
    if (at == leases.size()) return plan;  // what it has too many others have asked for
    plan.want.push_back(at);
    --most->second;
    ++mine;
  }
}

}  // namespace lvp::stream
