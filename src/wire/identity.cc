#include "wire/identity.h"

#include <initializer_list>

#include "base/uuid.h"

namespace lvp {
namespace {

std::string_view first_present(std::initializer_list<std::string_view> ids) {
  for (const std::string_view id : ids) {
    if (!id.empty() && id != nil_uuid) return id;
  }
  return {};
}

}  // namespace

std::string_view device_key(const Identifiers& ids) {
  return first_present(
      {ids.domain_userid, ids.client_user_id, ids.network_userid, ids.page_view_id, ids.play_id});
}

std::string_view viewer_key(const Identifiers& ids) {
  return first_present({ids.snowplow_id, ids.user_id, ids.client_user_id, ids.domain_userid,
                        ids.network_userid, ids.play_id, ids.page_view_id});
}

std::string_view accelerator_viewer_id(std::string_view user_id, std::string_view domain_userid) {
  if (!user_id.empty()) return user_id;
  if (!domain_userid.empty()) return domain_userid;
  return "PoC user";
}

}  // namespace lvp
