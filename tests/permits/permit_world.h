// A small province for tests of permits: China's regime and calendars as the repository ships them, Changchun and Jilin City with their officers, a plant
// with two sites in Changchun and one in Jilin City. SO2 is subject to paid use.
//
//   people          "operator" (ENT_OPERATOR), "legal-rep" (ENT_LEGAL_REP) of the plant
//   of Changchun    "intake", "reviewer", "reviewer-b", "assessor", "approver", "approver-b" (also a reviewer), "enforcer", "credit"
//   of Jilin City   "neighbour" (reviewer and approver)
//
// Roles themselves are the engine's to check; what a domain function checks of people, it finds here.
#ifndef SONGHUA_TESTS_PERMITS_PERMIT_WORLD_H_
#define SONGHUA_TESTS_PERMITS_PERMIT_WORLD_H_

#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/calendars.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "permits/absences.h"
#include "permits/applications.h"
#include "permits/case_file.h"
#include "permits/deadlines.h"
#include "permits/overlays.h"
#include "permits/penalties.h"
#include "permits/permit_acts.h"
#include "permits/permits.h"
#include "permits/reduction_tasks.h"
#include "permits/regimes.h"
#include "permits/registrations.h"
#include "permits/standing.h"
#include "tests/table_fixture.h"

namespace songhua::permits {

inline std::string ReadShipped(const std::string& path) {
  std::ifstream file(std::string(SONGHUA_TESTDATA) + "/../../" + path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class PermitWorld : public TableFixture, public Alarm, public DeadlineHandler, public RightsReader, public SiteMarket {
 protected:
  static constexpr char kPlant[] = "91130200699229617X";
  static constexpr char kSite[] = "91130200699229617X001";
  static constexpr char kSecondSite[] = "91130200699229617X002";
  static constexpr char kFarSite[] = "91130200699229617X003";

  // Runs a command that must be accepted.
  template <class Call>
  auto Must(Call call) {
    auto answer = Run(std::move(call));
    EXPECT_EQ(Outcome(answer), "OK") << answer.status();
    return answer;
  }
  // The same, where nobody looks at the answer.
  template <class Call>
  void Do(Call call) {
    std::ignore = Must(std::move(call));
  }
  void SetUp() override {
    for (const char* year : {"2025", "2026"}) {
      v1::LoadCalendarYearRequest request;
      *request.mutable_calendar_year() = Text<v1::CalendarYear>(ReadShipped(std::string("ledger/calendars/china-") + year + ".txtpb"));
      Do([&](CommandContext& context) { return calendars_.LoadCalendarYear(context, request, nullptr); });
    }
    v1::LoadRegimeRequest regime;
    *regime.mutable_regime() = Text<v1::Regime>(ReadShipped("permits/regimes/cn-permits.txtpb") + "effective_from: '2026-01-05'");
    Do([&](CommandContext& context) { return regimes_.LoadRegime(context, regime); });
    Register("name: 'participants/91130200699229617X' kind: ENTERPRISE display_name: 'Plant' region: '220102'");
    Register("name: 'participants/cc-eco' kind: AUTHORITY display_name: 'Changchun' region: '220100'");
    Register("name: 'participants/jl-city-eco' kind: AUTHORITY display_name: 'Jilin City' region: '220200'");
    AddSite(kSite, "220102");
    AddSite(kSecondSite, "220102");
    AddSite(kFarSite, "220202");
    AddPerson("operator", kPlant, "ENT_OPERATOR", "");
    AddPerson("legal-rep", kPlant, "ENT_LEGAL_REP", "");
    AddPerson("intake", "cc-eco", "PERMIT_INTAKE", "220100");
    AddPerson("reviewer", "cc-eco", "PERMIT_REVIEWER", "220100");
    AddPerson("reviewer-b", "cc-eco", "PERMIT_REVIEWER", "220100");
    AddPerson("assessor", "cc-eco", "TECH_ASSESSOR", "220100");
    AddPerson("approver", "cc-eco", "PERMIT_APPROVER", "220100");
    AddPerson("approver-b", "cc-eco", "PERMIT_APPROVER PERMIT_REVIEWER", "220100");
    AddPerson("enforcer", "cc-eco", "ENFORCER", "220100");
    AddPerson("credit", "cc-eco", "CREDIT_OFFICER", "220100");
    AddPerson("neighbour", "jl-city-eco", "PERMIT_REVIEWER PERMIT_APPROVER", "220200");
  }

  void Register(const std::string& participant) {
    Do([&](CommandContext& context) {
      return participants_.CreateParticipant(context, Text<v1::CreateParticipantRequest>("participant { " + participant + " }"));
    });
  }
  void AddSite(const std::string& id, const std::string& region) {
    struct NoAccounts : ledger::RightsAccountOpener {
      void OpenRightsAccount(CommandContext&, const ledger::SiteRow&) override {}
    } accounts;
    Do([&](CommandContext& context) {
      return participants_.CreateSite(context,
                                      Text<v1::CreateSiteRequest>("site { name: 'sites/" + id + "' participant: 'participants/" + kPlant +
                                                                  "' display_name: 'Works' region: '" + region +
                                                                  "' basin: 'SONGHUA' sector_class: INDUSTRY }"),
                                      accounts);
    });
  }
  // `roles` with blanks between them.
  void AddPerson(const std::string& id, const std::string& participant, const std::string& roles, const std::string& region) {
    std::string text = "person { name: 'people/" + id + "' participant: 'participants/" + participant + "' display_name: 'P' ";
    std::stringstream words(roles);
    for (std::string role; words >> role;) text += "roles { role: " + role + (region.empty() ? "" : " region: '" + region + "'") + " } ";
    Do([&](CommandContext& context) { return participants_.CreatePerson(context, Text<v1::CreatePersonRequest>(text + "}")); });
  }

  // What the law makes of time up to and including today.
  void PassTime() {
    const std::string caller = std::exchange(person_, "system");
    std::ignore = Run([&](CommandContext& context) {
      while (deadlines_.Pass(context, *this, 100)) {
      }
      while (permits_.PassTerms(context, *this, 100)) {
      }
      return absl::StatusOr<v1::RegimeAnswer>(v1::RegimeAnswer());
    });
    person_ = caller;
  }
  // As `person`, on whatever day it is.
  template <class Call>
  auto As(const std::string& person, Call call) {
    const std::string caller = std::exchange(person_, person);
    auto answer = Run(std::move(call));
    person_ = caller;
    return answer;
  }

  // "event: from -> to" of each step of a case, as they were written.
  std::vector<std::string> Steps(const std::string& subject) const {
    std::vector<std::string> steps;
    RowsOf<CaseEventRow>([&](const CaseEventRow& row) {
      if (row.subject == subject) steps.push_back(row.event + ": " + row.from_state + " -> " + row.to_state);
    });
    return steps;
  }
  std::vector<std::string> Published(const std::string& subject) const {
    std::vector<std::string> events;
    RowsOf<DisclosureRow>([&](const DisclosureRow& row) {
      if (row.subject == subject) events.push_back(row.event + " on " + FormatDate(row.date));
    });
    return events;
  }
  std::vector<std::string> Noticed(const std::string& subject) const {
    std::vector<std::string> kinds;
    RowsOf<NoticeRow>([&](const NoticeRow& row) {
      if (row.subject == subject) kinds.push_back(v1::NoticeKind_Name(row.kind) + " to " + row.participant);
    });
    return kinds;
  }
  // Every cold row of a type that was written since the test began, in the order of its keys.
  template <class Row, class Visit>
  void RowsOf(Visit visit) const {
    const_cast<StoredRows&>(stored_).Fold(const_cast<TableSet*>(&tables_));
    for (const auto& [key, value] : stored_.rows()) {
      if (RowKeyTable(key) != static_cast<uint16_t>(Row::kTable)) continue;
      Row row;
      ASSERT_TRUE(DecodeValue(value, &row).ok());
      visit(row);
    }
  }

  // A permit of a site with 100 g of SO2 a year by its outlet DA001, as an application would grant it on the day.
  PermitGrant GrantOf(const std::string& site, Date first, Date last, GrantKind kind = GrantKind::kFirst) const {
    PermitGrant grant;
    grant.kind = kind;
    grant.site = site;
    grant.tier = v1::SIMPLIFIED;
    grant.term = {first, last};
    OutletRow outlet;
    outlet.code = "DA001";
    outlet.type = v1::MAIN;
    grant.content.outlets.push_back(outlet);
    for (const char* scope : {"DA001", "SITE"}) {
      LimitRow limit{scope, "SO2", {}};
      for (int32_t year = Year(first); year <= Year(last); ++year) limit.annual_limits.push_back({year, Quantity(100)});
      grant.content.limits.push_back(limit);
    }
    grant.reviewer = "reviewer";
    grant.approver = "approver";
    return grant;
  }
  // The number, or what refused it.
  std::string Grant(const PermitGrant& grant) {
    const auto answer = As("approver", [&](CommandContext& context) -> absl::StatusOr<v1::PermitAnswer> {
      SONGHUA_ASSIGN_OR_RETURN(PermitRow row, permits_.PlanGrant(context, grant, *this));
      v1::PermitAnswer issued;
      issued.mutable_permit()->set_name(permits_.Issue(context, std::move(row), grant).number);
      return issued;
    });
    return answer.ok() ? answer->permit().name() : Outcome(answer);
  }

  void WakeAt(Timestamp) override {}
  void OnPassed(CommandContext& context, const DeadlineRow& deadline) override {
    if (deadline.subject.starts_with("applications/")) applications_.OnPassed(context, deadline);
    if (deadline.subject.starts_with("overlays/")) overlays_.OnPassed(context, deadline);
  }
  bool PaidUse(const std::string& pollutant) const override { return pollutant == "SO2"; }
  absl::StatusOr<Quantity> EffectiveRights(const std::string&, const std::string&, int32_t) const override { return rights_held_; }
  void CancelOrdersOfSite(CommandContext&, const std::string& site, std::string_view reason) override {
    cancelled_.push_back(site + " " + std::string(reason));
  }
  void RestrainOrdersOfSite(CommandContext&, const std::string& site, std::string_view reason) override {
    cancelled_.push_back(site + " sell " + std::string(reason));
  }

  Quantity rights_held_{1'000};
  std::vector<std::string> cancelled_;  // orders of sites
  ledger::Counters counters_{&tables_};
  ledger::Participants participants_{&tables_, &counters_};
  ledger::Calendars calendars_{&tables_};
  StoredRows stored_;
  Regimes regimes_{&tables_};
  Deadlines deadlines_{&tables_, &counters_, &calendars_, this};
  CaseFile file_{&tables_, &counters_};
  Standing standing_{&tables_, &participants_};
  Absences absences_{&tables_, &counters_, &participants_};
  Permits permits_{&tables_, &participants_, &regimes_, &file_, this};
  Penalties penalties_{&tables_, {&counters_, &participants_, &regimes_, &standing_, &file_}};
  ReductionTasks reduction_tasks_{&tables_, {&counters_, &participants_, &file_}};
  PermitActs acts_{{&participants_, &regimes_, &penalties_, &standing_, &permits_}};
  Overlays overlays_{&tables_, {&counters_, &participants_, &regimes_, &deadlines_, &file_}};
  Registrations registrations_{&tables_, {&participants_, &regimes_, &deadlines_, &permits_, &file_}};
  Applications applications_{&tables_, {&counters_, &participants_, &regimes_, &deadlines_, &permits_, &standing_, &file_, &absences_}};
};

}  // namespace songhua::permits

#endif  // SONGHUA_TESTS_PERMITS_PERMIT_WORLD_H_
