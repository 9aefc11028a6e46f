// A ledger with lots to pledge, and every event of a pledge by name.
#ifndef SONGHUA_TESTS_LEDGER_PLEDGE_WORLD_H_
#define SONGHUA_TESTS_LEDGER_PLEDGE_WORLD_H_

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/pledges.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {

inline constexpr LotNumber kAllowances = 1;  // 100 t in the steel works' registry account
inline constexpr LotNumber kReserve = 2;     // rights that nobody has yet
inline constexpr LotNumber kPaidRight = 3;   // 1,000 g a year to the end of 2030
inline constexpr LotNumber kFreeRight = 4;   // the same, allocated for nothing

class PledgeWorld : public LedgerWorld {
 public:
  auto RecordRegistration(const std::string& text) { return Do(text, &Pledges::RecordRegistration, pledges); }
  auto CancelUnifiedRegistration(const std::string& text) { return Do(text, &Pledges::CancelUnifiedRegistration, pledges); }
  auto ReportBalance(const std::string& text) { return Do(text, &Pledges::ReportBalance, pledges); }
  auto ProposeAmendment(const std::string& text) { return Do(text, &Pledges::ProposeAmendment, pledges); }
  auto AgreeAmendment(const std::string& text) { return Do(text, &Pledges::AgreeAmendment, pledges); }
  auto EndAmendment(const std::string& text) { return Do(text, &Pledges::EndAmendment, pledges); }
  auto GrantConsent(const std::string& text) { return Do(text, &Pledges::GrantConsent, pledges); }
  auto RevokeConsent(const std::string& text) { return Do(text, &Pledges::RevokeConsent, pledges); }
  auto GiveDefaultNotice(const std::string& text) { return Do(text, &Pledges::GiveDefaultNotice, pledges); }
  auto CurePledge(const std::string& text) { return Do(text, &Pledges::CurePledge, pledges); }
  auto EnforcePledge(const std::string& text) { return Do(text, &Pledges::EnforcePledge, pledges); }
  auto AbandonEnforcement(const std::string& text) { return Do(text, &Pledges::AbandonEnforcement, pledges); }
  auto CloseEnforcement(const std::string& text) { return Do(text, &Pledges::CloseEnforcement, pledges); }
  auto FlagInsolvency(const std::string& text) { return Do(text, &Pledges::FlagInsolvency, pledges); }

  // Gives the world its lots.
  void FurnishLots() {
    Furnish();
    const std::string term = " valid_from: '2026-01-01' valid_to: '2030-12-31' ";
    EXPECT_EQ(Outcome(Issue("program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 quantity: 100 "
                            "to_account: 'accounts/$STEEL.registry'")),
              "OK");
    EXPECT_EQ(Outcome(Issue("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' quantity: 5000 "
                            "to_account: 'accounts/rights.reserve.220100'" +
                            term)),
              "OK");
    const std::string allocate = "from_lot: 'lots/2' to_account: 'accounts/$STEEL001.rights' quantity: 1000 " + term;
    EXPECT_EQ(Outcome(Allocate(allocate + "source: 'INITIAL_PAID' cost_fen: 100")), "OK");
    EXPECT_EQ(Outcome(Allocate(allocate + "source: 'INITIAL_FREE'")), "OK");
  }

  std::string Apply(LotNumber lot, int64_t quantity, const std::string& pledgee = "$BANK") {
    return Outcome(ApplyPledge("lot: 'lots/" + std::to_string(lot) + "' quantity: " + std::to_string(quantity) +
                               " form: PLEDGE pledgee: 'participants/" + pledgee + "'"));
  }
  std::string Approve(uint64_t number, const std::string& term_end = "2029-12-31",
                      const std::string& more = "unified_registry_number: 'ZD-7'") {
    return Outcome(ApprovePledge(PledgeName(number) + "principal_fen: 80000000 rate_bps: 435 term_start: '2026-01-05' term_end: '" +
                                 term_end + "' contract_number: 'HT-1' " + more));
  }
  // Sends an event by its name.
  std::string Send(const std::string& event, uint64_t number) {
    const std::string act = PledgeName(number) + "decision: 'because'";
    if (event == "verify") return Outcome(VerifyPledge(act));
    if (event == "reject") return Outcome(RejectPledge(act));
    if (event == "bank_approve") return Approve(number);
    if (event == "bank_decline") return Outcome(DeclinePledge(act));
    if (event == "confirm") return Outcome(ConfirmPledge(act));
    if (event == "propose") return Outcome(ProposeAmendment(PledgeName(number) + "rate_bps: 500"));
    if (event == "agree") return Outcome(AgreeAmendment(act));
    if (event == "end_proposal") return Outcome(EndAmendment(act));
    if (event == "consent") return Outcome(GrantConsent(PledgeName(number) + "act: SELL quantity: 1 expire_date: '2027-01-01'"));
    if (event == "register") {
      return Outcome(RecordRegistration(PledgeName(number) +
                                        "unified_registry_number: 'ZD-8' registration_time { seconds: 1767571200 } registration_expire_date: '2029-12-31'"));
    }
    if (event == "cancel_registration") return Outcome(CancelUnifiedRegistration(PledgeName(number) + "cancellation_date: '" + FormatDate(today) + "'"));
    if (event == "report") return Outcome(ReportBalance(PledgeName(number) + "principal_fen: 0 balance_date: '" + FormatDate(today) + "'"));
    if (event == "notice") return Outcome(GiveDefaultNotice(act));
    if (event == "cure") return Outcome(CurePledge(act));
    if (event == "enforce") return Outcome(EnforcePledge(PledgeName(number) + "enforcement { mode: AUCTION ground: AGREEMENT reference: 'HT-1/7' }"));
    if (event == "abandon") return Outcome(AbandonEnforcement(act));
    if (event == "drop") return Outcome(AbandonEnforcement(act + " release: true"));
    if (event == "dispose") return Outcome(CloseEnforcement(act));
    EXPECT_EQ(event, "release");
    return Outcome(ReleasePledge(act));
  }
  void SendAll(const std::vector<std::string>& events, uint64_t number) {
    for (const std::string& event : events) EXPECT_EQ(Send(event, number), "OK") << event;
  }
  void MakeActive(LotNumber lot, int64_t quantity, uint64_t number) {
    EXPECT_EQ(Apply(lot, quantity), "OK");
    SendAll({"verify", "bank_approve", "confirm"}, number);
  }
  static std::string PledgeName(uint64_t number) { return "name: 'pledges/" + std::to_string(number) + "' "; }
  const PledgeRow& Row(uint64_t number) const { return *pledges.FindPledge(number); }
  Quantity Held(LotNumber lot, HoldKind kind) const { return Lot(lot).Held(kind); }

  // As the timer does at the beginning of a day.
  void PassDay(Date day) {
    today = day;
    LedgerWorld::Apply([&](CommandContext& context) {
      while (pledges.PassPledges(context, 2)) {
      }
    });
  }
};

}  // namespace songhua::ledger

#endif  // SONGHUA_TESTS_LEDGER_PLEDGE_WORLD_H_
