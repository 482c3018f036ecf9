#include "apps/server/pages/dashboard_pages.h"

#include <array>
#include <map>
#include <string>

#include "apps/server/api/packing.h"
#include "apps/server/pages/dashboard_files.h"

namespace orrery::server {
namespace {

constexpr std::array<std::string_view, 6> kOthers = {"/api",     "/stream", "/metrics",
                                                     "/healthz", "/readyz", "/docs"};
constexpr std::string_view kDocument = "/index.html";
constexpr std::string_view kAssets = "/assets/";  // their names change with their bytes

// Styles are set by scripts on elements, which 'unsafe-inline' stands for; scripts come as files alone.
constexpr std::string_view kPolicy =
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

struct Page {
  HttpResponse plain;
  HttpResponse packed;  ///< without a body where there is none
};

Page page_of_file(const DashboardFile& file) {
  Page page;
  page.plain.content_type = file.content_type;
  page.plain.body = std::make_shared<const std::string>(file.plain);
  page.plain.headers = {
      {"ETag", std::string(file.mark)},
      {"Vary", "Accept-Encoding"},
      {"Cache-Control", file.path.starts_with(kAssets) ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Content-Security-Policy", std::string(kPolicy)}};
  if (file.packed.empty()) return page;
  page.packed = page.plain;
  page.packed.body = std::make_shared<const std::string>(file.packed);
  page.packed.headers.emplace_back("Content-Encoding", "gzip");
  return page;
}

const std::map<std::string_view, Page>& pages_by_path() {
  static const std::map<std::string_view, Page> pages = [] {
    std::map<std::string_view, Page> found;
    for (const DashboardFile& file : dashboard_files()) found.emplace(file.path, page_of_file(file));
    return found;
  }();
  return pages;
}

bool belongs_to_others(std::string_view path) {
  for (const std::string_view other : kOthers) {
    if (path.starts_with(other) && (path.size() == other.size() || path[other.size()] == '/')) return true;
  }
  return false;
}

}  // namespace

std::optional<HttpResponse> dashboard_page(const HttpRequest& request) {
  const std::string_view path = request.path();
  if (belongs_to_others(path)) return std::nullopt;
  const auto& pages = pages_by_path();
  auto found = pages.find(path);
  if (found == pages.end()) {
    // A piece of an older bundle is gone: the document in its place would be run as a script.
    if (path.starts_with(kAssets)) return std::nullopt;
    found = pages.find(kDocument);
  }
  const Page& page = found->second;
  return page.packed.body && takes_gzip(request.header("accept-encoding")) ? page.packed : page.plain;
}

}  // namespace orrery::server
