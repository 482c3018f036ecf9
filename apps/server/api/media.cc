#include "apps/server/api/media.h"

#include <string>

namespace orrery::server {

bool wants_arrow(const HttpRequest& request) {
  return request.header("accept").find(kArrowMedia) != std::string_view::npos;
}

bool takes(const HttpRequest& request, std::string_view media) {
  const std::string_view accept = request.header("accept");
  return accept.empty() || accept.find("*/*") != std::string_view::npos ||
         accept.find(media) != std::string_view::npos ||
         accept.find(std::string(media.substr(0, media.find('/'))) + "/*") != std::string_view::npos;
}

}  // namespace orrery::server
