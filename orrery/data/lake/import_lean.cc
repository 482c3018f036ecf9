#include "orrery/data/lake/import_lean.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/data/known_time.h"
#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/import_notes.h"
#include "orrery/data/lean_actions.h"
#include "orrery/data/lean_files.h"
#include "orrery/data/text_codes.h"
#include "orrery/data/zip_file.h"

namespace orrery {
namespace {

using Path = std::filesystem::path;
using Moments = std::vector<std::int64_t>;

constexpr std::size_t kRowsPerCommit = 1'000'000;

/// Bars of one frequency on their way into the lake.
struct Waiting {
  LakeFeed feed;
  LeanBars bars;
  TextCodes symbols;
  std::size_t coded = 0;  ///< bars that have their symbol

  Waiting(Lake& lake, const std::string& frequency) : feed(lake, frequency) {}
};

/// The ZIP files under a path, and the folders that have factor or map files.
struct Found {
  std::vector<LeanFile> bars;
  std::set<Path> with_actions;
};

void look_at(const Path& path, Found& found) {
  const auto folder = path.parent_path();
  if (folder.filename() == "map_files" || folder.filename() == "factor_files") {
    found.with_actions.insert(folder.parent_path());
  } else if (auto file = describe_lean_file(path)) {
    found.bars.push_back(std::move(*file));
  }
}

Found look_around(const Path& path) {
  if (!std::filesystem::exists(path))
    throw user_error(ErrorCode::kNotFound, fmt::format("no such file or folder: {}", path.string()));
  Found found;
  const auto whole = std::filesystem::absolute(path).lexically_normal();
  if (!std::filesystem::is_directory(whole)) look_at(whole, found);
  if (std::filesystem::is_directory(whole)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             whole, std::filesystem::directory_options::follow_directory_symlink)) {
      if (entry.is_regular_file()) look_at(entry.path(), found);
    }
  }
  if (found.bars.empty() && found.with_actions.empty()) {
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("{} has no files of LEAN's data folder; expected are paths such as "
                                 "equity/usa/daily/aapl.zip, equity/usa/minute/aapl/20140605_trade.zip, "
                                 "crypto/coinbase/daily/btcusd_trade.zip",
                                 path.string()));
  }
  std::sort(found.bars.begin(), found.bars.end(),
            [](const LeanFile& a, const LeanFile& b) { return a.path < b.path; });
  return found;
}

bool is_among(const std::vector<std::string>& wanted, const std::string& name) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), name) != wanted.end();
}

class LeanImporter {
 public:
  LeanImporter(Lake& lake, const LeanRequest& request) : lake_(lake), request_(request) {}

  LeanImport run() {
    const auto found = look_around(request_.path);
    for (const auto& file : found.bars) take_file(file);
    for (auto& [frequency, waiting] : waiting_) commit(waiting);
    for (const auto& folder : found.with_actions) take_actions(folder);
    return std::move(result_);
  }

 private:
  void take_file(const LeanFile& file) {
    if (!is_among(request_.symbols, file.ticker) || !is_among(request_.resolutions, file.resolution)) return;
    if (const auto reason = why_not_taken(file); !reason.empty()) {
      ++result_.not_taken[reason];
      return;
    }
    const auto frequency = frequency_of(file);
    auto& waiting = waiting_.try_emplace(frequency, lake_, frequency).first->second;
    read_zip(file.path, [&](std::string_view, const std::string& text) {
      std::vector<LeanFault> faults;
      read_lean_bars(file, text, waiting.bars, faults);
      note("bars_" + frequency, file.ticker, file.path, faults);
    });
    const auto code = waiting.symbols.code(file.ticker);
    for (; waiting.coded < waiting.bars.size(); ++waiting.coded) waiting.symbols.append(code);
    ++result_.files;
    if (waiting.coded >= kRowsPerCommit) commit(waiting);
  }

  Table sourced(Table rows) const {
    return with_source(std::move(rows), request_.source, request_.retrieved);
  }

  void commit(Waiting& waiting) {
    auto bars = std::exchange(waiting.bars, {});
    const auto count = bars.size();
    const auto symbols = std::exchange(waiting.symbols, {}).take();
    waiting.coded = 0;
    waiting.feed.accept("prices", sourced({{{"symbol", symbols},
                                            {"date", std::move(bars.date)},
                                            {"open_time", std::move(bars.open_time)},
                                            {"close_time", std::move(bars.close_time)},
                                            {"open", std::move(bars.open)},
                                            {"high", std::move(bars.high)},
                                            {"low", std::move(bars.low)},
                                            {"close", std::move(bars.close)},
                                            {"volume", std::move(bars.volume)},
                                            {"price_basis", repeated_text(count, "raw")}}}));
    finish(waiting.feed);
  }

  void finish(LakeFeed& feed) {
    deliver_notes(feed);
    feed.commit();
    for (const auto& [table, count] : feed.counts()) {
      if (table != "quarantine") result_.tables[table] = count;
    }
  }

  void take_actions(const Path& folder) {
    const auto take_fault = [&](const Path& file, const LeanFault& fault) {
      note(kActionsTable, "", file, {fault});
    };
    auto actions = read_lean_actions(folder, request_.symbols, take_fault);
    LakeFeed feed(lake_, "1d");
    if (!actions.empty()) feed.accept(kActionsTable, sourced(table_of(actions)));
    finish(feed);
  }

  Table table_of(const std::vector<LeanAction>& actions) const {
    TextCodes symbols, kinds, notes;
    std::vector<double> values;
    Moments events, known;
    for (const auto& action : actions) {
      symbols.append(symbols.code(action.symbol));
      kinds.append(kinds.code(action.kind));
      notes.append(action.note.empty() ? -1 : notes.code(action.note));
      values.push_back(action.value);
      events.push_back(start_of(action.day).nanoseconds);
      known.push_back(known_time(kActionsTable, request_.source, {.day = action.day}).nanoseconds);
    }
    return {{{"symbol", symbols.take()},
             {"kind", kinds.take()},
             {"value", std::move(values)},
             {"note", notes.take()},
             {kEventTime, std::move(events)},
             {kKnownTime, std::move(known)}}};
  }

  void note(const std::string& table, const std::string& symbol, const Path& file,
            const std::vector<LeanFault>& faults) {
    for (const auto& fault : faults) {
      ++result_.quarantined[fault.reason];
      notes_.push_back({table, symbol, fmt::format("{}, line {}", place_of(file), fault.line), fault.date,
                        fault.reason, fault.column, fault.found});
    }
  }

  /// As seen from the folder asked for, so that another copy of it gives the same notes.
  std::string place_of(const Path& file) const {
    const auto base = std::filesystem::absolute(request_.path).lexically_normal();
    const auto place = file.lexically_relative(base);
    return place == "." ? file.filename().string() : place.string();
  }

  void deliver_notes(LakeFeed& feed) {
    if (!notes_.empty()) feed.accept("quarantine", sourced(notes_table(std::exchange(notes_, {}))));
  }

  Lake& lake_;
  const LeanRequest& request_;
  LeanImport result_;
  std::map<std::string, Waiting> waiting_;
  std::vector<ImportNote> notes_;
};

}  // namespace

LeanImport import_lean(Lake& lake, const LeanRequest& request) { return LeanImporter(lake, request).run(); }

}  // namespace orrery
