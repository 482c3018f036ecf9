#include "orrery/factor/compute.h"

#include "orrery/factor/compile.h"
#include "orrery/factor/executor.h"

namespace orrery {
namespace {

template <class T>
std::vector<PanelT<T>> compute(std::span<const FactorDefinition> definitions, const MarketData& market,
                               const FactorOptions& options, Progress& progress) {
  std::vector<std::string> fields;
  for (const auto& [name, panel] : market.fields) fields.push_back(name);
  check_factors(definitions, fields, options.allow_future);
  const CompiledFactors factors =
      compile_factors(definitions, options.precision, options.allow_future, market.dates);
  std::vector<PanelT<T>> results;
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    results.push_back(PanelT<T>(market.rows(), market.instruments(), typename PanelT<T>::Unfilled()));
  }
  const BatchExecutor executor(factors, market, ExecutionShape{}, kernels::available_instructions());
  executor.run(results, options.threads, progress);
  return results;
}

}  // namespace

FactorFrame compute_factors(std::span<const FactorDefinition> definitions, const MarketData& market,
                            const FactorOptions& options, Progress& progress) {
  FactorFrame result;
  for (const auto& definition : definitions) result.names.push_back(definition.name);
  result.panels = compute<float>(definitions, market, options, progress);
  return result;
}

Panel compute_expression(const FactorDefinition& definition, const MarketData& market,
                         const FactorOptions& options) {
  return std::move(compute<double>({&definition, 1}, market, options, silent_progress()).front());
}

}  // namespace orrery
