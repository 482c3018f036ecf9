#include "python/extension/exported_table.h"

namespace orrery::python {
namespace {

/// What a schema's pointers point into.
struct SchemaParts {
  std::string name;
  std::vector<ArrowSchema> child_storage;
  std::vector<ArrowSchema*> children;
  ArrowSchema dictionary{};
};

void release_schema(ArrowSchema* schema) {
  auto* parts = static_cast<SchemaParts*>(schema->private_data);
  for (auto* child : parts->children) {
    if (child->release != nullptr) child->release(child);
  }
  if (parts->dictionary.release != nullptr) parts->dictionary.release(&parts->dictionary);
  delete parts;
  schema->release = nullptr;
}

/// Makes a schema without children. `format` is a literal.
SchemaParts& make_schema(const char* format, const std::string& name, ArrowSchema* out) {
  auto parts = std::make_unique<SchemaParts>();
  parts->name = name;
  *out = {};
  out->format = format;
  out->name = parts->name.c_str();
  out->flags = kArrowNullable;
  out->release = release_schema;
  out->private_data = parts.get();
  return *parts.release();
}

/// What an array's pointers point into. The table is kept alive by each.
struct ArrayParts {
  std::shared_ptr<const FactorTable> table;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> child_storage;
  std::vector<ArrowArray*> children;
  ArrowArray dictionary{};
};

void release_array(ArrowArray* array) {
  auto* parts = static_cast<ArrayParts*>(array->private_data);
  for (auto* child : parts->children) {
    if (child->release != nullptr) child->release(child);
  }
  if (parts->dictionary.release != nullptr) parts->dictionary.release(&parts->dictionary);
  delete parts;
  array->release = nullptr;
}

ArrayParts& make_array(const std::shared_ptr<const FactorTable>& table, std::size_t length,
                       std::vector<const void*> buffers, ArrowArray* out) {
  auto parts = std::make_unique<ArrayParts>();
  parts->table = table;
  parts->buffers = std::move(buffers);
  *out = {};
  out->length = static_cast<std::int64_t>(length);
  out->n_buffers = static_cast<std::int64_t>(parts->buffers.size());
  out->buffers = parts->buffers.data();
  out->release = release_array;
  out->private_data = parts.get();
  return *parts.release();
}

/// Gives a schema or an array room for its children.
template <class Parts, class Struct>
void add_children(Parts& parts, std::size_t count, Struct* out) {
  parts.child_storage.resize(count);
  for (auto& child : parts.child_storage) parts.children.push_back(&child);
  out->n_children = static_cast<std::int64_t>(count);
  out->children = parts.children.data();
}

void export_symbols(const std::shared_ptr<const FactorTable>& table, ArrowArray* out) {
  auto& parts = make_array(table, table->rows(), {nullptr, table->symbol_codes.data()}, out);
  make_array(table, table->symbol_offsets.size() - 1,
             {nullptr, table->symbol_offsets.data(), table->symbol_bytes.data()}, &parts.dictionary);
  out->dictionary = &parts.dictionary;
}

void export_batch(const std::shared_ptr<const FactorTable>& table, ArrowArray* out) {
  auto& parts = make_array(table, table->rows(), {nullptr}, out);
  add_children(parts, table->columns.size() + 2, out);
  make_array(table, table->rows(), {nullptr, table->days.data()}, parts.children[0]);
  export_symbols(table, parts.children[1]);
  for (std::size_t i = 0; i < table->columns.size(); ++i) {
    make_array(table, table->rows(), {nullptr, table->columns[i].data()}, parts.children[i + 2]);
  }
}

/// A stream that gives its one batch once.
struct StreamParts {
  std::shared_ptr<const FactorTable> table;
  bool given = false;
};

StreamParts& parts_of(ArrowArrayStream* stream) { return *static_cast<StreamParts*>(stream->private_data); }

int stream_schema(ArrowArrayStream* stream, ArrowSchema* out) {
  export_schema(*parts_of(stream).table, out);
  return 0;
}

int stream_next(ArrowArrayStream* stream, ArrowArray* out) {
  auto& parts = parts_of(stream);
  *out = {};
  if (!parts.given) export_batch(parts.table, out);
  parts.given = true;
  return 0;
}

const char* stream_error(ArrowArrayStream* /*stream*/) { return nullptr; }

void release_stream(ArrowArrayStream* stream) {
  delete static_cast<StreamParts*>(stream->private_data);
  stream->release = nullptr;
}

}  // namespace

void FactorTable::set_symbols(const std::vector<std::string>& symbols) {
  symbol_offsets.assign(1, 0);
  for (const auto& symbol : symbols) {
    symbol_bytes += symbol;
    symbol_offsets.push_back(static_cast<std::int32_t>(symbol_bytes.size()));
  }
}

void export_schema(const FactorTable& table, ArrowSchema* out) {
  auto& parts = make_schema("+s", "", out);
  out->flags = 0;
  add_children(parts, table.columns.size() + 2, out);
  make_schema("tdD", "date", parts.children[0]);
  auto& symbol = make_schema("i", "symbol", parts.children[1]);
  make_schema("u", "", &symbol.dictionary);
  parts.children[1]->dictionary = &symbol.dictionary;
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    make_schema("f", table.names[i], parts.children[i + 2]);
}

void export_stream(std::shared_ptr<const FactorTable> table, ArrowArrayStream* out) {
  *out = {stream_schema, stream_next, stream_error, release_stream, new StreamParts{std::move(table)}};
}

}  // namespace orrery::python
