// Pledges: security interests over units of lots, for a bank's loan (china.md section 5, PLG-05: mortgage and pledge behave alike).
//
// A pledge's units are held in their lots from the registry's verification to the pledge's end, first provisionally, then as a pledge; the
// holds of a lot are at every commit the sum of what its pledges claim, less what is on offer. The table below is all of china.md 8.5 that has a command; any
// other pair of state and event is refused with ILLEGAL_TRANSITION.
//
//   | state          | event    | guard                                                | state after     | hold of the lots           |
//   |----------------|----------|------------------------------------------------------|-----------------|----------------------------|
//   | -              | apply    | PLG-11 paid, PLG-12, PLG-17 free, pledgee a bank     | APPLIED         |                            |
//   | APPLIED        | verify   | the same, as they stand now; PLG-42 nothing changed  | HELD            | PROVISIONAL_PLEDGE placed  |
//   | APPLIED        | reject   | a reason                                             | PLEDGE_REJECTED |                            |
//   | HELD           | approve  | terms; PLG-13: the loan ends no later than the       | BANK_APPROVED   |                            |
//   |                |          | rights; PLG-14: the principal is within their value; |                 |                            |
//   |                |          | PLG-18: what is left meets the obligation            |                 |                            |
//   | HELD           | decline  | a reason                                             | RELEASED        | lifted                     |
//   | BANK_APPROVED  | decline  | a reason                                             | RELEASED        | lifted                     |
//   | HELD           | lapse    | the hold's last day has passed                       | RELEASED        | lifted                     |
//   | BANK_APPROVED  | lapse    | the last day to confirm has passed                   | RELEASED        | lifted                     |
//   | BANK_APPROVED  | confirm  | the loan has not ended; no court's freeze reaches it | ACTIVE          | becomes PLEDGE             |
//   | ACTIVE         | amend    | both sign (PLG-26)                                   | ACTIVE          |                            |
//   | ACTIVE         | add      | PLG-11, PLG-17 of units of one more lot (PLG-25)     | ACTIVE          | PLEDGE placed on them      |
//   | ACTIVE         | consent  | to one act with some of the units (PLG-21)           | ACTIVE          | lifted of what it is used for |
//   | ACTIVE         | release  | nothing is on offer                                  | RELEASED        | lifted (PLG-30, INV-12)    |
//   | ACTIVE         | release  | of a part; PLG-14: what is left carries the          | ACTIVE          | lifted of the part         |
//   |                | a part   | principal                                            |                 |                            |
//   | ACTIVE         | notice   | a reason                                             | DEFAULT_NOTICE  |                            |
//   | DEFAULT_NOTICE | cure     |                                                      | ACTIVE          |                            |
//   | DEFAULT_NOTICE | enforce  | PLG-31: the time to cure is over, by agreement or a  | ENFORCING       |                            |
//   |                |          | court's order; PLG-35: of an insolvent one the latter |                |                            |
//   | ENFORCING      | offer    | PLG-32: to who may hold the units                    | ENFORCING       | ORDER or TRADE of the sale |
//   | ENFORCING      | dispose  | PLG-33: nothing more to sell, or all is paid         | REALISED        | lifted of what is left     |
//   | ENFORCING      | abandon  | nothing is on offer                                  | ACTIVE          |                            |
//   | ENFORCING      | drop     | the same                                             | RELEASED        | lifted                     |
//   | any that holds | lose     | the last of the rights has expired                   | COLLATERAL_LOST | lifted                     |
//   | any end but    | cancel   | PLG-04: its place in the unified registry, which it  | the same        |                            |
//   | REJECTED       |          | had when it ended; once                              |                 |                            |
//
// A lapse is a matter of the day, not of a timer having run: on the day after the last one no event is taken any more. REALISED and COLLATERAL_LOST also come by a
// recovery of the units (recoveries.h).
//
// The pledgor may go on discharging under a pledged right: a pledge restricts disposal, not use (PLG-23). Who may send which event is the
// engine's to decide; the parties here are the participant whose accounts hold the lots (pledgor) and the bank that it named (pledgee).
//
// Rank. The same units never secure two loans, and a second rank over them (PLG-28) is not offered: what ranks are pledges over different units of one lot
// (pledge_ranks.h).
//
// Units on offer. A sale of pledged units, by the bank that enforces or by the pledgor with a consent, goes through the exchange (exchange/pledge_sales.h). The hold
// passes from the pledge to the sale's order and trade, and comes back where that fails (OfferUnits, TakeBackUnits); when the trade is settled the units leave the
// pledge, and what they brought is applied in the same command (SoldUnits, Distribute).
//
// Once a day each pledge in force is looked at: its units are valued, what it is to be warned of is said (PledgeAlert), and rights that have expired leave it. That
// warns and sells nothing (PLG-43). Where alerts begin or end, kPledgeAlertsChanged says so beside kPledgeChanged: name, then bits and days of the notice before and
// after (PledgeAlertNames). One that has ended is looked at again when its registration should have been cancelled (PLG-04).
//
// Errors are checked in this order: form of the fields in the order of the message (INVALID_ARGUMENT), things named (NOT_FOUND,
// INVALID_ARGUMENT), the transition (FAILED_PRECONDITION), its guards (INVALID_ARGUMENT, FAILED_PRECONDITION). One thread (the state
// machine).
#ifndef SONGHUA_LEDGER_PLEDGES_H_
#define SONGHUA_LEDGER_PLEDGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/calendars.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/participants.h"
#include "ledger/pledge_policy.h"
#include "ledger/pledge_rows.h"
#include "ledger/tables.h"
#include "ledger/valuations.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::ledger {

enum class PledgeEvent : uint8_t {
  kApply = 0,
  kVerify = 1,
  kReject = 2,
  kApprove = 3,
  kDecline = 4,
  kConfirm = 5,
  kRelease = 6,
  kLapse = 7,
  kReleasePart = 8,
  kAmend = 9,
  kConsent = 10,
  kNotice = 11,
  kCure = 12,
  kEnforce = 13,
  kDispose = 14,
  kAbandon = 15,
  kDrop = 16,
  kLose = 17,
  kAddUnits = 18,
  kCancelRegistration = 19,
};

// The state after an event, PLEDGE_STATE_UNSPECIFIED being the one before an application; nullopt where the event is illegal.
std::optional<v1::PledgeState> NextPledgeState(v1::PledgeState from, PledgeEvent event);

// What units of a lot are worth on a day, by base prices and what the market paid (valuations.h). The engine connects it.
class UnitValuer {
 public:
  virtual ~UnitValuer() = default;
  // nullopt: no price is in force.
  virtual std::optional<Valuation> ValueOf(const LotRow& lot, Quantity quantity, Date date) const = 0;
  // Serial units: how many more the holder of the lot has to surrender, as far as that is known, than it holds unpledged (PLG-18).
  virtual Quantity ShortfallOf(const LotRow& /*lot*/, Date /*date*/) const { return Quantity(); }
};

// Asked to call PassPledges at or after the time.
class PledgeAlarm {
 public:
  virtual ~PledgeAlarm() = default;
  virtual void WakeForPledges(Timestamp at) = 0;
};

class Pledges : public PledgeeConsents {
 public:
  // Bounds of what a bank may enter.
  static constexpr int64_t kPrincipalFenMax = 1'000'000'000'000'000;
  static constexpr int32_t kRateBpsMax = 10'000;
  static constexpr size_t kReferenceBytesMax = 100;
  static constexpr size_t kDecisionBytesMax = 500;
  static constexpr int kPartsMax = 20;
  static constexpr int kDocumentsMax = 20;
  static constexpr int kRegistrationYearsMax = 30;  // PLG-04
  static constexpr size_t kRaisesMax = 100;
  static constexpr size_t kAdditionsMax = 100;  // to the units of one lot

  struct Parts {
    Counters* counters;
    Participants* participants;
    Ledger* ledger;
    const Calendars* calendars;
    PledgeAlarm* alarm;
  };
  Pledges(TableSet* tables, const Parts& parts);
  ~Pledges() override;
  // Without one nothing is valued.
  void SetValuer(const UnitValuer* valuer) { valuer_ = valuer; }

  // ---- pledges.cc: from the application to the release ----
  absl::StatusOr<v1::PledgeAnswer> ApplyPledge(CommandContext& context, const v1::ApplyPledgeRequest& request);
  absl::StatusOr<v1::PledgeAnswer> VerifyPledge(CommandContext& context, const v1::VerifyPledgeRequest& request);
  absl::StatusOr<v1::PledgeAnswer> RejectPledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ApprovePledge(CommandContext& context, const v1::ApprovePledgeRequest& request);
  absl::StatusOr<v1::PledgeAnswer> DeclinePledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ConfirmPledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ReleasePledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ReleasePledgedUnits(CommandContext& context, const v1::ReleasePledgedUnitsRequest& request);

  // ---- pledge_terms.cc: what the bank lends, and how that changes ----
  absl::StatusOr<v1::PledgeAnswer> RecordRegistration(CommandContext& context, const v1::RecordRegistrationRequest& request);
  absl::StatusOr<v1::PledgeAnswer> CancelUnifiedRegistration(CommandContext& context, const v1::CancelUnifiedRegistrationRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ReportBalance(CommandContext& context, const v1::ReportBalanceRequest& request);
  absl::StatusOr<v1::PledgeAnswer> ProposeAmendment(CommandContext& context, const v1::ProposeAmendmentRequest& request);
  absl::StatusOr<v1::PledgeAnswer> AgreeAmendment(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> EndAmendment(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> AddPledgedUnits(CommandContext& context, const v1::AddPledgedUnitsRequest& request);

  // ---- pledge_consents.cc ----
  absl::StatusOr<v1::ConsentAnswer> GrantConsent(CommandContext& context, const v1::GrantConsentRequest& request);
  absl::StatusOr<v1::ConsentAnswer> RevokeConsent(CommandContext& context, const v1::ConsentActRequest& request);
  // CONSENT_USED, CONSENT_REVOKED, CONSENT_EXPIRED, CONSENT_FOR_OTHER_ACT, CONSENT_EXCEEDED (PLG-21), FROZEN_UNITS (PLG-29).
  absl::Status CheckConsent(const CommandContext& context, const std::string& name, v1::Consent::Act act, const LotRow& lot, Quantity quantity) const override;
  // The units leave the pledge, which ends where it has no more and nothing is owed on them in escrow.
  void UseConsent(CommandContext& context, const std::string& name, const LotRow& lot, Quantity quantity, const std::string& used_by) override;
  const ConsentRow* FindConsent(uint64_t number) const { return consents_.Find(number); }

  // ---- pledge_defaults.cc: default, enforcement, insolvency ----
  absl::StatusOr<v1::PledgeAnswer> GiveDefaultNotice(CommandContext& context, const v1::DefaultNoticeRequest& request);
  absl::StatusOr<v1::PledgeAnswer> CurePledge(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::PledgeAnswer> EnforcePledge(CommandContext& context, const v1::EnforcePledgeRequest& request);
  absl::StatusOr<v1::PledgeAnswer> AbandonEnforcement(CommandContext& context, const v1::AbandonEnforcementRequest& request);
  absl::StatusOr<v1::PledgeAnswer> CloseEnforcement(CommandContext& context, const v1::PledgeActRequest& request);
  absl::StatusOr<v1::InsolvencyAnswer> FlagInsolvency(CommandContext& context, const v1::FlagInsolvencyRequest& request);
  bool IsInsolvent(const std::string& participant) const;

  // ---- pledge_proceeds.cc: for the exchange and for recoveries ----

  // What a sale would offer of a pledge, for whom.
  struct Offer {
    const PledgeRow* pledge = nullptr;
    const LotRow* lot = nullptr;
    uint64_t consent = 0;  // 0: the bank enforces
    Price price_min;
  };
  // Who may offer units of the pledge now, and that they are not on offer yet. The caller is context.participant.
  absl::StatusOr<Offer> CheckOffer(const CommandContext& context, const v1::OfferPledgedUnitsRequest& request) const;
  // Notes the sale, "auctions/7", and that its consent is used.
  v1::PledgeAnswer NoteOffer(CommandContext& context, const Offer& offer, const std::string& sale);
  // How many units of the lot are the pledge's and not on offer.
  Quantity Offerable(uint64_t number, LotNumber lot) const;
  // The pledge's hold becomes an order's. REQUIRES: Offerable.
  void OfferUnits(uint64_t number, LotNumber lot, Quantity quantity);
  // And back, from an order or a trade. No hold comes back where the pledge has ended.
  void TakeBackUnits(CommandContext& context, uint64_t number, LotNumber lot, Quantity quantity, HoldKind from);
  // Units on offer were delivered; `last_before` was the last lot before that. What the sold term leaves of the right stays pledged (PLG-25).
  void SoldUnits(CommandContext& context, uint64_t number, LotNumber lot, Quantity quantity, LotNumber last_before);
  // Applies what a sale brought, which the pledgor's cash account has free: PLG-33, or PLG-22 with a consent. REQUIRES: the parties have accounts (CheckOffer).
  void Distribute(CommandContext& context, uint64_t number, AccountNumber cash, Money amount, const std::string& cause);

  // A recovery takes the units of a lot by law, or for a price of which `paid` goes to the pledgee: lifts their hold. The pledge ends with its last units, as
  // REALISED where there was a price, else as COLLATERAL_LOST; until then it warns of the shortfall (PLG-25). REQUIRES: ControlEffective; the lot's units are not
  // on offer.
  void TakeUnits(CommandContext& context, uint64_t number, LotNumber lot, Money paid, bool priced, const std::string& cause);

  // ---- pledge_checks.cc ----
  // For the engine's timer: looks at up to `max` pledges that are due. True: more remain. REQUIRES: not validate_only.
  bool PassPledges(CommandContext& context, size_t max);

  // Null: there is no such pledge.
  const PledgeRow* FindPledge(uint64_t number) const { return rows_.Find(number); }
  // Those that hold units or claim them, by their pledgor.
  std::vector<const PledgeRow*> LiveOf(const std::string& pledgor) const;
  // Those in a state that holds units, of which the lot's are or were some, by number.
  std::vector<const PledgeRow*> HoldingOver(LotNumber lot) const;
  // Told of each pledge that a group changed.
  void OnCollected(std::function<void(const PledgeRow&)> callback) { rows_.OnCollected(std::move(callback)); }
  const Ledger& ledger() const { return *ledger_; }

 private:
  // The pledge that a request names, and where the event would take it.
  struct Step {
    const PledgeRow* row;
    PledgeRow changed;
  };
  absl::StatusOr<Step> Begin(const CommandContext& context, const std::string& name, PledgeEvent event) const;
  // The same for requests that carry no more than a reason.
  template <class Request>
  absl::StatusOr<Step> BeginAct(const CommandContext& context, const Request& request, PledgeEvent event, bool reason_required) const;
  // One that is in force, whatever it waits for.
  absl::StatusOr<Step> FindInForce(const std::string& name) const;
  absl::StatusOr<Step> BeginProposal(const CommandContext& context, const v1::PledgeActRequest& request) const;
  absl::Status CheckAmendment(PledgeRow* row, Date today) const;
  // What cannot fail: row, holds, event, answer. Only the answer with validate_only.
  v1::PledgeAnswer Conclude(CommandContext& context, Step step);
  // What follows from having ended.
  void End(CommandContext& context, PledgeRow* row) const;
  // Puts a row in the place of its old one, with the holds, as they follow from both.
  void Put(CommandContext& context, const PledgeRow& row, PledgeRow changed);
  void SetCheck(const PledgeRow& row, bool listed);

  const PledgePolicyRow& PolicyOf(const PledgeRow& row) const { return PolicyOf(LotOf(row.parts.front())); }
  const PledgePolicyRow& PolicyOf(const LotRow& lot) const;
  const LotRow& LotOf(const PledgedPart& part) const { return *ledger_->lots().Find(part.lot); }
  // By when the next step is to come.
  Date DueFor(const PledgeRow& row, Date today) const;
  // When the timer is to look at it again.
  Date CheckFor(const PledgeRow& row, Date today) const;
  // PLG-14: units of that value carry the principal; units without a value are not lent on.
  absl::Status CheckValue(const PledgeRow& row, Money principal, std::string_view field, int64_t value) const;
  // Notes what the pledge's units are worth today.
  void Value(PledgeRow* row, Date today) const;
  // PledgeRow::registration_notice, as of today.
  int32_t RegistrationNoticeOf(const PledgeRow& row, Date today) const;
  // What is to be warned of, as of today. REQUIRES: registration_notice is of today.
  uint32_t AlertsOf(const PledgeRow& row, Date today) const;
  void AppendIndex(const PledgeRow& row);
  absl::Status CheckNotOnOffer(const PledgeRow& row, std::string_view name) const;
  // What is kept in escrow becomes the pledgor's: the debt was paid otherwise.
  void ReturnDeposit(CommandContext& context, PledgeRow* row);
  // Or pays it, the rest being the pledgor's.
  void UseDeposit(CommandContext& context, PledgeRow* row);

  // PLG-11, PLG-17: units of the lot may be pledged at all, and as many are free today.
  absl::Status CheckPledgeable(const LotRow& lot, Quantity quantity, Date today, std::string_view field, std::string_view quantity_field) const;
  absl::Status CheckPledgee(const std::string& pledgor, const std::string& pledgee) const;
  absl::StatusOr<std::vector<PledgedPart>> ParseParts(const v1::ApplyPledgeRequest& request) const;
  // OK where nothing was quoted.
  absl::Status CheckEtag(const LotRow& lot, const std::string& field, const std::string& etag) const;
  absl::Status CheckEtags(const PledgeRow& row, const google::protobuf::RepeatedPtrField<std::string>& etags) const;
  // PLG-13 of all lots.
  absl::Status CheckTerm(const PledgeRow& row, Date last, Date today) const;
  absl::Status CheckShortfall(const PledgeRow& row, Date today) const;
  absl::Status CheckNotFrozen(const CommandContext& context, const PledgeRow& row, const std::string& name) const;
  // The lot that a request means, `lot` being empty where the pledge has one alone.
  absl::StatusOr<const PledgedPart*> ChoosePart(const PledgeRow& row, const std::string& lot) const;
  const AccountRow& AccountOf(const LotRow& lot) const { return *ledger_->accounts().Find(lot.account); }
  // 0: it has none. A branch's bank may have one for it.
  AccountNumber CashOf(const std::string& participant) const;
  AccountNumber Escrow() const { return ledger_->accounts().House(v1::ESCROW, ""); }
  // Splits what came in, and says so; returns what of it is the pledgee's, or kept for it.
  Money Apply(CommandContext& context, PledgeRow* row, Money amount, bool deposit, const std::string& cause);
  void MarkUsed(CommandContext& context, const ConsentRow& consent, const std::string& used_by);
  v1::ConsentAnswer Answer(const ConsentRow& row, Date today) const;

  Counters* counters_;
  Participants* participants_;
  Ledger* ledger_;
  const Calendars* calendars_;
  PledgeAlarm* alarm_;
  const UnitValuer* valuer_ = nullptr;
  Table<PledgeRow> rows_;
  Table<ConsentRow> consents_;
  Table<InsolvencyRow> insolvencies_;
  std::set<std::pair<Date, uint64_t>> checks_;                      // of those that the timer looks at, by when
  std::set<std::pair<LotNumber, uint64_t>> holding_;                // by lot
  std::set<std::pair<std::string, uint64_t>> live_;                 // pledgors, of those that have not ended
  ColdTable<PledgeIndexRow> index_;
  ColdTable<DistributionRow> distributions_;
  uint64_t distributed_in_ = 0;  // the command of the last distribution, and how many it made
  uint32_t distributions_made_ = 0;
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PLEDGES_H_
