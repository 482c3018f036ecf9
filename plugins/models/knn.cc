#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "orrery/ml/sample_table.h"
#include "plugins/models/linear/blocks.h"
#include "plugins/models/linear/gram.h"
#include "plugins/models/neighbours/nearest.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::knn_plugin {
namespace {

using neighbours::Neighbour;
using neighbours::PointCloud;

/// Samples that are asked for together, while a tile of the cloud lies in the cache.
constexpr std::size_t kQueries = 64;

ModelInfo knn_info() {
  ModelInfo info;
  info.name = "knn";
  info.summary = "Mean label of the most similar samples";
  ParameterInfo weights{"weights", std::string("uniform"),
                        "uniform: neighbours count alike; distance: by 1 / distance"};
  weights.choices = {"uniform", "distance"};
  info.parameters = {
      {"k", std::int64_t{50}, "neighbours whose labels are averaged", 1.0, 10000.0},
      weights,
      {"max_samples", std::int64_t{10000},
       "training samples that are kept; of more, so many are drawn by the seed, each as likely as another",
       1.0, 4e9}};
  info.aliases = {{"n_neighbors", "k"}};
  info.source =
      "Fix and Hodges, 1951; Euclidean distance of features scaled to unit deviation, as scikit-learn's "
      "KNeighborsRegressor behind StandardScaler";
  info.accepts_missing = false;
  info.search = {{},
                 {{"k", TunedParameter::Kind::kInteger, 10, 1000, true, {}},
                  {"weights",
                   TunedParameter::Kind::kChoice,
                   0,
                   0,
                   false,
                   {std::string("uniform"), std::string("distance")}}}};
  return info;
}

/// What is kept of the training samples.
struct Memory {
  std::vector<double> means;       ///< of the features, over all training samples
  std::vector<double> deviations;  ///< likewise; 1 for a constant
  std::vector<float> features;     ///< row-major, as read
  std::vector<double> labels;
  std::vector<float> weights;

  std::size_t samples() const { return labels.size(); }
};

/// Draws `wanted` of the samples that weigh something, in order: sequential sampling without replacement.
/// Source: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
std::vector<std::uint32_t> draw_samples(const Dataset& data, std::size_t wanted, std::uint64_t seed) {
  std::vector<std::uint32_t> candidates, drawn;
  for (std::size_t i = 0; i < data.size(); ++i) {
    if (linear::weight_of(data, i) > 0.0) candidates.push_back(static_cast<std::uint32_t>(i));
  }
  for (const std::size_t position : draw_positions(candidates.size(), wanted, seed))
    drawn.push_back(candidates[position]);
  return drawn;
}

/// Reads the drawn samples, a session at a time.
void keep_samples(const Dataset& data, const std::vector<std::uint32_t>& drawn, int threads, Memory& memory) {
  const std::size_t width = data.feature_count();
  memory.features.resize(drawn.size() * width);
  const auto& groups = data.groups();
  parallel_for(groups.size() - 1, threads, [&](std::size_t g) {
    const auto begin = std::lower_bound(drawn.begin(), drawn.end(), groups[g]);
    const auto end = std::lower_bound(begin, drawn.end(), groups[g + 1]);
    if (begin == end) return;
    std::vector<float> rows((groups[g + 1] - groups[g]) * width);
    data.read_rows(groups[g], groups[g + 1] - groups[g], rows.data(), 1);
    for (auto sample = begin; sample != end; ++sample) {
      const auto from = rows.begin() + static_cast<std::ptrdiff_t>((*sample - groups[g]) * width);
      const auto to = memory.features.begin() + (sample - drawn.begin()) * static_cast<std::ptrdiff_t>(width);
      std::copy_n(from, width, to);
    }
  });
  for (const std::uint32_t sample : drawn) {
    memory.labels.push_back(data.labels()[sample]);
    memory.weights.push_back(static_cast<float>(linear::weight_of(data, sample)));
  }
}

std::vector<double> standardised(const Memory& memory, std::span<const float> rows) {
  const std::size_t width = memory.means.size();
  std::vector<double> values(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t feature = i % width;
    values[i] = (static_cast<double>(rows[i]) - memory.means[feature]) / memory.deviations[feature];
  }
  return values;
}

/// The mean of the neighbours' labels. Where weights go by distance, those at no distance count alone.
double mean_label(const Memory& memory, std::span<const Neighbour> nearest, bool by_distance) {
  if (std::isnan(nearest.front().squared_distance)) return std::numeric_limits<double>::quiet_NaN();
  double labels = 0.0;
  double weights = 0.0;
  const bool on_top = nearest.front().squared_distance == 0.0;
  for (const auto& [squared, point] : nearest) {
    if (by_distance && on_top && squared > 0.0) break;
    double weight = static_cast<double>(memory.weights[point]);
    if (by_distance && !on_top) weight /= std::sqrt(squared);
    labels += weight * memory.labels[point];
    weights += weight;
  }
  return labels / weights;
}

template <class Value>
void append_values(std::string& bytes, const std::vector<Value>& values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Value));
}

/// Takes `count` values off the front. Little endian, as all machines of the x86-64-v3 floor are.
template <class Value>
std::vector<Value> take_values(std::string_view& bytes, std::size_t count) {
  if (bytes.size() / sizeof(Value) < count) return {};
  std::vector<Value> values(count);
  std::memcpy(values.data(), bytes.data(), count * sizeof(Value));
  bytes.remove_prefix(count * sizeof(Value));
  return values;
}

/// How many samples there are, then the members of the memory.
std::string to_bytes(const Memory& memory) {
  std::string bytes;
  append_values(bytes, std::vector<std::uint64_t>{memory.samples()});
  append_values(bytes, memory.means);
  append_values(bytes, memory.deviations);
  append_values(bytes, memory.labels);
  append_values(bytes, memory.weights);
  append_values(bytes, memory.features);
  return bytes;
}

Memory from_bytes(const std::filesystem::path& folder, std::string_view bytes, std::size_t features) {
  const std::size_t size = bytes.size();
  const auto samples = take_values<std::uint64_t>(bytes, 1);
  const std::size_t sample_size = sizeof(double) + sizeof(float) * (1 + features);
  const std::size_t fixed = sizeof(std::uint64_t) + 2 * features * sizeof(double);
  if (samples.empty() || size < fixed || samples[0] != (size - fixed) / sample_size ||
      (size - fixed) % sample_size != 0) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("{}: the knn model can't be read: {} bytes are not what {} features need",
                    folder.string(), size, features));
  }
  Memory memory;
  memory.means = take_values<double>(bytes, features);
  memory.deviations = take_values<double>(bytes, features);
  memory.labels = take_values<double>(bytes, samples[0]);
  memory.weights = take_values<float>(bytes, samples[0]);
  memory.features = take_values<float>(bytes, samples[0] * features);
  return memory;
}

class KnnModel final : public Model {
 public:
  explicit KnnModel(const ParameterMap& given)
      : parameters_(complete_parameters(given, knn_info().parameters)) {}

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override {
    return {"knn", Task::kRegression, parameters_, features_, "absolute correlation with the label"};
  }

 private:
  void take(Memory memory, std::vector<std::string> features);
  std::size_t neighbour_count() const { return static_cast<std::size_t>(get_integer(parameters_, "k")); }

  ParameterMap parameters_;
  std::vector<std::string> features_;
  Memory memory_;
  PointCloud cloud_;  ///< made from `memory_`, so that a fitted and a loaded model are the same thing
};

void KnnModel::take(Memory memory, std::vector<std::string> features) {
  cloud_ = PointCloud(standardised(memory, memory.features), features.size());
  memory_ = std::move(memory);
  features_ = std::move(features);
}

FitReport KnnModel::fit(const Dataset& train, const Dataset* /*valid*/, const FitContext& context) {
  require_trainable(train, "train");
  const auto gram = linear::accumulate_gram("knn", train, true, context.threads);
  const auto scale = normal_equations(gram, true).scale;
  const auto drawn =
      draw_samples(train, static_cast<std::size_t>(get_integer(parameters_, "max_samples")), context.seed);
  if (drawn.size() < neighbour_count()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the knn model averages {} neighbours, but only {} samples are kept",
                                 neighbour_count(), drawn.size()));
  }
  Memory memory;
  memory.means.assign(gram.means.begin(), gram.means.end() - 1);
  memory.deviations.assign(scale.begin(), scale.end());
  keep_samples(train, drawn, context.threads, memory);
  take(std::move(memory), train.feature_names());
  FitReport report;
  const Eigen::VectorXd deviations = gram.deviations();
  const Eigen::Index n = gram.features();
  for (Eigen::Index i = 0; i < n; ++i) {
    const double both = deviations[i] * deviations[n] * gram.weight;
    const double correlation = both > 0.0 ? gram.products(n, i) / both : 0.0;
    report.importance.push_back({features_[static_cast<std::size_t>(i)], std::fabs(correlation), 0.0});
  }
  return report;
}

PredictReport KnnModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted("knn", !features_.empty());
  require_same_features("knn", features_, data, out);
  const bool by_distance = get_string(parameters_, "weights") == "distance";
  const std::size_t width = features_.size();
  const std::size_t k = neighbour_count();
  parallel_for((data.size() + kQueries - 1) / kQueries, threads, [&](std::size_t block) {
    const std::size_t begin = block * kQueries;
    const std::size_t count = std::min(kQueries, data.size() - begin);
    std::vector<float> rows(count * width);
    data.read_rows(begin, count, rows.data(), 1);
    std::vector<Neighbour> nearest(count * k);
    cloud_.nearest(standardised(memory_, rows), k, nearest);
    for (std::size_t i = 0; i < count; ++i)
      out[begin + i] = mean_label(memory_, std::span(nearest).subspan(i * k, k), by_distance);
  });
  return {};
}

void KnnModel::save(const std::filesystem::path& folder) const {
  require_savable("knn", !features_.empty());
  write_model_file(folder, {"knn", parameters_, features_, to_bytes(memory_)});
}

void KnnModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, "knn");
  auto parameters = complete_parameters(file.parameters, knn_info().parameters);
  auto memory = from_bytes(folder, file.content, file.features.size());
  if (memory.samples() < static_cast<std::size_t>(get_integer(parameters, "k"))) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the knn model keeps {} samples for {} neighbours", folder.string(),
                                     memory.samples(), get_integer(parameters, "k")));
  }
  take(std::move(memory), std::move(file.features));
  parameters_ = std::move(parameters);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("knn", {knn_info(), [](const ParameterMap& parameters) {
                         return std::make_unique<KnnModel>(parameters);
                       }});
}

}  // namespace orrery::plugins::models::knn_plugin
