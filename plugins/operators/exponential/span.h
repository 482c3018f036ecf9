#pragma once

namespace orrery::plugins::operators {

/// What an exponential mean keeps of its weights from row to row, 1 - alpha, for a span of at least one row
/// (alpha = 2 / (span + 1)) or, below 1, for alpha itself.
inline double kept_of_span(double span) { return 1.0 - (span < 1.0 ? span : 2.0 / (span + 1.0)); }

}  // namespace orrery::plugins::operators
