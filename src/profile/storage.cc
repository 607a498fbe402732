#include "profile/storage.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "profile/codec.h"
#include "profile/event_log.h"
#include "profile/fields.h"
#include "profile/plays.h"
#include "profile/time_lists.h"

namespace lvp::profile {
namespace {

constexpr char row_version = 3;  // 1 and 2 begin the record of a whole device (codec.h)
constexpr std::uint64_t no_deadline = std::numeric_limits<std::int64_t>::max();

}  // namespace

// ---- Rows ----

void write_row(Writer& out, const Row& row) {
  const Head& head = row.head;
  const auto at = deadline(head.profile);
  out.clear();
  out.raw({&row_version, 1});
  out.fixed(at ? static_cast<std::uint64_t>(to_ms(*at)) : no_deadline, number_bytes);
  out.fixed(row.journal, number_bytes);
  out.fixed(row.first_piece, piece_bytes);
  out.fixed(row.next_piece, piece_bytes);
  const std::size_t start = out.bytes().size();
  out.fixed(0, 1);
  write_record(out, head.profile);
  out.set_size(start);

  write_posts(out, head.posts);
  write_seen(out, head.recent);
  for (const Edge& edge : head.edges) out(edge.numbered, edge.clock_set);
  out(head.newest, head.ids_from, head.has_lifecycle);
  out(static_cast<std::uint64_t>(row.contexts.size()));
  for (const std::uint64_t context : row.contexts) out.fixed(context, number_bytes);
}

Result<Row> read_row(std::string_view bytes) {
  Row row;
  LVP_DO(read_row(bytes, row));
  return row;
}

lvp::Status read_row(std::string_view bytes, Row& row) {
  if (!is_row(bytes)) return corrupt("row of a device: unknown version");
  Head& head = row.head;
  LVP_DO(decode_profile(profile_of(bytes), head.profile));
  row.journal = journal_of(bytes);
  row.first_piece = first_piece_of(bytes);
  row.next_piece = next_piece_of(bytes);

  Reader in(bytes.substr(front_bytes), /*version=*/2);
  in.sized();
  read_posts(in, head.posts);
  read_seen(in, head.recent);
  head.edges.resize(head.profile.plays.size());
  for (Edge& edge : head.edges) in(edge.numbered, edge.clock_set);
  in(head.newest, head.ids_from, head.has_lifecycle);
  row.contexts.clear();
  for (std::uint64_t count = in.count(); count > 0; --count)
    row.contexts.push_back(in.fixed(number_bytes));
  if (!in.good()) return corrupt("row of a device: the bytes make no sense");
  return {};
}

bool is_row(std::string_view bytes) {
  return bytes.size() > front_bytes && bytes[0] == row_version;
}

std::optional<Timestamp> deadline_of(std::string_view row) {
  const std::uint64_t at = Reader(row.substr(deadline_at), 2).fixed(number_bytes);
  if (at == no_deadline) return std::nullopt;
  return from_ms(static_cast<std::int64_t>(at));
}

std::uint64_t journal_of(std::string_view row) {
  return Reader(row.substr(journal_at), 2).fixed(number_bytes);
}

std::uint32_t first_piece_of(std::string_view row) {
  return static_cast<std::uint32_t>(Reader(row.substr(pieces_at), 2).fixed(piece_bytes));
}

std::uint32_t next_piece_of(std::string_view row) {
  return static_cast<std::uint32_t>(
      Reader(row.substr(pieces_at + piece_bytes), 2).fixed(piece_bytes));
}

namespace {

// The profile's fields: its device, its version.
Reader profile_fields(std::string_view row) {
  const std::string_view record = profile_of(row);
  if (record.empty()) return Reader({}, 2);
  return Reader(Reader(record.substr(1), record[0]).sized(), record[0]);
}

void put_number(std::string& row, std::size_t at, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) row[at + i] = static_cast<char>(value >> (8 * i));
}

}  // namespace

std::string device_of(std::string_view row) {
  std::string device;
  profile_fields(row)(device);
  return device;
}

bool is_of(std::string_view row, std::string_view device) {
  return profile_fields(row).is_text(device);
}

std::uint64_t version_of(std::string_view row) {
  Reader fields = profile_fields(row);
  fields.skip_text();
  return fields.value<std::uint64_t>();
}

void number_row(std::string& row, std::uint64_t journal, std::uint32_t first_piece,
                std::uint32_t next_piece) {
  put_number(row, journal_at, journal, number_bytes);
  put_number(row, pieces_at, first_piece, piece_bytes);
  put_number(row, pieces_at + piece_bytes, next_piece, piece_bytes);
}

std::string_view profile_of(std::string_view row) {
  return Reader(row.substr(front_bytes), 2).sized();
}

Result<Profile> stored_profile(std::string_view bytes) {
  Profile profile;
  LVP_DO(stored_profile(bytes, profile));
  return profile;
}

lvp::Status stored_profile(std::string_view bytes, Profile& profile) {
  if (is_row(bytes)) return decode_profile(profile_of(bytes), profile);
  LVP_TRY(Device device, decode_device(bytes));
  profile = std::move(device.profile);
  return {};
}

// ---- Pieces ----

FreshLog fresh_log(const Device& device, Row& row) {
  FreshLog fresh;
  Writer out;
  const auto count = [&](std::size_t size) { out(static_cast<std::uint64_t>(size)); };
  out.fixed(0, 1);
  count(device.windows.size());
  for (std::size_t i = 0; i < device.windows.size(); ++i) {
    const Play& play = device.profile.plays[i];
    const Window& window = device.windows[i];
    out(play.id, play.started_at, window.checkpoint, window.numbered, window.clock_set);
    count(window.events.size());
  }
  write_seen(out, device.seen);
  out(device.lifecycle);
  out.set_size(0);

  row.contexts.clear();
  for (const Window& window : device.windows) {
    for (const MediaEvent& event : window.events) {
      if (append(out, row.contexts, event, event.collected))
        fresh.contexts.push_back(encode_context(event));
    }
  }
  fresh.piece = out.bytes();
  return fresh;
}

namespace {

// A window on its way into its device.
struct Kept {
  PlayKey key;
  Window window;
};

struct Base {
  std::vector<Kept> windows;
  std::vector<std::uint64_t> sizes;  // how many of the log's events are in each
};

Status read_base(Reader& in, Base& base, Device& device) {
  for (std::uint64_t count = in.count(); count > 0; --count) {
    Kept& kept = base.windows.emplace_back();
    Window& window = kept.window;
    in(kept.key.id, kept.key.started_at, window.checkpoint, window.numbered, window.clock_set);
    in(base.sizes.emplace_back());
  }
  read_seen(in, device.seen);
  in(device.lifecycle);
  const bool sound = std::ranges::all_of(base.windows, [](const Kept& kept) {
    return !kept.window.checkpoint.any || !kept.window.checkpoint.runs.empty();
  });
  if (!in.good() || !sound) return corrupt("log of a device: the bytes make no sense");
  return {};
}

Status fill(Base& base, std::vector<LoggedEvent>& events) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < base.windows.size(); ++i) {
    for (std::uint64_t left = base.sizes[i]; left > 0; --left) {
      if (next == events.size()) return corrupt("log of a device: an event is missing");
      base.windows[i].window.events.push_back(std::move(events[next++].event));
    }
  }
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(next));
  return {};
}

// What follow() put off: the window and the ids of one event.
void keep_event(std::vector<Kept>& windows, Device& device, const LoggedEvent& logged,
                const Limits& limits) {
  PlayKey key = play_key(logged.event);
  auto place = std::ranges::find(windows, key, &Kept::key);
  if (place == windows.end()) {
    windows.push_back({std::move(key), {}});
    place = std::prev(windows.end());
    const std::size_t play = find_play(device.profile, logged.event);
    if (play < device.profile.plays.size())
      place->window.checkpoint.pingless_app = device.profile.plays[play].session.pingless_app;
  }
  insert(place->window, logged.event);
  remember(device.seen, seen_event(logged.event));
  forget_old(device, logged.now, limits);
  for (Kept& kept : windows)
    fold_away(kept.window, logged.now - limits.window, limits.window_events_max);
  std::erase_if(device.lifecycle,
                [&](const MediaEvent& e) { return e.collected < logged.now - limits.window; });
}

}  // namespace

Result<Device> join(const Head& head, std::span<const MediaEvent> contexts,
                    std::span<const std::string_view> pieces, const Limits& limits) {
  Device device;
  device.profile = head.profile;
  device.posts = head.posts;
  device.ids_from = head.ids_from;
  Base base;
  std::vector<LoggedEvent> events;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    Reader in(pieces[i], /*version=*/2);
    if (i == 0) {
      Reader in_base(in.sized(), /*version=*/2);
      LVP_DO(read_base(in_base, base, device));
    }
    LVP_DO(read_log(in.rest(), contexts, events));
    if (i == 0) LVP_DO(fill(base, events));
  }
  for (const LoggedEvent& logged : events) keep_event(base.windows, device, logged, limits);

  for (const Play& play : device.profile.plays) {
    const auto kept =
        std::ranges::find(base.windows, PlayKey{play.id, play.started_at}, &Kept::key);
    device.windows.push_back(kept == base.windows.end() ? Window() : std::move(kept->window));
  }
  return device;
}

Result<bool> catch_up(Head& head, std::string_view log, std::span<const MediaEvent> contexts,
                      const Limits& limits, const PingHabits& habits) {
  std::vector<LoggedEvent> events;
  LVP_DO(read_log(log, contexts, events));
  return std::ranges::all_of(events, [&](const LoggedEvent& logged) {
    return follow(head, logged.event, logged.now, limits, habits) != Followed::no;
  });
}

}  // namespace lvp::profile
