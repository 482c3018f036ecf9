// The Python module orrery._core: factors computed in the caller's process, on the caller's tables.

#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/factor_set.h"
#include "python/extension/exported_table.h"
#include "python/extension/price_frame.h"

namespace nb = nanobind;

namespace orrery::python {
namespace {

using Definitions = std::vector<std::pair<std::string, std::string>>;
using SharedTable = std::shared_ptr<const FactorTable>;

/// The factors of a frame; what Python holds.
class Table {
 public:
  explicit Table(SharedTable content) : content_(std::move(content)) {}
  const SharedTable& content() const { return content_; }

 private:
  SharedTable content_;
};

std::vector<FactorDefinition> definitions_of(const Definitions& pairs) {
  std::vector<FactorDefinition> definitions;
  definitions.reserve(pairs.size());
  for (const auto& [name, expression] : pairs) definitions.push_back({name, expression});
  return definitions;
}

/// Writes factor by factor in the order of the frame's rows, and lets each panel go.
SharedTable gather(FactorFrame&& factors, const PriceFrame& frame, int threads) {
  auto table = std::make_shared<FactorTable>();
  const auto& cells = frame.cells;
  const std::size_t rows = cells.row.size();
  table->names = factors.names;
  table->set_symbols(frame.market.symbols);
  table->symbol_codes.assign(cells.column.begin(), cells.column.end());
  table->days.reserve(rows);
  for (const auto row : cells.row) table->days.push_back(frame.market.dates[row].days);
  table->columns.resize(factors.panels.size());
  parallel_for(factors.panels.size(), threads, [&](std::size_t f) {
    const FloatPanel panel = std::move(factors.panels[f]);
    auto& column = table->columns[f];
    column.reserve(rows);
    for (std::size_t i = 0; i < rows; ++i) column.push_back(panel(cells.row[i], cells.column[i]));
  });
  return table;
}

ArrowArrayStream& stream_of(const nb::capsule& capsule) {
  auto* stream = static_cast<ArrowArrayStream*>(capsule.data("arrow_array_stream"));
  if (stream->release == nullptr)
    throw user_error(ErrorCode::kInvalidArgument, "the stream was read already");
  return *stream;
}

Table compute(const nb::capsule& stream, const Definitions& pairs, bool in_double, int threads) {
  const ImportedTable table(stream_of(stream));
  const nb::gil_scoped_release released;
  PriceFrame frame = place_frame(table);
  const FactorOptions options{in_double ? Precision::kFloat64 : Precision::kFloat32, threads};
  return Table(gather(compute_factors(definitions_of(pairs), frame.market, options), frame, threads));
}

Definitions factor_set_pairs(const std::string& name) {
  Definitions pairs;
  for (const auto& definition : factor_set(name)) pairs.emplace_back(definition.name, definition.expression);
  return pairs;
}

/// A capsule as the Arrow PyCapsule protocol wants it: named, and released with its content if nobody read
/// it.
template <class Struct>
nb::object capsule_of(std::unique_ptr<Struct> content, const char* name, PyCapsule_Destructor destructor) {
  PyObject* capsule = PyCapsule_New(content.get(), name, destructor);
  if (capsule == nullptr) throw nb::python_error();
  content.release();
  return nb::steal(capsule);
}

template <class Struct>
void destroy(PyObject* capsule, const char* name) {
  auto* content = static_cast<Struct*>(PyCapsule_GetPointer(capsule, name));
  if (content == nullptr) return;
  if (content->release != nullptr) content->release(content);
  delete content;
}

nb::object stream_capsule(const Table& table, const nb::object& /*requested_schema*/) {
  auto stream = std::make_unique<ArrowArrayStream>();
  export_stream(table.content(), stream.get());
  return capsule_of(std::move(stream), "arrow_array_stream",
                    [](PyObject* capsule) { destroy<ArrowArrayStream>(capsule, "arrow_array_stream"); });
}

nb::object schema_capsule(const Table& table) {
  auto schema = std::make_unique<ArrowSchema>();
  export_schema(*table.content(), schema.get());
  return capsule_of(std::move(schema), "arrow_schema",
                    [](PyObject* capsule) { destroy<ArrowSchema>(capsule, "arrow_schema"); });
}

std::vector<std::string> column_names(const Table& table) {
  std::vector<std::string> names = {"date", "symbol"};
  names.insert(names.end(), table.content()->names.begin(), table.content()->names.end());
  return names;
}

/// Raises the class of orrery.errors that belongs to the error's code.
void raise_in_python(const std::exception_ptr& pointer, void* /*unused*/) {
  try {
    std::rethrow_exception(pointer);
  } catch (const Error& error) {
    const nb::object made =
        nb::module_::import_("orrery.errors")
            .attr("error_of")(std::string(to_string(error.code())), std::string(to_string(error.origin())),
                              std::string(error.what()));
    PyErr_SetObject(made.type().ptr(), made.ptr());
  }
}

}  // namespace
}  // namespace orrery::python

// NOLINTNEXTLINE(readability-identifier-naming): the macro makes the function's name
NB_MODULE(_core, m) {
  using orrery::python::Table;
  nb::register_exception_translator(orrery::python::raise_in_python);
  m.attr("__version__") = ORRERY_VERSION;
  nb::class_<Table>(m, "FactorTable")
      .def("__arrow_c_stream__", orrery::python::stream_capsule, nb::arg("requested_schema") = nb::none())
      .def("__arrow_c_schema__", orrery::python::schema_capsule)
      .def("__len__", [](const Table& table) { return table.content()->rows(); })
      .def_prop_ro("column_names", orrery::python::column_names);
  m.def("compute_factors", orrery::python::compute, nb::arg("stream"), nb::arg("definitions"),
        nb::arg("in_double"), nb::arg("threads"));
  m.def("factor_set", orrery::python::factor_set_pairs, nb::arg("name"));
  m.def("factor_set_names", orrery::factor_set_names);
  m.def(
      "explain",
      [](const std::string& name, const std::string& expression) {
        const auto span = orrery::expression_span(name, expression);
        return std::make_pair(span.look_back_rows, span.look_ahead_rows);
      },
      nb::arg("name"), nb::arg("expression"));
}
