// The whole state of Songhua, composed: the ledger, the permits, the market, and what the engine itself must remember. This is where the interfaces
// that permits and exchange ask of each other are connected (DESIGN.md section 3).
#ifndef SONGHUA_API_ENGINE_STATE_H_
#define SONGHUA_API_ENGINE_STATE_H_

#include <cstdint>
#include <string>
#include <tuple>

#include "api/engine/certificates.h"
#include "api/engine/logic_version.h"
#include "api/engine/timers.h"
#include "exchange/auctions.h"
#include "exchange/exchange.h"
#include "exchange/listings.h"
#include "exchange/negotiations.h"
#include "exchange/pledge_sales.h"
#include "ledger/allocations.h"
#include "ledger/authorisations.h"
#include "ledger/extinctions.h"
#include "ledger/insurances.h"
#include "ledger/leases.h"
#include "ledger/recoveries.h"
#include "ledger/bank_statements.h"
#include "ledger/calendars.h"
#include "ledger/base_prices.h"
#include "ledger/controls.h"
#include "ledger/counters.h"
#include "ledger/day_one.h"
#include "ledger/ledger.h"
#include "ledger/lot_commitments.h"
#include "ledger/participants.h"
#include "ledger/paid_use_fees.h"
#include "ledger/pledges.h"
#include "ledger/price_methods.h"
#include "ledger/price_proposals.h"
#include "ledger/region_statuses.h"
#include "ledger/rights_years.h"
#include "ledger/surpluses.h"
#include "ledger/sha256.h"
#include "ledger/store.h"
#include "ledger/tables.h"
#include "ledger/transfer_proposals.h"
#include "ledger/witnesses.h"
#include "permits/absences.h"
#include "permits/applications.h"
#include "permits/case_file.h"
#include "permits/compliance.h"
#include "permits/deadlines.h"
#include "permits/documents.h"
#include "permits/imports.h"
#include "permits/overlays.h"
#include "permits/penalties.h"
#include "permits/permit_acts.h"
#include "permits/permits.h"
#include "permits/reduction_tasks.h"
#include "permits/regimes.h"
#include "permits/registrations.h"
#include "permits/standing.h"
#include "songhua/v1/operations.pb.h"

namespace songhua::api {

// What the engine itself must remember. One row.
struct EngineRow {
  static constexpr RowTable kTable = RowTable::kEngine;
  uint32_t logic_version = kOldestLogicVersion;  // decides the next command
  uint64_t last_sequence = 0;
  Timestamp last_time;

  uint32_t Key() const { return 0; }
  template <class Archive>
  void Fields(Archive& a) {
    a(logic_version, last_sequence, last_time);
  }
};

// The answer that a request_id got (GEN-15). Cold.
struct IdempotencyRow {
  static constexpr RowTable kTable = RowTable::kIdempotency;
  static constexpr bool kReadBack = true;
  Date date{};  // of the request_id
  std::string person;
  std::string request_id;
  uint64_t sequence = 0;
  Digest body{};            // SHA-256 of method and canonical request
  uint32_t status_code = 0;
  std::string message;      // of a refusal
  std::string refusal;      // RefusalDetail, encoded
  std::string answer;       // message bytes

  std::tuple<Date, std::string, std::string> Key() const { return {date, person, request_id}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(date, person, request_id, sequence, body, status_code, message, refusal, answer);
  }
};

// The last batch of an order stream and its answers.
struct StreamRow {
  static constexpr RowTable kTable = RowTable::kStreams;
  std::string person;
  std::string stream;
  uint64_t number = 0;
  Digest body{};
  std::string answer;

  std::tuple<std::string, std::string> Key() const { return {person, stream}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(person, stream, number, body, answer);
  }
};

// What a store is created with: the first record of every journal.
struct Genesis {
  ClockMode clock_mode = ClockMode::kSystem;
  Timestamp start_time;
  std::string operator_token_sha256;  // 64 hexadecimal digits
  Region region = kJilinProvince;
  uint32_t logic_version = kNewestLogicVersion;  // its record carries it; not one of the fields

  template <class Archive>
  void Fields(Archive& a) {
    a(clock_mode, start_time, operator_token_sha256, region);
  }
};

// Wakes the engine on the day after a permit's last (Permits::PassTerms).
class ExpiryAlarm : public permits::Alarm {
 public:
  explicit ExpiryAlarm(Timers* timers) : timers_(timers) {}
  void WakeAt(Timestamp at) override { timers_->Schedule(at, TimerKind::kExpirePermits); }

 private:
  Timers* timers_;
};

// Something that awaits a seal, or its seed: what the custodian of seeds has to see to (api/seed_custodian.h).
struct Custody {
  enum class Kind : uint8_t { kCall = 1, kAuction = 2 };  // in the journal
  Kind kind = Kind::kCall;
  uint64_t number = 0;  // of the contract or the auction
  std::string name;     // "CEA25", "auctions/7"
  Date date{};
  bool awaits_seal = false;  // now; else it awaits its seed
  bool halted = false;       // no seed is taken
  Digest seal{};
  Timestamp end;              // from here on the seed may be revealed ...
  int32_t random_end_s = 0;   // ... or so much later, as it draws
  Timestamp void_time;
};

class State;

// What leases ask: that their sites' permits are in force and nothing stops them (DR-29); and the engine's timer.
class LeaseDuties : public ledger::LeaseGate, public ledger::LeaseAlarm {
 public:
  explicit LeaseDuties(State* state) : state_(*state) {}
  absl::Status CheckParty(const ledger::AccountRow& account, const std::string& program, v1::CreditGate::Act act, Date today,
                          std::string_view field) const override;
  void WakeForLeases(Timestamp at) override;

 private:
  State& state_;
};

class State : public permits::RightsReader,
              public permits::SiteMarket,
              public permits::SurrenderReader,
              public permits::EmissionsListener,
              public permits::Alarm,
              public permits::DeadlineHandler,
              public permits::ImportAlarm,
              public ledger::CalendarListener,
              public ledger::ProposalAlarm,
              public exchange::MarketGate,
              public exchange::MarketAlarm,
              public exchange::FloorReader,
              public exchange::PermitReader,
              public exchange::TradeAlarm,
              public exchange::OfferAlarm,
              public exchange::AuctionAlarm,
              public ledger::PledgeAlarm,
              public ledger::PriceScope,
              public ledger::RightsListener,
              public ledger::RightsGate,
              public ledger::AllocationScope,
              public ledger::AllocationAlarm,
              public ledger::NeedReader,
              public ledger::UncountedReader,
              public ledger::UnitValuer {
 public:
  State();
  ~State();

  // Declared first: every table below registers with it.
  TableSet tables;
  ledger::Counters counters;
  ledger::Participants participants;
  ledger::Ledger ledger;
  ledger::BankStatements bank_statements;
  ledger::DayOne day_one;
  ledger::BasePrices base_prices;
  ledger::PriceMethods price_methods;
  ledger::PriceProposals price_proposals;
  ledger::Pledges pledges;
  ledger::Authorisations authorisations;
  ledger::Insurances insurances;
  ledger::PaidUseFees paid_use_fees;
  ledger::Allocations allocations;
  ledger::Surpluses surpluses;
  ledger::RightsYears rights_years;
  ledger::Calendars calendars;
  LeaseDuties lease_duties;
  ledger::Leases leases;
  ledger::Recoveries recoveries;
  ledger::Extinctions extinctions;
  ledger::RegionStatuses region_statuses;
  ledger::Controls controls;
  ledger::TransferProposals transfer_proposals;
  permits::Regimes regimes;
  permits::Deadlines deadlines;
  permits::CaseFile case_file;
  permits::Standing standing;
  ExpiryAlarm expiry_alarm;
  permits::Permits permits;
  permits::Penalties penalties;
  permits::ReductionTasks reduction_tasks;
  permits::PermitActs permit_acts;
  permits::Overlays overlays;
  permits::Registrations registrations;
  permits::Absences absences;
  permits::Applications applications;
  permits::Documents documents;
  permits::Imports imports;
  permits::Compliance compliance;
  exchange::Exchange exchange;
  exchange::Listings listings;
  exchange::Negotiations negotiations;
  exchange::Auctions auctions;
  exchange::PledgeSales pledge_sales;
  ledger::LotCommitments lot_commitments;
  Certificates certificates;
  ledger::Witnesses witnesses;
  Timers timers;
  Table<EngineRow> engine_rows;
  Table<StreamRow> streams;
  ColdTable<IdempotencyRow> idempotency;

  EngineRow& engine() { return *engine_rows.FindMutable(0); }
  const EngineRow& engine() const { return *engine_rows.Find(0); }

  // Told by the store's identity; not a row, because a store never changes it.
  ClockMode clock_mode = ClockMode::kSystem;

  // ---- Commands that concern more than one part ----
  absl::StatusOr<v1::ContractAnswer> OpenSession(CommandContext& context, const v1::SessionRequest& request);
  absl::StatusOr<v1::ContractAnswer> CloseSession(CommandContext& context, const v1::SessionRequest& request);
  // A grade that changes ends the orders that its enterprise may not have any more, in the same commit.
  absl::StatusOr<v1::CreditAnswer> SetCreditGrade(CommandContext& context, const v1::SetCreditGradeRequest& request);
  // An account that is restrained loses the orders that it may not have any more, in the same commit.
  absl::StatusOr<v1::AccountControlAnswer> SetAccountState(CommandContext& context, const v1::SetAccountStateRequest& request);
  // What a region decides ends the orders that it stops, in the same commit.
  absl::StatusOr<v1::RegionStatusAnswer> SetRegionStatus(CommandContext& context, const v1::SetRegionStatusRequest& request);
  absl::StatusOr<v1::CrossingAnswer> WithdrawCrossing(CommandContext& context, const v1::WithdrawCrossingRequest& request);
  absl::StatusOr<v1::HaltAnswer> HaltTrading(CommandContext& context, const v1::HaltTradingRequest& request);
  // Floors follow what is published.
  absl::StatusOr<v1::PriceProposalAnswer> PublishPriceProposal(CommandContext& context, const v1::PublishPriceProposalRequest& request);
  absl::StatusOr<v1::BasePriceAnswer> PublishBasePrice(CommandContext& context, const v1::PublishBasePriceRequest& request);
  // Behaviour changes from the next command on (logic_version.h).
  absl::StatusOr<v1::StatusAnswer> SwitchLogicVersion(CommandContext& context, const v1::SwitchLogicVersionRequest& request);
  absl::StatusOr<v1::StatusAnswer> AdvanceClock(CommandContext& context, const v1::AdvanceClockRequest& request);
  absl::StatusOr<v1::StatusAnswer> ConfirmClock(CommandContext& context, const v1::ConfirmClockRequest& request);

  // ---- What the parts ask of each other ----
  // permits::RightsReader
  bool PaidUse(const std::string& pollutant) const override;
  absl::StatusOr<Quantity> EffectiveRights(const std::string& site, const std::string& pollutant, int32_t year) const override;
  // permits::SiteMarket
  void CancelOrdersOfSite(CommandContext& context, const std::string& site, std::string_view reason) override;
  void RestrainOrdersOfSite(CommandContext& context, const std::string& site, std::string_view reason) override;
  // permits::SurrenderReader
  absl::Status CheckObligation(const std::string& account, const std::string& program) const override;
  Quantity SurrenderedUpTo(const std::string& account, const std::string& program, int32_t obligation_year) const override;
  // permits::EmissionsListener: a key unit may hold by what it emits (CAR-25).
  void OnVerifiedEmissions(CommandContext* context, const permits::VerifiedEmissionsRow& row) override;
  // permits::Alarm, permits::DeadlineHandler: what happens when a deadline has passed, its case says.
  void WakeAt(Timestamp at) override;
  void OnPassed(CommandContext& context, const permits::DeadlineRow& deadline) override;
  // One slice of the deadlines that have passed; true: there are more.
  bool PassDeadlines(CommandContext& context);
  // One slice of the permits whose last day has passed; true: there are more.
  bool ExpirePermits(CommandContext& context);
  // permits::ImportAlarm
  void WakeForImports(Timestamp at) override;
  // ledger::ProposalAlarm
  void WakeForProposals(Timestamp at) override;
  // ledger::CalendarListener
  uint32_t OnCalendarYear(CommandContext& context, int32_t year) override;
  // exchange::MarketGate: DR-29. A site that sells must have an effective permit and not be suspended, closed or seized (PERMIT-57); one that buys may have
  // no permit yet (DR-28), but not a revoked one. Then its credit (CREDIT-20): what covers a deficit is never blocked (CREDIT-21).
  exchange::OrderRefusal MaySell(const ledger::AccountRow& account, const exchange::ContractRow& contract, Quantity more, Date today) override;
  exchange::OrderRefusal MayBuy(const ledger::AccountRow& account, const exchange::ContractRow& contract, Quantity quantity, exchange::ComingIn coming,
                                Date today) override;
  Quantity DeficitOf(const ledger::AccountRow& account, const exchange::ContractRow& contract, exchange::ComingIn coming, Date today) override;
  std::string CreditText(const ledger::AccountRow& account, const exchange::ContractRow& contract, exchange::Side side, std::string_view deficit,
                         Date today) override;
  // CREDIT-20: how the participant and its site stand; a participant without a site has no overlays.
  // OK, or CREDIT_GATE where the program blocks the act for this enterprise and site.
  absl::Status CheckCredit(const ledger::AccountRow& account, const std::string& program, v1::CreditGate::Act act, Date today, std::string_view field) const;
  ledger::CreditStanding CreditStandingOf(const std::string& participant, const std::string& site, Date today) const;
  bool PassesCredit(const ledger::AccountRow& account, const exchange::ContractRow& contract, v1::CreditGate::Act act, Date today) const;
  // exchange::MarketAlarm
  void WakeForPhases(Timestamp at) override;
  void WakeForSettlements(Timestamp at) override;
  void WakeForCalls(Timestamp at) override;
  // exchange::FloorReader
  Price FloorOf(const exchange::ContractRow& contract, Date today) override;
  // exchange::PermitReader (DR-18)
  bool ShowsWhatIsLeft(const std::string& site, const std::string& pollutant, const Term& term, Date today) const override;
  bool ShowsWhatCame(const std::string& site, const std::string& pollutant, const Term& term, uint64_t settled, Date today) const override;
  // exchange::TradeAlarm
  void WakeForTrades(Timestamp at) override;
  // ledger::PledgeAlarm
  void WakeForPledges(Timestamp at) override;
  // exchange::AuctionAlarm
  void WakeForAuctions(Timestamp at) override;
  // What is the custodian's: calls by contract, then auctions by their close. Unless `all`, of auctions only those that want something now and the next that will.
  std::vector<Custody> InCustody(bool all) const;
  size_t CustodyCount() const { return exchange.calls_in_custody().size() + auctions.in_custody().size(); }
  // exchange::OfferAlarm
  void WakeForOffers(Timestamp at) override;
  // One slice of the listings and negotiations that have had their time; true: there are more.
  bool PassOffers(CommandContext& context);
  // ledger::PriceScope
  absl::Status CheckPriceScope(const std::string& program, const std::string& pollutant, const std::string& control_zone) const override;
  // ledger::UnitValuer (PLG-15, PLG-16)
  std::optional<ledger::Valuation> ValueOf(const ledger::LotRow& lot, Quantity quantity, Date date) const override;
  Quantity ShortfallOf(const ledger::LotRow& lot, Date date) const override;
  // ledger::RightsListener: DR-16 after every transfer.
  void OnRightsMoved(CommandContext& context, const std::string& site) override;
  void OnRightsDisposed(CommandContext& context, const std::string& site, const std::string& pollutant, Quantity quantity) override;
  void OnRightsReturned(CommandContext& context, const std::string& site, const std::string& pollutant, Quantity quantity) override;
  // ledger::RightsGate: fees (DR-09); for a sale or lease the verified surplus (DR-17); for a pledge whether its site is excluded
  // (PLG-12): by a serious violation, a reduction task that was failed, what it discharged in the year before, its credit.
  absl::Status CheckDisposal(const CommandContext& context, const std::string& site, const std::string& program, const std::string& pollutant,
                             Quantity quantity, ledger::Disposal disposal, std::string_view field) const override;
  // ledger::AllocationScope, ledger::AllocationAlarm
  absl::Status CheckMayReceive(const std::string& site, Date today) const override;
  void WakeForAllocations(Timestamp at) override;
  // ledger::NeedReader
  Quantity PermittedQuantity(const std::string& site, const std::string& pollutant, int32_t year) const override;
  Quantity PendingDeficit(const std::string& site, const std::string& pollutant) const override;
  // ledger::UncountedReader (DR-18)
  Quantity NotCounted(const std::string& site, const std::string& pollutant, int32_t year) const override;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_STATE_H_
