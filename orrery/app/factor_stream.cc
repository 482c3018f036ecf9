#include "orrery/app/factor_stream.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"

namespace orrery {
namespace {

/// Writes rows of values as text; the buffer is used again for every row.
class ValueWriter {
 public:
  ValueWriter(const StreamingFactors& factors, std::span<const std::string> symbols, StreamFormat format,
              std::ostream& out)
      : factors_(factors), format_(format), out_(out) {
    for (const auto& symbol : symbols) symbols_.push_back(written(symbol));
    for (const auto& name : factors.names()) names_.push_back(written(name));
  }

  void write_header() {
    if (format_ != StreamFormat::kCsv) return;
    text_ = "date,symbol";
    for (const auto& name : names_) text_ += "," + name;
    text_ += '\n';
    flush();
  }

  void write(const StreamRows& row) {
    text_.clear();
    for (const std::size_t instrument : row.instruments()) {
      if (format_ == StreamFormat::kCsv) {
        add_csv(row.time_text(), instrument);
      } else {
        add_json(row.time_text(), instrument);
      }
    }
    flush();
  }

 private:
  std::string written(const std::string& text) const {
    if (format_ == StreamFormat::kJson) return nlohmann::json(text).dump();
    std::string result;
    append_csv_field(text, result);
    return result;
  }

  void add_csv(const std::string& time, std::size_t instrument) {
    text_ += time;
    text_ += ',';
    text_ += symbols_[instrument];
    for (std::size_t f = 0; f < names_.size(); ++f) {
      text_ += ',';
      add_number(f, instrument, "");
    }
    text_ += '\n';
  }

  void add_json(const std::string& time, std::size_t instrument) {
    text_ += fmt::format(R"({{"date":"{}","symbol":{})", time, symbols_[instrument]);
    for (std::size_t f = 0; f < names_.size(); ++f) {
      text_ += ',';
      text_ += names_[f];
      text_ += ':';
      add_number(f, instrument, "null");
    }
    text_ += "}\n";
  }

  /// The shortest text that reads back to the same float; JSON knows no infinities.
  void add_number(std::size_t factor, std::size_t instrument, std::string_view missing) {
    const float value = factors_.values(factor)[instrument];
    if (std::isfinite(value) || (std::isinf(value) && format_ == StreamFormat::kCsv)) {
      fmt::format_to(std::back_inserter(text_), "{}", value);
    } else {
      text_ += missing;
    }
  }

  void flush() {
    out_ << text_ << std::flush;
    if (!out_)
      throw external_error(ErrorCode::kIo, "the factors' values can't be written: the output is closed");
  }

  const StreamingFactors& factors_;
  StreamFormat format_;
  std::ostream& out_;
  std::vector<std::string> symbols_;
  std::vector<std::string> names_;
  std::string text_;
};

/// Pushes all rows of a market: afterwards the stream stands behind its last session.
std::int64_t push_history(StreamingFactors& factors, const MarketData& history) {
  std::vector<std::span<const double>> fields(factors.fields().size());
  for (std::size_t row = 0; row < history.rows(); ++row) {
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i] = history.field(factors.fields()[i]).row(row);
    if (const auto refused =
            factors.push({start_of(history.dates[row]), fields, {}, history.present.row(row)}))
      throw internal_error("the history does not fit the stream: " + *refused);
  }
  return static_cast<std::int64_t>(history.rows());
}

/// Brings the stream to where its rows begin: behind its stored state, or else behind the history.
void take_up(StreamingFactors& factors, const FactorStreamOptions& options, FactorStreamSummary& summary) {
  if (!options.state.empty() && std::filesystem::exists(options.state)) {
    factors.load(options.state);
    summary.continued = true;
  } else if (options.history != nullptr) {
    summary.rows_of_history = push_history(factors, *options.history);
  }
}

}  // namespace

FactorStreamSummary stream_factors(StreamingFactors& factors, std::span<const std::string> symbols,
                                   std::istream& in, std::ostream& out, const FactorStreamOptions& options) {
  FactorStreamSummary summary;
  take_up(factors, options, summary);
  StreamRows rows(in, options.source, factors.fields(), symbols,
                  [&](std::size_t line, std::string_view reason) {
                    ++summary.refused_lines;
                    options.refuse(line, reason);
                  });
  if (const auto latest = factors.latest()) rows.start_after(*latest);
  ValueWriter writer(factors, symbols, options.format, out);
  while (rows.next()) {
    if (options.cancelled && options.cancelled()) break;
    if (const auto refused = factors.push({rows.moment(), rows.fields(), {}, rows.present()}))
      throw internal_error("a row of the stream was refused: " + *refused);
    if (summary.rows == 0 && options.header) writer.write_header();
    writer.write(rows);
    ++summary.rows;
    if (!options.state.empty() && options.save_every > 0 && summary.rows % options.save_every == 0)
      factors.save(options.state);
  }
  summary.cancelled = options.cancelled && options.cancelled();
  if (!options.state.empty()) factors.save(options.state);
  return summary;
}

}  // namespace orrery
