#include "plugins/models/linear/blocks.h"

namespace orrery::plugins::models::linear {

Eigen::MatrixXd read_block(const Dataset& data, std::size_t begin, std::size_t count) {
  std::vector<float> rows(count * data.feature_count());
  data.read_rows(begin, count, rows.data(), 1);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const RowMajor>(rows.data(), static_cast<Eigen::Index>(count),
                                    static_cast<Eigen::Index>(data.feature_count()))
      .cast<double>();
}

double weight_of(const Dataset& data, std::size_t sample) {
  return data.weights().empty() ? 1.0 : static_cast<double>(data.weights()[sample]);
}

void fix_eigen_blocks() { Eigen::setCpuCacheSizes(32 << 10, 256 << 10, 2 << 20); }

}  // namespace orrery::plugins::models::linear
