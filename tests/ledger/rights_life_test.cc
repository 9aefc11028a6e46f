// The life of rights beside the market: allocation by plan, fees, surplus, years.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/allocations.h"
#include "ledger/paid_use_fees.h"
#include "ledger/rights_years.h"
#include "ledger/surpluses.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RightsLifeTest : public testing::Test, public AllocationScope, public AllocationAlarm, public NeedReader, public RightsListener, public RightsGate, public UncountedReader {
 protected:
  // What the reserve of Changchun has: 600,000 g of SO2 a year for industry, 2026 to 2030.
  RightsLifeTest() {
    world.Furnish();
    world.ledger.SetRightsListener(this);
    world.ledger.SetRightsGate(this);
    EXPECT_EQ(Outcome(world.Issue("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' quantity: 600000 "
                                  "to_account: 'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2030-12-31'")),
              "OK");
    reserve = world.LastLot();
  }

  // AllocationScope, NeedReader, RightsListener, RightsGate
  absl::Status CheckMayReceive(const std::string& site, Date) const override {
    return site == no_permit ? absl::Status(InvalidField("site", site, "a site with a permit").Rule("DR-05")) : absl::OkStatus();
  }
  void WakeForAllocations(Timestamp) override { ++woken; }
  Quantity PermittedQuantity(const std::string&, const std::string&, int32_t) const override { return permitted; }
  Quantity PendingDeficit(const std::string& site, const std::string& pollutant) const override { return years.PendingDeficit(site, pollutant); }
  void OnRightsMoved(CommandContext&, const std::string&) override {}
  void OnRightsDisposed(CommandContext& context, const std::string& site, const std::string& pollutant, Quantity quantity) override {
    surpluses.Use(site, pollutant, quantity, context.today);
  }
  void OnRightsReturned(CommandContext&, const std::string& site, const std::string& pollutant, Quantity quantity) override {
    surpluses.GiveBack(site, pollutant, quantity);
  }
  absl::Status CheckDisposal(const CommandContext& context, const std::string& site, const std::string&, const std::string&, Quantity, Disposal,
                             std::string_view field) const override {
    return fees.CheckNoArrears(site, context.today, field);
  }

  Quantity NotCounted(const std::string&, const std::string&, int32_t) const override { return not_counted; }

  template <class Request, class Answer, class Module>
  absl::StatusOr<Answer> Do(absl::StatusOr<Answer> (Module::*method)(CommandContext&, const Request&), Module& module, const std::string& text) {
    return world.Run([&](CommandContext& context) {
      context.person = person;
      return (module.*method)(context, Text<Request>(world.Named(text)));
    });
  }
  auto Begin(const std::string& totals, const std::string& more = "period_end: '2030-12-31' first_payment_date: '2026-02-01'") {
    return Do(&Allocations::BeginAllocation, allocations,
              "allocation { program: 'programs/rights' region: '220100' document_reference: 'D' valid_from: '2026-01-01' " + more + " " + totals + " }");
  }
  auto Add(const std::string& rows, int first = 1) {
    return world.Run([&](CommandContext& context) {
      context.person = person;
      return allocations.AddAllocationRows(
          context, Text<v1::AddAllocationRowsRequest>(world.Named("name: 'allocations/1' first_row: " + std::to_string(first) + " " + rows)), *this);
    });
  }
  auto Finish() { return Do(&Allocations::FinishAllocation, allocations, "name: 'allocations/1'"); }
  auto Approve() { return Do(&Allocations::ApproveAllocation, allocations, "name: 'allocations/1'"); }
  void Carry(size_t max = 1000) {
    world.Apply([&](CommandContext& context) { while (allocations.Carry(context, max)) {} });
  }
  // A right of 10 kg a year for the steel works, paid in three instalments, at 5,000 yuan a tonne and year.
  static constexpr char kPaidRow[] =
      "rows { site: 'sites/$STEEL001' pollutant: 'SO2' quantity: 10000 source: 'INITIAL_PAID' rate_fen: 500000 instalments: 3 }";
  void GrantPaid() {
    ASSERT_EQ(Outcome(Begin("totals { pollutant: 'SO2' rows: 1 quantity: 10000 }")), "OK");
    ASSERT_EQ(Outcome(Add(kPaidRow)), "OK");
    ASSERT_EQ(Outcome(Finish()), "OK");
    person = "approver";
    ASSERT_EQ(Outcome(Approve()), "OK");
    Carry();
  }

  LedgerWorld world;
  Allocations allocations{&world.tables, {&world.counters, &world.participants, &world.ledger, &fees, this}};
  PaidUseFees fees{&world.tables, &world.ledger};
  Surpluses surpluses{&world.tables, &world.participants, &world.ledger};
  RightsYears years{&world.tables, &world.participants, &world.ledger, this};
  std::string person = "manager";
  std::string no_permit;
  Quantity permitted;
  Quantity not_counted;
  int woken = 0;
  LotNumber reserve = 0;
};

TEST_F(RightsLifeTest, APlanIsGrantedWhole_DR05) {
  ASSERT_EQ(Outcome(Begin("totals { pollutant: 'SO2' rows: 1 quantity: 10000 }")), "OK");
  ASSERT_EQ(Outcome(Add(kPaidRow)), "OK");
  ASSERT_EQ(Outcome(Finish()), "OK");
  EXPECT_EQ(Outcome(Approve()), "SAME_PERSON_PROPOSED GEN-14 caller");
  person = "approver";
  ASSERT_EQ(Outcome(Approve()), "OK");
  EXPECT_EQ(woken, 1);
  // Until the row is carried out, what it grants is held in the reserve.
  EXPECT_EQ(world.Lot(reserve).Held(HoldKind::kAllocation), Quantity(10'000));
  EXPECT_EQ(world.Available(reserve), Quantity(590'000));
  Carry();
  EXPECT_EQ(allocations.Find(1)->state, v1::Allocation::GRANTED);
  EXPECT_EQ(world.Lot(reserve).Held(), Quantity());
  const LotRow& lot = world.Lot(world.LastLot());
  EXPECT_EQ(lot.quantity, Quantity(10'000));
  EXPECT_EQ(lot.source, LotSource::kInitialPaid);
  EXPECT_TRUE(lot.paid);
  EXPECT_EQ(lot.sector_class, "INDUSTRY");
  EXPECT_EQ(lot.cost, Money(25'000));  // 0.01 t x 5,000 yuan x 5 years
}

TEST_F(RightsLifeTest, ARightEndsWithItsPeriodOrAfterFiveYears_DR06) {
  const auto shorter = Begin("totals { pollutant: 'SO2' rows: 1 quantity: 1 }", "period_end: '2028-06-30'");
  ASSERT_TRUE(shorter.ok());
  EXPECT_EQ(shorter->allocation().valid_to(), "2028-06-30");
  const auto longer = Begin("totals { pollutant: 'SO2' rows: 1 quantity: 1 }", "period_end: '2033-12-31'");
  ASSERT_TRUE(longer.ok());
  EXPECT_EQ(longer->allocation().valid_to(), "2030-12-31");
  EXPECT_EQ(Outcome(Begin("totals { pollutant: 'SO2' rows: 1 quantity: 1 }", "period_end: '2025-12-31'")), "INVALID_FIELD DR-06 allocation.period_end");
}

TEST_F(RightsLifeTest, EveryBadRowIsToldAndNothingIsGranted) {
  no_permit = world.Named("$POWER001");
  ASSERT_EQ(Outcome(Begin("totals { pollutant: 'SO2' rows: 9 quantity: 90000 }", "period_end: '2030-12-31'")), "OK");
  const std::string site = "rows { site: 'sites/$STEEL001' pollutant: 'SO2' quantity: 10000 ";
  const auto answer = Add("rows { site: 'sites/$POWER001' pollutant: 'SO2' quantity: 1 source: 'INITIAL_FREE' }" + site + "source: 'GIFT' }" + site +
                          "source: 'INITIAL_FREE' rate_fen: 1 }" + site + "source: 'INITIAL_FREE' new_project: true }" + site +
                          "source: 'INITIAL_PAID' rate_fen: 500000 }" + site + "source: 'INITIAL_FREE' instalments: 2 }" +
                          "rows { site: 'sites/$PAPER001' pollutant: 'SO2' quantity: 1 source: 'INITIAL_FREE' }" + site + "source: 'INITIAL_FREE' }" + site +
                          "source: 'INITIAL_FREE' }");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->allocation().bad_rows(), 8);
  std::vector<std::string> faults;
  for (const auto& [key, value] : world.stored.rows()) {
    AllocationEntryRow row;
    if (key.compare(0, 2, RowKey(static_cast<uint16_t>(RowTable::kAllocationRows), "").substr(0, 2)) != 0) continue;
    ASSERT_TRUE(DecodeValue(value, &row).ok());
    faults.push_back(row.fault.reason + " " + row.fault.rule + " " + row.fault.field);
  }
  EXPECT_THAT(faults, ElementsAre("INVALID_FIELD DR-05 site", "INVALID_FIELD DR-03 source", "INVALID_FIELD DR-08 rate_fen", "INVALID_FIELD DR-07 new_project",
                                  "INVALID_FIELD DR-08 rate_fen", "INVALID_FIELD DR-08 instalments", "INVALID_FIELD DR-05 site", "  ", "ROW_TWICE DR-05 site"));
  EXPECT_EQ(Outcome(Finish()), "ALLOCATION_HAS_ERRORS DR-05 name");
  EXPECT_EQ(Outcome(Add(kPaidRow, 3)), "CHUNK_OUT_OF_ORDER GEN-15 first_row");
  ASSERT_EQ(Outcome(Do(&Allocations::DiscardAllocation, allocations, "name: 'allocations/1' reason: 'errors'")), "OK");
  Carry(2);
  EXPECT_EQ(world.LastLot(), reserve);
  EXPECT_EQ(Outcome(Approve()), "SAME_PERSON_PROPOSED GEN-14 caller");
}

TEST_F(RightsLifeTest, TotalsAndReservesAreHeldAgainstTheRows) {
  ASSERT_EQ(Outcome(Begin("totals { pollutant: 'SO2' rows: 1 quantity: 9999 }")), "OK");
  ASSERT_EQ(Outcome(Add(kPaidRow)), "OK");
  EXPECT_EQ(Outcome(Finish()), "CONTROL_TOTALS_DIFFER DR-05 totals");
}

TEST_F(RightsLifeTest, NoMoreThanTheReserveHasIsGranted_DR60) {
  ASSERT_EQ(Outcome(Begin("totals { pollutant: 'SO2' rows: 1 quantity: 600001 }")), "OK");
  ASSERT_EQ(Outcome(Add("rows { site: 'sites/$STEEL001' pollutant: 'SO2' quantity: 600001 source: 'INITIAL_FREE' }")), "OK");
  const auto finish = Finish();
  EXPECT_EQ(Outcome(finish), "RESERVE_SHORT DR-60 rows[1].quantity");
  EXPECT_THAT(std::string(finish.status().message()), HasSubstr("at most 600000"));
}

TEST_F(RightsLifeTest, AFeeIsPaidInInstalmentsAndItsDelayIsArrears_DR08_DR09) {
  GrantPaid();
  const PaidUseFeeRow& fee = *fees.Find(1);
  ASSERT_EQ(fee.instalments.size(), 3u);
  EXPECT_EQ(fee.instalments[0].amount, Money(10'000));  // 40%
  EXPECT_EQ(fee.instalments[1].amount, Money(7'500));
  EXPECT_EQ(FormatDate(fee.instalments[2].due), "2028-02-01");
  const std::string steel = world.Named("$STEEL001");
  world.today = MakeDate(2026, 2, 1);
  EXPECT_EQ(fees.ArrearsOf(steel, world.today), nullptr);
  world.today = MakeDate(2026, 2, 2);
  ASSERT_NE(fees.ArrearsOf(steel, world.today), nullptr);
  EXPECT_EQ(ToProto(fee, world.today).state(), "ARREARS");
  const auto disposal = world.Run([&](CommandContext& context) {
    return world.ledger.CheckDisposal(context, world.Lot(world.LastLot()), Quantity(1), Disposal::kLease, "lot");
  });
  EXPECT_EQ(GetRefusal(disposal)->rule, "DR-09");
  const auto pay = [&](const std::string& amount) { return Do(&PaidUseFees::PayPaidUseFee, fees, "name: 'paidUseFees/1' amount_fen: " + amount); };
  EXPECT_EQ(Outcome(pay("9999")), "INVALID_FIELD DR-08 amount_fen");
  EXPECT_EQ(Outcome(pay("10000")), "INSUFFICIENT_FUNDS DR-49 amount_fen");
  ASSERT_EQ(Outcome(world.Deposit("account: 'accounts/$STEEL.cash' amount_fen: 25000 bank_reference: 'B1'")), "OK");
  ASSERT_EQ(Outcome(pay("10000")), "OK");
  EXPECT_EQ(fees.ArrearsOf(steel, world.today), nullptr);
  EXPECT_EQ(world.Cash("house.funds").posted, Money(10'000));
  ASSERT_EQ(Outcome(pay("7500")), "OK");
  ASSERT_EQ(Outcome(pay("7500")), "OK");
  EXPECT_EQ(Outcome(pay("7500")), "FEE_PAID DR-08 name");
  EXPECT_EQ(ToProto(fee, world.today).state(), "PAID");
}

TEST(SplitFeeTest, InstalmentsAddUpToTheFee) {
  for (int64_t fen = 1; fen < 300; ++fen) {
    for (int32_t count = 1; count <= 5; ++count) {
      Money sum;
      for (const InstalmentRow& row : SplitFee(Money(fen), {count == 1 ? 10'000 : 4'000, count, MakeDate(2026, 2, 28)})) sum += row.amount;
      EXPECT_EQ(sum, Money(fen)) << count;
    }
  }
}

TEST_F(RightsLifeTest, OnlyWhatASiteCanSpareIsItsSurplus_DR17) {
  GrantPaid();
  const LotNumber lot = world.LastLot();
  permitted = Quantity(7'000);
  const auto declare = [&](const std::string& measure) {
    return Do(&Surpluses::DeclareSurplus, surpluses,
              "surplus { site: 'sites/$STEEL001' pollutant: 'SO2' measure: " + measure + " document_reference: 'D' declared_quantity: 5000 }");
  };
  const auto verify = [&](int64_t quantity) {
    return world.Run([&](CommandContext& context) {
      context.person = person;
      return surpluses.VerifySurplus(
          context, Text<v1::VerifySurplusRequest>("name: 'surpluses/1' opinion: 'O' quantity: " + std::to_string(quantity)), *this);
    });
  };
  EXPECT_EQ(Outcome(declare("MEASURE_UNSPECIFIED")), "INVALID_FIELD DR-17 surplus.measure");
  ASSERT_EQ(Outcome(declare("TREATMENT")), "OK");
  EXPECT_EQ(Outcome(verify(3'000)), "SAME_PERSON_DECLARED GEN-14 caller");
  person = "officer";
  EXPECT_EQ(Outcome(verify(5'001)), "INVALID_FIELD DR-17 quantity");
  EXPECT_EQ(Outcome(verify(3'001)), "SURPLUS_TOO_LARGE DR-17 quantity");
  ASSERT_EQ(Outcome(verify(3'000)), "OK");
  const std::string steel = world.Named("$STEEL001");
  EXPECT_EQ(surpluses.FreeSurplus(steel, "SO2", world.today), Quantity(3'000));
  // What an order holds is spoken for; what a trade delivers is used up.
  world.Hold(lot, HoldKind::kOrder, 1'000);
  EXPECT_EQ(surpluses.FreeSurplus(steel, "SO2", world.today), Quantity(2'000));
  world.ReleaseHold(lot, HoldKind::kOrder, 1'000);
  world.Hold(lot, HoldKind::kTrade, 1'000);
  world.Deliver(lot, 1'000, world.Lot(lot).term, "$POWER001.rights");
  EXPECT_EQ(surpluses.Find(1)->used, Quantity(1'000));
  EXPECT_EQ(surpluses.FreeSurplus(steel, "SO2", world.today), Quantity(2'000));
  // A year later the rest has lapsed.
  EXPECT_EQ(surpluses.FreeSurplus(steel, "SO2", MakeDate(2027, 1, 5)), Quantity());
  EXPECT_EQ(surpluses.Find(1)->StateOn(MakeDate(2027, 1, 5)), v1::Surplus::LAPSED);
}

TEST_F(RightsLifeTest, AYearIsClosedWithWhatWasUsedAndWhatLapsed_DR10_DR11) {
  GrantPaid();
  const LotNumber lot = world.LastLot();
  const std::string steel = world.Named("$STEEL001");
  const auto record = [&](int year, int64_t grams) {
    return Do(&RightsYears::RecordDischarge, years,
              "site: 'sites/$STEEL001' pollutant: 'SO2' year: " + std::to_string(year) + " document_reference: 'D' discharged_quantity: " + std::to_string(grams));
  };
  const auto close = [&](int year) {
    return Do(&RightsYears::CloseRightsYear, years, "program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' year: " + std::to_string(year));
  };
  EXPECT_EQ(Outcome(record(2026, 1)), "INVALID_FIELD DR-11 year");
  EXPECT_EQ(Outcome(close(2026)), "INVALID_FIELD DR-10 year");
  world.today = MakeDate(2028, 1, 10);
  const auto missing = close(2026);
  ASSERT_EQ(Outcome(missing), "OK");
  EXPECT_THAT(missing->missing(), ElementsAre("sites/" + steel));
  EXPECT_EQ(missing->closed(), 1);  // the reserve
  ASSERT_EQ(Outcome(record(2026, 12'000)), "OK");
  ASSERT_EQ(Outcome(record(2026, 8'000)), "OK");
  ASSERT_EQ(Outcome(record(2027, 11'000)), "OK");
  EXPECT_EQ(years.PendingDeficit(steel, "SO2"), Quantity(1'000));
  EXPECT_TRUE(years.DischargedBeyondRights(steel, 2027));
  // In order, and not while a trade counts on the units.
  EXPECT_THAT(close(2027)->busy(), ElementsAre(HasSubstr("2026 of lots/")));
  world.Hold(lot, HoldKind::kTrade, 1);
  EXPECT_THAT(close(2026)->busy(), ElementsAre(HasSubstr("is held by TRADE")));
  world.ReleaseHold(lot, HoldKind::kTrade, 1);
  // What was bought and stands in no permit yet does not count (DR-18).
  not_counted = Quantity(3'000);
  EXPECT_EQ(years.PendingDeficit(steel, "SO2"), Quantity(5'000));  // 1,000 of 2026, 4,000 of 2027
  EXPECT_THAT(close(2026)->busy(), ElementsAre(HasSubstr("(DR-18)")));
  not_counted = Quantity();
  ASSERT_EQ(close(2026)->closed(), 1);
  EXPECT_EQ(Outcome(record(2026, 1)), "YEAR_CLOSED DR-10 year");
  const RightsYearRow& closed = *years.Find(steel, "SO2", 2026);
  EXPECT_EQ(closed.effective, Quantity(10'000));
  EXPECT_EQ(closed.used, Quantity(8'000));
  EXPECT_EQ(closed.lapsed, Quantity(2'000));
  EXPECT_EQ(years.Effective(steel, "SO2", 2026), Quantity(10'000));
  const InstrumentRow& instrument = world.Instrument("rights", "SO2", "220100", "INDUSTRY", 2026);
  EXPECT_EQ(instrument.surrendered, Quantity(8'000));
  EXPECT_EQ(instrument.lapsed, Quantity(592'000));
  EXPECT_EQ(instrument.held, Quantity());
  EXPECT_TRUE(instrument.Balanced());
  // The lot goes on with the years that are left, and with what was paid for them.
  EXPECT_EQ(FormatDate(world.Lot(lot).term.first), "2027-01-01");
  EXPECT_EQ(world.Lot(lot).cost, Money(20'002));  // 25,000 x 1,461 / 1,826 days, rounded down
  // What was allocated cannot be taken back whole any more.
  EXPECT_EQ(close(2026)->closed(), 0);
}

TEST_F(RightsLifeTest, EverythingComesBackAfterARestart) {
  GrantPaid();
  person = "manager";
  ASSERT_EQ(Outcome(Do(&Surpluses::DeclareSurplus, surpluses,
                       "surplus { site: 'sites/$STEEL001' pollutant: 'SO2' measure: TREATMENT document_reference: 'D' declared_quantity: 5 }")),
            "OK");
  ASSERT_EQ(Outcome(Begin("totals { pollutant: 'SO2' rows: 2 quantity: 10000 }")), "OK");
  LedgerWorld empty;
  Allocations other_allocations(&empty.tables, {&empty.counters, &empty.participants, &empty.ledger, nullptr, this});
  PaidUseFees other_fees(&empty.tables, &empty.ledger);
  Surpluses other_surpluses(&empty.tables, &empty.participants, &empty.ledger);
  RightsYears other_years(&empty.tables, &empty.participants, &empty.ledger, this);
  world.RestartInto(&empty);
  EXPECT_EQ(other_allocations.Find(1)->state, v1::Allocation::GRANTED);
  EXPECT_EQ(other_allocations.Find(2)->state, v1::Allocation::STAGING);
  EXPECT_NE(other_fees.ArrearsOf(world.Named("$STEEL001"), MakeDate(2026, 2, 2)), nullptr);
  EXPECT_EQ(other_surpluses.Find(1)->declared, Quantity(5));
}

}  // namespace
}  // namespace songhua::ledger
