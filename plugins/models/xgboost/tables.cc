#include "plugins/models/xgboost/tables.h"

#include <fmt/format.h>

#include <exception>

#include "orrery/base/stopwatch.h"

namespace orrery::plugins::models::xgboost {
namespace {

/// Hands XGBoost a block at a time, as often as it begins anew. An exception must not pass through the
/// library: it is kept.
class BlockSource {
 public:
  BlockSource(const Dataset& data, const TableLabels& labels, const TableSettings& settings)
      : data_(data), labels_(labels), threads_(settings.threads) {
    for (const int categorical : settings.categorical) types_.push_back(categorical != 0 ? "c" : "float");
    Handle handle = nullptr;
    check(library().create_proxy(&handle), "to make a proxy of a table");
    proxy_.reset(handle);
  }

  Handle proxy() const { return proxy_.get(); }
  double seconds_reading() const { return seconds_reading_; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

  static void reset(Handle self) { static_cast<BlockSource*>(self)->next_session_ = 0; }
  static int next(Handle self) { return static_cast<BlockSource*>(self)->hand_over(); }

 private:
  /// Returns 0 at the end, or where a block can't be read.
  int hand_over() {
    const auto& starts = data_.groups();
    if (failure_ || next_session_ + 1 >= starts.size()) return 0;
    try {
      std::size_t end = next_session_ + 1;
      while (end + 1 < starts.size() && starts[end + 1] - starts[next_session_] <= kBlockRows) ++end;
      read(starts[next_session_], starts[end] - starts[next_session_]);
      const bool is_ranking = !labels_.sessions.empty();
      set("label", labels_.labels, starts[next_session_], starts[end], "<f4");
      set("qid", labels_.sessions, starts[next_session_], starts[end], "<u4");
      set("weight", labels_.weights, is_ranking ? next_session_ : starts[next_session_],
          is_ranking ? end : starts[end], "<f4");
      next_session_ = end;
      return 1;
    } catch (...) {
      failure_ = std::current_exception();
      return 0;
    }
  }

  void read(std::size_t begin, std::size_t count) {
    block_.resize(count * data_.feature_count());
    {
      const ScopedSeconds timer(seconds_reading_);
      data_.read_rows(begin, count, block_.data(), threads_);
    }
    const auto rows = array_interface(block_.data(), {count, data_.feature_count()}, "<f4");
    check(library().set_proxy_rows(proxy(), rows.c_str()), "rows");
    if (!types_.empty())
      check(library().set_text_info(proxy(), "feature_type", types_.data(), types_.size()),
            "types of features");
  }

  template <class T>
  void set(const char* field, const std::vector<T>& values, std::size_t begin, std::size_t end,
           std::string_view type) {
    if (values.empty()) return;
    const auto array = array_interface(values.data() + begin, {end - begin}, type);
    check(library().set_info(proxy(), field, array.c_str()), field);
  }

  const Dataset& data_;
  const TableLabels& labels_;
  int threads_;
  Table proxy_;
  std::vector<const char*> types_;  ///< by feature; empty: all are quantities
  std::vector<float> block_;
  std::size_t next_session_ = 0;
  double seconds_reading_ = 0.0;
  std::exception_ptr failure_;
};

}  // namespace

Table quantise(const Dataset& data, const TableLabels& labels, const TableSettings& settings, Handle like) {
  BlockSource source(data, labels, settings);
  const auto config =
      fmt::format(R"({{"missing": NaN, "nthread": {}, "max_bin": {}}})", settings.threads, settings.max_bin);
  double seconds = 0.0;
  Handle handle = nullptr;
  {
    const ScopedSeconds timer(seconds);
    const int status = library().create_table(&source, source.proxy(), like, BlockSource::reset,
                                              BlockSource::next, config.c_str(), &handle);
    source.rethrow();
    check(status, "to make a table");
  }
  settings.library_seconds += seconds - source.seconds_reading();
  return Table(handle);
}

}  // namespace orrery::plugins::models::xgboost
