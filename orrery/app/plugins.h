#pragma once

#include "orrery/backtest/broker_registry.h"
#include "orrery/data/provider.h"
#include "orrery/execution/compliance_rule.h"
#include "orrery/feature/online_store.h"
#include "orrery/ml/model.h"
#include "orrery/portfolio/optimizer.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

/// The plug-ins a program was built with. Filled once by the program from the generated lists, then
/// read-only.
struct Plugins {
  ModelRegistry models{"model"};
  StrategyRegistry strategies{"strategy"};
  OptimizerRegistry optimizers{"optimizer"};
  ProviderRegistry providers{"provider"};
  RuleRegistry rules{"rule"};
  BrokerRegistry brokers{"broker"};
  OnlineStoreRegistry online_stores{"online store"};
};

}  // namespace orrery
