#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace orrery {

/// Values of a dataset, or of one field of its records, the last dimension running fastest.
struct Hdf5Array {
  std::vector<std::size_t> shape;
  std::variant<std::vector<double>, std::vector<std::int64_t>, std::vector<std::string>> values;

  std::size_t size() const;
};

/// An HDF5 file that is open for reading. The only place that calls the HDF5 library, which takes one caller
/// at a time: objects of this class take turns. Objects in the file are named by their path from "/".
/// Errors of all calls: kDataCorrupt for what can't be read, naming file and object.
class Hdf5File {
 public:
  /// Errors: kNotFound; kDataCorrupt for a file that is none of HDF5's.
  explicit Hdf5File(const std::filesystem::path& path);
  ~Hdf5File();
  Hdf5File(const Hdf5File&) = delete;
  Hdf5File& operator=(const Hdf5File&) = delete;

  const std::filesystem::path& path() const;
  bool has(const std::string& object) const;
  bool is_group(const std::string& object) const;
  /// Names in a group, ascending.
  std::vector<std::string> members(const std::string& group) const;

  /// An attribute as text, or as a whole number; nothing where it is not there or of another type.
  std::optional<std::string> text_attribute(const std::string& object, const std::string& name) const;
  std::optional<std::int64_t> whole_attribute(const std::string& object, const std::string& name) const;

  std::vector<std::size_t> shape(const std::string& dataset) const;
  /// The fields of a dataset of records, in their order; none for any other.
  std::vector<std::string> fields(const std::string& dataset) const;
  /// Whether the values of a dataset, or of a field of its records, can be read: numbers, truths (as 0 and 1)
  /// and texts.
  bool is_readable(const std::string& dataset, const std::string& field = "") const;
  /// Reads a dataset whole, or one field of its records; a field that is an array adds its dimensions.
  Hdf5Array read(const std::string& dataset) const;
  Hdf5Array read_field(const std::string& dataset, const std::string& field) const;
  /// Reads the rows of a dataset of byte strings of any length, which hold objects.
  std::vector<std::string> read_bytes(const std::string& dataset) const;

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace orrery
