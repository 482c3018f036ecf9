#include "orrery/factor/streaming.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/cross_section_rows.h"
#include "orrery/factor/tile.h"

namespace orrery {
namespace {

constexpr std::int32_t kNotYet = std::numeric_limits<std::int32_t>::max();
constexpr std::int32_t kStays = std::numeric_limits<std::int32_t>::max();
/// Few enough that a row's work stays in the cache, many enough that finding the way costs little.
constexpr std::size_t kStreamLanes = 256;
constexpr std::string_view kMagic = "ORRERY STREAM 7\n";
constexpr std::size_t kDigestLength = 32;

CompiledFactors compile_stream(std::span<const FactorDefinition> definitions, Precision precision) {
  CompiledFactors factors = compile_factors(definitions, precision, false);
  if (!factors.time_windows_open) return factors;
  throw user_error(ErrorCode::kInvalidArgument,
                   "a stream can't know how many rows a window in time will have, such as 20d: write the "
                   "window in rows, such as 20");
}

void check_symbols(const StreamInstruments& instruments) {
  for (std::size_t i = 1; i < instruments.symbols.size(); ++i) {
    if (instruments.symbols[i - 1] < instruments.symbols[i]) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("symbols must ascend in byte order, each one once: '{}' stands before '{}'",
                                 instruments.symbols[i - 1], instruments.symbols[i]));
  }
  if (instruments.sectors.empty() || instruments.sectors.size() == instruments.symbols.size()) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("sectors must have one entry an instrument: {} of {}",
                               instruments.sectors.size(), instruments.symbols.size()));
}

/// A market of one row: the row that was pushed last.
MarketData one_row_market(const CompiledFactors& factors, const StreamInstruments& instruments) {
  MarketData market;
  market.dates.resize(1);
  market.symbols = instruments.symbols;
  market.sectors = instruments.sectors;
  market.first_row.assign(instruments.symbols.size(), kNotYet);
  market.last_row.assign(instruments.symbols.size(), kStays);
  market.present = MaskPanel(1, instruments.symbols.size(), 0);
  for (const auto& field : factors.fields) market.fields.emplace(field, Panel(1, instruments.symbols.size()));
  return market;
}

/// What a snapshot belongs to.
std::string identity_of(std::span<const FactorDefinition> definitions, const StreamInstruments& instruments,
                        Precision precision) {
  Fingerprint fingerprint;
  const auto add = [&](std::string_view text) {
    fingerprint.update(fmt::format("{} ", text.size()));
    fingerprint.update(text);
  };
  for (const auto& definition : definitions) {
    add(definition.name);
    add(definition.expression);
  }
  for (const auto& symbol : instruments.symbols) add(symbol);
  for (const auto& sector : instruments.sectors) add(sector);
  add(precision == Precision::kFloat32 ? "float" : "double");
  return fingerprint.hex();
}

std::string digest_of(std::span<const std::byte> bytes) {
  Fingerprint fingerprint;
  fingerprint.update(bytes.data(), bytes.size());
  return fingerprint.hex();
}

template <class T>
void append(std::vector<std::byte>& to, const T* values, std::size_t count) {
  const std::size_t size = to.size();
  to.resize(size + count * sizeof(T));
  std::memcpy(to.data() + size, values, count * sizeof(T));
}

/// Reads what `append` wrote; the caller has checked the length.
template <class T>
void take(std::span<const std::byte>& from, T* values, std::size_t count) {
  std::memcpy(values, from.data(), count * sizeof(T));
  from = from.subspan(count * sizeof(T));
}

}  // namespace

struct StreamingFactors::State {
  State(std::span<const FactorDefinition> definitions, const StreamInstruments& instruments,
        Precision precision)
      : factors(compile_stream(definitions, precision)),
        identity(identity_of(definitions, instruments, precision)),
        market(one_row_market(factors, instruments)),
        lanes(static_cast<int>(std::min(kStreamLanes, market_stride()))),
        plan(make_plan(factors.graph, factors.roots, {lanes, 1})) {
    for (const auto& definition : definitions) {
      names.push_back(definition.name);
      results.emplace_back(1, market.instruments());
    }
    for (const auto& field : factors.fields) field_rows.push_back(&market.fields.find(field)->second);
    lay_tiles();
    across = std::make_unique<CrossSectionRows>(factors, plan, market.instruments(), tiles, 1,
                                                kernels::available_instructions());
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  std::size_t market_stride() const { return FloatPanel(1, market.instruments()).stride(); }

  void lay_tiles() {
    const auto width = static_cast<std::size_t>(lanes);
    const std::size_t stride = market_stride();
    for (std::size_t first = 0; first < stride; first += width) {
      const int own = static_cast<int>(std::min(width, stride - first));
      tiles.push_back(std::make_unique<Tile>(factors, plan, market, own, kernels::available_instructions()));
      tiles.back()->start(first);
    }
  }

  std::optional<std::string> refusal(const StreamRow& row) const {
    if (rows > 0 && row.time <= latest) {
      return fmt::format("the row is {}: {} after {}", row.time == latest ? "a duplicate" : "late",
                         to_string(row.time), to_string(latest));
    }
    if (rows >= kNotYet) return "the stream has taken as many rows as it can count";
    if (row.fields.size() != field_rows.size())
      return fmt::format("the row has {} fields instead of {}", row.fields.size(), field_rows.size());
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
      if (row.fields[i].size() == market.instruments()) continue;
      return fmt::format("field '{}' has {} instruments instead of {}", factors.fields[i],
                         row.fields[i].size(), market.instruments());
    }
    for (const auto& [name, marks] : {std::pair("listed", row.listed), std::pair("present", row.present)}) {
      if (!marks.empty() && marks.size() != market.instruments())
        return fmt::format("{} has {} instruments instead of {}", name, marks.size(), market.instruments());
    }
    return std::nullopt;
  }

  bool has_bar(const StreamRow& row, std::size_t instrument) const {
    if (!row.present.empty()) return row.present[instrument] != 0;
    return std::any_of(row.fields.begin(), row.fields.end(),
                       [&](const auto& field) { return !std::isnan(field[instrument]); });
  }

  /// Notes who begins and who leaves on the row; returns whether anybody does.
  bool note_lives(const StreamRow& row) {
    bool changed = false;
    const auto now = static_cast<std::int32_t>(rows);
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      int& first = market.first_row[i];
      int& last = market.last_row[i];
      if (first == kNotYet) {
        if (row.listed.empty() ? !has_bar(row, i) : row.listed[i] == 0) continue;
        first = now;
      } else {
        if (row.listed.empty() || row.listed[i] != 0 || last != kStays) continue;
        last = now - 1;
      }
      changed = true;
    }
    return changed;
  }

  void note_bars(const StreamRow& row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const bool lives = market.first_row[i] != kNotYet && market.last_row[i] == kStays;
      market.present(0, i) = lives && has_bar(row, i) ? 1 : 0;
    }
  }

  void compute(const StreamRow& row) {
    for (std::size_t i = 0; i < field_rows.size(); ++i)
      std::copy(row.fields[i].begin(), row.fields[i].end(), field_rows[i]->row_data(0));
    const bool lives_changed = note_lives(row);
    if (plan.stages.size() > 1) note_bars(row);  // only cross-sections ask
    for (const auto& tile : tiles) {
      if (lives_changed) tile->read_lives();
      tile->move_market_to(rows);
      tile->move_results_to(rows);
    }
    for (std::size_t stage = 0; stage < plan.stages.size(); ++stage) {
      for (const auto& tile : tiles) tile->advance_stage(stage, rows, 1, results);
      across->run(stage, rows, 1, 0);
    }
    latest = row.time;
    ++rows;
  }

  std::vector<std::byte> pack() const {
    std::vector<std::byte> body;
    append(body, &rows, 1);
    append(body, &latest.nanoseconds, 1);
    append(body, market.first_row.data(), market.instruments());
    append(body, market.last_row.data(), market.instruments());
    for (const auto& panel : results) append(body, panel.row_data(0), market.instruments());
    for (const auto& tile : tiles) append(body, tile->memory().data(), tile->memory().size());
    return body;
  }

  std::size_t packed_size() const {
    std::size_t size = sizeof(rows) + sizeof(latest.nanoseconds) + 2 * market.instruments() * sizeof(int) +
                       results.size() * market.instruments() * sizeof(float);
    for (const auto& tile : tiles) size += tile->memory().size();
    return size;
  }

  void unpack(std::span<const std::byte> body) {
    take(body, &rows, 1);
    take(body, &latest.nanoseconds, 1);
    take(body, market.first_row.data(), market.instruments());
    take(body, market.last_row.data(), market.instruments());
    for (auto& panel : results) take(body, panel.row_data(0), market.instruments());
    for (const auto& tile : tiles) {
      take(body, tile->memory().data(), tile->memory().size());
      tile->resume();
      tile->read_lives();
    }
  }

  CompiledFactors factors;
  std::string identity;
  MarketData market;
  int lanes;
  Plan plan;
  std::vector<std::string> names;
  std::vector<FloatPanel> results;
  std::vector<Panel*> field_rows;  ///< by field, its row in `market`
  std::vector<std::unique_ptr<Tile>> tiles;
  std::unique_ptr<CrossSectionRows> across;
  std::int64_t rows = 0;
  Timestamp latest;
};

StreamingFactors::StreamingFactors(std::span<const FactorDefinition> definitions,
                                   const StreamInstruments& instruments, Precision precision) {
  check_symbols(instruments);
  state_ = std::make_unique<State>(definitions, instruments, precision);
}
StreamingFactors::~StreamingFactors() = default;
StreamingFactors::StreamingFactors(StreamingFactors&&) noexcept = default;
StreamingFactors& StreamingFactors::operator=(StreamingFactors&&) noexcept = default;

const std::vector<std::string>& StreamingFactors::fields() const { return state_->factors.fields; }
const std::vector<std::string>& StreamingFactors::names() const { return state_->names; }
std::size_t StreamingFactors::instruments() const { return state_->market.instruments(); }
std::int64_t StreamingFactors::rows() const { return state_->rows; }
std::optional<Timestamp> StreamingFactors::latest() const {
  return state_->rows > 0 ? std::optional(state_->latest) : std::nullopt;
}

std::optional<std::string> StreamingFactors::push(const StreamRow& row) {
  auto refused = state_->refusal(row);
  if (!refused) state_->compute(row);
  return refused;
}

std::span<const float> StreamingFactors::values(std::size_t factor) const {
  return state_->results[factor].row(0);
}

std::vector<std::byte> StreamingFactors::snapshot() const {
  const auto body = state_->pack();
  std::vector<std::byte> result;
  result.reserve(kMagic.size() + 2 * kDigestLength + body.size());
  append(result, kMagic.data(), kMagic.size());
  append(result, state_->identity.data(), kDigestLength);
  append(result, digest_of(body).data(), kDigestLength);
  append(result, body.data(), body.size());
  return result;
}

void StreamingFactors::restore(std::span<const std::byte> snapshot) {
  constexpr std::size_t kHead = kMagic.size() + 2 * kDigestLength;
  const std::string_view text(reinterpret_cast<const char*>(snapshot.data()), snapshot.size());
  if (text.size() < kHead) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("a stream's snapshot is cut short: {} bytes", text.size()));
  }
  if (!text.starts_with(kMagic)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "this is no snapshot of a stream, or one of another version of Orrery");
  }
  if (text.substr(kMagic.size(), kDigestLength) != state_->identity) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "the snapshot belongs to other factors, instruments or another precision");
  }
  const auto body = snapshot.subspan(kHead);
  if (body.size() != state_->packed_size() ||
      text.substr(kMagic.size() + kDigestLength, kDigestLength) != digest_of(body)) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("a stream's snapshot is damaged or cut short: {} bytes instead of {}",
                                     body.size(), state_->packed_size()));
  }
  state_->unpack(body);
}

void StreamingFactors::save(const std::filesystem::path& file) const {
  const auto bytes = snapshot();
  write_file_atomically(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void StreamingFactors::load(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  restore(std::as_bytes(std::span(text)));
}

}  // namespace orrery
