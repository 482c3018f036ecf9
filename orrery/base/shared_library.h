#pragma once

#include <string>

namespace orrery {

/// A native library that is loaded while the program runs, so that who does not need it does not pay for it.
/// It stays loaded to the program's end; its names stay out of the way of other libraries.
class SharedLibrary {
 public:
  /// Looks where the system and the program's own run path say. Errors: kUnavailable, with the loader's
  /// reason.
  explicit SharedLibrary(const std::string& file_name);

  /// Returns a function of the library as the type that the caller knows it to have.
  /// Errors: kUnavailable, naming the function.
  template <class Function>
  Function* function(const std::string& name) const {
    return reinterpret_cast<Function*>(address(name));
  }

 private:
  void* address(const std::string& name) const;

  std::string file_name_;
  void* handle_;
};

}  // namespace orrery
