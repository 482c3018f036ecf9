#pragma once

#include "orrery/feature/online_store.h"

namespace orrery::plugins::online_stores {

using Registry = OnlineStoreRegistry;

/// Adds every store in this folder.
void register_all(Registry& registry);

}  // namespace orrery::plugins::online_stores
