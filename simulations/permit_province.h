// A province full of permits, beside the day's market and by the engine's own commands: enterprises with many sites, officers, the law as the repository ships
// it, permits that come by an import, and cases under review. All permits end with the year of `day`.
//
//   auto engine = OpenDayEngine(path, day);
//   PermitProvince province(engine->get(), {.permits = 1'000, .cases = 100, .day = day});
//   SONGHUA_RETURN_IF_ERROR(province.Build());
//   SONGHUA_RETURN_IF_ERROR(province.StageImport());
//   SONGHUA_RETURN_IF_ERROR(province.ApproveImport());
#ifndef SONGHUA_SIMULATIONS_PERMIT_PROVINCE_H_
#define SONGHUA_SIMULATIONS_PERMIT_PROVINCE_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "api/engine/engine.h"
#include "ledger/legal_time.h"
#include "simulations/engine_requests.h"
#include "songhua/v1/imports.pb.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::simulations {

struct PermitProvinceOptions {
  int permits = 100'000;
  int outlets = 5;     // of each permit, all of them main ones
  int pollutants = 4;  // at each outlet
  int cases = 10'000;  // applications that wait for intake, each with its deadline
  int sites_of_enterprise = 500;
  Date day;  // the engine's
};

class PermitProvince {
 public:
  // After BuildDayMarket of the same day: its operator and registrar build the rest.
  PermitProvince(api::Engine* engine, const PermitProvinceOptions& options);

  // Everything but the permits. The error is the first refusal; so is that of all others.
  absl::Status Build();
  // Opens the import, sends every permit, balances it. REQUIRES: Build.
  absl::Status StageImport();
  absl::Status ApproveImport();
  // A person whose token is his id. Submitted, not awaited.
  void AddPerson(const std::string& id, const std::string& participant, std::initializer_list<v1::Role> roles, const std::string& region);
  // A person of the office who is a RESERVE_MANAGER for the province.
  absl::Status AddPlanner(const std::string& id);
  EngineRequests& requests() { return requests_; }

  // Chunks that StageImport sent.
  int chunks() const { return chunks_; }
  std::string PermitName(int permit) const { return "permits/" + SiteId(permit) + "P"; }
  // The officer whose queue the cases' deadlines stand in.
  static constexpr char kIntake[] = "province-intake";
  std::string SiteId(int site) const;
  // "participants/{uscc}" of the enterprise that has the site, and the person who operates and signs for it.
  std::string EnterpriseOf(int site) const;
  std::string SignerOf(int site) const;
  static constexpr char kApprover[] = "province-approver";
  // The participant that all of these belong to.
  static constexpr char kOffice[] = "jilin-ecology";

 private:
  static std::string EnterpriseId(int enterprise);
  int sites() const { return options_.permits + options_.cases; }
  void AddOffice();
  void AddLaw();
  void AddSite(int site);
  // Opens the case of a site without a permit and files it.
  void AddCase(int site);
  void MakeRow(int permit, v1::ImportPermit* row) const;
  v1::ControlTotals Totals() const;

  const PermitProvinceOptions options_;
  int chunks_ = 0;
  EngineRequests requests_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PERMIT_PROVINCE_H_
