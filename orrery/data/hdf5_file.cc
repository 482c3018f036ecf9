#include "orrery/data/hdf5_file.h"

#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <stdexcept>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/quarantine.h"

namespace orrery {
namespace {

std::mutex& turns() {
  static std::mutex mutex;
  return mutex;
}

/// An open object of the library.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle(hid_t id, Close close) : id_(id), close_(close) {}
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}

  hid_t operator*() const { return id_; }
  bool is_open() const { return id_ >= 0; }

 private:
  hid_t id_;
  Close close_;
};

herr_t keep_first_message(unsigned, const H5E_error2_t* error, void* text) {
  auto& message = *static_cast<std::string*>(text);
  if (message.empty() && error->desc != nullptr) message = error->desc;
  return 0;
}

/// What the library says of its last failure.
std::string last_message() {
  std::string message;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first_message, &message);
  return message.empty() ? "it can't be read" : message;
}

enum class Family { kFloating, kWhole, kUnsigned, kSmall, kText, kOther };

Family family_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return Family::kFloating;
    case H5T_INTEGER:
      return H5Tget_sign(type) == H5T_SGN_NONE && H5Tget_size(type) >= 8 ? Family::kUnsigned : Family::kWhole;
    case H5T_ENUM:
    case H5T_BITFIELD:
      return H5Tget_size(type) == 1 ? Family::kSmall : Family::kOther;
    case H5T_STRING:
      return Family::kText;
    default:
      return Family::kOther;
  }
}

std::size_t product(const std::vector<std::size_t>& shape) {
  std::size_t size = 1;
  for (const auto extent : shape) {
    if (extent != 0 && size > std::numeric_limits<std::size_t>::max() / 64 / extent) throw std::bad_alloc();
    size *= extent;
  }
  return size;
}

std::vector<std::size_t> extents(const std::vector<hsize_t>& dimensions) {
  return {dimensions.begin(), dimensions.end()};
}

/// A field's or a dataset's element: its type in the file, and the dimensions of one where it is an array.
struct Element {
  Handle type;
  std::vector<hsize_t> dimensions;
};

Element element_of(Handle type) {
  if (H5Tget_class(*type) != H5T_ARRAY) return {std::move(type), {}};
  std::vector<hsize_t> dimensions(static_cast<std::size_t>(std::max(0, H5Tget_array_ndims(*type))));
  H5Tget_array_dims2(*type, dimensions.data());
  return {Handle(H5Tget_super(*type), H5Tclose), std::move(dimensions)};
}

/// The type that values have in memory.
Handle memory_type(hid_t type, Family family) {
  switch (family) {
    case Family::kFloating:
      return {H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose};
    case Family::kWhole:
      return {H5Tcopy(H5T_NATIVE_INT64), H5Tclose};
    case Family::kUnsigned:
      return {H5Tcopy(H5T_NATIVE_UINT64), H5Tclose};
    default:
      return {H5Tcopy(type), H5Tclose};
  }
}

Handle as_array(Handle type, const std::vector<hsize_t>& dimensions) {
  if (dimensions.empty()) return type;
  return {H5Tarray_create2(*type, static_cast<unsigned>(dimensions.size()), dimensions.data()), H5Tclose};
}

/// A record of one field, by whose name the library finds it.
Handle as_record(Handle type, const std::string& field) {
  if (field.empty()) return type;
  Handle record(H5Tcreate(H5T_COMPOUND, H5Tget_size(*type)), H5Tclose);
  H5Tinsert(*record, field.c_str(), 0, *type);
  return record;
}

/// An attribute of one value.
struct Attribute {
  Handle attribute, type, space;

  static std::optional<Attribute> find(hid_t file, const std::string& object, const std::string& name) {
    if (H5Aexists_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT) <= 0) return std::nullopt;
    Handle attribute(H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose);
    Handle type(H5Aget_type(*attribute), H5Tclose);
    Handle space(H5Aget_space(*attribute), H5Sclose);
    if (H5Sget_simple_extent_npoints(*space) != 1) return std::nullopt;
    return Attribute{std::move(attribute), std::move(type), std::move(space)};
  }

  std::optional<std::string> text() const {
    if (H5Tis_variable_str(*type) > 0) return free_text();
    std::string text(H5Tget_size(*type), '\0');
    if (H5Aread(*attribute, *type, text.data()) < 0) return std::nullopt;
    text.resize(text.find_last_not_of('\0') + 1);
    return text;
  }

  std::optional<std::int64_t> whole() const {
    if (family_of(*type) == Family::kSmall) {  // as PyTables writes true and false
      signed char small = 0;
      if (H5Aread(*attribute, *type, &small) < 0) return std::nullopt;
      return small;
    }
    std::int64_t whole = 0;
    if (H5Tget_class(*type) != H5T_INTEGER || H5Aread(*attribute, H5T_NATIVE_INT64, &whole) < 0)
      return std::nullopt;
    return whole;
  }

 private:
  std::optional<std::string> free_text() const {
    char* text = nullptr;
    if (H5Aread(*attribute, *type, static_cast<void*>(&text)) < 0 || text == nullptr) return std::nullopt;
    std::string copy = text;
    H5Dvlen_reclaim(*type, *space, H5P_DEFAULT, static_cast<void*>(&text));
    return copy;
  }
};

template <class Value>
std::vector<Value> copied(const std::vector<char>& bytes, std::size_t count) {
  std::vector<Value> values(count);
  if (count > 0) std::memcpy(static_cast<void*>(values.data()), bytes.data(), count * sizeof(Value));
  return values;
}

std::vector<std::string> fixed_texts(const std::vector<char>& bytes, std::size_t count, std::size_t size) {
  std::vector<std::string> texts;
  texts.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* const begin = bytes.data() + i * size;
    texts.emplace_back(begin, std::find(begin, begin + size, '\0'));
  }
  return texts;
}

std::vector<std::string> free_texts(const std::vector<char>& bytes, std::size_t count) {
  std::vector<std::string> texts;
  texts.reserve(count);
  for (const auto* text : copied<const char*>(bytes, count)) texts.emplace_back(text == nullptr ? "" : text);
  return texts;
}

}  // namespace

std::size_t Hdf5Array::size() const {
  return std::visit([](const auto& stored) { return stored.size(); }, values);
}

/// The file, and the turn to use the library.
class Hdf5File::Library {
 public:
  explicit Library(const std::filesystem::path& path) : path_(path), turn_(turns()), file_(open()) {}

  const std::filesystem::path& path() const { return path_; }
  hid_t file() const { return *file_; }

  Error failed(const std::string& object, const std::string& reason) const {
    return external_error(ErrorCode::kDataCorrupt,
                          fmt::format("can't read {} of {}: {}", printable(object), path_.string(), reason));
  }

  Handle dataset(const std::string& name) const {
    Handle dataset(H5Dopen2(*file_, name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!dataset.is_open()) throw failed(name, last_message());
    check_filters(*dataset, name);
    return dataset;
  }

  std::vector<std::size_t> shape(hid_t dataset) const {
    const Handle space(H5Dget_space(dataset), H5Sclose);
    const int dimensions = H5Sget_simple_extent_ndims(*space);
    std::vector<hsize_t> extent(static_cast<std::size_t>(std::max(0, dimensions)));
    H5Sget_simple_extent_dims(*space, extent.data(), nullptr);
    return extents(extent);
  }

  Handle type(hid_t dataset, const std::string& field) const {
    Handle whole(H5Dget_type(dataset), H5Tclose);
    if (field.empty()) return whole;
    const int index = H5Tget_member_index(*whole, field.c_str());
    if (index < 0) throw failed(field, "there is no such field");
    return {H5Tget_member_type(*whole, static_cast<unsigned>(index)), H5Tclose};
  }

  Hdf5Array read(const std::string& name, const std::string& field) const {
    try {
      return read_values(name, field);
    } catch (const std::bad_alloc&) {
      throw failed(name, "it promises more values than fit into memory");
    } catch (const std::length_error&) {
      throw failed(name, "it promises more values than fit into memory");
    }
  }

  /// What zlib packs can't be more than 1032 times as large; a damaged file may promise anything.
  void check_promise(const std::string& name, std::size_t count, std::size_t size) const {
    constexpr std::uintmax_t kMostPacked = 1032;
    constexpr std::uintmax_t kAlways = std::uintmax_t{1} << 26;
    if (count > (kAlways + kMostPacked * std::filesystem::file_size(path_)) / std::max<std::size_t>(1, size))
      throw failed(name, "it promises more values than the file can hold");
  }

 private:
  Handle open() const {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    require_file(path_);
    Handle file(H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (file.is_open()) return file;
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("can't read {} as HDF5: {}", path_.string(), last_message()));
  }

  /// Values packed in a way that this library does not know are better named than failed over.
  void check_filters(hid_t dataset, const std::string& name) const {
    const Handle plan(H5Dget_create_plist(dataset), H5Pclose);
    for (int i = 0; i < H5Pget_nfilters(*plan); ++i) {
      unsigned flags = 0;
      unsigned config = 0;
      std::size_t parameters = 0;
      char filter[64] = {};
      const auto id = H5Pget_filter2(*plan, static_cast<unsigned>(i), &flags, &parameters, nullptr,
                                     sizeof(filter), filter, &config);
      if (id < 0 || H5Zfilter_avail(id) > 0) continue;
      throw failed(
          name,
          fmt::format("it is packed by '{}', which is not there; write it again packed by zlib or not at all",
                      filter));
    }
  }

  Hdf5Array read_values(const std::string& name, const std::string& field) const {
    const auto source = dataset(name);
    const auto element = element_of(type(*source, field));
    const auto family = family_of(*element.type);
    Hdf5Array array{shape(*source), {}};
    for (const auto extent : element.dimensions) array.shape.push_back(extent);
    if (family == Family::kOther) throw failed(name, "its values are neither numbers nor texts");
    const auto count = product(array.shape);
    const auto single = memory_type(*element.type, family);
    const auto size = H5Tget_size(*single);
    const auto record = as_record(as_array({H5Tcopy(*single), H5Tclose}, element.dimensions), field);
    check_promise(name, count, size);
    std::vector<char> bytes(std::max<std::size_t>(1, count * size));
    if (count > 0 && H5Dread(*source, *record, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()) < 0)
      throw failed(name, last_message());
    array.values = values_of(bytes, count, *single, family);
    if (count > 0 && family == Family::kText && H5Tis_variable_str(*single) > 0) {
      const Handle space(H5Dget_space(*source), H5Sclose);
      H5Dvlen_reclaim(*record, *space, H5P_DEFAULT, bytes.data());
    }
    return array;
  }

  static decltype(Hdf5Array::values) values_of(const std::vector<char>& bytes, std::size_t count, hid_t type,
                                               Family family) {
    switch (family) {
      case Family::kFloating:
        return copied<double>(bytes, count);
      case Family::kWhole:
        return copied<std::int64_t>(bytes, count);
      case Family::kUnsigned: {
        const auto whole = copied<std::uint64_t>(bytes, count);
        return std::vector<double>(whole.begin(), whole.end());
      }
      case Family::kSmall:
        return std::vector<std::int64_t>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
      default:
        if (H5Tis_variable_str(type) > 0) return free_texts(bytes, count);
        return fixed_texts(bytes, count, H5Tget_size(type));
    }
  }

  const std::filesystem::path path_;
  std::unique_lock<std::mutex> turn_;
  Handle file_;
};

Hdf5File::Hdf5File(const std::filesystem::path& path) : library_(std::make_unique<Library>(path)) {}
Hdf5File::~Hdf5File() = default;

const std::filesystem::path& Hdf5File::path() const { return library_->path(); }

/// The library asks of a path that every part of it is there.
bool Hdf5File::has(const std::string& object) const {
  for (std::size_t at = 1; at != std::string::npos && at < object.size();) {
    at = object.find('/', at + 1);
    const auto part = object.substr(0, at);
    if (H5Lexists(library_->file(), part.c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return object == "/" || H5Oexists_by_name(library_->file(), object.c_str(), H5P_DEFAULT) > 0;
}

bool Hdf5File::is_group(const std::string& object) const {
  H5O_info_t info;
  if (H5Oget_info_by_name2(library_->file(), object.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
    return false;
  return info.type == H5O_TYPE_GROUP;
}

std::vector<std::string> Hdf5File::members(const std::string& group) const {
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* data) -> herr_t {
    static_cast<std::vector<std::string>*>(data)->emplace_back(name);
    return 0;
  };
  if (H5Literate_by_name(library_->file(), group.c_str(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names,
                         H5P_DEFAULT) < 0)
    throw library_->failed(group, last_message());
  return names;
}

std::optional<std::string> Hdf5File::text_attribute(const std::string& object,
                                                    const std::string& name) const {
  const auto attribute = Attribute::find(library_->file(), object, name);
  if (!attribute || H5Tget_class(*attribute->type) != H5T_STRING) return std::nullopt;
  return attribute->text();
}

std::optional<std::int64_t> Hdf5File::whole_attribute(const std::string& object,
                                                      const std::string& name) const {
  const auto attribute = Attribute::find(library_->file(), object, name);
  return attribute ? attribute->whole() : std::nullopt;
}

std::vector<std::size_t> Hdf5File::shape(const std::string& dataset) const {
  return library_->shape(*library_->dataset(dataset));
}

std::vector<std::string> Hdf5File::fields(const std::string& dataset) const {
  const auto source = library_->dataset(dataset);
  const auto type = library_->type(*source, "");
  std::vector<std::string> names;
  if (H5Tget_class(*type) != H5T_COMPOUND) return names;
  for (int i = 0; i < H5Tget_nmembers(*type); ++i) {
    char* const name = H5Tget_member_name(*type, static_cast<unsigned>(i));
    if (name != nullptr) names.emplace_back(name);
    H5free_memory(name);
  }
  return names;
}

bool Hdf5File::is_readable(const std::string& dataset, const std::string& field) const {
  const auto source = library_->dataset(dataset);
  return family_of(*element_of(library_->type(*source, field)).type) != Family::kOther;
}

Hdf5Array Hdf5File::read(const std::string& dataset) const { return library_->read(dataset, ""); }

Hdf5Array Hdf5File::read_field(const std::string& dataset, const std::string& field) const {
  return library_->read(dataset, field);
}

std::vector<std::string> Hdf5File::read_bytes(const std::string& name) const {
  const auto source = library_->dataset(name);
  const auto type = library_->type(*source, "");
  const Handle item(H5Tget_class(*type) == H5T_VLEN ? H5Tget_super(*type) : -1, H5Tclose);
  if (!item.is_open() || H5Tget_size(*item) != 1)
    throw library_->failed(name, "its rows are no strings of bytes");
  const auto count = product(library_->shape(*source));
  library_->check_promise(name, count, sizeof(hvl_t));
  std::vector<hvl_t> rows(count);
  if (count > 0 && H5Dread(*source, *type, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows.data()) < 0)
    throw library_->failed(name, last_message());
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.emplace_back(static_cast<const char*>(row.p), row.len);
  const Handle space(H5Dget_space(*source), H5Sclose);
  if (count > 0) H5Dvlen_reclaim(*type, *space, H5P_DEFAULT, rows.data());
  return texts;
}

}  // namespace orrery
