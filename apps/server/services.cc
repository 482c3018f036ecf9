#include "apps/server/services.h"

namespace orrery::server {

void audit_change(const Services& services, const ApiRequest& request, const std::string& what,
                  Json details) {
  Json line = {{"time", to_string(services.clock.now())},
               {"who", request.who.name},
               {"role", to_string(request.who.role)},
               {"credential", request.who.credential},
               {"address", request.http.address},
               {"request", request.http.number},
               {"what", what}};
  if (!details.is_null()) line["details"] = std::move(details);
  services.audit.write(json_text(line));
}

}  // namespace orrery::server
