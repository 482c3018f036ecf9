#include "orrery/execution/audit_log.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace orrery {
namespace {

using AuditRecord = nlohmann::ordered_json;

std::string_view verdict_of(std::span<const OrderFinding> findings) {
  for (const OrderFinding& finding : findings) {
    if (finding.refused) return "refused";
  }
  return findings.empty() ? "sent" : "warned";
}

}  // namespace

AuditLog::AuditLog(Disk& disk, const std::filesystem::path& file, std::vector<std::string> symbols,
                   const ChainMark& sure)
    : file_(disk, file, sure), symbols_(std::move(symbols)) {
  for (const std::string_view line : file_.lines_found(sure.lines)) written_.expect(record_of(line));
  file_.forget_lines_found();
}

void AuditLog::append(const std::string& record) {
  if (!written_.repeats(record)) file_.append(record);
}

std::string_view AuditLog::symbol(std::uint32_t instrument) const {
  return instrument < symbols_.size() ? std::string_view(symbols_[instrument]) : std::string_view();
}

void AuditLog::write(const CheckedOrder& order, std::span<const OrderFinding> findings) {
  AuditRecord record{{"kind", "order"},
                     {"date", to_string(order.session.date)},
                     {"order", order.order.id},
                     {"symbol", symbol(order.order.instrument)},
                     {"side", to_string(order.order.side)},
                     {"quantity_micros", order.shares.micros}};
  if (order.amount) record["amount_micros"] = order.order.notional.micros;
  if (order.order.price.micros != 0) record["order_price_micros"] = order.order.price.micros;
  record["price_micros"] = order.price.micros;
  record["last_close_micros"] = order.last_close.micros;
  record["held_micros"] = order.held.micros;
  record["equity_micros"] = order.equity.micros;
  record["reason"] = order.order.reason;
  record["verdict"] = verdict_of(findings);
  AuditRecord& said = record["findings"] = AuditRecord::array();
  for (const OrderFinding& finding : findings) {
    said.push_back({{"rule", finding.rule}, {"refused", finding.refused}, {"figures", finding.figures}});
  }
  append(record.dump());
}

void AuditLog::write(const OrderFinding& finding) {
  append(AuditRecord{{"kind", "account"},
                     {"date", to_string(finding.session.date)},
                     {"rule", finding.rule},
                     {"figures", finding.figures}}
             .dump());
}

void AuditLog::write(const JournalEntry& entry) {
  append(AuditRecord{{"kind", to_string(entry.kind)},
                     {"date", to_string(entry.session.date)},
                     {"order", entry.order_id},
                     {"symbol", symbol(entry.instrument)},
                     {"side", to_string(entry.side)},
                     {"quantity_micros", entry.quantity.micros},
                     {"price_micros", entry.price.micros},
                     {"value_micros", entry.value.micros},
                     {"commission_micros", entry.commission.micros},
                     {"slippage_micros", entry.slippage.micros},
                     {"reason", entry.reason}}
             .dump());
}

void AuditedChecks::close_account(const AccountView& account, std::vector<OrderFinding>& findings) {
  const std::size_t before = findings.size();
  OrderCheckLayer::close_account(account, findings);
  for (std::size_t i = before; i < findings.size(); ++i) log_.write(findings[i]);
}

void AuditedChecks::judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const {
  const std::size_t before = findings.size();
  OrderCheckLayer::judge(order, findings);
  log_.write(order, std::span(findings).subspan(before));
}

void AuditedChecks::booked(const JournalEntry& entry) {
  OrderCheckLayer::booked(entry);
  log_.write(entry);
}

}  // namespace orrery
