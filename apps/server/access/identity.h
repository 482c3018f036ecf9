#pragma once

#include <string>

#include "apps/server/access/role.h"
#include "orrery/base/timestamp.h"

namespace orrery::server {

/// Who asks, as far as the server could verify.
struct Identity {
  std::string name;  ///< as logs and the audit trail call them
  Role role = Role::kViewer;
  std::string credential;  ///< what they came with: "token 3", "jwt …"; never a secret
  Timestamp expires;       ///< after this they are nobody
  std::string csrf;        ///< not empty: came by cookie, and has to show this with every change
};

}  // namespace orrery::server
