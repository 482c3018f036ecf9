#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "apps/server/api/operation.h"

namespace orrery::server {

/// Finds the operation that a method and a path belong to.
class RouteTable {
 public:
  /// Errors: kInternal for two operations of one id, or of one method and path.
  void add(Operation operation);

  /// What was found; `values` are the path's parameters, decoded.
  struct Match {
    const Operation* operation = nullptr;  ///< null: none
    std::vector<std::pair<std::string, std::string>> values;
    std::string allowed;  ///< where the path is known but not the method: "GET, POST"
  };
  Match find(Method method, std::string_view path) const;

  const std::vector<std::unique_ptr<Operation>>& operations() const { return operations_; }

 private:
  struct Route {
    const Operation* operation = nullptr;
    std::vector<std::string> segments;  ///< "{…}" takes any one
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  std::vector<std::unique_ptr<Operation>> operations_;
  /// GETs of paths without parameters, which are asked for most.
  std::unordered_map<std::string, const Operation*, TextHash, std::equal_to<>> plain_gets_;
  std::unordered_map<std::size_t, std::vector<Route>> by_length_;
};

}  // namespace orrery::server
