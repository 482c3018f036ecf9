#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <deque>

#include "orrery/data/csv.h"
#include "orrery/data/sql/cell_text.h"
#include "orrery/data/sql/result_output.h"

namespace orrery {
namespace {

constexpr std::size_t kPieceBytes = 1 << 16;

std::vector<std::string> row_texts(const arrow::RecordBatch& block, std::int64_t row) {
  std::vector<std::string> texts;
  for (const auto& column : block.columns()) {
    auto& text = texts.emplace_back();
    if (column->IsNull(row)) {
      text = "NULL";
    } else {
      append_text(*column, row, text);
    }
  }
  return texts;
}

/// An empty text is quoted, a missing value is nothing.
void append_csv_text(std::string_view text, std::string& out) {
  if (text.empty()) {
    out += "\"\"";
  } else {
    append_csv_field(text, out);
  }
}

void append_csv_row(const arrow::RecordBatch& block, std::int64_t row, std::string& cell, std::string& out) {
  for (int c = 0; c < block.num_columns(); ++c) {
    if (c > 0) out += ',';
    if (block.column(c)->IsNull(row)) continue;
    cell.clear();
    append_text(*block.column(c), row, cell);
    append_csv_text(cell, out);
  }
  out += '\n';
}

void append_json_row(const arrow::RecordBatch& block, std::int64_t row, const std::vector<std::string>& names,
                     std::string& out) {
  out += '{';
  for (int c = 0; c < block.num_columns(); ++c) {
    if (c > 0) out += ", ";
    out += names[static_cast<std::size_t>(c)];
    append_json(*block.column(c), row, out);
  }
  out += '}';
}

/// Writes row after row in large pieces.
template <class AppendRow>
std::size_t write_rows(SqlResult& result, const TextSink& sink, std::string text,
                       const AppendRow& append_row) {
  std::size_t rows = 0;
  while (const auto block = result.next()) {
    for (std::int64_t row = 0; row < block->num_rows(); ++row, ++rows) {
      append_row(*block, row, rows, text);
      if (text.size() < kPieceBytes) continue;
      sink(text);
      text.clear();
    }
  }
  sink(text);
  return rows;
}

/// Keeps the first and the last rows of all that come.
class BothEnds {
 public:
  explicit BothEnds(std::size_t most) : most_(most), behind_(most / 2) {}

  void add(const arrow::RecordBatch& block) {
    const auto count = static_cast<std::size_t>(block.num_rows());
    for (std::size_t row = 0; row < count; ++row) {
      // What is neither among the first nor among a block's last rows is never shown.
      if (first_.size() >= most_ && row + most_ < count) continue;
      add_row(row_texts(block, static_cast<std::int64_t>(row)));
    }
    rows_ += count;
  }

  void move_into(ResultExcerpt& kept) {
    kept.rows = rows_;
    if (rows_ > most_) part();
    kept.first = std::move(first_);
    kept.last.assign(std::make_move_iterator(last_.begin()), std::make_move_iterator(last_.end()));
  }

 private:
  void add_row(std::vector<std::string> texts) {
    if (first_.size() < most_) {
      first_.push_back(std::move(texts));
      return;
    }
    last_.push_back(std::move(texts));
    if (last_.size() > behind_) last_.pop_front();
  }

  /// Rows of the end may stand among the first, where few came behind these.
  void part() {
    while (last_.size() < behind_) {
      last_.push_front(std::move(first_.back()));
      first_.pop_back();
    }
    first_.resize(most_ - behind_);
  }

  std::size_t most_, behind_;
  std::size_t rows_ = 0;
  std::vector<std::vector<std::string>> first_;
  std::deque<std::vector<std::string>> last_;
};

}  // namespace

ResultExcerpt excerpt(SqlResult& result, std::size_t most) {
  ResultExcerpt kept;
  for (const auto& field : result.schema()->fields()) {
    kept.columns.push_back({field->name(), type_name_of(*field->type()), is_number(*field->type())});
  }
  BothEnds ends(most);
  while (const auto block = result.next()) ends.add(*block);
  ends.move_into(kept);
  return kept;
}

std::size_t write_csv(SqlResult& result, const TextSink& sink) {
  std::string header;
  for (const auto& field : result.schema()->fields()) {
    if (!header.empty()) header += ',';
    append_csv_text(field->name(), header);
  }
  std::string cell;
  return write_rows(result, sink, header + "\n",
                    [&cell](const arrow::RecordBatch& block, std::int64_t row, std::size_t,
                            std::string& out) { append_csv_row(block, row, cell, out); });
}

std::size_t write_json(SqlResult& result, const TextSink& sink) {
  std::vector<std::string> names;
  for (const auto& field : result.schema()->fields()) {
    append_json_text(field->name(), names.emplace_back());
    names.back() += ": ";
  }
  const auto rows = write_rows(
      result, sink, "[",
      [&names](const arrow::RecordBatch& block, std::int64_t row, std::size_t position, std::string& out) {
        out += position == 0 ? "\n " : ",\n ";
        append_json_row(block, row, names, out);
      });
  sink(rows == 0 ? "]\n" : "\n]\n");
  return rows;
}

}  // namespace orrery
