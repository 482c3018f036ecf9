#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery::server {

/// What somebody may do. Nobody may do what is not allowed to their role by name.
enum class Role : std::uint8_t { kViewer, kResearcher, kTrader, kRiskOfficer, kAdmin };

inline constexpr std::array kRoles = {Role::kViewer, Role::kResearcher, Role::kTrader, Role::kRiskOfficer,
                                      Role::kAdmin};

/// Returns "viewer", "researcher", "trader", "risk_officer" or "admin".
std::string_view to_string(Role role);
/// Nothing for another name.
std::optional<Role> role_of(std::string_view name);

/// A set of roles.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  template <class... Roles>
  constexpr explicit RoleSet(Roles... roles) : bits_((bit(roles) | ...)) {}

  constexpr bool has(Role role) const { return (bits_ & bit(role)) != 0; }

 private:
  static constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }
  unsigned bits_ = 0;
};

/// Everybody who is known.
inline constexpr RoleSet kEverybody{Role::kViewer, Role::kResearcher, Role::kTrader, Role::kRiskOfficer,
                                    Role::kAdmin};
/// Who starts studies and moves models.
inline constexpr RoleSet kResearch{Role::kResearcher, Role::kAdmin};
/// Who may tell an account to pause, go on or close everything.
inline constexpr RoleSet kTrading{Role::kTrader, Role::kRiskOfficer, Role::kAdmin};
/// Who may let an account go on that the drawdown ladder has stopped.
inline constexpr RoleSet kRisk{Role::kRiskOfficer, Role::kAdmin};
inline constexpr RoleSet kAdministration{Role::kAdmin};

}  // namespace orrery::server
