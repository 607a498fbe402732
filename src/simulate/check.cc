#include "simulate/check.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <limits>
#include <numeric>
#include <utility>

#include "base/backoff.h"
#include "base/deadline.h"
#include "net/client.h"
#include "simulate/comparison.h"

namespace lvp::simulate {
namespace {

using Nanoseconds = Check::Nanoseconds;

constexpr Duration look_every = std::chrono::milliseconds(100);
constexpr std::chrono::seconds tell_every{1};
/// Where counts are not exact all is read once nothing has come for so long.
constexpr std::chrono::seconds rest_wait{4};
/// What changes nothing that people see is told so late at the most (docs/operating.md), and a
/// little.
constexpr std::chrono::seconds told_within{31};
constexpr std::size_t questions_at_once = 8;
constexpr std::size_t findings_max = 20;

Duration whole_ms(Nanoseconds now) {
  return std::chrono::floor<Duration>(now);
}

std::string authorization(const std::string& token) {
  return token.empty() ? "" : fmt::format("Authorization: Bearer {}\r\n", token);
}

}  // namespace

Result<std::unique_ptr<Check>> Check::begin(CheckSettings settings, const Ids& ids,
                                            const Truth& truth) {
  std::unique_ptr<Check> check(new Check(std::move(settings), ids, truth));
  LVP_TRY(check->before_, check->count_patiently());
  LVP_TRY(check->listener_,
          Listener::connect(check->settings_.address, "/live", check->settings_.token));
  return check;
}

// ---- While it runs ----

void Check::sent(const Request& request, Nanoseconds now) {
  sightings_.sent(request, now, truth_.moves_under_way(request.viewer));
}

Status Check::listen(const Now& now) {
  return listener_->poll([&](std::string_view text) -> Status {
    const Nanoseconds seen_at = now();
    const std::uint64_t snapshots = view_.new_snapshots();
    LVP_DO(view_.read(text, [&](const View::Row& row) { sightings_.see(row, seen_at); }));
    if (view_.new_snapshots() > snapshots) sightings_.miss();
    return {};
  });
}

void Check::sample(Duration now) {
  if (view_.stale() || !view_.complete()) {
    ++result_.concurrency.skipped;
    return;
  }
  const Truth::Band band = truth_.watching(now);
  result_.concurrency.add(view_.watching(), band.least, band.most);
  for (std::uint32_t viewer = 0; viewer < truth_.size(); ++viewer)
    if (truth_.events(viewer) > 0) compare_live(viewer, now);
}

void Check::compare_live(std::uint32_t viewer, Duration now) {
  const Truth::Answer answer = truth_.of(viewer, now);
  if (!answer.settled) {
    ++result_.live.unsettled;
    return;
  }
  ++result_.live.compared;
  const State shown = view_.of({viewer, answer.logged_in});
  const State stranger = view_.of({viewer, !answer.logged_in});
  if (shown == answer.state && stranger == State::left) return;
  ++result_.live.wrong;
  find(viewer, fmt::format("{} on /live instead of {}{}", name_of(shown), name_of(answer.state),
                           stranger == State::left ? "" : ", and under its other name, too"));
}

void Check::find(std::uint32_t viewer, std::string words) {
  if (result_.findings.size() == findings_max || !found_.insert(viewer).second) return;
  result_.findings.push_back(fmt::format("viewer {} ({}): {}", viewer, ids_.device(viewer), words));
}

// ---- The end ----

Status Check::finish(const Traffic& traffic, const Now& now, const OnWait& on_wait) {
  expect(traffic);
  LVP_DO(await_pipeline(now, on_wait));
  result_.frames_apart = view_.longest_pause();
  LVP_DO(pause(truth_.settle(), now));
  sample(whole_ms(now()));
  LVP_TRY(const Records records, count_patiently());
  count_new(records);
  return ask_all(now, on_wait);
}

// A request without an answer may have arrived, and been sent again.
void Check::expect(const Traffic& traffic) {
  const auto set = [](Count& count, std::uint64_t least, std::uint64_t maybe) {
    count.least = least;
    count.most = least + maybe;
  };
  set(result_.raw, traffic.acknowledged, traffic.unanswered);
  set(result_.enriched, traffic.acknowledged_events, traffic.unanswered_events);
  result_.media = result_.enriched;
}

void Check::count_new(const Records& now) {
  result_.raw.found = now.raw - before_.raw;
  result_.enriched.found = now.enriched - before_.enriched;
  result_.media.found = now.media - before_.media;
  result_.bad.found = now.bad - before_.bad;
  if (now.exact) return;
  for (Count* count : {&result_.raw, &result_.enriched, &result_.media, &result_.bad})
    count->most = std::numeric_limits<std::uint64_t>::max();
}

// Until all is read. What is missing when it is not will show.
Status Check::await_pipeline(const Now& now, const OnWait& on_wait) {
  const Nanoseconds began = now();
  Records last;
  Nanoseconds changed_at = began;
  while (true) {
    LVP_TRY(Records records, count_patiently());
    count_new(records);
    LVP_TRY(const bool rests, caught_up());
    if (rests) records.updates = 0;  // viewers leave while nothing is read
    if (records != last) changed_at = now();
    last = records;
    const auto bad = result_.bad.found;
    const bool all = result_.raw.found >= result_.raw.least &&
                     result_.enriched.found + bad >= result_.enriched.least &&
                     result_.media.found + bad >= result_.media.least;
    const bool is_done = all && rests && (records.exact || now() - changed_at >= rest_wait);
    const bool stands_still = now() - changed_at >= settings_.wait;
    if (is_done && records.exact) changed_at = now();
    if (rests && (is_done || stands_still)) result_.caught_up_after = whole_ms(changed_at - began);
    if (is_done || stands_still || now() - began >= settings_.catch_up) return {};
    on_wait(records_read());
    LVP_DO(pause(look_every, now));
  }
}

std::string Check::records_read() const {
  return fmt::format("the stages read: raw {} of {}, enriched {}, media {} of {}",
                     result_.raw.found, result_.raw.least, result_.enriched.found,
                     result_.media.found, result_.media.least);
}

// Listens meanwhile.
Status Check::pause(Duration time, const Now& now) {
  const Nanoseconds end = now() + time;
  while (now() < end) {
    pollfd ready{descriptor(), POLLIN, 0};
    const auto left = std::chrono::ceil<Duration>(end - now());
    ::poll(&ready, 1, static_cast<int>(left.count()));
    LVP_DO(listen(now));
  }
  return {};
}

// Where the stages have lagged, what nobody sees may be told later, so who is only behind is asked
// once more then.
Status Check::ask_all(const Now& now, const OnWait& on_wait) {
  std::vector<std::uint32_t> viewers(truth_.size());
  std::iota(viewers.begin(), viewers.end(), 0u);
  is_last_look_ = !view_.has_lagged();
  LVP_DO(ask_of(viewers, now, on_wait));
  if (behind_.empty()) return {};
  on_wait(fmt::format("{} viewers are asked once more", behind_.size()));
  LVP_DO(pause(told_within, now));
  is_last_look_ = true;
  return ask_of(std::exchange(behind_, {}), now, on_wait);
}

Status Check::ask_of(const std::vector<std::uint32_t>& viewers, const Now& now,
                     const OnWait& on_wait) {
  net::SenderOptions options{.address = settings_.address, .connections = questions_at_once};
  LVP_TRY(const auto sender, net::Sender::connect(options));
  std::size_t next = 0;
  Nanoseconds told_at = now();
  while (next < viewers.size() || sender->under_way() > 0) {
    if (now() - told_at >= tell_every) {
      told_at = now();
      on_wait(fmt::format("asked for {} of {} viewers", next, viewers.size()));
    }
    for (; next < viewers.size() && sender->is_free(); ++next)
      sender->send(viewers[next], question(viewers[next]));
    pollfd ready{sender->descriptor(), POLLIN, 0};
    ::poll(&ready, 1, static_cast<int>(look_every.count()));
    sender->poll([&](const net::Sender::Answer& answer) {
      take_answer(static_cast<std::uint32_t>(answer.tag), answer, whole_ms(now()));
    });
    LVP_DO(listen(now));
  }
  return {};
}

std::string Check::question(std::uint32_t viewer) const {
  return fmt::format("GET /api/v1/viewers/{} HTTP/1.1\r\nHost: {}\r\n{}\r\n", ids_.device(viewer),
                     settings_.address.text(), authorization(settings_.token));
}

void Check::take_answer(std::uint32_t viewer, const net::Sender::Answer& answer, Duration now) {
  const auto root = parser_.parse(answer.body);
  if ((answer.status != 200 && answer.status != 404) || !root) {
    ++result_.end.wrong;
    return find(viewer, fmt::format("the API answered with {}", answer.status));
  }
  if (truth_.doubtful(viewer)) {
    ++result_.end.unsettled;
    return;
  }
  const Truth::Answer right = truth_.of(viewer, now);
  const Difference difference =
      compare(*root, {.answer = right,
                      .tally = truth_.tally(viewer),
                      .figures = truth_.figures(viewer),
                      .viewer = right.logged_in ? ids_.user(viewer) : ids_.device(viewer),
                      .newest_play = ids_.play(viewer, truth_.play(viewer))});
  if (!is_last_look_ && difference.lost > 0 && difference.doubled == 0 && !difference.wrong_state)
    return behind_.push_back(viewer);
  ++(right.settled ? result_.end.compared : result_.end.unsettled);
  result_.end.wrong += difference.wrong_state;
  result_.figures_lost += difference.lost;
  result_.figures_doubled += difference.doubled;
  if (difference.any()) find(viewer, difference.words);
}

Verification Check::result() const {
  Verification result = result_;
  result.update = sightings_.latency();
  result.with_later = sightings_.with_later();
  result.unseen = sightings_.unseen();
  result.too_late = sightings_.too_late();
  result.missed = sightings_.missed();
  result.frames = view_.frames();
  result.new_snapshots = view_.new_snapshots();
  result.wrong_counts = view_.wrong_counts();
  return result;
}

// ---- Questions ----

Result<std::string> Check::ask(std::string_view path) const {
  net::ClientRequest request;
  request.url = fmt::format("http://{}{}", settings_.address.text(), path);
  if (!settings_.token.empty())
    request.headers.push_back({"Authorization", "Bearer " + settings_.token});
  LVP_TRY(net::ClientResponse answer, net::fetch(request));
  if (answer.status != 200) return invalid(fmt::format("{}: {}", request.url, answer.status));
  return std::move(answer.body);
}

Result<Check::Records> Check::count_records() {
  LVP_TRY(const std::string body, ask("/api/v1/streams"));
  LVP_TRY(const json::Value root, parser_.parse(body));
  Records records;
  for (const auto& [name, count] : {std::pair{"raw", &records.raw},
                                    {"enriched", &records.enriched},
                                    {"media", &records.media},
                                    {"updates", &records.updates},
                                    {"bad", &records.bad}}) {
    const Written written = written_to(root[name]);
    *count = written.records;
    records.exact = records.exact && written.exact;
  }
  return records;
}

// Whoever keeps the streams may be away for a moment.
Result<Check::Records> Check::count_patiently() {
  const Deadline deadline(settings_.wait);
  Backoff pause(look_every, std::chrono::seconds(1));
  while (true) {
    auto records = count_records();
    if (records || deadline.left() == Duration::zero()) return records;
    sleep(pause.next(), {});
  }
}

// docs/api.md#metrics: a gauge for each stage.
Result<bool> Check::caught_up() const {
  LVP_TRY(const std::string metrics, ask("/metrics"));
  constexpr std::string_view name = "\nlvp_stage_caught_up{";
  for (std::size_t at = metrics.find(name); at != metrics.npos; at = metrics.find(name, at + 1)) {
    const std::size_t end = std::min(metrics.find('\n', at + 1), metrics.size());
    if (!std::string_view(metrics).substr(0, end).ends_with(" 1")) return false;
  }
  return true;
}

}  // namespace lvp::simulate
