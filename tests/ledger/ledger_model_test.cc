// Random commands of the registry, the market and the banks, given to the ledger and to the slow model: both accept or refuse alike, and
// agree on every lot, balance and hold after each of them. A failing seed is printed and reproduces.
#include "tests/ledger/ledger_model.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"
#include "tests/ledger/seeded_values.h"

namespace songhua::ledger {
namespace {

// Low, so that they are met.
constexpr int64_t kRightsCap = 900;
constexpr int64_t kAllowancesCap = 700;

// How often each command was accepted and refused.
struct Tally {
  int64_t accepted = 0;
  int64_t refused = 0;
};
using Tallies = std::map<std::string, Tally>;

std::string Quoted(const std::string& text) { return "'" + text + "' "; }

class Duel {
 public:
  Duel(uint64_t seed, Tallies* tallies) : random_(seed), tallies_(tallies) {
    world_.check_invariants = false;  // checked now and then below: they take longer than the commands
    world_.Furnish();
    for (const std::string program : {"rights", "cea"}) LowerCaps(program);
    const auto add = [&](const std::string& id, v1::AccountKind kind, const std::string& participant, const std::string& program,
                         const std::string& zone, const std::string& group, const std::string& basin) {
      model_.accounts[world_.Named(id)] = {world_.Named(id), kind, participant, program, zone, group, basin};
      (kind == v1::CASH ? cash_accounts_ : unit_accounts_).push_back(world_.Named(id));
    };
    for (const std::string owner : {"$STEEL", "$POWER"}) {
      add(owner + ".registry", v1::REGISTRY, owner, "", "", "", "");
      add(owner + ".trading", v1::TRADING, owner, "", "", "", "");
      add(owner + ".cash", v1::CASH, owner, "", "", "", "");
    }
    add("$STEEL001.rights", v1::RIGHTS, "$STEEL", "", "220100", "INDUSTRY", "SONGHUA");
    add("$POWER001.rights", v1::RIGHTS, "$POWER", "", "220100", "POWER", "LIAO");
    add("$PAPER001.rights", v1::RIGHTS, "$PAPER", "", "220200", "INDUSTRY", "SONGHUA");
    add("rights.reserve.220100", v1::RESERVE, "bureau", "rights", "220100", "", "");
    add("rights.reserve.220200", v1::RESERVE, "bureau", "rights", "220200", "", "");
    add("cea.reserve.CN", v1::RESERVE, "bureau", "cea", "CN", "", "");
    model_.caps = {{{"rights", "220100"}, kRightsCap}, {{"cea", "CN"}, kAllowancesCap}};
  }

  // One random command. False when the two disagree.
  bool Step() {
    // Mostly little at once: a pledge's steps have five days.
    if (random_.OneIn(20))
      world_.today = world_.today + static_cast<int32_t>(random_.OneIn(6) ? random_.Between(30, 300) : random_.Between(1, 3));
    if (model_.today != world_.today) {
      model_.today = world_.today;
      model_.LapsePledges();
      EXPECT_TRUE(world_.Run([&](CommandContext& context) {
                          while (world_.pledges.PassPledges(context, 10)) {
                          }
                          return absl::OkStatus();
                        }).ok());
    }
    model_.sequence = world_.sequence + 1;
    switch (random_.Between(0, 23)) {
      case 0:
      case 1:
        return IssueSerial();
      case 2:
        return IssueRight();
      case 3:
      case 4:
        return Allocate();
      case 5:
      case 6:
        return Transfer();
      case 7:
        return Retire();
      case 8:
      case 9:
        return Reverse();
      case 10:
        return Freeze();
      case 11:
        return Lift();
      case 12:
        return MoveCash();
      case 13:
        return ApplyPledge();
      case 14:
      case 15:
      case 16:
      case 17:
      case 18:
        return SendPledge();
      default:
        return Trade();
    }
  }

  // Every lot, balance, total and sum.
  void Compare() const {
    ASSERT_EQ(world_.ledger.lots().size(), model_.lots.size());
    for (const auto& [number, lot] : model_.lots) CompareLot(number, lot);
    for (InstrumentId id = 1; world_.ledger.programs().FindInstrument(id) != nullptr; ++id)
      CompareInstrument(*world_.ledger.programs().FindInstrument(id));
    for (const std::string& account : cash_accounts_) {
      const auto fen = model_.cash.find(account);
      EXPECT_EQ(world_.Cash(account).posted.value(), fen == model_.cash.end() ? 0 : fen->second) << account;
    }
    for (const auto& [key, years] : model_.surrendered) {
      int64_t sum = 0;
      for (const auto& [year, quantity] : years) {
        sum += quantity;
        EXPECT_EQ(world_.ledger.SurrenderedUpTo(world_.Account(key.first), key.second, year).value(), sum);
      }
    }
    for (const auto& [number, pledge] : model_.pledges) EXPECT_EQ(world_.pledges.FindPledge(number)->state, pledge.state) << number;
    for (const std::string site : {"$STEEL001", "$POWER001", "$PAPER001"}) {
      for (int32_t year = 2026; year < 2032; ++year) {
        EXPECT_EQ(world_.ledger.EffectiveRights(world_.Named(site), "SO2", year).value(),
                  model_.EffectiveRights(world_.Named(site), "SO2", year));
      }
    }
  }
  void CheckInvariants() const { ExpectLedgerInvariants(world_.stored.rows(), world_.today); }

  // A duel that goes on from this one's stored rows alone.
  std::unique_ptr<Duel> Restarted() const {
    auto fresh = std::unique_ptr<Duel>(new Duel(*this));
    world_.RestartInto(&fresh->world_);
    fresh->world_.check_invariants = false;
    return fresh;
  }

  const std::string& last() const { return last_; }

 private:
  // All but the world.
  Duel(const Duel& other)
      : random_(other.random_),
        model_(other.model_),
        unit_accounts_(other.unit_accounts_),
        cash_accounts_(other.cash_accounts_),
        tallies_(other.tallies_) {}

  void LowerCaps(const std::string& program) {
    v1::Program text = ToProto(*world_.ledger.programs().Find(program));
    for (v1::Cap& cap : *text.mutable_caps()) cap.set_quantity(program == "cea" ? kAllowancesCap : kRightsCap);
    EXPECT_TRUE(world_
                    .Run([&](CommandContext& context) {
                      v1::LoadProgramRequest request;
                      *request.mutable_program() = text;
                      return world_.ledger.programs().LoadProgram(context, request);
                    })
                    .ok());
  }

  void Count(const std::string& command, bool accepted) { ++(accepted ? (*tallies_)[command].accepted : (*tallies_)[command].refused); }
  template <class Answer>
  bool Agree(const Answer& answer, bool model, const std::string& command) {
    last_ = command + " -> " + Outcome(answer) + ", model " + (model ? "accepts" : "refuses");
    Count(command.substr(0, command.find(' ')), model);
    EXPECT_EQ(answer.ok(), model) << last_;
    return answer.ok() == model;
  }

  // ---- Choices ----
  std::string Account() { return unit_accounts_[static_cast<size_t>(random_.Between(0, static_cast<int64_t>(unit_accounts_.size()) - 1))]; }
  std::string AccountOf(v1::AccountKind kind) {
    for (int i = 0; i < 100; ++i) {
      const std::string account = Account();
      if (model_.accounts.at(account).kind == kind || random_.OneIn(20)) return account;
    }
    return Account();
  }
  // A lot, preferring those that have something and, where it matters, one form of units; sometimes one that does not exist.
  uint64_t Lot(bool right) {
    if (model_.lots.empty() || random_.OneIn(60)) return model_.lots.size() + 1;
    uint64_t number = 0;
    for (int i = 0; i < 20; ++i) {
      number = static_cast<uint64_t>(random_.Between(1, static_cast<int64_t>(model_.lots.size())));
      const ModelLot& lot = model_.lots.at(number);
      if (lot.right == right && lot.quantity > 0) break;
    }
    return number;
  }
  // A lot of which something is held.
  uint64_t HeldLot() {
    for (int i = 0; i < 40 && !model_.lots.empty(); ++i) {
      const auto number = static_cast<uint64_t>(random_.Between(1, static_cast<int64_t>(model_.lots.size())));
      const auto& held = model_.lots.at(number).held;
      if (std::any_of(held.begin(), held.end(), [](int64_t quantity) { return quantity > 0; })) return number;
    }
    return Lot(random_.OneIn(2));
  }
  // About what the lot has free: often all of it, at times one too many or nothing.
  int64_t Part(uint64_t lot) {
    const int64_t free = model_.lots.contains(lot) ? model_.Available(model_.lots.at(lot)) : 5;
    if (random_.OneIn(6)) return free;
    if (random_.OneIn(15)) return free + 1;
    if (random_.OneIn(40)) return 0;
    return random_.Between(1, std::max<int64_t>(1, free));
  }
  Term AnyTerm() {
    const Date first = random_.OneIn(2) ? FirstDayOf(static_cast<int32_t>(random_.Between(2026, 2028)))
                                        : world_.today + static_cast<int32_t>(random_.Between(-60, 400));
    const Date last = first + static_cast<int32_t>(random_.OneIn(4) ? 1826 : random_.Between(-1, 1825));
    return {first, random_.OneIn(3) ? LastDayOf(Year(last)) : last};
  }
  // Within the lot's term: the whole of it, its end, or any part.
  Term PartOf(const Term& term) {
    if (random_.OneIn(2)) return term;
    const Date first = term.first + static_cast<int32_t>(random_.Between(0, term.last - term.first));
    const Date last = random_.OneIn(2) ? term.last : first + static_cast<int32_t>(random_.Between(0, term.last - first));
    return {first, last};
  }
  static std::string TermText(const Term& term) {
    return "valid_from: " + Quoted(FormatDate(term.first)) + "valid_to: " + Quoted(FormatDate(term.last));
  }
  static std::string ClassText(const ModelClass& of) {
    const auto& [program, pollutant, zone, group, basin] = of;
    return "program: " + Quoted("programs/" + program) + "pollutant: " + Quoted(pollutant) + "control_zone: " + Quoted(zone) +
           "trading_group: " + Quoted(group) + "basin: " + Quoted(basin);
  }
  static std::string Lots(uint64_t number) { return Quoted("lots/" + std::to_string(number)); }
  static std::string Number(const std::string& field, int64_t value) { return field + ": " + std::to_string(value) + " "; }

  // ---- Commands ----
  bool IssueSerial() {
    const bool cea = !random_.OneIn(3);
    const ModelClass of = cea ? ModelClass("cea", "CO2E", "CN", "ALL", "") : ModelClass("wci", "CO2E", "CA", "ALL", "");
    const int32_t vintage = static_cast<int32_t>(random_.Between(2024, 2026));
    const int64_t quantity = random_.Between(1, 200);
    const int64_t start = random_.OneIn(3) ? random_.Between(1, 2'000) : 0;
    const std::string reference = random_.OneIn(3) ? "source-" + std::to_string(random_.Between(1, 2)) : "";
    const std::string account = AccountOf(random_.OneIn(3) ? v1::RESERVE : v1::REGISTRY);
    const std::string text = ClassText(of) + Number("vintage", vintage) + Number("quantity", quantity) + Number("serial_start", start) +
                             "to_account: " + Quoted("accounts/" + account) + "issuance_reference: " + Quoted(reference);
    const auto answer = world_.Issue(text);
    return Agree(answer, model_.IssueSerial(of, vintage, quantity, account, start, reference), "Issue " + text);
  }
  bool IssueRight() {
    const bool water = random_.OneIn(3);
    const ModelClass of("rights", water ? "COD" : "SO2", random_.OneIn(4) ? "220200" : "220100", random_.OneIn(2) ? "POWER" : "INDUSTRY",
                        !water             ? ""
                        : random_.OneIn(2) ? "SONGHUA"
                                           : "LIAO");
    const int64_t quantity = random_.Between(1, 400);
    const Term term = AnyTerm();
    const std::string account = random_.OneIn(10) ? Account() : "rights.reserve." + std::get<2>(of);
    const std::string text = ClassText(of) + Number("quantity", quantity) + "to_account: " + Quoted("accounts/" + account) + TermText(term);
    const auto answer = world_.Issue(text);
    return Agree(answer, model_.IssueRight(of, quantity, account, term), "Issue " + text);
  }
  bool Allocate() {
    uint64_t lot = Lot(true);
    for (int i = 0; i < 10 && model_.lots.contains(lot) && model_.accounts.at(model_.lots.at(lot).account).kind != v1::RESERVE; ++i)
      lot = Lot(true);
    const Term term =
        model_.lots.contains(lot) && model_.lots.at(lot).right && !random_.OneIn(10) ? PartOf(model_.lots.at(lot).term) : AnyTerm();
    const std::string account = AccountOf(v1::RIGHTS);
    const int64_t quantity = Part(lot);
    const bool paid = random_.OneIn(2);
    const std::string text = "from_lot: " + Lots(lot) + "to_account: " + Quoted("accounts/" + account) + Number("quantity", quantity) +
                             TermText(term) + (paid ? "source: 'RESERVE_SALE' cost_fen: 7" : "source: 'INITIAL_FREE'");
    const auto answer = world_.Allocate(text);
    return Agree(answer, model_.Allocate(lot, account, quantity, term, paid), "Allocate " + text);
  }
  bool Transfer() {
    const uint64_t lot = Lot(false);
    const std::string account = AccountOf(random_.OneIn(2) ? v1::TRADING : v1::REGISTRY);
    const int64_t quantity = Part(lot);
    uint64_t issuance = 0;
    int64_t start = 0;
    std::string text = "from_lot: " + Lots(lot) + "to_account: " + Quoted("accounts/" + account) + Number("quantity", quantity);
    if (random_.OneIn(2) && quantity > 0 && model_.lots.contains(lot) && !model_.lots.at(lot).serials.empty()) {
      const auto& serials = model_.lots.at(lot).serials;
      const auto picked =
          std::next(serials.begin(), static_cast<std::ptrdiff_t>(random_.Between(0, static_cast<int64_t>(serials.size()) - 1)));
      std::tie(issuance, start) = *picked;
      text += "block { issuance: " + Quoted("issuances/" + std::to_string(issuance)) + Number("start", start) +
              Number("end", start + quantity - 1) + "}";
    }
    const auto answer = world_.Transfer(text);
    return Agree(answer, model_.Transfer(lot, account, quantity, issuance, start), "Transfer " + text);
  }
  bool Retire() {
    const uint64_t lot = Lot(false);
    const int64_t quantity = Part(lot);
    const int32_t year = random_.OneIn(3) ? 0 : static_cast<int32_t>(random_.Between(2025, 2027));
    const std::string text = "from_lot: " + Lots(lot) + Number("quantity", quantity) + Number("obligation_year", year);
    const auto answer = year == 0 ? world_.Cancel(text) : world_.Surrender(text);
    return Agree(answer, model_.Retire(lot, quantity, year), (year == 0 ? "Cancel " : "Surrender ") + text);
  }
  bool Reverse() {
    // Mostly a recent act, which may still be reversible.
    uint64_t number = world_.sequence;
    if (!model_.transactions.empty() && !random_.OneIn(20)) {
      const int64_t last = static_cast<int64_t>(model_.transactions.size()) - 1;
      number = std::next(model_.transactions.begin(), static_cast<std::ptrdiff_t>(random_.Between(std::max<int64_t>(0, last - 15), last)))
                   ->first;
    }
    const std::string text =
        "transaction: " + Quoted("transactions/" + std::to_string(number)) + "reversal_type: 'ERROR_IN_ENTRY' reason: 'r'";
    const auto answer = world_.Reverse(text);
    return Agree(answer, model_.Reverse(number), "Reverse " + text);
  }
  bool Freeze() {
    const uint64_t lot = random_.OneIn(2) ? HeldLot() : Lot(random_.OneIn(2));
    const int64_t most = model_.lots.contains(lot) ? model_.lots.at(lot).quantity : 5;
    const int64_t quantity = random_.OneIn(20) ? most + 1 : random_.Between(0, most);
    const Date last = world_.today + static_cast<int32_t>(random_.OneIn(20) ? 1'096 : random_.Between(0, 200));
    const std::string text = "lot: " + Lots(lot) + Number("quantity", quantity) +
                             "court: 'C' case_number: 'N' start_date: " + Quoted(FormatDate(world_.today)) +
                             "end_date: " + Quoted(FormatDate(last));
    const auto answer = world_.Freeze(text);
    return Agree(answer, model_.Freeze(lot, quantity, last), "Freeze " + text);
  }
  bool Lift() {
    const int64_t number = random_.Between(1, static_cast<int64_t>(model_.freezes.empty() ? 1 : model_.freezes.rbegin()->first + 1));
    const std::string text = "name: " + Quoted("freezes/" + std::to_string(number)) + "reason: 'r'";
    const auto answer = world_.LiftFreeze(text);
    return Agree(answer, model_.Lift(static_cast<uint64_t>(number)), "Lift " + text);
  }
  bool MoveCash() {
    const std::string account = random_.OneIn(10) ? Account() : cash_accounts_[static_cast<size_t>(random_.Between(0, 1))];
    const bool deposit = random_.OneIn(2);
    const int64_t fen = random_.Between(0, 1'000);
    const std::string text = "account: " + Quoted("accounts/" + account) + Number("amount_fen", fen) + "bank_reference: 'b'";
    const auto answer = deposit ? world_.Deposit(text) : world_.Withdraw(text);
    return Agree(answer, model_.MoveCash(account, deposit ? fen : -fen), (deposit ? "Deposit " : "Withdraw ") + text);
  }
  bool ApplyPledge() {
    const uint64_t lot = Lot(random_.OneIn(2));
    const int64_t quantity = Part(lot);
    const std::string text = "lot: " + Lots(lot) + Number("quantity", quantity) + "pledgee: 'participants/$BANK' form: MORTGAGE";
    const auto answer = world_.ApplyPledge(text);
    return Agree(answer, model_.ApplyPledge(lot, quantity), "ApplyPledge " + text);
  }
  // One of the events that the state allows.
  PledgeEvent NextEvent(v1::PledgeState state) {
    switch (state) {
      case v1::APPLIED:
        return random_.OneIn(6) ? PledgeEvent::kReject : PledgeEvent::kVerify;
      case v1::HELD:
        return random_.OneIn(6) ? PledgeEvent::kDecline : PledgeEvent::kApprove;
      case v1::BANK_APPROVED:
        return random_.OneIn(6) ? PledgeEvent::kDecline : PledgeEvent::kConfirm;
      default:
        return random_.OneIn(3) ? PledgeEvent::kRelease : PledgeEvent::kReleasePart;
    }
  }
  bool SendPledge() {
    const int64_t last = static_cast<int64_t>(model_.pledges.size());
    const uint64_t number =
        static_cast<uint64_t>(random_.OneIn(30) ? last + 1 : random_.Between(std::max<int64_t>(1, last - 4), std::max<int64_t>(1, last)));
    const auto event = model_.pledges.contains(number) && !random_.OneIn(3) ? NextEvent(model_.pledges.at(number).state)
                                                                            : static_cast<PledgeEvent>(random_.Between(1, 6));
    const int64_t part = model_.pledges.contains(number) ? random_.Between(0, model_.pledges.at(number).quantity) : 1;
    const Date loan_end = world_.today + static_cast<int32_t>(random_.Between(-5, 500));
    const std::string text = "name: " + Quoted("pledges/" + std::to_string(number));
    const std::string act = text + "decision: 'd'";
    static const std::string kEventNames[] = {"Apply", "Verify", "Reject", "Approve", "Decline", "Confirm", "Release", "Lapse", "ReleasePart"};
    absl::StatusOr<v1::PledgeAnswer> answer = absl::UnknownError("");
    switch (event) {
      case PledgeEvent::kApply:
      case PledgeEvent::kLapse:
        break;
      case PledgeEvent::kReleasePart:
        answer = world_.ReleasePledgedUnits(text + Number("quantity", part));
        break;
      case PledgeEvent::kVerify:
        answer = world_.VerifyPledge(act);
        break;
      case PledgeEvent::kReject:
        answer = world_.RejectPledge(act);
        break;
      case PledgeEvent::kApprove:
        answer = world_.ApprovePledge(
            text + "principal_fen: 1 contract_number: 'C' term_start: '2026-01-01' term_end: " + Quoted(FormatDate(loan_end)));
        break;
      case PledgeEvent::kDecline:
        answer = world_.DeclinePledge(act);
        break;
      case PledgeEvent::kConfirm:
        answer = world_.ConfirmPledge(act);
        break;
      case PledgeEvent::kRelease:
        answer = world_.ReleasePledge(act);
        break;
      default:  // what leaves units and holds as they are, and what sales do: pledge_terms_test.cc
        break;
    }
    return Agree(answer, model_.SendPledge(number, event, loan_end, part), kEventNames[static_cast<size_t>(event)] + " " + act);
  }

  // The market: an order takes free units, is cancelled, or becomes a trade, which is delivered or falls through.
  bool Trade() {
    const uint64_t number = random_.OneIn(3) ? Lot(!random_.OneIn(3)) : HeldLot();
    if (!model_.lots.contains(number)) return true;
    const ModelLot lot = model_.lots.at(number);
    const int64_t ordered = lot.held[static_cast<size_t>(HoldKind::kOrder)];
    const int64_t agreed = lot.held[static_cast<size_t>(HoldKind::kTrade)];
    const int64_t free = model_.Available(lot);
    last_ = "market over lots/" + std::to_string(number);
    if (agreed > 0 && random_.OneIn(2)) {
      const int64_t part = random_.Between(1, agreed);
      if (random_.OneIn(4)) {
        world_.ReleaseHold(number, HoldKind::kTrade, part);
        model_.Hold(number, HoldKind::kTrade, -part);
        return true;
      }
      const std::string own = lot.account;
      for (int i = 0; i < 50; ++i) {
        const std::string buyer = AccountOf(lot.right ? v1::RIGHTS : v1::TRADING);
        if (model_.accounts.at(buyer).kind != (lot.right ? v1::RIGHTS : v1::TRADING) || buyer == own) continue;
        const Term term = lot.right ? PartOf(lot.term) : Term();
        world_.Deliver(number, part, term, buyer, 3);
        model_.Deliver(number, part, term, buyer);
        Count("Deliver", true);
        break;
      }
    } else if (ordered > 0 && random_.OneIn(2)) {
      const int64_t part = random_.Between(1, ordered);
      world_.ReleaseHold(number, HoldKind::kOrder, part);
      model_.Hold(number, HoldKind::kOrder, -part);
      if (random_.OneIn(2)) {
        world_.Hold(number, HoldKind::kTrade, part);
        model_.Hold(number, HoldKind::kTrade, part);
      }
    } else if (free > 0) {
      const int64_t part = random_.Between(1, free);
      world_.Hold(number, HoldKind::kOrder, part);
      model_.Hold(number, HoldKind::kOrder, part);
    }
    return true;
  }

  // ---- Comparison ----
  void CompareLot(uint64_t number, const ModelLot& lot) const {
    const LotRow& row = world_.Lot(number);
    SCOPED_TRACE("lots/" + std::to_string(number));
    EXPECT_EQ(row.account, world_.Account(lot.account));
    EXPECT_EQ(row.quantity.value(), lot.quantity);
    EXPECT_EQ(row.right, lot.right);
    EXPECT_EQ(row.paid, lot.paid);
    for (size_t kind = 0; kind < kHoldKinds; ++kind)
      EXPECT_EQ(row.held[kind].value(), lot.held[kind]) << HoldKindName(static_cast<HoldKind>(kind));
    EXPECT_EQ(row.Frozen(world_.today).value(), model_.Frozen(lot));
    EXPECT_EQ(row.Available(world_.today).value(), model_.Available(lot));
    if (lot.right) {
      EXPECT_EQ(row.term, lot.term);
      for (const YearQuantity& entry : row.entitlements) {
        const auto units = lot.units.find(entry.year);
        EXPECT_EQ(entry.quantity.value(), units == lot.units.end() ? 0 : units->second) << entry.year;
      }
      for (const auto& [year, units] : lot.units) EXPECT_EQ(QuantityOf(row.entitlements, year).value(), units) << year;
      return;
    }
    std::set<Serial> serials;
    for (const SerialBlock& block : row.blocks.blocks()) {
      for (int64_t serial = block.start; serial <= block.end; ++serial) serials.insert({block.issuance, serial});
    }
    EXPECT_EQ(serials, lot.serials);
  }
  void CompareInstrument(const InstrumentRow& row) const {
    const InstrumentClassRow& instrument_class = *world_.ledger.programs().FindClass(row.instrument_class);
    const ModelClass of(instrument_class.program, instrument_class.pollutant, instrument_class.control_zone, instrument_class.trading_group,
                        instrument_class.basin);
    SCOPED_TRACE(InstrumentCode(instrument_class, row.year));
    const auto house = [&](v1::AccountKind kind) {
      const auto found = model_.house.find({of, row.year, kind});
      return found == model_.house.end() ? 0 : found->second;
    };
    EXPECT_EQ(row.issued.value(), house(v1::ISSUED));
    EXPECT_EQ(row.held.value(), model_.Live(of, row.year));
    EXPECT_EQ(row.surrendered.value(), house(v1::SURRENDERED));
    EXPECT_EQ(row.cancelled.value(), house(v1::CANCELLED));
  }

  SeededValues random_;
  LedgerWorld world_;
  LedgerModel model_;
  std::vector<std::string> unit_accounts_;
  std::vector<std::string> cash_accounts_;
  std::string last_;
  Tallies* tallies_;
};

TEST(LedgerModelTest, TheLedgerAndTheModelAgreeOnEveryCommand) {
  Tallies tallies;
  for (uint64_t seed = 1; seed <= 24; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    auto duel = std::make_unique<Duel>(seed, &tallies);
    for (int step = 1; step <= 600; ++step) {
      const bool agreed = duel->Step();
      duel->Compare();
      if (step % 100 == 0) duel->CheckInvariants();
      ASSERT_TRUE(agreed && !testing::Test::HasFailure()) << "step " << step << ": " << duel->last();
      // Half way the ledger forgets all but its rows.
      if (step == 300) {
        duel = duel->Restarted();
        duel->Compare();
      }
    }
  }
  // A command that is nearly always refused, or never, has not been tried.
  for (const auto& [command, tally] : tallies) {
    EXPECT_GE(tally.accepted, 15) << command << ", refused " << tally.refused;
    EXPECT_TRUE(tally.refused >= 20 || command == "Deliver") << command << ", accepted " << tally.accepted;
  }
  EXPECT_EQ(tallies.size(), 19u);
}

}  // namespace
}  // namespace songhua::ledger
