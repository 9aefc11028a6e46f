// Day one: existing permits come in chunks, are checked row by row, balanced, approved by another person, and hold from one command on.
#include "permits/imports.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {
namespace {

constexpr char kImportedSite[] = "91130200699229617X001";
constexpr char kSecond[] = "91130200699229617X002";

std::string Years(int32_t first, int32_t last, int64_t grams) {
  std::string text;
  for (int32_t year = first; year <= last; ++year) {
    text += "annual_limits { year: " + std::to_string(year) + " quantity: " + std::to_string(grams) + " } ";
  }
  return text;
}

// A permit that began in 2024: 100 g of SO2 a year by DA001, with a second outlet.
std::string Existing(const std::string& site, const std::string& number) {
  const std::string limit = "pollutant: 'SO2' " + Years(2024, 2028, 100) + "} ";
  return "number: '" + number + "' site: 'sites/" + site + "' tier: KEY valid_from: '2024-01-01' valid_to: '2028-12-31' version: 3 " +
         "outlets { code: 'DA001' type: MAIN } outlets { code: 'DA002' type: GENERAL } limits { scope: 'DA001' " + limit + "limits { scope: 'SITE' " + limit;
}
std::string Existing(const std::string& site) { return Existing(site, site + "P"); }

class ImportsTest : public PermitWorld, public ImportAlarm {
 protected:
  using Texts = std::vector<std::string>;

  void WakeForImports(Timestamp) override { ++wakes_; }

  // What `permits` copies of Existing come to.
  std::string Totals(int permits) const {
    return "totals { permits: " + std::to_string(permits) + " outlets: " + std::to_string(2 * permits) + " pollutants { pollutant: 'SO2' " +
           Years(2024, 2028, 100 * permits) + "} } ";
  }
  std::string Begun(int permits) const { return "region: '220100' source: 'the old platform' " + Totals(permits); }
  void Done(const absl::StatusOr<v1::ImportAnswer>& answer) { EXPECT_EQ(Outcome(answer), "OK"); }
  absl::StatusOr<v1::ImportAnswer> Begin(const std::string& text, const std::string& person = "intake") {
    return As(person, [&](CommandContext& c) { return imports_.BeginImport(c, Text<v1::BeginImportRequest>(text)); });
  }
  absl::StatusOr<v1::ImportAnswer> Add(uint32_t first_row, const Texts& rows, const std::string& person = "intake", const std::string& name = "imports/1") {
    v1::AddImportRowsRequest request;
    request.set_name(name);
    request.set_first_row(first_row);
    for (const std::string& row : rows) *request.add_rows() = Text<v1::ImportPermit>(row);
    return As(person, [&](CommandContext& c) { return imports_.AddImportRows(c, request, *this); });
  }
  absl::StatusOr<v1::ImportAnswer> Finish(const std::string& person = "intake") {
    return As(person, [&](CommandContext& c) { return imports_.FinishStaging(c, Text<v1::ImportActRequest>("name: 'imports/1'")); });
  }
  absl::StatusOr<v1::ImportAnswer> Approve(const std::string& person = "approver") {
    return As(person, [&](CommandContext& c) { return imports_.ApproveImport(c, Text<v1::ImportActRequest>("name: 'imports/1'")); });
  }
  absl::StatusOr<v1::ImportAnswer> Discard(const std::string& person = "intake") {
    return As(person, [&](CommandContext& c) { return imports_.DiscardImport(c, Text<v1::DiscardImportRequest>("name: 'imports/1' reason: 'mended'")); });
  }
  bool Remove(size_t max) {
    bool more = false;
    Done(As("system", [&](CommandContext&) {
      more = imports_.RemoveDiscarded(max);
      return absl::StatusOr<v1::ImportAnswer>(v1::ImportAnswer());
    }));
    return more;
  }
  // As an approved application does.
  absl::Status Issue(const std::string& site) {
    PermitGrant grant;
    grant.site = site;
    grant.tier = v1::KEY;
    grant.term = {today_, MakeDate(2030, 1, 4)};
    grant.approver = "approver";
    const auto answer = As("approver", [&](CommandContext& context) -> absl::StatusOr<v1::PermitAnswer> {
      SONGHUA_ASSIGN_OR_RETURN(PermitRow row, permits_.PlanGrant(context, grant, *this));
      permits_.Issue(context, std::move(row), grant);
      return v1::PermitAnswer();
    });
    return answer.status();
  }
  // The bad rows that have been kept, "row reason rule field".
  Texts Errors() {
    stored_.Fold(&tables_);
    Texts errors;
    for (const auto& [key, value] : stored_.rows()) {
      if (RowKeyTable(key) != static_cast<uint16_t>(RowTable::kImportErrors)) continue;
      ImportErrorRow row;
      EXPECT_TRUE(DecodeValue(value, &row).ok());
      errors.push_back(std::to_string(row.row) + " " + row.reason + " " + row.rule + " " + row.field);
    }
    return errors;
  }
  // One row that is bad by itself, in an import of its own.
  std::string ErrorOf(const std::string& row) {
    EXPECT_EQ(Outcome(Begin(Begun(1))), "OK");
    const uint64_t number = counters_.Peek("imports") - 1;
    const std::string name = "imports/" + std::to_string(number);
    auto added = Add(1, {row}, "intake", name);
    EXPECT_EQ(Outcome(added), "OK");
    EXPECT_EQ(added->import().bad_rows(), 1u) << row;
    const Texts errors = Errors();
    Done(Must([&](CommandContext& c) {
      c.person = "intake";
      return imports_.DiscardImport(c, Text<v1::DiscardImportRequest>("name: '" + name + "' reason: 'a test'"));
    }));
    Remove(100);
    return errors.empty() ? "" : errors.back().substr(2);
  }

  int wakes_ = 0;
  Imports imports_{&tables_, {&counters_, &participants_, &regimes_, &permits_, &file_, this}};
};

// ---- The way of an import ----

TEST_F(ImportsTest, PermitsAreInvisibleUntilTheImportIsApprovedAndThenHoldAtOnce) {
  EXPECT_EQ(Begin(Begun(2))->import().state(), v1::Import::STAGING);
  EXPECT_EQ(Outcome(Add(1, {Existing(kImportedSite)})), "OK");
  EXPECT_EQ(Outcome(Add(2, {Existing(kSecond)})), "OK");
  EXPECT_EQ(Finish()->import().state(), v1::Import::BALANCED);
  EXPECT_EQ(permits_.StandingOfSite(kImportedSite, today_), SiteStanding::kNone);
  EXPECT_EQ(permits_.FindPermit(std::string(kImportedSite) + "P", today_), nullptr);
  EXPECT_EQ(permits_.EffectivePermitOfSite(kImportedSite, today_), nullptr);
  EXPECT_EQ(permits_.PermittedQuantity(kImportedSite, "SO2", 2026), Quantity());

  EXPECT_EQ(Approve()->import().state(), v1::Import::APPROVED);
  for (const char* site : {kImportedSite, kSecond}) {
    EXPECT_EQ(permits_.StandingOfSite(site, today_), SiteStanding::kEffective);
    EXPECT_EQ(permits_.PermittedQuantity(site, "SO2", 2026), Quantity(100));
  }
  const PermitRow* permit = permits_.FindPermit(std::string(kImportedSite) + "P", today_);
  ASSERT_NE(permit, nullptr);
  EXPECT_EQ(permit->version, 1u);
  EXPECT_EQ(permit->import_version, 3u);
  const v1::Permit message = ToProto(*permit, nullptr, today_);
  EXPECT_EQ(message.import(), "imports/1");
  EXPECT_EQ(message.issue_date(), "2024-01-01");
  EXPECT_EQ(message.approver(), "");
}

TEST_F(ImportsTest, AnImportedPermitIsChangedAndRevokedLikeAnyOther) {
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite)}));
  Done(Finish());
  Done(Approve());
  EXPECT_EQ(Outcome(Issue(kImportedSite)), "PERMIT_IN_FORCE INV-06 valid_from");
  const auto revoked = As("enforcer", [&](CommandContext& c) {
    return permits_.RevokePermit(c, Text<v1::RevokePermitRequest>("name: 'permits/91130200699229617X001P' decision: 'D 7' grounds: 'evasion'"), *this);
  });
  EXPECT_EQ(Outcome(revoked), "OK");
  EXPECT_EQ(revoked->permit().outlets_size(), 2) << "its content is read back under the import's key";
  EXPECT_EQ(permits_.StandingOfSite(kImportedSite, today_), SiteStanding::kClosed);
}

TEST_F(ImportsTest, ItsRightsArePendingWhereTheyDoNotCoverIt_DR16) {
  rights_held_ = Quantity(99);
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite)}));
  rights_held_ = Quantity(100);  // bought between staging and approval
  Done(Must([&](CommandContext& c) {
    permits_.ReviewRights(c, kImportedSite, *this);
    return absl::StatusOr<v1::ImportAnswer>(v1::ImportAnswer());
  }));
  Done(Finish());
  Done(Approve());
  EXPECT_FALSE(permits_.EffectivePermitOfSite(kImportedSite, today_)->rights_pending);

  rights_held_ = Quantity(99);
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kSecond)}, "intake", "imports/2"));
  for (const char* act : {"finish", "approve"}) {
    Done(As(act == std::string("finish") ? "intake" : "approver", [&](CommandContext& c) {
      const auto request = Text<v1::ImportActRequest>("name: 'imports/2'");
      return act == std::string("finish") ? imports_.FinishStaging(c, request) : imports_.ApproveImport(c, request);
    }));
  }
  ASSERT_NE(permits_.EffectivePermitOfSite(kSecond, today_), nullptr);
  EXPECT_TRUE(permits_.EffectivePermitOfSite(kSecond, today_)->rights_pending);
}

TEST_F(ImportsTest, ASubstituteCodeOfAUnitWithoutACreditCodeIsTaken_PERMIT11) {
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite, "H92201010000000AAa001P")}));
  EXPECT_EQ(Outcome(Finish()), "OK");
  EXPECT_EQ(Outcome(Approve()), "OK");
  EXPECT_NE(permits_.FindPermit("H92201010000000AAa001P", today_), nullptr);
}

// ---- All or nothing ----

TEST_F(ImportsTest, EveryBadRowIsReportedAndNothingCanBeApproved) {
  Done(Begin(Begun(2)));
  const auto added = Add(1, {Existing(kImportedSite), Existing(kSecond) + "tier: PERMIT_TIER_UNSPECIFIED", "unreadable: 'line 3: no JSON'",
                             Existing(kSecond) + "valid_to: '2026-01-04'", Existing(kSecond)});
  ASSERT_EQ(Outcome(added), "OK");
  EXPECT_EQ(added->import().rows(), 5u);
  EXPECT_EQ(added->import().bad_rows(), 3u);
  EXPECT_EQ(Errors(), (Texts{"2 INVALID_FIELD PERMIT-01 tier", "3 ROW_UNREADABLE PERMIT-20 row", "4 INVALID_FIELD PERMIT-47 valid_to"}));
  EXPECT_EQ(Outcome(Finish()), "IMPORT_HAS_ERRORS PERMIT-10 name");
  EXPECT_EQ(Outcome(Approve()), "ILLEGAL_TRANSITION PERMIT-10 name");
}

TEST_F(ImportsTest, RowsAreHeldAgainstWhatIsRegisteredAndAgainstEachOther) {
  EXPECT_EQ(ErrorOf(Existing(kImportedSite, "91130200699229617X001W")), "INVALID_FIELD PERMIT-10 number");
  EXPECT_EQ(ErrorOf(Existing(kImportedSite, "short")), "INVALID_FIELD PERMIT-10 number");
  EXPECT_EQ(ErrorOf(Existing(kImportedSite, std::string(kSecond) + "P")), "INVALID_FIELD PERMIT-12 number") << "the number of another site";
  EXPECT_EQ(ErrorOf(Existing("91130200699229617X009")), "NOT_FOUND PERMIT-10 site");
  EXPECT_EQ(ErrorOf(Existing(kFarSite)), "INVALID_FIELD PERMIT-04 site") << "outside the import's region";
  EXPECT_EQ(ErrorOf(Existing(kImportedSite) + "valid_from: '2023-01-01'"), "INVALID_FIELD PERMIT-47 valid_to") << "six years";
  EXPECT_EQ(ErrorOf(Existing(kImportedSite) + "version: 0"), "INVALID_FIELD INV-06 version");
  EXPECT_EQ(ErrorOf(Existing(kImportedSite) + "issue_date: '2026-01-06'"), "INVALID_FIELD PERMIT-39 issue_date");
  EXPECT_EQ(ErrorOf(Existing(kImportedSite) + "outlets { code: 'DA001' type: MAIN }"), "INVALID_FIELD PERMIT-13 outlets[2].code");
  EXPECT_EQ(ErrorOf(Existing(kImportedSite) + "limits { scope: 'FUGITIVE' pollutant: 'SO2' " + Years(2024, 2028, 1) + "}"), "SITE_TOTAL_DIFFERS PERMIT-23 limits");
  const std::string nox = "pollutant: 'NOX' " + Years(2024, 2028, 1) + "} ";
  EXPECT_EQ(ErrorOf(Existing(kImportedSite) + "limits { scope: 'DA001' " + nox + "limits { scope: 'SITE' " + nox), "CONTROL_TOTALS_DIFFER PERMIT-23 limits");
}

TEST_F(ImportsTest, ANumberOrSiteTwiceIsABadRow) {
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite), Existing(kSecond, std::string(kImportedSite) + "P"), Existing(kImportedSite, "91130200699229617X004P")}));
  Done(Add(4, {Existing(kImportedSite), Existing(kImportedSite, "91130200699229617X005P")}));
  EXPECT_EQ(Errors(), (Texts{"2 INVALID_FIELD PERMIT-12 number", "3 SITE_HAS_PERMIT INV-06 site", "4 NUMBER_TAKEN PERMIT-12 number",
                             "5 SITE_HAS_PERMIT INV-06 site"}));
}

TEST_F(ImportsTest, ASiteWithAPermitHereIsNotTakenOver_INV06) {
  ASSERT_EQ(Outcome(Issue(kImportedSite)), "OK");
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite)}));
  EXPECT_EQ(Errors(), (Texts{"1 NUMBER_TAKEN PERMIT-12 number"}));
}

TEST_F(ImportsTest, NothingIsIssuedForASiteWhileItIsBeingImported_INV06) {
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite)}));
  EXPECT_EQ(Outcome(Issue(kImportedSite)), "SITE_BEING_IMPORTED INV-06 site");
  Done(Discard());
  EXPECT_FALSE(Remove(10));
  EXPECT_EQ(Outcome(Issue(kImportedSite)), "OK") << "given up: the site is free again";
}

TEST_F(ImportsTest, TotalsThatDifferAreNamed) {
  Done(Begin("region: '220100' source: 'old' totals { permits: 1 outlets: 3 }"));
  EXPECT_EQ(Outcome(Finish()), "CONTROL_TOTALS_DIFFER PERMIT-23 totals.permits");
  std::string bare = Existing(kImportedSite);
  bare.resize(bare.find("limits"));
  ASSERT_EQ(Add(1, {bare})->import().bad_rows(), 0u);
  EXPECT_EQ(Outcome(Finish()), "CONTROL_TOTALS_DIFFER PERMIT-23 totals.outlets");
  Done(Begin("region: '220100' source: 'old' totals { permits: 1 outlets: 2 pollutants { pollutant: 'SO2' " + Years(2024, 2028, 101) + "} }"));
  ASSERT_EQ(Add(1, {Existing(kSecond)}, "intake", "imports/2")->import().bad_rows(), 0u);
  const auto refused = As("intake", [&](CommandContext& c) { return imports_.FinishStaging(c, Text<v1::ImportActRequest>("name: 'imports/2'")); });
  EXPECT_EQ(Outcome(refused), "CONTROL_TOTALS_DIFFER PERMIT-23 totals.pollutants");
  EXPECT_EQ(Detail(refused).value, "SO2 2024: 100 g in the file");
  EXPECT_EQ(Detail(refused).accepted, "101 g, as declared");
}

TEST_F(ImportsTest, MalformedDeclarationsAreRefused) {
  EXPECT_EQ(Outcome(Begin("region: '22' source: 'old' " + Totals(1))), "INVALID_FIELD GEN-11 region");
  EXPECT_EQ(Outcome(Begin("region: '220100' " + Totals(1))), "INVALID_FIELD - source");
  EXPECT_EQ(Outcome(Begin(Begun(1) + "file_sha256: 'ABC'")), "INVALID_FIELD - file_sha256");
  EXPECT_EQ(Outcome(Begin("region: '220100' source: 'old'")), "INVALID_FIELD - totals.permits");
  EXPECT_EQ(Outcome(Begin(Begun(1) + "totals { pollutants { pollutant: 'SO2' } }")), "INVALID_FIELD PERMIT-23 totals.pollutants[1].pollutant");
}

// ---- Chunks ----

TEST_F(ImportsTest, ChunksComeInOrderAndEachOnce) {
  Done(Begin(Begun(2)));
  EXPECT_EQ(Outcome(Add(2, {Existing(kImportedSite)})), "CHUNK_OUT_OF_ORDER GEN-15 first_row");
  EXPECT_EQ(Outcome(Add(1, {Existing(kImportedSite)})), "OK");
  const auto again = Add(1, {Existing(kImportedSite)});
  EXPECT_EQ(Outcome(again), "CHUNK_OUT_OF_ORDER GEN-15 first_row");
  EXPECT_EQ(Detail(again).accepted, "2, the row after those that have come");
  EXPECT_EQ(Outcome(Add(2, {})), "INVALID_FIELD - rows");
  EXPECT_EQ(Outcome(Add(2, Texts(bounds::kChunkRowsMax + 1, "unreadable: 'x'"))), "INVALID_FIELD - rows");
  EXPECT_EQ(Outcome(Add(2, Texts(2, "unreadable: '" + std::string(bounds::kImportChunkBytesMax / 2, 'x') + "'"))), "INVALID_FIELD - rows");
}

TEST_F(ImportsTest, ABrokenOffImportOfAFileIsGoneOnWith) {
  const std::string file = "file_sha256: '" + std::string(64, 'a') + "' ";
  EXPECT_EQ(Outcome(Begin(Begun(1) + file)), "OK");
  EXPECT_EQ(Outcome(Begin(Begun(1) + file)), "IMPORT_OPEN PERMIT-10 file_sha256");
  EXPECT_EQ(Outcome(Begin(Begun(1) + file + "region: '220000'")), "OK") << "another region's";
  Done(Discard());
  EXPECT_EQ(Outcome(Begin(Begun(1) + file)), "OK");
}

TEST_F(ImportsTest, NoMoreThanSixteenAreOpen) {
  for (size_t i = 0; i < Imports::kOpenImportsMax; ++i) EXPECT_EQ(Outcome(Begin(Begun(1))), "OK");
  EXPECT_EQ(Outcome(Begin(Begun(1))), "TOO_MANY_IMPORTS PERMIT-10 region");
  Done(Discard());
  EXPECT_EQ(Outcome(Begin(Begun(1))), "OK");
}

// ---- People ----

TEST_F(ImportsTest, AnotherPersonApproves_GEN14) {
  Done(Begin(Begun(1), "approver"));
  Done(Add(1, {Existing(kImportedSite)}, "approver"));
  EXPECT_EQ(Outcome(Finish("intake")), "NOT_IN_CHARGE GEN-14 caller");
  EXPECT_EQ(Outcome(Add(2, {Existing(kSecond)}, "intake")), "NOT_IN_CHARGE GEN-14 caller");
  Done(Finish("approver"));
  EXPECT_EQ(Outcome(Approve("approver")), "SAME_PERSON_IMPORTED GEN-14 caller");
  EXPECT_EQ(Outcome(Approve("reviewer")), "NOT_COMPETENT PERMIT-04 caller");
  EXPECT_EQ(Outcome(Approve("neighbour")), "NOT_COMPETENT PERMIT-04 caller");
  EXPECT_EQ(Outcome(Discard("intake")), "NOT_IN_CHARGE GEN-14 caller");
  EXPECT_EQ(Outcome(Approve("approver-b")), "OK");
  EXPECT_EQ(Outcome(Approve("approver-b")), "ILLEGAL_TRANSITION PERMIT-10 name");
  EXPECT_EQ(Outcome(Discard("approver-b")), "ILLEGAL_TRANSITION PERMIT-10 name");
}

TEST_F(ImportsTest, APermitThatExpiredWhileItWaitedIsNotApproved) {
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite)}));
  Done(Finish());
  SetDay(2028, 12, 31);
  validate_only_ = true;
  EXPECT_EQ(Outcome(Approve()), "OK") << "its last day";
  validate_only_ = false;
  SetDay(2029, 1, 1);
  EXPECT_EQ(Outcome(Approve()), "IMPORT_TOO_OLD PERMIT-47 name");
}

TEST_F(ImportsTest, ValidateOnlyChangesNothing) {
  validate_only_ = true;
  EXPECT_EQ(Begin(Begun(1))->import().name(), "imports/1");
  validate_only_ = false;
  Done(Begin(Begun(1)));
  validate_only_ = true;
  EXPECT_EQ(Add(1, {Existing(kImportedSite), "unreadable: 'x'"})->import().bad_rows(), 1u);
  EXPECT_EQ(Outcome(Discard()), "OK");
  validate_only_ = false;
  Done(Add(1, {Existing(kImportedSite)}));
  validate_only_ = true;
  EXPECT_EQ(Finish()->import().state(), v1::Import::BALANCED);
  validate_only_ = false;
  EXPECT_EQ(imports_.Find(1)->state, v1::Import::STAGING);
}

// ---- Discarding ----

TEST_F(ImportsTest, ADiscardedImportIsTakenOutInSlicesAndItsFileMayComeAgain) {
  Done(Begin(Begun(2)));
  Done(Add(1, {Existing(kImportedSite), "unreadable: 'x'", Existing(kSecond)}));
  EXPECT_EQ(Outcome(Discard("approver")), "OK");
  EXPECT_EQ(wakes_, 1);
  EXPECT_TRUE(Remove(1));
  EXPECT_FALSE(permits_.SiteTaken(kSecond)) << "the last row goes first";
  EXPECT_TRUE(permits_.SiteTaken(kImportedSite));
  EXPECT_FALSE(Remove(2));
  EXPECT_FALSE(permits_.SiteTaken(kImportedSite));
  EXPECT_FALSE(Remove(1));

  Done(Begin(Begun(1)));
  EXPECT_EQ(Add(1, {Existing(kImportedSite)}, "intake", "imports/2")->import().bad_rows(), 0u) << "its content is another cold row, written once";
}

// ---- Restart ----

// Everything anew from rows alone.
struct Restarted : ImportAlarm, Alarm {
  explicit Restarted(const StoredRows& stored) { stored.LoadInto(&tables); }
  void WakeForImports(Timestamp) override {}
  void WakeAt(Timestamp) override {}

  TableSet tables;
  ledger::Counters counters{&tables};
  ledger::Participants participants{&tables, &counters};
  ledger::Calendars calendars{&tables};
  Regimes regimes{&tables};
  Deadlines deadlines{&tables, &counters, &calendars, this};
  CaseFile file{&tables, &counters};
  Standing standing{&tables, &participants};
  Permits permits{&tables, &participants, &regimes, &file, this};
  Applications applications{&tables, {&counters, &participants, &regimes, &deadlines, &permits, &standing, &file}};
  Imports imports{&tables, {&counters, &participants, &regimes, &permits, &file, this}};
};

TEST_F(ImportsTest, WhatIsStagedApprovedAndDiscardedComesBackFromRowsAlone) {
  Done(Begin(Begun(1)));
  Done(Add(1, {Existing(kImportedSite)}));
  {
    stored_.Fold(&tables_);
    Restarted restarted(stored_);
    EXPECT_TRUE(restarted.permits.SiteTaken(kImportedSite));
    EXPECT_EQ(restarted.permits.StandingOfSite(kImportedSite, today_), SiteStanding::kNone) << "staged";
  }
  Done(Finish());
  Done(Approve());
  Done(Begin(Begun(1)));
  Done(Add(1, {"unreadable: 'x'", Existing(kSecond)}, "intake", "imports/2"));
  Done(Must([&](CommandContext& c) {
    c.person = "approver";
    return imports_.DiscardImport(c, Text<v1::DiscardImportRequest>("name: 'imports/2' reason: 'bad'"));
  }));
  stored_.Fold(&tables_);
  Restarted restarted(stored_);
  EXPECT_EQ(restarted.permits.StandingOfSite(kImportedSite, today_), SiteStanding::kEffective) << "approved";
  EXPECT_EQ(restarted.permits.StandingOfSite(kSecond, today_), SiteStanding::kNone) << "discarded";
  EXPECT_TRUE(restarted.permits.SiteTaken(kSecond)) << "not taken out yet";
  EXPECT_FALSE(restarted.imports.RemoveDiscarded(1));
  EXPECT_FALSE(restarted.permits.SiteTaken(kSecond));
  EXPECT_EQ(restarted.permits.StandingOfSite(kImportedSite, today_), SiteStanding::kEffective);
}

// What was staged and discarded leaves the disk with its contents.
TEST_F(ImportsTest, ADiscardedImportLeavesNoContentBehind) {
  const auto contents = [this] {
    stored_.Fold(&tables_);
    return std::count_if(stored_.rows().begin(), stored_.rows().end(), [](const auto& row) {
      return RowKeyTable(row.first) == static_cast<TableId>(RowTable::kPermitContents);
    });
  };
  Done(Begin(Begun(2)));
  Done(Add(1, {Existing(kImportedSite), Existing(kSecond)}));
  EXPECT_EQ(contents(), 2);
  Done(Discard());
  EXPECT_TRUE(Remove(1));
  EXPECT_EQ(contents(), 1);
  EXPECT_FALSE(Remove(5));
  EXPECT_EQ(contents(), 0);
}

}  // namespace
}  // namespace songhua::permits
