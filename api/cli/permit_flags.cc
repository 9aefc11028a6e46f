#include "api/cli/permit_flags.h"

#include <algorithm>

#include "api/cli/aliases.h"
#include "api/cli/call.h"
#include "api/cli/schema.h"
#include "api/cli/text.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;

constexpr int64_t kYearsMax = 100;  // in one limit; the service knows the law's own bound

absl::Status BadLimit(const std::string& text) {
  return absl::InvalidArgumentError("--limit is '" + text + "'; accepted: SCOPE/POLLUTANT/YEARS=QUANTITY, such as DA001/SO2/2026-2030=12t");
}

pb::Message* AddMessage(pb::Message* message, const char* field) {
  return message->GetReflection()->AddMessage(message, message->GetDescriptor()->FindFieldByName(field));
}

// Years of one scope and pollutant belong into one limit, in however many flags they are given.
absl::Status AddLimit(const std::string& text, pb::Message* request) {
  const std::unique_ptr<pb::Message> limit = Schema::Get().New("songhua.v1.Limit");
  SONGHUA_RETURN_IF_ERROR(ParseLimit(text, limit.get()));
  const pb::FieldDescriptor* limits = request->GetDescriptor()->FindFieldByName("limits");
  for (int i = 0; i < request->GetReflection()->FieldSize(*request, limits); ++i) {
    pb::Message* earlier = request->GetReflection()->MutableRepeatedMessage(request, limits, i);
    const bool same =
        GetString(*earlier, "scope") == GetString(*limit, "scope") && GetString(*earlier, "pollutant") == GetString(*limit, "pollutant");
    if (!same) continue;
    earlier->MergeFrom(*limit);  // appends the years
    return absl::OkStatus();
  }
  request->GetReflection()->AddMessage(request, limits)->CopyFrom(*limit);
  return absl::OkStatus();
}

int IssuePermit(const Invocation& invocation) {
  const Rpc& rpc = Schema::Get().Find("Permits/IssuePermit");
  Arguments arguments = invocation.arguments;
  arguments.Set("site", arguments.positionals[0]);
  auto request = Schema::Get().New(rpc.method->input_type());
  absl::Status status;
  if (const std::string* whole = arguments.Get("request")) status = ParseMessageText(*whole, "request", request.get());
  if (status.ok()) status = FillRequest(arguments, FlagsOf(rpc), nullptr, request.get());
  for (const std::string& text : arguments.All("outlet")) {
    if (status.ok()) status = ParseOutlet(text, AddMessage(request.get(), "outlets"));
  }
  for (const std::string& text : arguments.All("limit")) {
    if (status.ok()) status = AddLimit(text, request.get());
  }
  if (!status.ok()) return BadUsage(invocation, status);
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  return CallRpc(invocation, rpc, View(), std::move(request), session->get());
}

}  // namespace

absl::Status ParseOutlet(const std::string& text, pb::Message* outlet) {
  const std::vector<std::string> parts = Split(text, ':');
  const pb::FieldDescriptor* type = outlet->GetDescriptor()->FindFieldByName("type");
  const pb::EnumValueDescriptor* value = parts.size() < 2 ? nullptr : type->enum_type()->FindValueByName(UpperCase(parts[1]));
  if (parts.size() > 3 || parts[0].empty() || value == nullptr || value->number() == 0) {
    return absl::InvalidArgumentError("--outlet is '" + text +
                                      "'; accepted: CODE:TYPE or CODE:TYPE:BASIN, such as DA001:MAIN or DW001:GENERAL:SONGHUA");
  }
  SetString(outlet, "code", parts[0]);
  outlet->GetReflection()->SetEnum(outlet, type, value);
  if (parts.size() == 3) SetString(outlet, "basin", parts[2]);
  return absl::OkStatus();
}

absl::Status ParseLimit(const std::string& text, pb::Message* limit) {
  const size_t equals = text.find('=');
  const std::vector<std::string> parts = Split(text.substr(0, equals), '/');
  if (equals == std::string::npos || parts.size() != 3 || parts[0].empty() || parts[1].empty()) return BadLimit(text);
  const std::vector<std::string> years = Split(parts[2], '-');
  const auto first = ParseInteger(years.front(), "limit");
  const auto last = ParseInteger(years.back(), "limit");
  if (years.size() > 2 || !first.ok() || !last.ok() || *first < 1 || *last > 9999 || *first > *last || *last - *first >= kYearsMax) {
    return BadLimit(text);
  }
  const auto quantity = ParseQuantity(text.substr(equals + 1), kGrams, "limit");
  if (!quantity.ok()) return BadLimit(text);
  SetString(limit, "scope", parts[0]);
  SetString(limit, "pollutant", parts[1]);
  for (int64_t year = *first; year <= *last; ++year) {
    pb::Message* entry = AddMessage(limit, "annual_limits");
    entry->GetReflection()->SetInt32(entry, entry->GetDescriptor()->FindFieldByName("year"), static_cast<int32_t>(year));
    entry->GetReflection()->SetInt64(entry, entry->GetDescriptor()->FindFieldByName("quantity"), *quantity);
  }
  return absl::OkStatus();
}

Verb PermitIssueVerb() {
  const Rpc& rpc = Schema::Get().Find("Permits/IssuePermit");
  Verb verb;
  verb.words = {"permit", "issue"};
  verb.group = kPermitGroup;
  verb.summary = "Issue the permit of a site";
  verb.description = rpc.comment;
  verb.arguments = {{"SITE", "A site's name, with or without \"sites/\""}};
  verb.flags = FlagSpecsOf(rpc);
  std::erase_if(verb.flags, [](const FlagSpec& flag) { return flag.name == "site"; });
  for (FlagSpec& flag : verb.flags) {
    flag.required = flag.name == "tier" || flag.name == "valid-from" || flag.name == "valid-to" || flag.name == "reviewer";
  }
  const std::vector<FlagSpec> short_forms = {
      {"outlet", "CODE:TYPE[:BASIN]", "An outlet: DA001:MAIN, DW001:GENERAL:SONGHUA", true},
      {"limit", "SCOPE/POLLUTANT/YEARS=QUANTITY",
       "The yearly limit of a pollutant at an outlet, or FUGITIVE, or SITE for the total: DA001/SO2/2026-2030=12t. Years that differ, in "
       "flags of their own",
       true},
  };
  verb.flags.insert(verb.flags.begin(), short_forms.begin(), short_forms.end());
  verb.examples = {
      {"permit issue 91220101MA0Y3T5K7X001 --tier key --valid-from 2026-01-05 --valid-to 2031-01-04 --reviewer REVIEWER "
       "--outlet DA001:MAIN --limit DA001/SO2/2026-2031=12t --limit SITE/SO2/2026-2031=12t --as APPROVER",
       "Twelve tonnes of SO2 in each calendar year that the permit touches"}};
  verb.client = true;
  verb.run = IssuePermit;
  return verb;
}

}  // namespace songhua::api::cli
