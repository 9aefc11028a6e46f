#include "api/cli/collateral_inquire_verb.h"

#include <fstream>
#include <optional>
#include <string>

#include "api/cli/aliases.h"
#include "api/cli/call.h"
#include "api/cli/due_diligence_page.h"
#include "api/cli/render.h"
#include "api/cli/request.h"
#include "api/cli/schema.h"
#include "api/engine/due_diligence.h"
#include "ledger/sha256.h"
#include "songhua/v1/collateral.pb.h"

namespace songhua::api::cli {
namespace {

constexpr char kInquire[] = "/songhua.v1.Collateral/InquireCollateral";

int FailToInquire(const Invocation& invocation, int code, const std::string& message) {
  *invocation.io.err << "songhua collateral inquire: " << message << '\n';
  return code;
}

// As the answers of all methods are shown: by the schema that the program carries.
int PrintPack(const std::string& bytes, Session* session, std::ostream& out) {
  const auto message = Schema::Get().New("songhua.v1.InquireCollateralAnswer");
  message->ParseFromString(bytes);
  if (session->json()) {
    out << ToJson(*message) << '\n';
  } else {
    PrintAnswer(*message, View(), &session->units(), out);
  }
  return kExitOk;
}

int RunInquire(const Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  const std::string* page = arguments.Get("page");
  v1::InquireCollateralRequest request;
  request.set_enterprise(CompleteName(arguments.positionals[0], "participants"));
  request.set_request_id(arguments.GetOr("request-id", ""));
  request.set_validate_only(arguments.IsSet("validate-only"));
  if (page != nullptr && request.validate_only()) {
    return BadUsage(invocation, absl::InvalidArgumentError("--page with --validate-only: a check gives no pack that could be written"));
  }
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  if (request.request_id().empty()) {
    const CallStatus reached = (*session)->NewRequestId(request.mutable_request_id());
    if (!reached.ok()) return (*session)->Refused(reached);
  }
  std::string bytes;
  const CallStatus status = (*session)->channel().Unary(kInquire, request.SerializeAsString(), &bytes);
  if (!status.ok()) return (*session)->Refused(status, &request);
  v1::InquireCollateralAnswer answer;
  if (!answer.ParseFromString(bytes)) return FailToInquire(invocation, kExitRefused, "the answer cannot be read");
  if (answer.has_pack() && ToHex(PackDigest(answer.pack())) != answer.inquiry().pack_sha256()) {
    return FailToInquire(invocation, kExitRefused,
                         "the pack is not what the digest of " + answer.inquiry().name() + " says; or the service is newer than this program");
  }
  if (page == nullptr) return PrintPack(bytes, session->get(), *invocation.io.out);
  std::ofstream file(*page, std::ios::binary | std::ios::trunc);
  file << RenderDueDiligencePage(answer, [&](const std::string& program) { return (*session)->units().OfProgram(program); });
  if (!file.flush()) return FailToInquire(invocation, kExitUsage, "the file " + *page + " cannot be written");
  if ((*session)->json()) return PrintPack(bytes, session->get(), *invocation.io.out);
  *invocation.io.out << *page << ": " << answer.pack().enterprise().display_name() << " at sequence " << answer.pack().sequence() << ", "
                     << answer.inquiry().name() << " by " << answer.inquiry().ground() << ", " << answer.inquiry().pack_sha256() << '\n';
  return kExitOk;
}

}  // namespace

Verb CollateralInquireVerb() {
  Verb verb;
  verb.words = {"collateral", "inquire"};
  verb.group = kPledgeGroup;
  verb.summary = "All that a lender asks of an enterprise, at one moment";
  verb.description =
      "Permits, lots with their values, use of rights, fees, penalties, prices, obligations and pledges of an enterprise, as the ledger has them at one sequence. "
      "The inquiry is recorded with who asked, by what right, and the digest of the answer, which is computed again here.\n\nFor the enterprise itself, for banks "
      "with its authorisation or a pledge of its units, for regulators and courts. With --page it becomes a page to print or keep.";
  verb.arguments = {{"ENTERPRISE", "An enterprise's social credit code", true}};
  verb.flags = {{"page", "FILE", "Write it as one HTML page that needs nothing else"},
                {"request-id", "ID", "Default: a new one"},
                {"validate-only", "", "Say by what right you may inquire, and inquire nothing"}};
  verb.examples = {{"collateral inquire 91220101MA0Y3T5K7X --as PERSON", ""}, {"collateral inquire 91220101MA0Y3T5K7X --page mill.html --as PERSON", "A page to print"}};
  verb.client = true;
  verb.run = RunInquire;
  return verb;
}

}  // namespace songhua::api::cli
