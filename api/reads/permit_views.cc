#include "api/reads/permit_views.h"

#include "ledger/check.h"
#include "permits/imports.h"

namespace songhua::api {

const permits::PermitRow& PermitChain::CountsOn(Date date) const {
  SONGHUA_CHECK(!versions_.empty());
  TableSet tables;
  permits::Permits permits(&tables, nullptr, nullptr, nullptr, nullptr);
  for (const permits::PermitRow& row : versions_) {
    SONGHUA_CHECK(tables.Load(static_cast<TableId>(permits::PermitRow::kTable), EncodeValue(row)).ok());
  }
  tables.FinishLoad();
  for (const permits::PermitRow& row : versions_) {
    if (row.import_number != 0) permits.Reveal(row.import_number);  // it was approved, or Load had not given it
  }
  return versions_[permits.FindPermit(versions_.front().number, date)->version - 1];
}

const permits::PermitRow* PermitChain::Find(uint32_t version) const {
  return version >= 1 && version <= versions_.size() ? &versions_[version - 1] : nullptr;
}

absl::StatusOr<PermitChain> PermitViews::Load(const std::string& number) {
  std::vector<permits::PermitRow> versions;
  for (uint32_t version = 1;; ++version) {
    SONGHUA_ASSIGN_OR_RETURN(auto row, context_.Get<permits::PermitRow>({number, version}));
    if (!row.has_value()) break;
    SONGHUA_ASSIGN_OR_RETURN(const bool approved, IsApproved(row->import_number));
    if (!approved) break;
    versions.push_back(*std::move(row));
  }
  return PermitChain(std::move(versions));
}

absl::StatusOr<bool> PermitViews::IsApproved(uint32_t import_number) {
  if (import_number == 0) return true;
  const auto known = imports_.find(import_number);
  if (known != imports_.end()) return known->second;
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context_.Get<permits::ImportRow>(import_number));
  return imports_[import_number] = row.has_value() && row->state == v1::Import::APPROVED;
}

absl::StatusOr<permits::PermitContent> PermitViews::Whole(const permits::PermitRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(auto content, context_.Get<permits::PermitContentRow>(row.ContentKey()));
  if (!content.has_value()) return absl::InternalError("the content of permit " + row.number + " is missing");
  return std::move(content->content);
}

absl::StatusOr<bool> PermitViews::SeesWhole(const permits::PermitRow& row) {
  if (context_.caller() == nullptr) return false;
  static const Method* const kCases = FindMethod("songhua.v1.Applications/GetApplication");
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup_.Site(row.site));
  return Reaches(*kCases, &context_.caller()->person, Target{{site->participant}, row.region});
}

absl::StatusOr<permits::PermitContent> PermitViews::ForCaller(const permits::PermitRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const bool whole, SeesWhole(row));
  SONGHUA_ASSIGN_OR_RETURN(permits::PermitContent content, Whole(row));
  return whole ? content : permits::Masked(content);
}

absl::StatusOr<PermitParties> PermitViews::PartiesOf(const permits::PermitRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup_.Site(row.site));
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* holder, lookup_.Participant(site->participant));
  PermitParties parties{holder->display_name, site->display_name, ""};
  if (row.approver.empty()) return parties;
  SONGHUA_ASSIGN_OR_RETURN(const auto approver, context_.Get<ledger::PersonRow>(row.approver));
  if (!approver.has_value()) return absl::InternalError("the approver of permit " + row.number + " is missing");
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* authority, lookup_.Participant(approver->participant));
  parties.issuer = authority->display_name;
  return parties;
}

}  // namespace songhua::api
