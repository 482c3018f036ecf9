#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "apps/server/route_tools.h"
#include "orrery/data/arrow_stream.h"
#include "orrery/feature/online_features.h"

namespace orrery::server::features_route {
namespace {

constexpr std::size_t kMostSymbols = 5000;
constexpr std::size_t kMostFeatures = 5000;
constexpr std::size_t kMostValues = 1'000'000;

OnlineFeatures& features_of(const Services& services) {
  if (services.features == nullptr)
    throw ApiProblem(404, "this server has no features; 'features: FILE.yaml' in its settings names them");
  return *services.features;
}

const std::vector<std::string>& status_words() {
  static const std::vector<std::string> words = {"present", "missing", "expired", "never_known"};
  return words;
}

Json definition_json(const ViewDefinition& view) {
  Json features = Json::array();
  for (const auto& feature : view.features)
    features.push_back({{"name", feature.name}, {"expression", feature.expression}});
  return features;
}

Json freshness_json(const ViewDefinition& view, const ViewFreshness& fresh) {
  const auto& about = fresh.latest;
  return {{"view", view.name},
          {"description", view.description},
          {"ttl", view.ttl ? Json(to_string(*view.ttl)) : Json()},
          {"session", about ? Json(to_string(about->session)) : Json()},
          {"known", about ? Json(to_string(about->known)) : Json()},
          {"made", about ? Json(to_string(about->made)) : Json()},
          {"age_seconds", fresh.age_seconds ? Json(*fresh.age_seconds) : Json()},
          {"sessions_behind", fresh.sessions_behind ? Json(*fresh.sessions_behind) : Json()},
          {"expired", fresh.expired},
          {"other_definition", fresh.other_definition},
          {"features", definition_json(view)}};
}

Json view_schema() {
  return schema::object(
      "A view: features that are computed, kept and aged together",
      {{"view", schema::name("Its name")},
       {"description", schema::text("Of the file")},
       {"ttl", schema::or_null(schema::text("How long a value is good for; null: for ever"))},
       {"session", schema::or_null(schema::date("The newest session that is served; null: none yet"))},
       {"known", schema::or_null(schema::moment("From when on it was known"))},
       {"made", schema::or_null(schema::moment("When its values were computed"))},
       {"age_seconds", schema::optional_number("Since it was known")},
       {"sessions_behind", schema::or_null(schema::count("Later sessions that are known by now"))},
       {"expired", schema::flag("Whether the newest values are too old to be served")},
       {"other_definition",
        schema::flag("Whether they were computed by another definition, and are not served")},
       {"features",
        schema::list("In order", schema::object("A feature", {{"name", schema::name("In its view")},
                                                              {"expression", schema::text("As it is "
                                                                                          "computed",
                                                                                          20'000)}}))}});
}

Operation list_operation(const Services& services) {
  Operation operation = reading("/api/v1/features", "listFeatures", "Features",
                                "The features that are served, and how fresh they are");
  operation.slow = true;
  operation.failures = {503};
  operation.answer = schema::object(
      "Views",
      {{"store", schema::or_null(schema::name("Where values are served from; null: this server has none"))},
       {"items", schema::list("In the order of the file", view_schema())}});
  operation.run = [&services](const ApiRequest&) -> ApiAnswer {
    Json items = Json::array();
    if (services.features == nullptr) return {Json{{"store", nullptr}, {"items", std::move(items)}}};
    OnlineFeatures& features = *services.features;
    const auto fresh = features.freshness(services.clock.now());
    for (std::size_t i = 0; i < fresh.size(); ++i)
      items.push_back(freshness_json(features.definitions().views[i], fresh[i]));
    return {Json{{"store", features.definitions().store}, {"items", std::move(items)}}};
  };
  return operation;
}

void append_text(fmt::memory_buffer& out, std::string_view text) {
  out.append(text.data(), text.data() + text.size());
}

void append_quoted(fmt::memory_buffer& out, const std::string& text) { append_text(out, json_text(text)); }

void append_session(fmt::memory_buffer& out, std::optional<Date> session) {
  if (session)
    fmt::format_to(std::back_inserter(out), "\"{}\"", to_string(*session));
  else
    append_text(out, "null");
}

/// Writes a list of `count` things with commas between.
template <class Append>
void append_list(fmt::memory_buffer& out, std::size_t count, const Append& append) {
  out.push_back('[');
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back(',');
    append(i);
  }
  out.push_back(']');
}

/// Writes the shortest text that reads back to the same float.
void append_value(fmt::memory_buffer& out, float value) {
  if (!std::isfinite(value)) return append_text(out, "null");
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void append_view(fmt::memory_buffer& out, const FeatureDefinitions& definitions, const AnsweredView& answer) {
  append_text(out, "{\"view\":");
  append_quoted(out, definitions.views[answer.view].name);
  append_text(out, ",\"session\":");
  append_session(out, answer.about ? std::optional(answer.about->session) : std::nullopt);
  append_text(out, ",\"known\":");
  if (answer.about)
    fmt::format_to(std::back_inserter(out), "\"{}\"", to_string(answer.about->known));
  else
    append_text(out, "null");
  append_text(out, ",\"sessions\":");
  append_list(out, answer.sessions.size(), [&](std::size_t i) { append_session(out, answer.sessions[i]); });
  out.push_back('}');
}

void append_feature(fmt::memory_buffer& out, const FeatureDefinitions& definitions,
                    const AnsweredView& answer, std::size_t feature) {
  const std::size_t width = answer.features.size();
  append_text(out, "{\"feature\":");
  append_quoted(out, feature_name(definitions, {answer.view, answer.features[feature]}));
  append_text(out, ",\"values\":");
  append_list(out, answer.sessions.size(),
              [&](std::size_t i) { append_value(out, answer.values[i * width + feature]); });
  append_text(out, ",\"statuses\":");
  append_list(out, answer.sessions.size(), [&](std::size_t i) {
    out.push_back('"');
    append_text(out, to_string(answer.statuses[i * width + feature]));
    out.push_back('"');
  });
  out.push_back('}');
}

/// Written by hand: a tree of JSON for a hundred symbols and fifty features takes longer than all the rest.
std::string online_json(const FeatureDefinitions& definitions, const std::vector<std::string>& symbols,
                        const std::vector<AnsweredView>& answers, Timestamp now) {
  fmt::memory_buffer out;
  fmt::format_to(std::back_inserter(out), "{{\"time\":\"{}\",\"symbols\":", to_string(now));
  append_list(out, symbols.size(), [&](std::size_t i) { append_quoted(out, symbols[i]); });
  append_text(out, ",\"views\":");
  append_list(out, answers.size(), [&](std::size_t i) { append_view(out, definitions, answers[i]); });
  append_text(out, ",\"features\":[");
  bool is_first = true;
  for (const auto& answer : answers) {
    for (std::size_t feature = 0; feature < answer.features.size(); ++feature) {
      if (!is_first) out.push_back(',');
      is_first = false;
      append_feature(out, definitions, answer, feature);
    }
  }
  append_text(out, "]}\n");
  return fmt::to_string(out);
}

Column words_column(std::string name, std::size_t rows,
                    const std::function<std::string(std::size_t)>& word_of) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < rows; ++i) words.push_back(word_of(i));
  return {std::move(name), std::move(words)};
}

std::string online_arrow(const FeatureDefinitions& definitions, const std::vector<std::string>& symbols,
                         const std::vector<AnsweredView>& answers) {
  Table table;
  table.columns.push_back({"symbol", symbols});
  for (const auto& answer : answers) {
    const std::size_t width = answer.features.size();
    table.columns.push_back(words_column(
        fmt::format("{}:session", definitions.views[answer.view].name), symbols.size(),
        [&](std::size_t i) { return answer.sessions[i] ? to_string(*answer.sessions[i]) : ""; }));
    for (std::size_t feature = 0; feature < width; ++feature) {
      const std::string name = feature_name(definitions, {answer.view, answer.features[feature]});
      std::vector<float> values(symbols.size());
      for (std::size_t i = 0; i < symbols.size(); ++i) values[i] = answer.values[i * width + feature];
      table.columns.push_back({name, std::move(values)});
      table.columns.push_back(words_column(
          fmt::format("{}:status", name), symbols.size(),
          [&](std::size_t i) { return std::string(to_string(answer.statuses[i * width + feature])); }));
    }
  }
  return arrow_stream(table);
}

std::vector<std::string> texts_of(const Json& body, const char* key) {
  return body.contains(key) ? body[key].get<std::vector<std::string>>() : std::vector<std::string>();
}

Json names_schema(std::string_view description, std::size_t most, Json name = schema::name("A name")) {
  Json list = schema::list(description, std::move(name));
  list["maxItems"] = most;
  return list;
}

Json online_schema() {
  const Json view = schema::object(
      "A view", {{"view", schema::name("Its name")},
                 {"session", schema::or_null(schema::date("The newest session; null: none yet"))},
                 {"known", schema::or_null(schema::moment("From when on it was known"))},
                 {"sessions", schema::list("By symbol: whose bar its values are of",
                                           schema::or_null(schema::date("A session")))}});
  const Json feature = schema::object(
      "A feature",
      {{"feature", schema::name("view:feature")},
       {"values",
        schema::list("By symbol: float32, the shortest text that reads back to its bits; null where it "
                     "is not present, or infinite",
                     schema::optional_number("A value"))},
       {"statuses", schema::list("By symbol", schema::word("Of the value", status_words()))}});
  return schema::object("Values", {{"time", schema::moment("When it was answered")},
                                   {"symbols", schema::list("As asked", schema::name("A symbol"))},
                                   {"views", schema::list("In the order asked", view)},
                                   {"features", schema::list("In the order asked, by view", feature)}});
}

ApiAnswer answer_online(const Services& services, const ApiRequest& request) {
  OnlineFeatures& features = features_of(services);
  const auto symbols = texts_of(request.body, "symbols");
  const auto wanted = features.find(texts_of(request.body, "features"), texts_of(request.body, "views"));
  if (symbols.size() * wanted.size() > kMostValues)
    throw ApiProblem(422, fmt::format("{} values are asked for, at most {} are answered at once",
                                      symbols.size() * wanted.size(), kMostValues));
  const Timestamp now = services.clock.now();
  const auto answers = features.get(symbols, wanted, now);
  const bool arrow = wants_arrow(request.http);
  std::string bytes = arrow ? online_arrow(features.definitions(), symbols, answers)
                            : online_json(features.definitions(), symbols, answers, now);
  return {
      BytesAnswer{arrow ? kArrowMedia : kJsonMedia, std::make_shared<const std::string>(std::move(bytes))}};
}

Operation online_operation(const Services& services) {
  Operation operation = reading("/api/v1/features/online", "getOnlineFeatures", "Features",
                                "The newest values of features, for some symbols");
  operation.method = Method::kPost;  // what is asked for may be long
  operation.description =
      "Of features named view:feature, of all features of views, or, without both, of all there are. Values "
      "of one "
      "view are of one materialization. With Accept: application/vnd.apache.arrow.stream the same as Arrow: "
      "`symbol`, and for each feature its values and a column `…:status`.";
  operation.packed = false;
  operation.failures = {404, 503};
  operation.body = schema::object(
      "What is wanted",
      {{"symbols", names_schema("Of these", kMostSymbols)},
       {"features", names_schema("view:feature", kMostFeatures, schema::shaped(schema::name("A name"), ":"))},
       {"views", names_schema("All features of these", kMostFeatures)}},
      {"features", "views"});
  operation.answer = online_schema();
  operation.run = [&services](const ApiRequest& request) { return answer_online(services, request); };
  return operation;
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  api.add(list_operation(services));
  api.add(online_operation(services));
}

}  // namespace orrery::server::features_route
