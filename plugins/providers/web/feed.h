#pragma once

#include <string>
#include <string_view>

#include "plugins/providers/web/service.h"

namespace orrery::plugins::providers::web {

/// What a feed's document tells, or why it can't be read.
struct Feed {
  /// The entries in the document's order, each an object with the texts "id", "url", "title", "summary",
  /// "author", "published" and "updated": without markup, null where empty, absent where there is none.
  Json entries = Json::array();
  std::string problem = {};  ///< "": none
};

/// Reads a document of RSS 0.91 to 2.0, RSS 1.0 (RDF) or Atom, in any encoding that it declares. Nothing
/// outside of it is read, and one that declares entities of its own is refused. Sources:
/// https://www.rssboard.org/rss-specification, https://validator.w3.org/feed/docs/rss1.html, RFC 4287.
Feed read_feed(const std::string& document);

/// Returns HTML as one line of plain text.
std::string plain_text(const std::string& html);

}  // namespace orrery::plugins::providers::web
