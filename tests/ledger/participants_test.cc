#include "ledger/participants.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/names.h"
#include "ledger/wire.h"
#include "tests/table_fixture.h"

namespace songhua::ledger {
namespace {

constexpr char kPlant[] = "91130200699229617X";  // GEN-10's vector

std::string Uscc(const std::string& first17) { return first17 + *UsccCheckCharacter(first17); }
std::string Sha(char fill) { return std::string(32, fill); }
std::string HexOf(const std::string& two_digits) {
  std::string text;
  for (int i = 0; i < 32; ++i) text += two_digits;
  return text;
}

struct AccountsSeen : RightsAccountOpener {
  void OpenRightsAccount(CommandContext&, const SiteRow& site) override { sites.push_back(site.id); }
  std::vector<std::string> sites;
};

class ParticipantsTest : public TableFixture {
 protected:
  auto Create(const std::string& text) {
    return Run([&](CommandContext& context) {
      return participants_->CreateParticipant(context, Text<v1::CreateParticipantRequest>("participant { " + text + " }"));
    });
  }
  auto CreateSite(const std::string& text) {
    return Run([&](CommandContext& context) {
      return participants_->CreateSite(context, Text<v1::CreateSiteRequest>("site { " + text + " }"), accounts_);
    });
  }
  auto CreatePerson(const std::string& text) {
    return Run([&](CommandContext& context) {
      return participants_->CreatePerson(context, Text<v1::CreatePersonRequest>("person { " + text + " }"));
    });
  }
  auto SetRoles(const std::string& text) {
    return Run([&](CommandContext& context) { return participants_->SetRoles(context, Text<v1::SetRolesRequest>(text)); });
  }
  auto CreateToken(const std::string& person, const std::string& sha256, Timestamp expire_time) {
    v1::CreateTokenRequest request;
    request.set_person("people/" + person);
    request.set_token_sha256(sha256);
    *request.mutable_expire_time() = ToProto(expire_time);
    return Run([&](CommandContext& context) { return participants_->CreateToken(context, request); });
  }
  auto RevokeToken(const std::string& name) {
    return Run([&](CommandContext& context) {
      v1::RevokeTokenRequest request;
      request.set_name(name);
      return participants_->RevokeToken(context, request);
    });
  }
  absl::Status Bootstrap(const std::string& hex) {
    return Run([&](CommandContext& context) { return participants_->Bootstrap(context, hex); });
  }
  Timestamp InDays(int64_t days) const { return Timestamp(now_.value() + days * kMicrosPerDay); }

  void CreatePlant(const std::string& id = kPlant, const std::string& more = "") {
    ASSERT_EQ(Outcome(Create("name: 'participants/" + id + "' kind: ENTERPRISE display_name: 'Plant' region: '220102' " + more)), "OK");
  }
  void CreateAuthority(const std::string& id, const std::string& region) {
    ASSERT_EQ(Outcome(Create("name: 'participants/" + id + "' kind: AUTHORITY display_name: 'Office' region: '" + region + "'")), "OK");
  }
  // The outcome of creating a person with one grant.
  std::string Grant(const std::string& participant, const std::string& grant) {
    const std::string id = "p" + std::to_string(++people_);
    return Outcome(CreatePerson("name: 'people/" + id + "' participant: 'participants/" + participant + "' display_name: 'P' roles { " +
                                grant + " }"));
  }

  // All state again from rows alone, as after a restart.
  void Restart() {
    stored_.Fold(&tables_);
    participants_.reset();
    counters_.reset();
    counters_ = std::make_unique<Counters>(&tables_);
    participants_ = std::make_unique<Participants>(&tables_, counters_.get());
    stored_.LoadInto(&tables_);
  }

  std::unique_ptr<Counters> counters_ = std::make_unique<Counters>(&tables_);
  std::unique_ptr<Participants> participants_ = std::make_unique<Participants>(&tables_, counters_.get());
  AccountsSeen accounts_;
  StoredRows stored_;
  int people_ = 0;
};

// ---- Participants ----

TEST_F(ParticipantsTest, AnEnterpriseIsKnownByItsUscc_GEN10) {
  const auto answer = Create("name: 'participants/91130200699229617X' kind: ENTERPRISE display_name: '首钢京唐' region: '130209'");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->participant().number(), 1u);
  EXPECT_EQ(ParseTime("t", answer->participant().create_time())->value(), now_.value());
  const ParticipantRow* row = participants_->FindParticipant(kPlant);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->region, Region(130209));
  EXPECT_EQ(participants_->FindParticipant(ParticipantNumber{1}), row);
  EXPECT_EQ(ToProto(*row).SerializeAsString(), answer->participant().SerializeAsString());
  EXPECT_FALSE(events_.bytes().empty());
}

TEST_F(ParticipantsTest, AWrongCheckDigitIsRefused_GEN10) {
  for (const char* kind : {"ENTERPRISE", "BANK"}) {
    const auto answer = Create(std::string("name: 'participants/911302006992296171' display_name: 'Plant' region: '220102' kind: ") + kind);
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(Detail(answer).rule, "GEN-10");
    EXPECT_EQ(Detail(answer).field, "participant.name");
  }
  EXPECT_EQ(counters_->Peek("participants"), 1u);
}

TEST_F(ParticipantsTest, WhatAParticipantMustSay) {
  const std::string good = "name: 'participants/jl-eco' kind: AUTHORITY display_name: 'Office' region: '220000' ";
  EXPECT_EQ(Outcome(Create("")), "INVALID_FIELD - participant.name");
  EXPECT_EQ(Outcome(Create("name: 'people/x'")), "INVALID_FIELD - participant.name");
  EXPECT_EQ(Outcome(Create(good + "kind: PARTICIPANT_KIND_UNSPECIFIED")), "INVALID_FIELD - participant.kind");
  EXPECT_EQ(Outcome(Create(good + "name: 'participants/JL'")), "INVALID_FIELD - participant.name");
  EXPECT_EQ(Outcome(Create(good + "display_name: ''")), "INVALID_FIELD - participant.display_name");
  EXPECT_EQ(Detail(Create(good + "region: '000000'")).rule, "GEN-11");
  EXPECT_EQ(Detail(Create(good + "region: ''")).field, "participant.region");
  EXPECT_EQ(Outcome(Create(good + "parent: 'participants/x'")), "INVALID_FIELD GEN-13 participant.parent");
  EXPECT_EQ(Outcome(Create(good + "entity_group: 'g'")), "INVALID_FIELD - participant.entity_group");
  EXPECT_EQ(Outcome(Create(good)), "OK");
  EXPECT_EQ(Outcome(Create(good)), "ALREADY_EXISTS GEN-10 participant.name");
  EXPECT_EQ(Create(good).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ParticipantsTest, ABranchBelongsToABank_GEN13) {
  const std::string bank = Uscc("91220000MA0000001");
  const std::string branch = "name: 'participants/bank-cc-01' kind: BANK_BRANCH display_name: 'Branch' region: '220100' ";
  EXPECT_EQ(Outcome(Create(branch)), "INVALID_FIELD - participant.parent");
  EXPECT_EQ(Outcome(Create(branch + "parent: 'participants/" + bank + "'")), "NOT_FOUND - participant.parent");
  CreatePlant();
  EXPECT_EQ(Outcome(Create(branch + "parent: 'participants/91130200699229617X'")), "INVALID_FIELD GEN-13 participant.parent");
  ASSERT_EQ(Outcome(Create("name: 'participants/" + bank + "' kind: BANK display_name: 'Bank' region: '220000'")), "OK");
  const auto answer = Create(branch + "parent: 'participants/" + bank + "'");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->participant().parent(), "participants/" + bank);
}

TEST_F(ParticipantsTest, NumbersAreDenseAndRefusalsTakeNone) {
  CreateAuthority("a", "220000");
  EXPECT_NE(Outcome(Create("name: 'participants/b' kind: AUTHORITY")), "OK");
  validate_only_ = true;
  const auto checked = Create("name: 'participants/b' kind: AUTHORITY display_name: 'B' region: '220000'");
  ASSERT_EQ(Outcome(checked), "OK");
  EXPECT_EQ(checked->participant().number(), 2u);
  EXPECT_EQ(participants_->FindParticipant("b"), nullptr);
  validate_only_ = false;
  CreateAuthority("b", "220000");
  EXPECT_EQ(participants_->FindParticipant("b")->number, 2u);
}

TEST_F(ParticipantsTest, OneEntityGroupHasOneGroupNumber) {
  // The first of the group has the last key, so that the order of rows is not the order of numbers.
  const std::string first = Uscc("91220101MA0000009"), second = Uscc("91220101MA0000002"), alone = Uscc("91220101MA0000003");
  CreatePlant(alone);
  CreatePlant(first, "entity_group: 'north'");
  CreatePlant(second, "entity_group: 'north'");
  const auto group = [&](const std::string& id) { return participants_->FindParticipant(id)->group; };
  EXPECT_EQ(group(alone), 1u);
  EXPECT_EQ(group(first), 2u);
  EXPECT_EQ(group(second), 2u);
  Restart();
  const std::string third = Uscc("91220101MA0000004");
  CreatePlant(third, "entity_group: 'north'");
  EXPECT_EQ(group(third), 2u);
  EXPECT_EQ(participants_->FindParticipant(third)->number, 4u);
}

// ---- Sites ----

TEST_F(ParticipantsTest, ASiteOpensItsRightsAccount_DR11) {
  CreatePlant();
  const auto answer = CreateSite(
      "name: 'sites/91130200699229617X001' participant: 'participants/91130200699229617X' display_name: 'Works' region: '220102' "
      "basin: 'SONGHUA' sector_class: POWER");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->site().rights_account(), "accounts/91130200699229617X001.rights");
  EXPECT_EQ(accounts_.sites, std::vector<std::string>{"91130200699229617X001"});
  const SiteRow* site = participants_->FindSite("91130200699229617X001");
  ASSERT_NE(site, nullptr);
  EXPECT_EQ(site->uscc(), kPlant);
  EXPECT_EQ(site->sequence(), 1);
}

TEST_F(ParticipantsTest, WhatASiteMustSay) {
  CreatePlant();
  const std::string good =
      "name: 'sites/91130200699229617X012' participant: 'participants/91130200699229617X' display_name: 'Works' region: '220100' "
      "sector_class: INDUSTRY ";
  EXPECT_EQ(Outcome(CreateSite(good + "name: 'sites/91130200699229617X000'")), "INVALID_FIELD PERMIT-10 site.name");
  EXPECT_EQ(Outcome(CreateSite(good + "name: 'sites/91130200699229617X12'")), "INVALID_FIELD PERMIT-10 site.name");
  EXPECT_EQ(Outcome(CreateSite(good + "name: 'sites/91130200699229617X01A'")), "INVALID_FIELD PERMIT-10 site.name");
  EXPECT_EQ(Detail(CreateSite(good + "name: 'sites/911302006992296171012'")).rule, "GEN-10");
  EXPECT_EQ(Outcome(CreateSite(good + "participant: 'participants/other'")), "INVALID_FIELD PERMIT-10 site.participant");
  EXPECT_EQ(Outcome(CreateSite(good + "region: '220000'")), "INVALID_FIELD GEN-11 site.region");
  EXPECT_EQ(Detail(CreateSite(good + "basin: 'YANGTZE'")).rule, "GEN-12");
  EXPECT_EQ(Outcome(CreateSite(good + "sector_class: SECTOR_CLASS_UNSPECIFIED")), "INVALID_FIELD DR-25 site.sector_class");
  const std::string stranger = Uscc("91220101MA0000009");
  EXPECT_EQ(Outcome(CreateSite(good + "name: 'sites/" + stranger + "001' participant: 'participants/" + stranger + "'")),
            "NOT_FOUND - site.participant");
  EXPECT_TRUE(accounts_.sites.empty());
  EXPECT_EQ(Outcome(CreateSite(good)), "OK");
  EXPECT_EQ(Outcome(CreateSite(good)), "ALREADY_EXISTS GEN-10 site.name");
  EXPECT_EQ(accounts_.sites.size(), 1u);
}

TEST_F(ParticipantsTest, OnlyEnterprisesHaveSites_PERMIT03) {
  ASSERT_EQ(Outcome(Create("name: 'participants/91130200699229617X' kind: BANK display_name: 'Bank' region: '220100'")), "OK");
  EXPECT_EQ(Outcome(CreateSite("name: 'sites/91130200699229617X001' participant: 'participants/91130200699229617X' display_name: 'Works' "
                               "region: '220102' sector_class: POWER")),
            "INVALID_FIELD PERMIT-03 site.participant");
}

TEST_F(ParticipantsTest, ValidateOnlyOpensNoAccount) {
  CreatePlant();
  validate_only_ = true;
  EXPECT_EQ(Outcome(CreateSite("name: 'sites/91130200699229617X001' participant: 'participants/91130200699229617X' display_name: 'Works' "
                               "region: '220102' sector_class: POWER")),
            "OK");
  EXPECT_TRUE(accounts_.sites.empty());
  EXPECT_EQ(participants_->FindSite("91130200699229617X001"), nullptr);
}

// ---- People and roles ----

TEST_F(ParticipantsTest, RolesFollowTheKindOfParticipant_GEN13) {
  const std::string bank = Uscc("91220000MA0000001");
  CreatePlant();
  CreateAuthority("jl-eco", "220000");
  ASSERT_EQ(Outcome(Create("name: 'participants/" + bank + "' kind: BANK display_name: 'Bank' region: '220000'")), "OK");
  ASSERT_EQ(Outcome(Create("name: 'participants/exchange' kind: OPERATOR display_name: 'Exchange' region: '220000'")), "OK");
  const std::vector<std::string> participants = {kPlant, bank, "jl-eco", "exchange"};
  // For each role: whose people may hold it, as positions above.
  const std::map<std::string, std::vector<int>> table = {
      {"ENT_OPERATOR", {0}},       {"ENT_LEGAL_REP", {0}},  {"PERMIT_INTAKE", {2}},   {"PERMIT_REVIEWER", {2}}, {"TECH_ASSESSOR", {2}},
      {"PERMIT_APPROVER", {2}},    {"ENFORCER", {2}},       {"MONITOR_OFFICER", {2}}, {"RESERVE_MANAGER", {2}}, {"PRICE_AUTHORITY", {2}},
      {"EXCHANGE_OP", {3}},        {"REGISTRY_OP", {3}},    {"SETTLEMENT_OP", {3}},   {"BANK_OFFICER", {1}},    {"BANK_APPROVER", {1}},
      {"COURT_LIAISON", {2}},      {"CREDIT_OFFICER", {2}}, {"AUDITOR", {2, 3}},      {"SYSTEM_OP", {3}},       {"PUBLIC", {}},
      {"PROV_CARBON_OFFICER", {2}}};
  ASSERT_EQ(table.size() + 1, static_cast<size_t>(v1::Role_ARRAYSIZE));  // all but ROLE_UNSPECIFIED
  for (const auto& [role, holders] : table) {
    for (int i = 0; i < 4; ++i) {
      const bool may = std::find(holders.begin(), holders.end(), i) != holders.end();
      const std::string outcome = Grant(participants[i], "role: " + role + (i == 2 ? " region: '220000'" : ""));
      const std::string refused =
          role == "PUBLIC" ? "INVALID_FIELD GEN-13 person.roles[0].role" : "ROLE_NOT_FOR_PARTICIPANT GEN-13 person.roles[0].role";
      EXPECT_EQ(outcome, may ? "OK" : refused) << role << " of " << participants[i];
    }
  }
  EXPECT_EQ(Grant("jl-eco", "region: '220000'"), "INVALID_FIELD GEN-13 person.roles[0].role");
}

TEST_F(ParticipantsTest, AnOfficeHoldsInsideItsAuthoritysRegion_GEN13) {
  CreateAuthority("cc-eco", "220100");
  EXPECT_EQ(Grant("cc-eco", "role: PERMIT_REVIEWER region: '220100'"), "OK");
  EXPECT_EQ(Grant("cc-eco", "role: PERMIT_REVIEWER region: '220102'"), "OK");
  EXPECT_EQ(Grant("cc-eco", "role: PERMIT_REVIEWER region: '220200'"), "REGION_OUTSIDE_JURISDICTION GEN-13 person.roles[0].region");
  EXPECT_EQ(Grant("cc-eco", "role: PERMIT_REVIEWER region: '220000'"), "REGION_OUTSIDE_JURISDICTION GEN-13 person.roles[0].region");
  EXPECT_EQ(Grant("cc-eco", "role: PERMIT_REVIEWER"), "INVALID_FIELD GEN-11 person.roles[0].region");
  CreatePlant();
  EXPECT_EQ(Grant(kPlant, "role: ENT_OPERATOR region: '220102'"), "INVALID_FIELD GEN-13 person.roles[0].region");
}

TEST_F(ParticipantsTest, ADistrictBranchDoesIntakeButDoesNotApprove_PERMIT04) {
  CreateAuthority("nanguan-eco", "220102");
  CreateAuthority("cc-eco", "220100");
  EXPECT_EQ(Grant("nanguan-eco", "role: PERMIT_INTAKE region: '220102'"), "OK");
  EXPECT_EQ(Grant("nanguan-eco", "role: PERMIT_APPROVER region: '220102'"), "AUTHORITY_LEVEL_TOO_LOW PERMIT-04 person.roles[0].role");
  EXPECT_EQ(Grant("cc-eco", "role: PERMIT_APPROVER region: '220102'"), "OK");
  EXPECT_EQ(Grant("cc-eco", "role: PROV_CARBON_OFFICER region: '220100'"), "AUTHORITY_LEVEL_TOO_LOW GEN-13 person.roles[0].role");
}

TEST_F(ParticipantsTest, RolesAreAskedByRegion) {
  CreateAuthority("jl-eco", "220000");
  ASSERT_EQ(Outcome(CreatePerson("name: 'people/li' participant: 'participants/jl-eco' display_name: 'Li' "
                                 "roles { role: PERMIT_APPROVER region: '220100' } roles { role: PERMIT_APPROVER region: '220282' } "
                                 "roles { role: ENFORCER region: '220000' }")),
            "OK");
  const PersonRow& li = *participants_->FindPerson("li");
  EXPECT_TRUE(HasRole(li, v1::PERMIT_APPROVER));
  EXPECT_FALSE(HasRole(li, v1::PERMIT_REVIEWER));
  EXPECT_TRUE(RoleCovers(li, v1::PERMIT_APPROVER, Region(220102)));
  EXPECT_TRUE(RoleCovers(li, v1::PERMIT_APPROVER, Region(220282)));
  EXPECT_FALSE(RoleCovers(li, v1::PERMIT_APPROVER, Region(220200)));
  EXPECT_TRUE(RoleCovers(li, v1::ENFORCER, Region(222400)));
  EXPECT_FALSE(RoleCovers(li, v1::ENFORCER, Region(210100)));
  PersonRow everywhere{"x", "exchange", "X", {{v1::EXCHANGE_OP, Region()}}};
  EXPECT_TRUE(RoleCovers(everywhere, v1::EXCHANGE_OP, Region(220102)));
}

TEST_F(ParticipantsTest, WhatAPersonMustSay) {
  CreatePlant();
  const std::string good = "name: 'people/wang' participant: 'participants/91130200699229617X' display_name: '王' ";
  EXPECT_EQ(Outcome(CreatePerson(good + "name: 'people/Wang'")), "INVALID_FIELD - person.name");
  EXPECT_EQ(Outcome(CreatePerson(good + "name: 'people/system'")), "INVALID_FIELD - person.name");
  EXPECT_EQ(Outcome(CreatePerson(good + "participant: 'participants/nobody'")), "NOT_FOUND - person.participant");
  EXPECT_EQ(Outcome(CreatePerson(good + "display_name: ' Wang'")), "INVALID_FIELD - person.display_name");
  EXPECT_EQ(Outcome(CreatePerson(good + "roles { role: ENT_OPERATOR } roles { role: ENT_OPERATOR }")), "INVALID_FIELD - person.roles[1]");
  std::string many;
  for (int i = 0; i < 65; ++i) many += "roles { role: ENT_OPERATOR } ";
  EXPECT_EQ(Outcome(CreatePerson(good + many)), "INVALID_FIELD - person.roles");
  EXPECT_EQ(Outcome(CreatePerson(good)), "OK");
  EXPECT_EQ(Outcome(CreatePerson(good)), "ALREADY_EXISTS GEN-13 person.name");
}

TEST_F(ParticipantsTest, SetRolesReplacesAllRoles) {
  CreatePlant();
  ASSERT_EQ(Outcome(CreatePerson(
                "name: 'people/wang' participant: 'participants/91130200699229617X' display_name: 'W' roles { role: ENT_OPERATOR }")),
            "OK");
  EXPECT_EQ(Outcome(SetRoles("person: 'people/nobody'")), "NOT_FOUND - person");
  EXPECT_EQ(Outcome(SetRoles("person: 'people/wang' roles { role: ENFORCER region: '220000' }")),
            "ROLE_NOT_FOR_PARTICIPANT GEN-13 roles[0].role");
  EXPECT_TRUE(HasRole(*participants_->FindPerson("wang"), v1::ENT_OPERATOR));
  const auto answer = SetRoles("person: 'people/wang' roles { role: ENT_LEGAL_REP }");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->person().roles_size(), 1);
  EXPECT_FALSE(HasRole(*participants_->FindPerson("wang"), v1::ENT_OPERATOR));
  Restart();
  EXPECT_TRUE(HasRole(*participants_->FindPerson("wang"), v1::ENT_LEGAL_REP));
  ASSERT_EQ(Outcome(SetRoles("person: 'people/wang'")), "OK");
  EXPECT_TRUE(participants_->FindPerson("wang")->roles.empty());
}

// ---- Tokens and the first operator ----

TEST_F(ParticipantsTest, AnEmptyStoreBeginsWithItsOperator) {
  EXPECT_EQ(Outcome(Bootstrap("abc")), "INVALID_FIELD - token_sha256");
  EXPECT_EQ(Outcome(Bootstrap(HexOf("AB"))), "INVALID_FIELD - token_sha256");
  ASSERT_EQ(Outcome(Bootstrap(HexOf("ab"))), "OK");
  EXPECT_EQ(participants_->FindParticipant("operator")->kind, v1::OPERATOR);
  EXPECT_TRUE(HasRole(*participants_->FindPerson("operator"), v1::SYSTEM_OP));
  const TokenRow* token = participants_->FindTokenByHash(HexOf("ab"));
  ASSERT_NE(token, nullptr);
  EXPECT_TRUE(token->HoldsAt(now_));
  EXPECT_TRUE(token->HoldsAt(Timestamp(InDays(366).value() - 1)));
  EXPECT_FALSE(token->HoldsAt(InDays(366)));
  EXPECT_EQ(Outcome(Bootstrap(HexOf("cd"))), "ALREADY_BOOTSTRAPPED INV-09 -");
}

TEST_F(ParticipantsTest, ATokenIsKnownByItsHashAndNamedByItsBeginning) {
  ASSERT_EQ(Outcome(Bootstrap(HexOf("00"))), "OK");
  const auto answer = CreateToken("operator", Sha('\xA5'), InDays(366));
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->token().name(), "tokens/a5a5a5a5a5a5a5a5");
  EXPECT_EQ(answer->token().person(), "people/operator");
  const TokenRow* token = participants_->FindTokenByHash(HexOf("a5"));
  ASSERT_NE(token, nullptr);
  EXPECT_EQ(participants_->FindTokenById("a5a5a5a5a5a5a5a5"), token);
  EXPECT_EQ(participants_->FindTokenByHash(HexOf("a6")), nullptr);
}

TEST_F(ParticipantsTest, WhatATokenMustBe) {
  ASSERT_EQ(Outcome(Bootstrap(HexOf("00"))), "OK");
  EXPECT_EQ(Outcome(CreateToken("operator", "short", InDays(1))), "INVALID_FIELD - token_sha256");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha('a'), now_)), "INVALID_FIELD - expire_time");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha('a'), Timestamp(InDays(366).value() + 1))), "INVALID_FIELD - expire_time");
  EXPECT_EQ(Outcome(CreateToken("nobody", Sha('a'), InDays(1))), "NOT_FOUND - person");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha('a'), Timestamp(now_.value() + 1))), "OK");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha('a'), InDays(1))), "ALREADY_EXISTS GEN-13 token_sha256");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha('a').substr(0, 8) + Sha('b').substr(8), InDays(1))), "ALREADY_EXISTS GEN-13 token_sha256");
}

TEST_F(ParticipantsTest, ARevokedTokenNeverHoldsAgain) {
  ASSERT_EQ(Outcome(Bootstrap(HexOf("00"))), "OK");
  ASSERT_EQ(Outcome(CreateToken("operator", Sha('\x11'), InDays(30))), "OK");
  EXPECT_EQ(Outcome(RevokeToken("tokens/ffffffffffffffff")), "NOT_FOUND - name");
  const auto answer = RevokeToken("tokens/1111111111111111");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_TRUE(answer->token().revoked());
  EXPECT_FALSE(participants_->FindTokenByHash(HexOf("11"))->HoldsAt(now_));
  const uint64_t changes = tables_.change_count();
  EXPECT_EQ(Outcome(RevokeToken("tokens/1111111111111111")), "OK");
  EXPECT_EQ(tables_.change_count(), changes);
  Restart();
  EXPECT_FALSE(participants_->FindTokenByHash(HexOf("11"))->HoldsAt(now_));
  EXPECT_EQ(Outcome(CreateToken("operator", Sha('\x11'), InDays(30))), "ALREADY_EXISTS GEN-13 token_sha256");
}

TEST_F(ParticipantsTest, ThePersonsTokensAreBounded) {
  ASSERT_EQ(Outcome(Bootstrap(HexOf("ff"))), "OK");
  for (char i = 0; i < 31; ++i) ASSERT_EQ(Outcome(CreateToken("operator", Sha(i), InDays(10))), "OK");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha(99), InDays(10))), "TOO_MANY_TOKENS GEN-13 person");
  ASSERT_EQ(Outcome(RevokeToken("tokens/0000000000000000")), "OK");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha(99), InDays(10))), "OK");
  EXPECT_EQ(Outcome(CreateToken("operator", Sha(98), InDays(10))), "TOO_MANY_TOKENS GEN-13 person");
  SetDay(2026, 1, 16);  // all but the first token have expired
  EXPECT_EQ(Outcome(CreateToken("operator", Sha(98), InDays(10))), "OK");
}

TEST_F(ParticipantsTest, TheLastOperatorCannotLockEverybodyOut) {
  ASSERT_EQ(Outcome(Bootstrap(HexOf("00"))), "OK");
  EXPECT_EQ(Outcome(SetRoles("person: 'people/operator'")), "LAST_SYSTEM_OPERATOR GEN-13 roles");
  EXPECT_EQ(Outcome(RevokeToken("tokens/0000000000000000")), "LAST_SYSTEM_TOKEN GEN-13 name");
  ASSERT_EQ(Outcome(CreatePerson("name: 'people/second' participant: 'participants/operator' display_name: 'S' roles { role: SYSTEM_OP }")),
            "OK");
  // He has no token yet.
  EXPECT_EQ(Outcome(SetRoles("person: 'people/operator'")), "LAST_SYSTEM_OPERATOR GEN-13 roles");
  ASSERT_EQ(Outcome(CreateToken("second", Sha('\x22'), InDays(1))), "OK");
  Restart();
  EXPECT_EQ(Outcome(RevokeToken("tokens/0000000000000000")), "OK");
  EXPECT_EQ(Outcome(SetRoles("person: 'people/operator' roles { role: AUDITOR }")), "OK");
  EXPECT_EQ(Outcome(SetRoles("person: 'people/second'")), "LAST_SYSTEM_OPERATOR GEN-13 roles");
  EXPECT_EQ(Outcome(RevokeToken("tokens/2222222222222222")), "LAST_SYSTEM_TOKEN GEN-13 name");
}

// ---- Rows ----

TEST_F(ParticipantsTest, AllStateComesBackFromRows) {
  ASSERT_EQ(Outcome(Bootstrap(HexOf("00"))), "OK");
  CreatePlant(kPlant, "entity_group: 'north'");
  CreateAuthority("jl-eco", "220000");
  ASSERT_EQ(Outcome(CreateSite("name: 'sites/91130200699229617X007' participant: 'participants/91130200699229617X' display_name: 'Works' "
                               "region: '220102' basin: 'LIAO' sector_class: CHP_HEAT")),
            "OK");
  ASSERT_EQ(Grant("jl-eco", "role: PERMIT_REVIEWER region: '220100'"), "OK");
  ASSERT_EQ(Outcome(CreateToken("p1", Sha('\x33'), InDays(3))), "OK");
  const auto picture = [this] {
    return ToProto(*participants_->FindParticipant(ParticipantNumber{2})).DebugString() +
           ToProto(*participants_->FindParticipant("jl-eco")).DebugString() +
           ToProto(*participants_->FindSite("91130200699229617X007")).DebugString() +
           ToProto(*participants_->FindPerson("p1")).DebugString() +
           ToProto(*participants_->FindTokenById("3333333333333333")).DebugString();
  };
  const std::string before = picture();
  Restart();
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(Outcome(CreateSite("name: 'sites/91130200699229617X007' participant: 'participants/91130200699229617X' display_name: 'Works' "
                               "region: '220102' sector_class: CHP_HEAT")),
            "ALREADY_EXISTS GEN-10 site.name");
  EXPECT_EQ(Outcome(Bootstrap(HexOf("00"))), "ALREADY_BOOTSTRAPPED INV-09 -");
}

}  // namespace
}  // namespace songhua::ledger
