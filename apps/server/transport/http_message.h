#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace orrery::server {

enum class Method { kGet, kPost, kPut, kPatch, kDelete, kOptions, kOther };

/// Returns "GET" and its like.
std::string_view to_string(Method method);

/// Names and values in the order in which they came.
using NamedTexts = std::vector<std::pair<std::string, std::string>>;

/// A request as it came over the wire, whole.
struct HttpRequest {
  Method method = Method::kGet;
  bool head = false;         ///< a GET of which only the header is wanted
  std::string target;        ///< path and query, as sent
  NamedTexts headers;        ///< names in lower case
  std::string body;          ///< at most as long as the listener allows
  std::string address;       ///< of the peer, without port
  bool encrypted = false;    ///< came over TLS
  std::uint64_t number = 0;  ///< of the request, unique within the process

  /// Returns a header's value, the first of its name; "" where there is none.
  std::string_view header(std::string_view lower_case_name) const;
  /// Returns the path: the target up to its query.
  std::string_view path() const;
  /// Returns the query behind '?'; "" without one.
  std::string_view query() const;
};

/// Bytes that several answers share.
using SharedText = std::shared_ptr<const std::string>;

/// Headers that several answers share.
using SharedHeaders = std::shared_ptr<const NamedTexts>;

struct HttpResponse {
  int status = 200;
  std::string_view content_type = "application/json";  ///< a constant
  SharedText body;                                     ///< null: empty
  NamedTexts headers;
  SharedHeaders kept_headers;            ///< sent besides, of bytes that are kept; null: none
  const NamedTexts* constant = nullptr;  ///< sent besides, of every answer of a kind; null: none
  bool close = false;                    ///< the connection ends with this answer
};

/// Decodes %XX, and '+' as a space where `plus_is_space`. Nothing for what is no such text.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space);

/// Splits a query into names and values, decoded. Nothing where a part can't be decoded.
std::optional<NamedTexts> query_parameters(std::string_view query);

/// Returns the value of a cookie; "" without it.
std::string_view cookie(const HttpRequest& request, std::string_view name);

}  // namespace orrery::server
