// Who is who: identifiers of made-up viewers, their devices, plays and events. They follow from a
// salt and numbers, so nothing of them is kept, and a viewer's number can be read back from its
// identifier. Another salt (a run has its own) makes strangers. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lvp::simulate {

class Ids {
 public:
  explicit Ids(std::uint64_t salt) : salt_(salt) {}

  std::string device(
      std::uint32_t viewer) const;               ///< a UUID: domain_userid, or the client's user id
  std::string user(std::uint32_t viewer) const;  ///< who logged in: "viewer-89ab-17"
  std::string network(std::uint32_t viewer) const;  ///< the collector's cookie
  std::string session(std::uint32_t viewer) const;
  std::string page(std::uint32_t viewer, std::uint32_t play) const;
  std::string play(std::uint32_t viewer, std::uint32_t play) const;
  std::string event(std::uint32_t viewer, std::uint32_t number) const;

  struct Viewer {
    std::uint32_t number;
    bool logged_in;  ///< the identifier was user()'s, not device()'s
  };
  /// Whose device() or user() it is; nothing for anybody else's.
  std::optional<Viewer> viewer_of(std::string_view id) const;

 private:
  std::uint64_t salt_;
};

}  // namespace lvp::simulate
