#include "apps/server/access/audit_trail.h"

namespace orrery::server {

AuditTrail::AuditTrail(const std::filesystem::path& file) : file_(file), lines_(local_disk(), file) {
  lines_.forget_lines_found();
}

void AuditTrail::write(const std::string& object) {
  const std::lock_guard lock(mutex_);
  lines_.append(object);
  lines_.sync();
}

}  // namespace orrery::server
