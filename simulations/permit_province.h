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
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "api/engine/engine.h"
#include "ledger/legal_time.h"
#include "simulations/engine_client.h"
#include "songhua/v1/imports.pb.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::simulations {

struct PermitProvinceOptions {
  int permits = 100'000;
  int outlets = 5;     // of each permit, all of them main ones
  int pollutants = 4;  // at each outlet
  int cases = 10'000;  // applications that wait for intake, each with its deadline
  Date day;            // the engine's; in the last days of a year
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
  // Submits one request as the person, whose token is his id, and waits for its answer.
  absl::Status Call(const std::string& method, const std::string& person, std::unique_ptr<google::protobuf::Message> request);

  // Chunks that StageImport sent.
  int chunks() const { return chunks_; }
  std::string PermitName(int permit) const { return "permits/" + SiteId(permit) + "P"; }
  // The officer whose queue the cases' deadlines stand in.
  static constexpr char kIntake[] = "province-intake";
  // The day of the request_ids from here on, after the clock was moved.
  void set_day(Date day);

 private:
  static constexpr int kSitesOfEnterprise = 500;

  static std::string EnterpriseId(int enterprise);
  std::string SiteId(int site) const;
  int sites() const { return options_.permits + options_.cases; }
  void Submit(const std::string& method, const std::string& person, std::unique_ptr<google::protobuf::Message> request);
  absl::Status Drained();
  void AddPerson(const std::string& id, const std::string& participant, std::initializer_list<v1::Role> roles, const std::string& region);
  void AddOffice();
  void AddLaw();
  void AddSite(int site);
  // Opens the case of a site without a permit and files it.
  void AddCase(int site);
  void MakeRow(int permit, v1::ImportPermit* row) const;
  v1::ControlTotals Totals() const;

  const PermitProvinceOptions options_;
  std::string prefix_;  // of request_ids
  uint64_t requests_ = 0;
  int chunks_ = 0;
  std::mutex mutex_;
  absl::Status first_refusal_;  // guarded by mutex_
  EngineClient client_;         // goes first: its callbacks use the rest
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PERMIT_PROVINCE_H_
