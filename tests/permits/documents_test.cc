#include "permits/documents.h"

#include "gmock/gmock.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {
namespace {

constexpr char kHash[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

class DocumentsTest : public PermitWorld {
 protected:
  static std::string Good() {
    return std::string("owner: 'participants/91130200699229617X' media_type: 'application/pdf' title: '环评批复' size_bytes: 3 sha256: '") + kHash + "' ";
  }
  auto Register(const std::string& text) {
    return As("operator", [&](CommandContext& context) {
      return documents_.RegisterDocument(context, Text<v1::RegisterDocumentRequest>("document { " + text + " }"));
    });
  }
  void OpenCase() {
    Must([&](CommandContext& context) {
      return applications_.CreateApplication(
          context, Text<v1::CreateApplicationRequest>(std::string("application { type: FIRST tier: SIMPLIFIED site: 'sites/") + kFarSite + "' }"));
    });
  }

  Documents documents_{&tables_, &counters_, &participants_, &applications_};
};

TEST_F(DocumentsTest, ADocumentHasItsOwnerItsHashAndARegionWhoseOfficersMayReadIt) {
  const auto first = Register(Good());
  ASSERT_EQ(Outcome(first), "OK");
  EXPECT_EQ(first->document().name(), "documents/91130200699229617X.1");
  EXPECT_EQ(first->document().region(), "220102");
  EXPECT_EQ(first->document().sha256(), kHash);
  EXPECT_EQ(first->document().uploaded_by(), "people/operator");
  EXPECT_EQ(Register(Good())->document().name(), "documents/91130200699229617X.2");
}

// The case lies in another city than the enterprise's seat: its officers must be able to read what belongs to it.
TEST_F(DocumentsTest, WhatBelongsToACaseLiesInTheRegionOfTheCase) {
  OpenCase();
  const auto document = Register(Good() + "subject: 'applications/1'");
  ASSERT_EQ(Outcome(document), "OK");
  EXPECT_EQ(document->document().region(), "220202");
}

TEST_F(DocumentsTest, BadRegistrationsAreRefusedAndNameTheField) {
  OpenCase();
  EXPECT_EQ(Outcome(Register(Good() + "owner: 'sites/1'")), "INVALID_FIELD - document.owner");
  EXPECT_EQ(Outcome(Register(Good() + "media_type: 'PDF'")), "INVALID_FIELD GEN-08 document.media_type");
  EXPECT_EQ(Outcome(Register(Good() + "media_type: 'text/plain; charset=utf-8'")), "INVALID_FIELD GEN-08 document.media_type");
  EXPECT_EQ(Outcome(Register(Good() + "title: ''")), "INVALID_FIELD - document.title");
  EXPECT_EQ(Outcome(Register(Good() + "size_bytes: 0")), "INVALID_FIELD GEN-08 document.size_bytes");
  EXPECT_EQ(Outcome(Register(Good() + "size_bytes: 67108864")), "OK");
  EXPECT_EQ(Outcome(Register(Good() + "size_bytes: 67108865")), "INVALID_FIELD GEN-08 document.size_bytes");
  EXPECT_EQ(Outcome(Register(Good() + "sha256: 'E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855'")), "INVALID_FIELD GEN-08 document.sha256");
  EXPECT_EQ(Outcome(Register(Good() + "sha256: 'abc'")), "INVALID_FIELD GEN-08 document.sha256");
  EXPECT_EQ(Outcome(Register(Good() + "owner: 'participants/nobody'")), "NOT_FOUND - document.owner");
  EXPECT_EQ(Outcome(Register(Good() + "subject: 'applications/9'")), "NOT_FOUND - document.subject");
  EXPECT_EQ(Outcome(Register(Good() + "owner: 'participants/cc-eco' subject: 'applications/1'")), "FOREIGN_SUBJECT DISC-12 document.subject");
}

// ---- Documents as materials of an application ----

TEST_F(DocumentsTest, AMaterialThatNamesADocumentNamesOneOfTheApplicantsThatIsThere_PERMIT32) {
  ASSERT_EQ(Outcome(Register(Good())), "OK");
  ASSERT_EQ(Outcome(Register(Good() + "owner: 'participants/cc-eco'")), "OK");
  const auto create = [&](const std::string& reference) {
    return As("operator", [&](CommandContext& context) {
      return applications_.CreateApplication(
          context, Text<v1::CreateApplicationRequest>(std::string("application { type: FIRST tier: SIMPLIFIED site: 'sites/") + kFarSite +
                                                      "' materials { code: 'LETTER' reference: 'Ji Huan 7' } materials { code: 'EIA_APPROVAL' reference: '" +
                                                      reference + "' } }"));
    });
  };
  const std::string at = " application.materials[1].reference";
  EXPECT_EQ(Outcome(create("documents/91130200699229617X")), "INVALID_FIELD GEN-08" + at);
  EXPECT_EQ(Outcome(create("documents/91130200699229617X.9")), "DOCUMENT_NOT_REGISTERED PERMIT-32" + at);
  EXPECT_EQ(Outcome(create("documents/cc-eco.2")), "FOREIGN_DOCUMENT DISC-12" + at);
  EXPECT_EQ(Outcome(create("documents/cc-eco.9")), "FOREIGN_DOCUMENT DISC-12" + at) << "whether a stranger's document exists is not said";
  const auto created = create("documents/91130200699229617X.1");
  ASSERT_EQ(Outcome(created), "OK");
  EXPECT_EQ(created->application().materials(1).reference(), "documents/91130200699229617X.1");
  const auto update = [&](const std::string& reference) {
    return As("operator", [&](CommandContext& context) {
      return applications_.UpdateApplication(
          context, Text<v1::UpdateApplicationRequest>("application { name: '" + created->application().name() + "' tier: SIMPLIFIED materials { code: 'EIA_APPROVAL' reference: '" +
                                                      reference + "' } }"));
    });
  };
  EXPECT_EQ(Outcome(update("documents/cc-eco.2")), "FOREIGN_DOCUMENT DISC-12 application.materials[0].reference");
  EXPECT_EQ(Outcome(update("documents/91130200699229617X.1")), "OK");
}

TEST(DocumentNameTest, IsTheOwnerAndANumber) {
  EXPECT_EQ(*ParseDocumentName("name", "documents/cc-eco.12"), std::make_tuple(std::string("cc-eco"), uint64_t{12}));
  for (const char* bad : {"documents/12", "documents/.12", "documents/cc-eco.", "documents/cc-eco.012", "notices/cc-eco.1", ""}) {
    EXPECT_FALSE(ParseDocumentName("name", bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace songhua::permits
