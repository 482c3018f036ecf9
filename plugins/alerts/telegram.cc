#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "plugins/alerts/http/json_post.h"
#include "plugins/alerts/registry.h"

namespace orrery::plugins::alerts::telegram_plugin {
namespace {

constexpr std::size_t kMostBytes = 4096;  // Telegram refuses texts of over 4096 characters

class Telegram final : public AlertChannel {
 public:
  Telegram(const std::string& base_url, std::string chat, const Secret& token)
      : chat_(std::move(chat)),
        post_({"telegram", fmt::format("{}/bot{}/sendMessage", base_url, token.reveal()),
               fmt::format("{}/bot***/sendMessage", base_url), token}) {}

  void send(const AlertMessage& message) override {
    const std::string text = message_heading(message) + "\n\n" + message_body(message);
    const nlohmann::json body = {{"chat_id", chat_},
                                 {"text", shortened(text, kMostBytes)},
                                 {"disable_notification", message.alert.level == AlertLevel::kInfo}};
    post_.send(body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

 private:
  std::string chat_;
  JsonPost post_;
};

std::unique_ptr<AlertChannel> make(const ParameterMap& settings) {
  const std::string& chat = get_string(settings, "chat");
  if (chat.empty()) throw user_error(ErrorCode::kInvalidArgument, "the setting 'chat' is missing");
  return std::make_unique<Telegram>(get_string(settings, "base_url"), chat, required_secret(settings));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("telegram",
               {{"A chat of Telegram, by a bot",
                 "https://core.telegram.org/bots/api#sendmessage",
                 {{"chat", std::string(), "number of the chat in quotes, or @channel"},
                  secret_setting("TELEGRAM_BOT_TOKEN", "environment variable that holds the bot's token"),
                  {"base_url", std::string("https://api.telegram.org"), "address of the service"}}},
                make});
}

}  // namespace orrery::plugins::alerts::telegram_plugin
