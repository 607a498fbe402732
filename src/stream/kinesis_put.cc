#include "stream/kinesis_put.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "base/backoff.h"
#include "base/deadline.h"

namespace lvp::stream {
namespace {

using Pending = std::vector<const Entry*>;

std::size_t fitting(const Pending& pending) {
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (; count < std::min(pending.size(), put_records_max); ++count) {
    bytes += pending[count]->key.size() + pending[count]->value.size();
    if (count > 0 && bytes > put_bytes_max) break;
  }
  return count;
}

// What is left after a call for the first of `pending`, in order.
Pending left(const Pending& pending, const std::vector<std::string>& refusals) {
  Pending again;
  std::unordered_set<std::string_view> keys;
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    const Entry* entry = pending[i];
    const bool follows = !entry->key.empty() && keys.contains(entry->key);
    if (refusals[i].empty() && !follows) continue;
    keys.insert(entry->key);
    again.push_back(entry);
  }
  again.insert(again.end(), pending.begin() + static_cast<std::ptrdiff_t>(refusals.size()),
               pending.end());
  return again;
}

}  // namespace

Status put_all(std::string_view stream, const std::vector<Entry>& entries,
               const PutPatience& patience, const PutCall& call) {
  Pending pending;
  pending.reserve(entries.size());
  for (const Entry& entry : entries) pending.push_back(&entry);
  const Deadline deadline(patience.all);
  Backoff backoff(patience.first_wait, patience.wait_max);
  while (!pending.empty()) {
    const auto refusals = call(std::span(pending).first(fitting(pending)));
    std::string why;
    if (refusals) {
      const auto refused =
          std::ranges::find_if(*refusals, [](const std::string& code) { return !code.empty(); });
      if (refused != refusals->end()) why = *refused;
      pending = left(pending, *refusals);
    } else {
      why = refusals.error().message;
      if (!refusals.error().retryable()) return unavailable(why);
    }
    if (why.empty()) {
      backoff.reset();
      continue;
    }
    const Duration wait = backoff.next();
    if (deadline.left() < wait) {
      return unavailable(fmt::format("kinesis: stream {}: {} of {} records not taken in {}: {}",
                                     stream, pending.size(), entries.size(),
                                     duration_text(patience.all), why));
    }
    sleep(wait, {});
  }
  return {};
}

}  // namespace lvp::stream
