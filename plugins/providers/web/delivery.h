#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "orrery/data/provider.h"
#include "plugins/providers/web/row_reader.h"
#include "plugins/providers/web/service.h"

namespace orrery::plugins::providers::web {

using Cell = std::variant<double, std::int64_t, Date, std::string>;

/// The columns of a table that a service fills.
struct TableLayout {
  struct Field {
    std::string name;
    Cell kind;  ///< a value of the column's type
  };
  std::string name;
  std::vector<Field> fields;
  std::size_t key_fields = 1;  ///< so many fields at the front name a row
};

/// Gathers the rows of one fetch until all have come: whole answers or nothing. Of rows with the same key
/// the first is taken; one that repeats it is dropped, one that says something else goes to the quarantine.
class Delivery {
 public:
  Delivery(Service& service, std::vector<TableLayout> layouts);

  /// Starts the rows of one answer.
  void begin(const HttpResponse& response);
  /// Takes a row, or puts it to the quarantine where it has a problem.
  void add(std::string_view table, std::vector<Cell> row, const std::optional<RowProblem>& problem = {});
  /// Counts a row whose values the caller keeps; one with a problem goes to the quarantine.
  void count(std::string_view table, const std::optional<RowProblem>& problem);
  /// Ends the rows of one answer. Errors: the service's schema_error when more rows were unreadable than
  /// read: then the form of the answers has changed.
  void end();

  /// Hands everything over, rows by key: every table of the layouts, and "quarantine" where it has rows.
  void deliver(ProviderSink& sink);

 private:
  struct Row {
    std::vector<Cell> cells;
    std::int64_t retrieved = 0;
  };
  struct Rows {
    TableLayout layout;
    std::map<std::vector<Cell>, Row> rows;  ///< by key
  };
  struct Refused {
    std::string table, url;
    std::int64_t row = 0;
    RowProblem problem;
    std::int64_t retrieved = 0;
  };

  void refuse(std::string_view table, RowProblem problem);
  Table table_of(const Rows& rows) const;
  Table quarantine_table() const;

  Service& service_;
  std::map<std::string, Rows, std::less<>> tables_;
  std::vector<std::string> order_;
  std::vector<Refused> refused_;
  std::string url_;
  std::int64_t retrieved_ = 0;
  std::int64_t seen_ = 0;           ///< rows of this answer
  std::size_t refused_before_ = 0;  ///< notes before this answer
};

/// Returns why the provider's quarantine reason means that the row's form, not its content, is wrong.
bool is_form_problem(const RowProblem& problem);

}  // namespace orrery::plugins::providers::web
