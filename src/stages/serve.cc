// updates → board → dashboard, API, WebSockets.
//
//   GET /                        the dashboard's files
//   GET /live   (WebSocket)      snapshot, then updates: live/messages.h, docs/live-protocol.md
//   GET /ws     (WebSocket)      the accelerator's messages
//   GET /api/v1/config           where collector and player page are
//   GET /api/v1/viewers          open viewers; ?state=PAUSED&limit=100
//   GET /api/v1/viewers/{id}     a viewer, or the device with that key; DELETE forgets the viewer
//   GET /api/v1/forgotten/{id}   how far that is
//   GET /api/v1/history          counts of the last 15 minutes
//   GET /api/v1/streams          what each stream holds
//   GET /api/v1/streams/{name}   records, one JSON object a line;
//                                ?partition=0&after=OFFSET&limit=100&form=columns
//   GET /metrics /healthz /readyz
//
// Requests come on the server's threads, updates on the stage's; the board belongs to both and has
// one lock. A socket that does not keep up is sent nothing until it has caught up, and then a
// snapshot: it loses frames, never us time.
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <map>
#include <set>
#include <utility>

#include "base/log.h"
#include "base/mutex.h"
#include "base/text.h"
#include "live/board.h"
#include "live/messages.h"
#include "profile/codec.h"
#include "stages/fill.h"
#include "stages/inspect.h"
#include "stages/mirror.h"
#include "stages/stages.h"
#include "stages/tables.h"
#include "wire/form.h"
#include "wire/json.h"
#include "wire/update.h"

namespace lvp::stages {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t batch_records_max = 2'000;
constexpr std::size_t rows_max = 10'000;                         ///< of an answer of the API
constexpr std::size_t records_max = 500;                         ///< of an answer with records
constexpr Duration frame_pause = std::chrono::milliseconds(25);  ///< at least, between frames
constexpr Duration look_pause = std::chrono::milliseconds(50);   ///< at most, between looks
constexpr Duration tick = std::chrono::seconds(1);

constexpr std::string_view json_type = "application/json";
constexpr std::string_view text_type = "text/plain; charset=utf-8";

Response json_response(std::string body) {
  Response response = http::text_response(200, json_type, std::move(body));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Response failure(int status, std::string_view what) {
  json::Writer out;
  out.begin_object().key("error").string(what).end_object();
  return http::text_response(status, json_type, out.take());
}

// ---- Who may ----

std::string_view host_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? origin : origin.substr(scheme + 3);
}

bool is_this_machine(std::string_view host) {
  const std::string_view name = http::without_port(host);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

// Any page that a browser shows may try to talk to us, also under a name of its own that leads
// here. Without a token only pages of this machine may, and only under this machine's names.
bool is_local(const Request& request) {
  if (!is_this_machine(request.header("Host"))) return false;
  const std::string_view origin = request.header("Origin");
  return origin.empty() || is_this_machine(host_of(origin));
}

// Takes as long for a wrong token as for a right one.
bool same_token(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return difference == 0;
}

std::optional<std::string> parameter(const std::vector<FormField>& query, std::string_view name) {
  const auto field = std::ranges::find(query, name, &FormField::name);
  return field == query.end() ? std::nullopt : field->value;
}

std::size_t limit_of(const std::vector<FormField>& query, std::size_t most) {
  const auto text = parameter(query, "limit");
  const auto limit = text ? parse_int64(*text) : std::nullopt;
  return limit && *limit >= 0 ? std::min(static_cast<std::size_t>(*limit), most)
                              : std::min<std::size_t>(100, most);
}

// ---- Sockets that want to hear ----

// The sockets of one feed. Its lock is its owner's, so that what a socket is greeted with and what
// it is sent next fit together.
class Subscribers final : public net::SocketHandler {
 public:
  /// `greeting` makes what a socket is sent first, and again after it had to miss something. May be
  /// empty.
  Subscribers(Mutex& mutex, std::size_t sockets_max, std::function<std::string()> greeting)
      : mutex_(mutex), sockets_max_(sockets_max), greeting_(std::move(greeting)) {}

  void opened(const std::shared_ptr<net::Socket>& socket, const Request&) override {
    MutexLock lock(mutex_);
    if (sockets_.size() >= sockets_max_) return socket->close();
    greet(socket);
  }
  void received(const std::shared_ptr<net::Socket>&, std::string_view) override {}
  void drained(const std::shared_ptr<net::Socket>& socket) override {
    MutexLock lock(mutex_);
    if (sockets_.contains(socket->id())) greet(socket);
  }
  void closed(const std::shared_ptr<net::Socket>& socket) override {
    MutexLock lock(mutex_);
    sockets_.erase(socket->id());
  }

  /// The caller holds the lock.
  void publish(std::string text) {
    const auto shared = std::make_shared<const std::string>(std::move(text));
    for (auto& [id, subscriber] : sockets_) {
      if (subscriber.keeps_up) subscriber.keeps_up = subscriber.socket->send(shared);
    }
  }
  bool empty() const { return sockets_.empty(); }

 private:
  struct Subscriber {
    std::shared_ptr<net::Socket> socket;
    bool keeps_up = true;
  };

  void greet(const std::shared_ptr<net::Socket>& socket) {
    Subscriber& subscriber = sockets_[socket->id()];
    subscriber = {socket, true};
    if (greeting_)
      subscriber.keeps_up = socket->send(std::make_shared<const std::string>(greeting_()));
  }

  Mutex& mutex_;
  const std::size_t sockets_max_;
  const std::function<std::string()> greeting_;
  std::map<std::uint64_t, Subscriber> sockets_;
};

// ---- The stage ----

class Serve final : public ServeStage {
 public:
  Serve(ServePorts ports, ServeSettings settings, Tables tables)
      : ports_(std::move(ports)),
        settings_(std::move(settings)),
        tables_(std::move(tables)),
        live_(mutex_, settings_.subscribers_max, [this] { return snapshot(); }),
        accelerator_(mutex_, settings_.subscribers_max, nullptr),
        viewers_(ports_.metrics.gauge("lvp_viewers", "Open viewers")),
        watching_(ports_.metrics.gauge("lvp_viewers_watching", "Concurrent viewers")),
        updates_(ports_.metrics.counter("lvp_serve_updates_total", "Updates read")) {
    for (std::size_t i = 0; i < profile::state_count; ++i) {
      const auto state = static_cast<profile::State>(i);
      if (state == profile::State::left) continue;  // who is gone is no viewer
      in_state_.emplace_back(
          state, ports_.metrics.gauge("lvp_viewers_in_state", "Open viewers by what they do",
                                      {{"state", std::string(profile::name_of(state))}}));
    }
    for (const auto& [stage, progress] : ports_.stages)
      stages_.push_back(
          {progress,
           ports_.metrics.gauge("lvp_stage_records", "Records handled since the start",
                                {{"stage", stage}}),
           ports_.metrics.gauge("lvp_stage_caught_up", "1 while the stage has nothing to read",
                                {{"stage", stage}}),
           ports_.metrics.gauge("lvp_stage_failing", "1 while its last step failed",
                                {{"stage", stage}})});
  }

  std::string_view name() const override { return "serve"; }

  /// Fills the board from the stored devices. What they went through was published before.
  Status restore() {
    if (settings_.mirrors || ports_.updates == nullptr) return {};
    MutexLock lock(mutex_);
    LVP_DO(fill(board_, *tables_.devices));
    counts_ = board_.counts(ports_.clock.now());
    return {};
  }

  // ---- updates → board ----

  Result<std::size_t> step(Duration wait) override {
    LVP_TRY(const stream::Batch batch,
            ports_.updates->poll(batch_records_max, std::min(wait, until_frame())));
    Newest newest;
    {
      MutexLock lock(mutex_);
      for (const stream::Record& record : batch.records) LVP_DO(take(record, newest));
      publish();
    }
    if (!batch.records.empty()) {
      const auto unit = ports_.new_unit();
      for (const auto& [device, profile] : newest) LVP_DO(mirror(tables_, *unit, profile));
      LVP_DO(ports_.updates->commit(*unit, batch.end()));
      LVP_DO(unit->commit());
      updates_.add(static_cast<double>(batch.records.size()));
    }
    ports_.progress.caught_up = batch.caught_up;
    if (batch.records.empty() && batch.caught_up) is_filled_ = true;
    return batch.records.size();
  }

  // ---- HTTP ----

  net::SocketHandler* upgrade(const Request& request) override {
    if (!allowed(request) || ports_.updates == nullptr) return nullptr;
    if (request.path() == "/live") return &live_;
    if (request.path() == "/ws") return &accelerator_;
    return nullptr;
  }

  void handle(const Request& request, net::Responder responder) override {
    responder.send(answer(request));
  }

 private:
  using Newest = std::map<std::string, profile::Profile>;  // by device: what is to be mirrored

  Response answer(const Request& request) {
    const std::string_view path = request.path();
    if (path == "/healthz") return http::text_response(200, text_type, "ok\n");
    if (path == "/readyz") return ready();
    const bool is_socket = path == "/live" || path == "/ws";
    if (!is_socket && path != "/metrics" && !path.starts_with("/api/"))
      return ports_.files(request);

    if (!allowed(request))
      return failure(401, "a bearer token is needed, or a page and a name of this machine");
    if (is_socket) return failure(426, "connect with a WebSocket");
    if (ports_.updates == nullptr && needs_board(path))
      return failure(404, "this process serves no viewers; ask one that runs serve");
    constexpr std::string_view one_viewer = "/api/v1/viewers/";
    if (request.method == "DELETE" && path.starts_with(one_viewer))
      return forget(percent_decode(path.substr(one_viewer.size()), /*plus_is_space=*/false));
    if (request.method != "GET" && request.method != "HEAD")
      return failure(405, "GET, and DELETE of a viewer");
    if (path == "/metrics") return metrics();
    if (path == "/api/v1/config") return config();
    if (path == "/api/v1/viewers") return viewers(parse_form(request.query()));
    if (path == "/api/v1/history") return history();
    if (path == "/api/v1/streams") return streams();
    if (path.starts_with(one_viewer))
      return viewer(percent_decode(path.substr(one_viewer.size()), /*plus_is_space=*/false));
    if (constexpr std::string_view prefix = "/api/v1/forgotten/"; path.starts_with(prefix))
      return forgotten(percent_decode(path.substr(prefix.size()), /*plus_is_space=*/false));
    if (constexpr std::string_view prefix = "/api/v1/streams/"; path.starts_with(prefix))
      return records(path.substr(prefix.size()), parse_form(request.query()));
    return failure(404, "no such thing; docs/api.md lists what there is");
  }

  static bool needs_board(std::string_view path) {
    return path.starts_with("/api/v1/viewers") || path.starts_with("/api/v1/forgotten") ||
           path == "/api/v1/history";
  }

  bool allowed(const Request& request) const {
    if (settings_.token.empty()) return is_local(request);
    constexpr std::string_view bearer = "Bearer ";
    if (const std::string_view given = request.header("Authorization"); given.starts_with(bearer))
      return same_token(given.substr(bearer.size()), settings_.token);
    // Browsers cannot set headers of a WebSocket.
    const auto given = parameter(parse_form(request.query()), "access_token");
    return given && same_token(*given, settings_.token);
  }

  Response ready() const {
    for (const auto& [name, progress] : ports_.stages) {
      if (progress->failing && progress->is_vital)
        return http::text_response(503, text_type, name + " is failing\n");
    }
    if (!is_filled_) return http::text_response(503, text_type, "serve is reading updates\n");
    if (!ports_.collector_healthy())
      return http::text_response(503, text_type, "collect is waiting for the disk\n");
    return http::text_response(200, text_type, "ok\n");
  }

  Response metrics() const {
    ports_.renew_metrics();
    for (const StageMetrics& stage : stages_) {
      stage.records.set(static_cast<double>(stage.progress->records));
      stage.caught_up.set(stage.progress->caught_up ? 1 : 0);
      stage.failing.set(stage.progress->failing ? 1 : 0);
    }
    return http::text_response(200, "text/plain; version=0.0.4", ports_.metrics.text());
  }

  Response config() const {
    json::Writer out;
    out.begin_object();
    out.key("collector").string(settings_.collector_url);
    out.key("player").string(settings_.player_url);
    out.key("version").string(LVP_VERSION);
    return json_response(out.end_object().take());
  }

  Response viewers(const std::vector<FormField>& query) {
    live::Board::Query wanted;
    wanted.limit = limit_of(query, rows_max);
    if (const auto state = parameter(query, "state")) {
      wanted.state = profile::parse_state(*state);
      if (!wanted.state) return failure(400, "state: there is no state " + *state);
    }
    MutexLock lock(mutex_);
    return json_response(live::viewer_list(board_.list(wanted)));
  }

  Response viewer(const std::string& id) {
    const auto profiles = find_profiles(tables_, id);
    if (!profiles) return failure(503, profiles.error().what);
    if (profiles->empty()) return failure(404, "there is no viewer or device " + id);
    return json_response(live::viewer_detail(id, *profiles, ports_.clock.now()));
  }

  Response forget(const std::string& id) {
    if (id.empty()) return failure(400, "which viewer?");
    if (const Status asked = ask(id, ports_.clock.now()); !asked)
      return failure(503, asked.error().what);
    Response response = json_response(forgetting_json(id, Forgetting::waiting));
    response.status = 202;
    return response;
  }

  Status ask(const std::string& id, Timestamp at) {
    const auto unit = ports_.new_unit();
    unit->durably();
    LVP_DO(ask_to_forget(tables_, *unit, id, at));
    if (ports_.ask_to_forget) LVP_DO(ports_.ask_to_forget(id, at));
    return unit->commit();
  }

  // Who mirrors knows that it was done by what is left.
  Result<Forgetting> state_of_forgetting(const std::string& id) const {
    LVP_TRY(const Forgetting state, forgetting(tables_, id));
    if (!settings_.mirrors || state != Forgetting::waiting) return state;
    LVP_TRY(const auto left, find_profiles(tables_, id));
    return left.empty() ? Forgetting::done : Forgetting::waiting;
  }

  Response forgotten(const std::string& id) const {
    const auto state = state_of_forgetting(id);
    if (!state) return failure(503, state.error().what);
    if (*state == Forgetting::never_asked)
      return failure(404, "nobody asked to forget " + id + ", or that was long ago");
    return json_response(forgetting_json(id, *state));
  }

  static std::string forgetting_json(std::string_view id, Forgetting state) {
    json::Writer out;
    out.begin_object();
    out.key("viewer").string(id);
    out.key("forgotten").boolean(state == Forgetting::done);
    return out.end_object().take();
  }

  Response history() {
    MutexLock lock(mutex_);
    return json_response(live::history(history_));
  }

  Response streams() const {
    json::Writer out;
    out.begin_object();
    for (const auto& [name, stream] : ports_.streams) {
      const auto extents = stream->extents();
      if (!extents) return failure(503, extents.error().what);
      out.key(name).begin_array();
      for (const stream::Extent& extent : *extents) {
        out.begin_object();
        out.key("partition").string(extent.partition);
        out.key("first").string(extent.first);
        out.key("last").string(extent.last);
        out.key("records").integer(static_cast<std::int64_t>(extent.records));
        out.key("exact").boolean(extent.exact);
        out.end_object();
      }
      out.end_array();
    }
    return json_response(out.end_object().take());
  }

  Response records(std::string_view name, const std::vector<FormField>& query) const {
    const auto stream =
        std::ranges::find(ports_.streams, name, [](const auto& s) { return s.first; });
    if (stream == ports_.streams.end())
      return failure(404, "there is no stream " + std::string(name));
    const auto form = form_of(name, parameter(query, "form").value_or("columns"));
    if (!form) return failure(400, "form: there is no such form of these records");
    const std::string partition = parameter(query, "partition").value_or("0");
    const auto batch = stream->second->read(partition, parameter(query, "after").value_or(""),
                                            limit_of(query, records_max));
    if (!batch) {
      const bool wrong = batch.error().code == Error::Code::invalid;
      return failure(wrong ? 400 : 503, batch.error().what);
    }
    std::string body;
    for (const stream::Record& record : batch->records)
      body += record_json(name, batch->partition, record, *form) + '\n';
    return http::text_response(200, "application/x-ndjson", std::move(body));
  }

  // ---- Under the lock ----

  Status take(const stream::Record& record, Newest& newest) {
    if (record.value.empty()) return {};  // erased from a compacted stream
    LVP_TRY(const UpdateView update, view_update(record.value));
    switch (update.kind) {
      case UpdateKind::profile: {
        LVP_DO(profile::decode_profile(update.payload, profile_));
        board_.apply(profile_);
        if (settings_.mirrors) {
          profile::Profile& known = newest[profile_.device];
          if (profile_.version > known.version) std::swap(known, profile_);
        }
        return {};
      }
      case UpdateKind::status:
        if (settings_.mode == Mode::exact && is_filled_)
          accelerator_.publish(std::string(update.payload));
        return {};
      case UpdateKind::clock:
        tell_clock(std::string(record.key), update.payload == clock_stands);
        return {};
    }
    return {};
  }

  // Time stands still while it does for any part of the viewers.
  void tell_clock(std::string key, bool stands) {
    if (stands) {
      standing_.insert(std::move(key));
    } else {
      standing_.erase(key);
    }
    if (stale_since_.has_value() == !standing_.empty()) return;
    stale_since_.reset();
    if (stands) stale_since_ = ports_.clock.now();
    stale_changed_ = true;
  }

  // Until what changed is due, or time itself may have changed the counts. Whoever reads updates is
  // the one who writes what is read here.
  Duration until_frame() const {
    if (changed_.empty() && !stale_changed_) return look_pause;
    return std::clamp(framed_at_ + frame_pause - ports_.clock.now(), Duration::zero(), frame_pause);
  }

  // Collects what changed and sends it, not more often than every frame_pause.
  void publish() {
    if (settings_.mode == Mode::mapped && is_filled_ && !accelerator_.empty()) {
      for (std::string& status : board_.take_statuses()) accelerator_.publish(std::move(status));
    }
    board_.take_changed(changed_);

    const Timestamp now = ports_.clock.now();
    if (now - framed_at_ < frame_pause) return;
    const live::Counts counts = board_.counts(stale_since_.value_or(now));
    viewers_.set(static_cast<double>(counts.viewers));
    watching_.set(static_cast<double>(counts.watching));
    for (const auto& [state, gauge] : in_state_) gauge.set(static_cast<double>(counts.in(state)));
    history_.add(now, counts);
    if (changed_.empty() && counts == counts_ && !stale_changed_) return;
    counts_ = counts;
    framed_at_ = now;
    stale_changed_ = false;
    ++seq_;
    if (!live_.empty()) live_.publish(frame(now));
    changed_.clear();
  }

  std::string frame(Timestamp now) const {
    std::vector<const live::Viewer*> viewers;
    std::vector<std::string> gone;
    for (const std::string& id : changed_) {
      if (const live::Viewer* viewer = board_.find(id)) {
        viewers.push_back(viewer);
      } else {
        gone.push_back(id);
      }
    }
    return live::update({seq_, now, counts_, stale_since_.has_value()}, viewers, gone);
  }

  // What changed since the last frame is in the snapshot already, and comes again in the next
  // frame.
  std::string snapshot() const {
    live::Board::Query query;
    query.limit = settings_.snapshot_viewers_max;
    return live::snapshot({seq_, ports_.clock.now(), counts_, stale_since_.has_value()},
                          board_.list(query));
  }

  ServePorts ports_;
  const ServeSettings settings_;
  Tables tables_;

  // Guarded by mutex_, which the subscribers share, so clang cannot follow it.
  Mutex mutex_;
  Subscribers live_;
  Subscribers accelerator_;
  std::atomic<bool> is_filled_ = !settings_.mirrors;  ///< the board, with all that was published
  live::Board board_;
  profile::Profile profile_;  ///< the one in work; its memory is used again and again
  live::History history_;
  live::Counts counts_;
  std::set<std::string> changed_;  ///< viewers not told of yet
  std::uint64_t seq_ = 0;
  Timestamp framed_at_;
  std::set<std::string> standing_;  ///< keys of the clocks that stand
  std::optional<Timestamp> stale_since_;
  bool stale_changed_ = false;

  struct StageMetrics {
    const Progress* progress;
    Gauge& records;
    Gauge& caught_up;
    Gauge& failing;
  };
  std::vector<StageMetrics> stages_;
  Gauge& viewers_;
  Gauge& watching_;
  std::vector<std::pair<profile::State, Gauge&>> in_state_;
  Counter& updates_;
};

}  // namespace

Result<std::unique_ptr<ServeStage>> make_serve_stage(ServePorts ports, ServeSettings settings) {
  LVP_TRY(Tables tables, open_tables(ports.store));
  auto stage = std::make_unique<Serve>(std::move(ports), std::move(settings), std::move(tables));
  LVP_DO(stage->restore());
  return stage;
}

}  // namespace lvp::stages
