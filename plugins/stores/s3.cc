#include "plugins/stores/registry.h"
#include "plugins/stores/s3/s3_files.h"

namespace orrery::plugins::stores::s3_plugin {

void add_to(Registry& registry) {
  registry.add("s3", {"s3://BUCKET/PREFIX, of Amazon or of a server that speaks like it",
                      [](const std::string& address) {
                        return s3::open_files(s3::parse_place(address), s3::read_settings(s3::environment));
                      }});
}

}  // namespace orrery::plugins::stores::s3_plugin
