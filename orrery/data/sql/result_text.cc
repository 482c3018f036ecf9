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

}  // namespace

ResultExcerpt excerpt(SqlResult& result, std::size_t most) {
  ResultExcerpt kept;
  for (const auto& field : result.schema()->fields()) {
    kept.columns.push_back({field->name(), type_name_of(*field->type()), is_number(*field->type())});
  }
  const std::size_t behind = most / 2;
  std::deque<std::vector<std::string>> last;
  while (const auto block = result.next()) {
    for (std::int64_t row = 0; row < block->num_rows(); ++row) {
      const bool is_seen =
          kept.first.size() < most || row + static_cast<std::int64_t>(most) >= block->num_rows();
      ++kept.rows;
      if (!is_seen) continue;
      if (kept.first.size() < most)
        kept.first.push_back(row_texts(*block, row));
      else
        last.push_back(row_texts(*block, row));
      if (last.size() > behind) last.pop_front();
    }
  }
  if (kept.rows <= most) return kept;
  // The rows of the end that came before `last` was full stand among the first.
  while (last.size() < behind) {
    last.push_front(std::move(kept.first.back()));
    kept.first.pop_back();
  }
  kept.first.resize(most - behind);
  kept.last.assign(std::make_move_iterator(last.begin()), std::make_move_iterator(last.end()));
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
