#include "tests/ledger/ledger_model.h"

#include <algorithm>

namespace songhua::ledger {
namespace {

bool SeparatesTrading(const ModelClass& of) { return std::get<0>(of) == "cea"; }
bool IsLive(Date today, const Term& term) { return term.first <= today && today <= term.last; }

// The years of the program's rights and the longest term, as the world's program says.
bool ValidTerm(const Term& term) {
  return term.first <= term.last && Year(term.first) >= 2020 && Year(term.last) <= 2040 && term.last < *AddYears(term.first, 5);
}

}  // namespace

std::map<int32_t, int64_t> ModelEntitlement(int64_t per_year, const Term& term) {
  std::map<int32_t, int64_t> days;
  for (Date day = term.first; day <= term.last; day = day + 1) ++days[Year(day)];
  std::map<int32_t, int64_t> units;
  for (const auto& [year, live] : days) units[year] = per_year * live / (IsLeapYear(year) ? 366 : 365);
  return units;
}

std::vector<LedgerModel::Unit> LedgerModel::LayOut(const ModelLot& lot) const {
  std::vector<Unit> units(static_cast<size_t>(lot.quantity));
  size_t end = units.size();
  for (HoldKind kind : {HoldKind::kTrade, HoldKind::kPledge, HoldKind::kProvisionalPledge, HoldKind::kOrder}) {
    for (int64_t i = 0; i < lot.held[static_cast<size_t>(kind)]; ++i) units.at(--end).hold = kind;
  }
  for (const ModelFreeze& freeze : lot.freezes) {
    if (!IsLive(today, freeze.in_force)) continue;
    int64_t left = freeze.quantity;
    for (Unit& unit : units) {
      if (left == 0 || unit.hold == HoldKind::kTrade) break;
      if (unit.covered) continue;
      unit.covered = true;
      --left;
    }
  }
  return units;
}

int64_t LedgerModel::Available(const ModelLot& lot) const {
  if (lot.right && today > lot.term.last) return 0;
  const auto units = LayOut(lot);
  return std::count_if(units.begin(), units.end(), [](const Unit& unit) { return !unit.hold.has_value() && !unit.covered; });
}

int64_t LedgerModel::Frozen(const ModelLot& lot) const {
  const auto units = LayOut(lot);
  return std::count_if(units.begin(), units.end(), [](const Unit& unit) { return unit.covered; });
}

int64_t LedgerModel::Live(const ModelClass& of, int32_t year) const {
  int64_t sum = 0;
  for (const auto& [number, lot] : lots) {
    if (lot.of != of) continue;
    if (lot.right) {
      const auto units = lot.units.find(year);
      if (units != lot.units.end()) sum += units->second;
    } else if (lot.vintage == year) {
      sum += static_cast<int64_t>(lot.serials.size());
    }
  }
  return sum;
}

int64_t LedgerModel::EffectiveRights(const std::string& site, const std::string& pollutant, int32_t year) const {
  int64_t sum = 0;
  for (const auto& [number, lot] : lots) {
    if (lot.account != site + ".rights" || std::get<1>(lot.of) != pollutant) continue;
    const auto units = lot.units.find(year);
    if (units != lot.units.end()) sum += units->second;
  }
  return sum;
}

bool LedgerModel::FitsCap(const ModelClass& of, const std::map<int32_t, int64_t>& units) const {
  const auto cap = caps.find({std::get<0>(of), std::get<2>(of)});
  if (cap == caps.end() || std::get<1>(of) == "COD") return true;
  for (const auto& [year, more] : units) {
    int64_t issued = more;
    for (const auto& [key, quantity] : house) {
      const auto& [that, that_year, kind] = key;
      const bool same =
          std::get<0>(that) == std::get<0>(of) && std::get<1>(that) == std::get<1>(of) && std::get<2>(that) == std::get<2>(of);
      if (same && that_year == year && kind == v1::ISSUED) issued += quantity;
    }
    if (issued > cap->second) return false;
  }
  return true;
}

bool LedgerModel::IssueSerial(const ModelClass& of, int32_t vintage, int64_t quantity, const std::string& account, int64_t start,
                              const std::string& reference) {
  const ModelAccount& to = accounts.at(account);
  const bool own_reserve = to.kind == v1::RESERVE && to.program == std::get<0>(of) && to.zone == std::get<2>(of);
  if (quantity < 1 || (!own_reserve && to.kind != v1::REGISTRY) || !FitsCap(of, {{vintage, quantity}})) return false;
  const auto known = issuances_.find({of, vintage, reference});
  const uint64_t number = known == issuances_.end() ? issued_.size() + 1 : known->second;
  const std::set<Serial> before = known == issuances_.end() ? std::set<Serial>() : issued_.at(number);
  if (start == 0) start = before.empty() ? 1 : before.rbegin()->second + 1;
  std::set<Serial> serials;
  for (int64_t i = 0; i < quantity; ++i) {
    if (before.contains({number, start + i})) return false;
    serials.insert({number, start + i});
  }
  issuances_[{of, vintage, reference}] = number;
  issued_[number].insert(serials.begin(), serials.end());
  const uint64_t lot = SerialLot(account, of, vintage);
  lots[lot].serials.insert(serials.begin(), serials.end());
  lots[lot].quantity += quantity;
  house[{of, vintage, v1::ISSUED}] += quantity;
  ModelMove move;
  move.to = lot;
  move.from_house = v1::ISSUED;
  move.quantity = quantity;
  move.units = {{vintage, quantity}};
  move.serials = serials;
  transactions[sequence] = {"issue", move, "", 0, 0, false};
  return true;
}

bool LedgerModel::IssueRight(const ModelClass& of, int64_t quantity, const std::string& account, const Term& term) {
  const ModelAccount& to = accounts.at(account);
  if (quantity < 1 || to.kind != v1::RESERVE || to.program != std::get<0>(of) || to.zone != std::get<2>(of) || !ValidTerm(term))
    return false;
  ModelLot lot{account, of, true, false, quantity, term, ModelEntitlement(quantity, term), 0, {}, {}, {}};
  if (!FitsCap(of, lot.units)) return false;
  for (const auto& [year, units] : lot.units) house[{of, year, v1::ISSUED}] += units;
  ModelMove move;
  move.to = lots.size() + 1;
  move.from_house = v1::ISSUED;
  move.quantity = quantity;
  move.units = lot.units;
  lots[move.to] = lot;
  transactions[sequence] = {"issue", move, "", 0, 0, false};
  return true;
}

bool LedgerModel::Allocate(uint64_t number, const std::string& account, int64_t quantity, const Term& term, bool paid) {
  if (!lots.contains(number)) return false;
  const ModelLot& lot = lots.at(number);
  const ModelAccount& to = accounts.at(account);
  if (!lot.right || accounts.at(lot.account).kind != v1::RESERVE || to.kind != v1::RIGHTS) return false;
  const auto& [program, pollutant, zone, group, basin] = lot.of;
  if (to.zone != zone || to.group != group || (!basin.empty() && to.basin != basin)) return false;
  if (!ValidTerm(term) || !lot.term.Contains(term) || quantity < 1 || quantity > Available(lot)) return false;
  transactions[sequence] = {"allocate", MoveRight(number, quantity, term, account, paid), "", 0, 0, false};
  return true;
}

bool LedgerModel::Transfer(uint64_t number, const std::string& account, int64_t quantity, uint64_t issuance, int64_t start) {
  if (!lots.contains(number)) return false;
  const ModelLot& lot = lots.at(number);
  const ModelAccount& from = accounts.at(lot.account);
  const ModelAccount& to = accounts.at(account);
  const bool own = from.participant == to.participant &&
                   ((from.kind == v1::REGISTRY && to.kind == v1::TRADING) || (from.kind == v1::TRADING && to.kind == v1::REGISTRY));
  if (lot.right || !(own || (from.kind == v1::RESERVE && to.kind == v1::REGISTRY)) || quantity < 1 || quantity > Available(lot))
    return false;
  const auto serials = Choose(lot, quantity, issuance, start);
  if (!serials.has_value()) return false;
  transactions[sequence] = {"transfer", MoveSerials(number, *serials, account), "", 0, 0, false};
  return true;
}

bool LedgerModel::Retire(uint64_t number, int64_t quantity, int32_t obligation_year) {
  if (!lots.contains(number)) return false;
  const ModelLot lot = lots.at(number);
  const v1::AccountKind kind = accounts.at(lot.account).kind;
  if (lot.right || (kind != v1::REGISTRY && (SeparatesTrading(lot.of) || kind != v1::TRADING))) return false;
  if (quantity < 1 || quantity > Available(lot)) return false;
  const auto serials = Choose(lot, quantity, 0, 0);
  ModelMove move = MoveSerials(number, *serials, "");
  move.to_house = obligation_year == 0 ? v1::CANCELLED : v1::SURRENDERED;
  house[{lot.of, lot.vintage, move.to_house}] += quantity;
  if (obligation_year != 0) surrendered[{lot.account, std::get<0>(lot.of)}][obligation_year] += quantity;
  transactions[sequence] = {obligation_year == 0 ? "cancel" : "surrender", move, lot.account, obligation_year, 0, false};
  return true;
}

bool LedgerModel::Reverse(uint64_t number) {
  const auto found = transactions.find(number);
  if (found == transactions.end()) return false;
  ModelTransaction& transaction = found->second;
  if (transaction.reversed || transaction.type == "reversal" || transaction.type == "cancel") return false;
  if (transaction.move.has_value()) {
    const ModelMove& move = *transaction.move;
    if (move.to != 0) {
      const ModelLot& lot = lots.at(move.to);
      if (Available(lot) < move.quantity || (lot.right && lot.quantity != move.quantity)) return false;
      if (!std::includes(lot.serials.begin(), lot.serials.end(), move.serials.begin(), move.serials.end())) return false;
    }
  } else if (transaction.fen > cash[transaction.account]) {
    return false;
  }
  transaction.reversed = true;
  cash[transaction.account] -= transaction.fen;
  if (transaction.move.has_value()) {
    const ModelMove& move = *transaction.move;
    const ModelLot taken = move.to != 0 ? lots.at(move.to) : lots.at(move.from);
    if (move.to != 0) {
      ModelLot& lot = lots.at(move.to);
      lot.quantity -= move.quantity;
      lot.units.clear();
      for (const Serial& serial : move.serials) lot.serials.erase(serial);
    } else {
      house[{taken.of, taken.vintage, move.to_house}] -= move.quantity;
    }
    if (move.from == 0) {
      for (const auto& [year, units] : move.units) house[{taken.of, year, v1::ISSUED}] -= units;
    } else if (taken.right && taken.term != lots.at(move.from).term) {
      const ModelLot& from = lots.at(move.from);
      ModelLot back{from.account, from.of, true, from.paid, move.quantity, taken.term, move.units, 0, {}, {}, {}};
      lots[lots.size() + 1] = back;
    } else {
      ModelLot& from = lots.at(move.from);
      from.quantity += move.quantity;
      if (from.right) {
        for (const auto& [year, units] : move.units) from.units[year] += units;
      }
      from.serials.insert(move.serials.begin(), move.serials.end());
    }
    if (transaction.type == "surrender") surrendered[{transaction.account, std::get<0>(taken.of)}][transaction.year] -= move.quantity;
  }
  transactions[sequence] = {"reversal", std::nullopt, "", 0, 0, false};
  return true;
}

bool LedgerModel::Freeze(uint64_t number, int64_t quantity, Date last) {
  if (!lots.contains(number)) return false;
  ModelLot& lot = lots.at(number);
  if (quantity < 1 || quantity > lot.quantity || last < today || last >= *AddYears(today, 3)) return false;
  freezes[++freezes_made_] = last;
  lot.freezes.push_back({freezes_made_, quantity, {today, last}});
  // Orders whose units the covers reach are cancelled.
  for (const Unit& unit : LayOut(lot)) {
    if (unit.covered && unit.hold == HoldKind::kOrder) --lot.held[static_cast<size_t>(HoldKind::kOrder)];
  }
  return true;
}

bool LedgerModel::Lift(uint64_t number) {
  const auto freeze = freezes.find(number);
  if (freeze == freezes.end() || today > freeze->second) return false;
  freezes.erase(freeze);
  for (auto& [lot_number, lot] : lots) std::erase_if(lot.freezes, [&](const ModelFreeze& entry) { return entry.number == number; });
  return true;
}

bool LedgerModel::MoveCash(const std::string& account, int64_t fen) {
  if (accounts.at(account).kind != v1::CASH || fen == 0 || cash[account] + fen < 0) return false;
  cash[account] += fen;
  transactions[sequence] = {"cash", std::nullopt, account, 0, fen, false};
  return true;
}

bool LedgerModel::Pledgeable(uint64_t number, int64_t quantity) const {
  if (!lots.contains(number)) return false;
  const ModelLot& lot = lots.at(number);
  const v1::AccountKind kind = accounts.at(lot.account).kind;
  const bool in_place = lot.right ? kind == v1::RIGHTS : kind == v1::REGISTRY || (kind == v1::TRADING && !SeparatesTrading(lot.of));
  return in_place && lot.paid && quantity >= 1 && quantity <= Available(lot);
}

bool LedgerModel::ApplyPledge(uint64_t number, int64_t quantity) {
  if (!Pledgeable(number, quantity)) return false;
  pledges[pledges.size() + 1] = {v1::APPLIED, number, quantity, Date(), Date()};
  return true;
}

namespace {

// So many days from Monday to Friday after the day.
Date Workdays(Date day, int count) {
  while (count > 0) {
    day = day + 1;
    if (DayOfWeek(day) <= 5) --count;
  }
  return day;
}

}  // namespace

void LedgerModel::LapsePledges() {
  for (auto& [number, pledge] : pledges) {
    if ((pledge.state != v1::HELD && pledge.state != v1::BANK_APPROVED) || today <= pledge.due) continue;
    lots.at(pledge.lot).held[static_cast<size_t>(HoldKind::kProvisionalPledge)] -= pledge.quantity;
    pledge.state = v1::RELEASED;
  }
}

bool LedgerModel::SendPledge(uint64_t number, PledgeEvent event, Date loan_end, int64_t quantity) {
  if (!pledges.contains(number)) return false;
  ModelPledge& pledge = pledges.at(number);
  ModelLot& lot = lots.at(pledge.lot);
  int64_t& provisional = lot.held[static_cast<size_t>(HoldKind::kProvisionalPledge)];
  int64_t& pledged = lot.held[static_cast<size_t>(HoldKind::kPledge)];
  if (event == PledgeEvent::kVerify && pledge.state == v1::APPLIED && Pledgeable(pledge.lot, pledge.quantity)) {
    provisional += pledge.quantity;
    pledge.state = v1::HELD;
    pledge.due = Workdays(today, 20);
  } else if (event == PledgeEvent::kReject && pledge.state == v1::APPLIED) {
    pledge.state = v1::PLEDGE_REJECTED;
  } else if (event == PledgeEvent::kApprove && pledge.state == v1::HELD && loan_end >= today && (!lot.right || loan_end <= lot.term.last)) {
    pledge.loan_end = loan_end;
    pledge.state = v1::BANK_APPROVED;
    pledge.due = Workdays(today, 5);
  } else if (event == PledgeEvent::kDecline && (pledge.state == v1::HELD || pledge.state == v1::BANK_APPROVED)) {
    provisional -= pledge.quantity;
    pledge.state = v1::RELEASED;
  } else if (event == PledgeEvent::kConfirm && pledge.state == v1::BANK_APPROVED && pledge.loan_end >= today) {
    // No unit that is held may lie under a court's order.
    for (const Unit& unit : LayOut(lot)) {
      if (unit.hold.has_value() && unit.covered) return false;
    }
    provisional -= pledge.quantity;
    pledged += pledge.quantity;
    pledge.state = v1::ACTIVE;
  } else if (event == PledgeEvent::kReleasePart && pledge.state == v1::ACTIVE && quantity >= 1 && quantity < pledge.quantity) {
    pledged -= quantity;
    pledge.quantity -= quantity;
  } else if (event == PledgeEvent::kRelease && pledge.state == v1::ACTIVE) {
    pledged -= pledge.quantity;
    pledge.state = v1::RELEASED;
  } else {
    return false;
  }
  return true;
}

void LedgerModel::Deliver(uint64_t number, int64_t quantity, const Term& term, const std::string& buyer) {
  ModelLot& lot = lots.at(number);
  lot.held[static_cast<size_t>(HoldKind::kTrade)] -= quantity;
  if (lot.right) {
    MoveRight(number, quantity, term, buyer, true);
  } else {
    MoveSerials(number, *Choose(lot, quantity, 0, 0), buyer);
  }
}

uint64_t LedgerModel::SerialLot(const std::string& account, const ModelClass& of, int32_t vintage) {
  for (const auto& [number, lot] : lots) {
    if (!lot.right && lot.account == account && lot.of == of && lot.vintage == vintage) return number;
  }
  const uint64_t number = lots.size() + 1;
  lots[number] = {account, of, false, true, 0, {}, {}, vintage, {}, {}, {}};
  return number;
}

std::optional<std::set<Serial>> LedgerModel::Choose(const ModelLot& lot, int64_t quantity, uint64_t issuance, int64_t start) const {
  std::set<Serial> chosen;
  if (start != 0) {
    for (int64_t i = 0; i < quantity; ++i) {
      if (!lot.serials.contains({issuance, start + i})) return std::nullopt;
      chosen.insert({issuance, start + i});
    }
    return chosen;
  }
  for (auto it = lot.serials.rbegin(); static_cast<int64_t>(chosen.size()) < quantity; ++it) chosen.insert(*it);
  return chosen;
}

ModelMove LedgerModel::MoveSerials(uint64_t number, const std::set<Serial>& serials, const std::string& account) {
  ModelMove move;
  move.from = number;
  move.quantity = static_cast<int64_t>(serials.size());
  move.serials = serials;
  move.units = {{lots.at(number).vintage, move.quantity}};
  for (const Serial& serial : serials) lots.at(number).serials.erase(serial);
  lots.at(number).quantity -= move.quantity;
  if (!account.empty()) {
    move.to = SerialLot(account, lots.at(number).of, lots.at(number).vintage);
    lots.at(move.to).serials.insert(serials.begin(), serials.end());
    lots.at(move.to).quantity += move.quantity;
  }
  return move;
}

ModelMove LedgerModel::MoveRight(uint64_t number, int64_t quantity, const Term& term, const std::string& account, bool paid) {
  ModelLot& from = lots.at(number);
  ModelLot part{account, from.of, true, paid, quantity, term, {}, 0, {}, {}, {}};
  if (quantity == from.quantity && term == from.term) {
    part.units = from.units;
    from.units.clear();
  } else {
    part.units = ModelEntitlement(quantity, term);
    for (const auto& [year, units] : part.units) from.units[year] -= units;
  }
  from.quantity -= quantity;
  for (const Term& rest : {Term{from.term.first, term.first - 1}, Term{term.last + 1, from.term.last}}) {
    if (rest.first > rest.last) continue;
    ModelLot left{from.account, from.of, true, from.paid, quantity, rest, ModelEntitlement(quantity, rest), 0, {}, {}, {}};
    for (const auto& [year, units] : left.units) from.units[year] -= units;
    // Of each court's order, what no longer finds a unit here follows.
    int64_t room = from.quantity - from.held[static_cast<size_t>(HoldKind::kTrade)];
    for (const ModelFreeze& freeze : from.freezes) {
      if (today > freeze.in_force.last) continue;
      int64_t unplaced = freeze.quantity;
      while (unplaced > 0 && room > 0) --unplaced, --room;
      if (unplaced > 0) left.freezes.push_back({freeze.number, std::min(unplaced, quantity), freeze.in_force});
    }
    lots[lots.size() + 1] = left;
  }
  ModelMove move;
  move.from = number;
  move.to = lots.size() + 1;
  move.quantity = quantity;
  move.units = part.units;
  lots[move.to] = part;
  return move;
}

}  // namespace songhua::ledger
