#include "base/unit_of_work.h"

namespace lvp {

Status UnitOfWork::commit() {
  for (const auto& hook : before_) LVP_DO(hook());
  LVP_DO(write());
  for (const auto& hook : after_) hook();
  return {};
}

}  // namespace lvp
