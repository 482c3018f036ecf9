#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "plugins/alerts/http/json_post.h"
#include "plugins/alerts/registry.h"

namespace orrery::plugins::alerts::webhook_plugin {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;

class Webhook final : public AlertChannel {
 public:
  explicit Webhook(PostTarget target) : post_(std::move(target)) {}

  void send(const AlertMessage& message) override {
    const Alert& alert = message.alert;
    const nlohmann::ordered_json body = {{"number", message.number},
                                         {"level", to_string(alert.level)},
                                         {"key", alert.key},
                                         {"title", alert.title},
                                         {"text", shortened(alert.text, kMostBytes)},
                                         {"source", alert.source},
                                         {"raised", to_string(message.raised)},
                                         {"untold", message.untold},
                                         {"escalated", message.escalated}};
    post_.send(body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  }

 private:
  JsonPost post_;
};

std::unique_ptr<AlertChannel> make(const ParameterMap& settings) {
  PostTarget target{"webhook", get_string(settings, "url"), get_string(settings, "url"), {}};
  if (target.url.rfind("https://", 0) != 0 && target.url.rfind("http://", 0) != 0) {
    throw user_error(ErrorCode::kInvalidArgument, "the setting 'url' must be an address: https://…");
  }
  if (!get_string(settings, "secret").empty()) {
    target.secret = required_secret(settings);
    target.headers = {{"Authorization", "Bearer " + target.secret.reveal()}};
  }
  return std::make_unique<Webhook>(std::move(target));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "webhook",
      {{"A service of your own, which gets each alert as JSON by POST",
        "docs/alerts.md#webhook",
        {{"url", std::string(), "address, without a key"},
         secret_setting("", "environment variable of a key that goes as a bearer token; empty: none")}},
       make});
}

}  // namespace orrery::plugins::alerts::webhook_plugin
