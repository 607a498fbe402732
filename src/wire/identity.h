// Who sent an event: the device that records are keyed by, and the viewer they count for.
//
// Rules: docs/formats/media_event.md. A device is one browser or app installation; it is folded by
// one owner, so every record from `enriched` on is keyed by it. A viewer may use many devices.
#pragma once

#include <string_view>

namespace lvp {

/// The identifiers an event carries. Views; empty means absent.
struct Identifiers {
  std::string_view snowplow_id;     ///< identity entity
  std::string_view user_id;         ///< login
  std::string_view client_user_id;  ///< client_session.userId: mobile, TV
  std::string_view domain_userid;   ///< first-party cookie: web
  std::string_view network_userid;  ///< collector cookie
  std::string_view page_view_id;    ///< web_page.id
  std::string_view play_id;         ///< mediaSessionId
};

/// domain_userid, client_session.userId, network_userid, web_page.id, mediaSessionId: the first
/// that is present and not the nil UUID. Empty if there is none.
std::string_view device_key(const Identifiers& ids);

/// snowplowId, user_id, client_session.userId, domain_userid, network_userid, else mediaSessionId,
/// so that anonymous viewers are never merged with each other.
std::string_view viewer_key(const Identifiers& ids);

/// The accelerator's rule: user_id, else domain_userid, else the literal "PoC user".
std::string_view accelerator_viewer_id(std::string_view user_id, std::string_view domain_userid);

}  // namespace lvp
