#include <nlohmann/json.hpp>

#include "orrery/net/url.h"
#include "plugins/alerts/http/json_post.h"
#include "plugins/alerts/registry.h"

namespace orrery::plugins::alerts::slack_plugin {
namespace {

constexpr std::size_t kMostBytes = 30000;  // Slack cuts texts of over 40,000 characters

/// Slack takes these three for its own marks.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else {
      result += c;
    }
  }
  return result;
}

class Slack final : public AlertChannel {
 public:
  explicit Slack(const Secret& url) : post_({"slack", url.reveal(), origin_of(url.reveal()) + "/***", url}) {}

  void send(const AlertMessage& message) override {
    const std::string text = message_heading(message) + "\n" + message_body(message);
    const nlohmann::json body = {{"text", escaped(shortened(text, kMostBytes))}};
    post_.send(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

 private:
  JsonPost post_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "slack",
      {{"A channel of Slack, by an incoming webhook",
        "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/",
        {secret_setting("SLACK_WEBHOOK_URL", "environment variable that holds the webhook's address")}},
       [](const ParameterMap& settings) { return std::make_unique<Slack>(required_secret(settings)); }});
}

}  // namespace orrery::plugins::alerts::slack_plugin
