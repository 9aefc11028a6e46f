// Authorisations: how long they hold, for whom, how many; and that an inquiry is kept for everybody who may look for it.
#include "ledger/authorisations.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "ledger/participants.h"
#include "tests/table_fixture.h"

namespace songhua::ledger {
namespace {

constexpr char kMill[] = "91220101MA00000004";
constexpr char kLender[] = "912200000000000011";

class AuthorisationsTest : public TableFixture {
 protected:
  void SetUp() override {
    Add(kMill, v1::ENTERPRISE, "");
    Add("works", v1::ENTERPRISE, "");
    Add(kLender, v1::BANK, "");
    Add("branch", v1::BANK_BRANCH, kLender);
    Add("other-branch", v1::BANK_BRANCH, kLender);
    Add("bureau", v1::AUTHORITY, "");
    participant_ = kMill;
  }
  // Participants as a store would have them: the tests need no more of them than their kinds and banks.
  void Add(const std::string& id, v1::ParticipantKind kind, const std::string& parent) {
    ParticipantRow row;
    row.id = id;
    row.kind = kind;
    row.parent = parent;
    row.region = kJilinProvince;
    row.number = row.group = ++participants_added_;
    ASSERT_TRUE(tables_.Load(static_cast<uint16_t>(RowTable::kParticipants), EncodeValue(row)).ok());
    tables_.FinishLoad();
  }
  auto Grant(const std::string& bank, const std::string& expire_date, const std::string& enterprise = kMill) {
    v1::GrantAuthorisationRequest request;
    request.set_enterprise("participants/" + enterprise);
    request.set_bank("participants/" + bank);
    request.set_expire_date(expire_date);
    return Run([&](CommandContext& context) { return authorisations_.GrantAuthorisation(context, request); });
  }
  auto Revoke(const std::string& name) {
    v1::RevokeAuthorisationRequest request;
    request.set_name(name);
    return Run([&](CommandContext& context) { return authorisations_.RevokeAuthorisation(context, request); });
  }
  // The number of the one in force; 0: none.
  uint64_t InForce(const std::string& bank) const {
    const AuthorisationRow* row = authorisations_.FindInForce(kMill, *participants_.FindParticipant(bank), today_);
    return row == nullptr ? 0 : row->number;
  }

  uint32_t participants_added_ = 0;
  Counters counters_{&tables_};
  Participants participants_{&tables_, &counters_};
  Authorisations authorisations_{&tables_, &counters_, &participants_};
};

TEST_F(AuthorisationsTest, HoldsFromTheDayOfItsGrantToItsLastDay) {
  const auto granted = Grant(kLender, "2026-02-04");
  ASSERT_EQ(Outcome(granted), "OK");
  EXPECT_EQ(granted->authorisation().name(), "authorisations/1");
  EXPECT_EQ(granted->authorisation().start_date(), "2026-01-05");
  today_ = MakeDate(2026, 2, 4);
  EXPECT_EQ(InForce(kLender), 1u);
  today_ = MakeDate(2026, 2, 5);
  EXPECT_EQ(InForce(kLender), 0u);
  EXPECT_EQ(Outcome(Revoke("authorisations/1")), "ILLEGAL_TRANSITION PLG-40 name");
}

TEST_F(AuthorisationsTest, IsForThirtyDaysAtMost) {
  EXPECT_EQ(Outcome(Grant(kLender, "2026-02-05")), "INVALID_FIELD PLG-40 expire_date");
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-04")), "INVALID_FIELD PLG-40 expire_date");
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-05")), "OK") << "for today alone";
}

TEST_F(AuthorisationsTest, IsGivenByAnEnterpriseToABank) {
  EXPECT_EQ(Outcome(Grant("works", "2026-01-10")), "INVALID_FIELD PLG-40 bank");
  EXPECT_EQ(Outcome(Grant("bureau", "2026-01-10")), "INVALID_FIELD PLG-40 bank");
  EXPECT_EQ(Outcome(Grant("nobody", "2026-01-10")), "NOT_FOUND - bank");
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-10", "bureau")), "INVALID_FIELD PLG-40 enterprise");
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-10", "nobody")), "NOT_FOUND - enterprise");
}

TEST_F(AuthorisationsTest, OfABankHoldsForItsBranchesAndOfABranchForThatAlone) {
  ASSERT_EQ(Outcome(Grant("branch", "2026-01-10")), "OK");
  EXPECT_EQ(InForce("branch"), 1u);
  EXPECT_EQ(InForce("other-branch"), 0u);
  EXPECT_EQ(InForce(kLender), 0u);
  ASSERT_EQ(Outcome(Grant(kLender, "2026-01-20")), "OK");
  EXPECT_EQ(InForce("other-branch"), 2u);
  EXPECT_EQ(InForce("branch"), 1u) << "its own before its bank's";
}

TEST_F(AuthorisationsTest, ABankHasOneAtATimeAndIsGivenAnotherWhenThatIsRevokedOrOver) {
  ASSERT_EQ(Outcome(Grant(kLender, "2026-01-10")), "OK");
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-20")), "AUTHORISATION_IN_FORCE PLG-40 bank");
  EXPECT_EQ(Outcome(Revoke("authorisations/1")), "OK");
  EXPECT_EQ(InForce(kLender), 0u);
  EXPECT_EQ(Outcome(Revoke("authorisations/1")), "ILLEGAL_TRANSITION PLG-40 name");
  EXPECT_EQ(Outcome(Revoke("authorisations/9")), "NOT_FOUND - name");
  ASSERT_EQ(Outcome(Grant(kLender, "2026-01-10")), "OK");
  today_ = MakeDate(2026, 1, 11);
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-20")), "OK");
}

TEST_F(AuthorisationsTest, AnEnterpriseHasNoMoreThanItCanOverlook) {
  for (size_t i = 0; i < Authorisations::kInForceMax; ++i) {
    const std::string bank = "lender-" + std::to_string(i);
    Add(bank, v1::BANK, "");
    ASSERT_EQ(Outcome(Grant(bank, "2026-01-10")), "OK");
  }
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-10")), "TOO_MANY_AUTHORISATIONS PLG-40 enterprise");
  today_ = MakeDate(2026, 1, 11);
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-20")), "OK") << "what is over counts no more";
}

TEST_F(AuthorisationsTest, ACommandThatOnlyValidatesGrantsNothing) {
  validate_only_ = true;
  EXPECT_EQ(Outcome(Grant(kLender, "2026-01-10")), "OK");
  EXPECT_EQ(InForce(kLender), 0u);
}

TEST_F(AuthorisationsTest, RowsAreTheWholeState) {
  ASSERT_EQ(Outcome(Grant(kLender, "2026-01-10")), "OK");
  ASSERT_EQ(Outcome(Grant("branch", "2026-01-10")), "OK");
  ASSERT_EQ(Outcome(Revoke("authorisations/2")), "OK");
  TableSet tables;
  Counters counters(&tables);
  Authorisations again(&tables, &counters, &participants_);
  for (const uint64_t number : {1, 2}) {
    ASSERT_TRUE(tables.Load(static_cast<uint16_t>(RowTable::kAuthorisations), EncodeValue(*authorisations_.Find(number))).ok());
  }
  tables.FinishLoad();
  EXPECT_EQ(again.FindInForce(kMill, *participants_.FindParticipant("branch"), today_)->number, 1u) << "that of the bank; its own is revoked";
}

TEST_F(AuthorisationsTest, AnInquiryIsFoundByTheEnterpriseTheBranchAndItsBank) {
  StoredRows stored;
  stored.Fold(&tables_);
  participant_ = "branch";
  const absl::Status recorded = Run([&](CommandContext& context) {
    InquiryRow row = authorisations_.NextInquiry(context, kMill, "authorisations/1");
    row.pack = Sha256Of("the pack");
    authorisations_.RecordInquiry(context, row);
    EXPECT_EQ(ToProto(row).inquirer(), "participants/branch");
    EXPECT_EQ(ToProto(row).pack_sha256(), ToHex(Sha256Of("the pack")));
    return absl::OkStatus();
  });
  ASSERT_TRUE(recorded.ok());
  RowChanges changes;
  tables_.CollectChanges(&changes);
  std::vector<std::string> of;
  changes.ForEach([&](const RowChange& change) {
    if (change.table() != static_cast<uint16_t>(RowTable::kInquiryIndex)) return;
    InquiryIndexRow index;
    ASSERT_TRUE(DecodeValue(change.value, &index).ok());
    of.push_back(index.of);
  });
  EXPECT_EQ(of, (std::vector<std::string>{kLender, kMill, "branch"}));
}

}  // namespace
}  // namespace songhua::ledger
