// Certificates of trades (DR-50): for the parties and officers here, for whoever holds the paper by Public/VerifyCheckCode.
#include "exchange/trade_certificates.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "api/reads/trade_rows.h"
#include "exchange/contracts.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

// The participants of both sides, and the contract's zone.
absl::StatusOr<Target> TargetOf(Lookup& lookup, const CertificateView& view) {
  Target target;
  for (const std::string& party : {view.certificate.seller(), view.certificate.buyer()}) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName("name", "participants", party));
    SONGHUA_ASSIGN_OR_RETURN(const Target side, lookup.OfParticipant(id));
    target.participants.insert(target.participants.end(), side.participants.begin(), side.participants.end());
  }
  const auto region = ParseRegion(view.certificate.control_zone());
  if (region.ok()) target.region = *region;
  return target;
}

absl::StatusOr<CertificateView> Authorized(ReadContext& context, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ledger::ParseName("name", "tradeCertificates", name));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(auto view, CertificateViewOf(context, number));
  if (!view.has_value()) return NotFound("name", name);
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, *view));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  return *std::move(view);
}

}  // namespace

absl::StatusOr<std::optional<CertificateView>> CertificateViewOf(ReadContext& context, const std::string& number) {
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::TradeCertificateRow>(number));
  if (!row.has_value()) return std::optional<CertificateView>();
  SONGHUA_ASSIGN_OR_RETURN(const auto trade, TradeOf(context, row->trade));
  if (!trade.has_value()) return absl::InternalError("trade " + std::to_string(row->trade) + " of certificate " + number + " is missing");
  SONGHUA_ASSIGN_OR_RETURN(const auto contract, context.Get<exchange::ContractRow>(trade->contract));
  if (!contract.has_value()) return absl::InternalError("the contract of certificate " + number + " is missing");
  Lookup lookup(&context);
  CertificateView view;
  const auto side = [&](ledger::AccountNumber account, std::string* name, std::string* display_name, std::string* site) -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* of, lookup.Account(account));
    SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* participant, lookup.Participant(of->participant));
    *name = ledger::MakeName("participants", participant->id);
    *display_name = participant->display_name;
    if (!of->site.empty()) *site = ledger::MakeName("sites", of->site);
    return absl::OkStatus();
  };
  SONGHUA_RETURN_IF_ERROR(side(trade->seller, &view.parties.seller, &view.parties.seller_display_name, &view.parties.seller_site));
  SONGHUA_RETURN_IF_ERROR(side(trade->buyer, &view.parties.buyer, &view.parties.buyer_display_name, &view.parties.buyer_site));
  view.certificate = exchange::CertificateOf(*trade, *contract, view.parties);
  return std::optional<CertificateView>(std::move(view));
}

absl::StatusOr<v1::TradeCertificateAnswer> GetTradeCertificate(ReadContext& context, const v1::GetTradeCertificateRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const CertificateView view, Authorized(context, request.name()));
  v1::TradeCertificateAnswer answer;
  *answer.mutable_certificate() = view.certificate;
  return answer;
}

absl::StatusOr<v1::RenderTradeCertificateAnswer> RenderTradeCertificate(ReadContext& context, const v1::RenderTradeCertificateRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const exchange::CertificateLanguage language, exchange::ParseCertificateLanguage("language", request.language()));
  SONGHUA_ASSIGN_OR_RETURN(const CertificateView view, Authorized(context, request.name()));
  v1::RenderTradeCertificateAnswer answer;
  answer.set_text(exchange::PrintCertificate(view.certificate, view.parties, language));
  answer.set_check_code(view.certificate.check_code());
  return answer;
}

}  // namespace songhua::api::reads
