// Lists of times that lie close together, as a row and a log spell them: each time as the
// difference to the one before. For storage.cc and quiet.cc.
#pragma once

#include <cstdint>
#include <vector>

#include "profile/archive.h"
#include "profile/clock.h"
#include "profile/seen.h"

namespace lvp::profile {

inline void write_posts(Writer& out, const std::vector<Post>& posts) {
  out(static_cast<std::uint64_t>(posts.size()));
  Post before;
  for (const Post& post : posts) {
    out(post.collected - before.collected,
        (post.collected - post.sent) - (before.collected - before.sent));
    before = post;
  }
}

/// Replaces what `posts` holds.
inline void read_posts(Reader& in, std::vector<Post>& posts) {
  posts.clear();
  Post before;
  for (std::uint64_t count = in.count(); count > 0; --count) {
    Duration since{};
    Duration lag{};
    in(since, lag);
    const Timestamp collected = before.collected + since;
    before = {collected, collected - lag - (before.collected - before.sent)};
    posts.push_back(before);
  }
}

inline void write_seen(Writer& out, const std::vector<SeenEvent>& seen) {
  out(static_cast<std::uint64_t>(seen.size()));
  Timestamp before;
  for (const SeenEvent& s : seen) {
    out(s.created - before);
    out.fixed(s.event, 4);
    out.fixed(s.id, 4);
    before = s.created;
  }
}

/// Replaces what `seen` holds.
inline void read_seen(Reader& in, std::vector<SeenEvent>& seen) {
  seen.clear();
  Timestamp before;
  for (std::uint64_t count = in.count(); count > 0; --count) {
    Duration since{};
    in(since);
    before += since;
    SeenEvent s{.created = before};
    s.event = static_cast<std::uint32_t>(in.fixed(4));
    s.id = static_cast<std::uint32_t>(in.fixed(4));
    seen.push_back(s);
  }
}

}  // namespace lvp::profile
