#include "orrery/factor/compute.h"

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/executor.h"

namespace orrery {
namespace {

CompiledFactors compile_for(const MarketData& market, std::span<const FactorDefinition> definitions,
                            const FactorOptions& options) {
  std::vector<std::string> fields;
  for (const auto& [name, panel] : market.fields) fields.push_back(name);
  check_factors(definitions, fields, options.allow_future);
  return compile_factors(definitions, options.precision, options.allow_future, market.dates);
}

template <class T>
std::vector<PanelT<T>> compute(std::span<const FactorDefinition> definitions, const MarketData& market,
                               const FactorOptions& options, Progress& progress) {
  const CompiledFactors factors = compile_for(market, definitions, options);
  std::vector<PanelT<T>> results;
  for (std::size_t i = 0; i < definitions.size(); ++i) {
    results.push_back(PanelT<T>(market.rows(), market.instruments(), typename PanelT<T>::Unfilled()));
  }
  const ExecutionShape shape = shape_for(factors, market.instruments(), options.threads);
  const BatchExecutor executor(factors, market, shape, kernels::available_instructions());
  executor.run(results, options.threads, progress);
  return results;
}

/// How many rows of results fit `bytes`: whole blocks of the tiles where several do.
std::size_t rows_of_block(std::size_t bytes, std::size_t factors, const MarketData& market,
                          const ExecutionShape& shape) {
  const std::size_t row_bytes = std::max<std::size_t>(1, factors * market.instruments()) * sizeof(float);
  const auto tile_rows = static_cast<std::size_t>(shape.rows);
  const std::size_t fitting =
      std::clamp<std::size_t>(bytes / row_bytes, 1, std::max<std::size_t>(1, market.rows()));
  return fitting < tile_rows ? fitting : fitting / tile_rows * tile_rows;
}

}  // namespace

FactorFrame compute_factors(std::span<const FactorDefinition> definitions, const MarketData& market,
                            const FactorOptions& options, Progress& progress) {
  FactorFrame result;
  for (const auto& definition : definitions) result.names.push_back(definition.name);
  result.panels = compute<float>(definitions, market, options, progress);
  return result;
}

void compute_factor_blocks(std::span<const FactorDefinition> definitions, const MarketData& market,
                           const FactorOptions& options, std::size_t bytes, const FactorBlockSink& sink,
                           Progress& progress) {
  if (options.allow_future)
    throw user_error(ErrorCode::kInvalidArgument, "factors that look ahead can't be computed in blocks");
  const CompiledFactors factors = compile_for(market, definitions, options);
  const ExecutionShape shape = shape_for(factors, market.instruments(), options.threads);
  const std::size_t rows = rows_of_block(bytes, definitions.size(), market, shape);
  FactorFrame block;
  for (const auto& definition : definitions) {
    block.names.push_back(definition.name);
    block.panels.emplace_back(rows, market.instruments());
  }
  const BatchExecutor executor(factors, market, shape, kernels::available_instructions());
  executor.run_blocks(block.panels, options.threads, progress,
                      [&](RowRange sessions) { sink(sessions, block); });
}

Panel compute_expression(const FactorDefinition& definition, const MarketData& market,
                         const FactorOptions& options) {
  return std::move(compute<double>({&definition, 1}, market, options, silent_progress()).front());
}

}  // namespace orrery
