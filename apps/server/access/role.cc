#include "apps/server/access/role.h"

namespace orrery::server {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kResearcher:
      return "researcher";
    case Role::kTrader:
      return "trader";
    case Role::kRiskOfficer:
      return "risk_officer";
    case Role::kAdmin:
      break;
  }
  return "admin";
}

std::optional<Role> role_of(std::string_view name) {
  for (const Role role : kRoles) {
    if (to_string(role) == name) return role;
  }
  return std::nullopt;
}

}  // namespace orrery::server
