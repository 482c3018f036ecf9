#pragma once

#include <filesystem>
#include <vector>

#include "orrery/app/account_terms.h"
#include "orrery/backtest/broker_registry.h"
#include "orrery/execution/venue_terms.h"

namespace orrery {

/// The broker that sends orders on to the venues of a file.
inline constexpr const char* kRoutedBroker = "routed";

/// Reads the venues of an account and how their health is judged (docs/trading.md#several-brokers). Errors:
/// kNotFound; kInvalidArgument with file, line and column, each key that is wrong and what it may be.
RouteTerms read_routes(const std::filesystem::path& file, const BrokerRegistry& brokers);

/// Returns what an account remembers of its routes: what decides where its orders go, by dotted keys such as
/// `routes.near.commission_bps`.
StudySettings deciding_settings(const RouteTerms& routes);

}  // namespace orrery
