#pragma once

#include "plugins/online_stores/registry.h"

namespace orrery::testing {

/// All online stores that there are.
inline const OnlineStoreRegistry& online_stores() {
  static const OnlineStoreRegistry all = [] {
    OnlineStoreRegistry registry("online store");
    plugins::online_stores::register_all(registry);
    return registry;
  }();
  return all;
}

}  // namespace orrery::testing
