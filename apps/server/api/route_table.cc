#include "apps/server/api/route_table.h"

#include <fmt/format.h>

#include <optional>

#include "orrery/base/error.h"

namespace orrery::server {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.push_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{'; }

}  // namespace

void RouteTable::add(Operation operation) {
  for (const auto& other : operations_) {
    if (other->id == operation.id || (other->path == operation.path && other->method == operation.method)) {
      throw internal_error(fmt::format("two operations {} at {}", operation.id, operation.path));
    }
  }
  operations_.push_back(std::make_unique<Operation>(std::move(operation)));
  Route route{operations_.back().get(), {}};
  for (const std::string_view segment : segments_of(route.operation->path))
    route.segments.emplace_back(segment);
  if (route.operation->method == Method::kGet && route.operation->path.find('{') == std::string::npos) {
    plain_gets_.emplace(route.operation->path, route.operation);
  }
  by_length_[route.segments.size()].push_back(std::move(route));
}

RouteTable::Match RouteTable::find(Method method, std::string_view path) const {
  Match best;
  if (method == Method::kGet) {
    if (const auto plain = plain_gets_.find(path); plain != plain_gets_.end()) {
      best.operation = plain->second;
      return best;
    }
  }
  std::size_t best_literals = 0;
  const auto segments = segments_of(path);
  const auto routes = by_length_.find(segments.size());
  if (routes == by_length_.end()) return best;
  for (const Route& route : routes->second) {
    Match match;
    std::size_t literals = 0;
    bool fits = true;
    for (std::size_t i = 0; fits && i < segments.size(); ++i) {
      const std::string& wanted = route.segments[i];
      if (is_parameter(wanted)) {
        auto value = percent_decoded(segments[i], false);
        fits = value && !value->empty();
        if (fits) match.values.emplace_back(wanted.substr(1, wanted.size() - 2), std::move(*value));
      } else {
        fits = segments[i] == wanted;
        ++literals;
      }
    }
    if (!fits) continue;
    if (route.operation->method != method) {
      best.allowed += (best.allowed.empty() ? "" : ", ") + std::string(to_string(route.operation->method));
    } else if (best.operation == nullptr || literals > best_literals) {
      best.operation = route.operation;
      best.values = std::move(match.values);
      best_literals = literals;
    }
  }
  return best;
}

}  // namespace orrery::server
