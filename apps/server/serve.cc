#include "apps/server/serve.h"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <sys/resource.h>

#include <thread>

#include "apps/server/pages/dashboard_pages.h"
#include "apps/server/services.h"
#include "apps/server/state/standing_metrics.h"
#include "orrery/base/error.h"
#include "orrery/base/file_lock.h"
#include "orrery/base/process.h"

namespace orrery::server {
namespace {

constexpr int kFirstTokenDays = 365;
constexpr int kPatientNice = 10;
constexpr int kMeasuresAnAge = 25;  // ages of features are asked for every five seconds

std::unique_ptr<OnlineFeatures> open_features(const ServeOptions& options, const Plugins& plugins) {
  if (options.features.empty()) return nullptr;
  return std::make_unique<OnlineFeatures>(read_feature_definitions(options.features, plugins.online_stores),
                                          plugins.online_stores);
}

/// Everything a server is made of, in the order in which it is made.
class Server {
 public:
  Server(const ServeOptions& options, const Plugins& plugins)
      : options_(options),
        state_(options.state.empty() ? options.data / ".server" : options.state),
        clock_(system_wait_clock()),
        lock_((std::filesystem::create_directories(state_), state_ / "lock"),
              fmt::format("another server uses {}; give this one a --data or state of its own",
                          state_.string())),
        access_(state_, options.access, clock_),
        audit_(state_ / "audit.log"),
        log_(state_ / "server.log"),
        runs_(options.data, plugins, clock_),
        markets_(plugins, clock_),
        jobs_(state_ / "jobs", options.data, clock_),
        features_(open_features(options, plugins)),
        hub_(access_, clock_, [this](const std::string& fault) { log_event("stream fault", fault); }),
        api_(
            options.api, access_, log_, metrics_, [this] { return runs_.generation(); }, clock_),
        services_{options.data, options.lake, plugins,  runs_, markets_, jobs_,
                  access_,      audit_,       metrics_, hub_,  clock_,   features_.get()} {
    add_all_routes(api_, services_);
    add_all_feeds(hub_, services_);
    api_.set_pages(dashboard_page);
    api_.set_streams([this](const HttpRequest& request) { return hub_.open(request); });
    listener_ = std::make_unique<Listener>(options.listener, api_);
  }

  ServerStart start() {
    ServerStart told;
    const std::string scheme = options_.listener.certificate.empty() ? "http" : "https";
    const std::string& address = options_.listener.address;
    const bool six = address.find(':') != std::string::npos;
    told.url =
        fmt::format("{}://{}{}{}:{}", scheme, six ? "[" : "", address, six ? "]" : "", listener_->port());
    told.log = state_ / "server.log";
    if (access_.tokens().tokens().empty()) {
      const Timestamp now = clock_.now();
      const Timestamp expires{now.nanoseconds + kFirstTokenDays * kNanosecondsPerDay};
      told.admin_token = access_.tokens().create("first admin", Role::kAdmin, now, expires).secret;
    }
    log_.write(Json{{"time", to_string(clock_.now())}, {"event", "started"}, {"url", told.url}});
    return told;
  }

  void reload() {
    try {
      access_.reload();
      listener_->reload_certificate();
      runs_.rescan();
      log_.write(Json{{"time", to_string(clock_.now())}, {"event", "reloaded"}});
    } catch (const Error& error) {
      log_event("reload failed", error.what());
    }
  }

  void stop() {
    hub_.stop();
    listener_->stop(options_.patience);
    refresh_features();  // what was served last is written down
    log_.write(Json{{"time", to_string(clock_.now())}, {"event", "stopped"}});
  }

  void measure() {
    log_.flush();
    const ListenerCounts counts = listener_->counts();
    connections_.Set(static_cast<double>(counts.connections));
    streams_.Set(static_cast<double>(counts.streams));
    found_runs_.Set(static_cast<double>(runs_.runs().size()));
    const StreamTally& sent = hub_.tally();
    messages_.Increment(static_cast<double>(sent.messages.load()) - messages_.Value());
    skipped_.Increment(static_cast<double>(sent.skipped.load()) - skipped_.Value());
    markets_.forget_unused();
    if (const std::string fault = standings_.refresh(); !fault.empty()) log_event("standings failed", fault);
    refresh_features();
  }

 private:
  void log_event(const std::string& event, const std::string& fault) {
    log_.write(Json{{"time", to_string(clock_.now())}, {"event", event}, {"fault", fault}});
  }

  /// A store or log that fails is told once, until it fails otherwise; answers go on from what there is.
  void refresh_features() {
    if (!features_) return;
    std::string fault;
    try {
      features_->refresh();
      if (measures_++ % kMeasuresAnAge == 0) measure_features();
    } catch (const Error& error) {
      fault = error.what();
    }
    if (fault != features_fault_ && !fault.empty()) log_event("features failed", fault);
    features_fault_ = fault;
  }

  void measure_features() {
    for (const auto& fresh : features_->freshness(clock_.now())) {
      if (fresh.age_seconds) feature_age_.Add({{"view", fresh.view}}).Set(*fresh.age_seconds);
    }
    dropped_records_.Set(static_cast<double>(features_->log().dropped()));
  }

  prometheus::Gauge& gauge(const std::string& name, const std::string& help) {
    return prometheus::BuildGauge().Name(name).Help(help).Register(metrics_.registry()).Add({});
  }

  prometheus::Counter& counter(const std::string& name, const std::string& help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(metrics_.registry()).Add({});
  }

  ServeOptions options_;
  std::filesystem::path state_;
  WaitClock& clock_;
  FileLock lock_;
  RequestMetrics metrics_;
  AccessControl access_;
  AuditTrail audit_;
  RequestLog log_;
  RunCatalogue runs_;
  RunMarkets markets_;
  JobQueue jobs_;
  std::unique_ptr<OnlineFeatures> features_;
  std::string features_fault_;
  int measures_ = 0;
  StreamHub hub_;
  ApiServer api_;
  Services services_;
  prometheus::Gauge& connections_ = gauge("orrery_connections", "Connections that are open");
  prometheus::Gauge& streams_ = gauge("orrery_streams", "Of those, WebSockets");
  prometheus::Gauge& found_runs_ = gauge("orrery_runs", "Runs that can be read");
  prometheus::Counter& messages_ = counter("orrery_stream_messages_total", "Messages that streams have sent");
  prometheus::Counter& skipped_ =
      counter("orrery_stream_skipped_total", "Updates that slow clients of streams got as later values only");
  prometheus::Gauge& dropped_records_ = gauge(
      "orrery_feature_records_dropped", "Answers with features that were not written down for want of room");
  prometheus::Family<prometheus::Gauge>& feature_age_ =
      prometheus::BuildGauge()
          .Name("orrery_feature_age_seconds")
          .Help("Since the newest session of a view's served features was known")
          .Register(metrics_.registry());
  StandingMetrics standings_{options_.data, runs_, metrics_.registry(), clock_};
  std::unique_ptr<Listener> listener_;
};

}  // namespace

void serve(const ServeOptions& options, const Plugins& plugins,
           const std::function<void(const ServerStart&)>& started,
           const std::function<ServerWish()>& wanted) {
  std::filesystem::create_directories(options.data);
  raise_file_limit();
  limit_heaps();
  Server server(options, plugins);
  started(server.start());
  // What is left to this thread, such as writing down what was served, can wait; who asked can't.
  setpriority(PRIO_PROCESS, 0, kPatientNice);
  for (;;) {
    const ServerWish wish = wanted();
    if (wish == ServerWish::kStop) break;
    if (wish == ServerWish::kReload) server.reload();
    server.measure();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  server.stop();
}

}  // namespace orrery::server
