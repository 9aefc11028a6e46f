#include "api/cli/call.h"

#include <algorithm>

#include "api/cli/book_follower.h"
#include "api/cli/schema.h"
#include "api/cli/text.h"
#include "api/cli/tokens.h"
#include "ledger/check.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

const Field* FindField(const pb::Message& message, const char* name) { return message.GetDescriptor()->FindFieldByName(name); }

bool IsPaged(const Rpc& rpc) {
  return rpc.method->input_type()->FindFieldByName("page") != nullptr &&
         rpc.method->output_type()->FindFieldByName("next_page_token") != nullptr;
}

bool TakesRequestId(const Verb& verb) {
  return std::any_of(verb.flags.begin(), verb.flags.end(), [](const FlagSpec& flag) { return flag.name == "request-id"; });
}

// Whether the outcome of a write is not known, so that it must be repeated under the same id rather than sent again.
bool MayHaveRun(const CallStatus& status) { return ExitCodeOf(status) == kExitUnavailable; }

void PrintOutcome(const pb::Message& answer, const View& view, Session* session, std::ostream& out) {
  if (session->json()) {
    out << ToJson(answer) << '\n';
  } else {
    PrintAnswer(answer, view, &session->units(), out);
  }
}

int CallStream(const Invocation& invocation, const Rpc& rpc, const View& view, const pb::Message& request, Session* session) {
  const Schema& schema = Schema::Get();
  bool sent = false;
  absl::Status bad_line;
  BookFollower follower;
  const bool from_input = rpc.method->client_streaming();
  const auto next = [&]() -> std::optional<std::string> {
    if (!from_input) return std::exchange(sent, true) ? std::nullopt : std::optional(request.SerializeAsString());
    std::string line;
    while (std::getline(*invocation.io.in, line)) {
      if (Trim(line).empty()) continue;
      const auto message = schema.New(rpc.method->input_type());
      bad_line = ParseMessageText(Trim(line), "line", message.get());
      return bad_line.ok() ? std::optional(message->SerializeAsString()) : std::nullopt;
    }
    return std::nullopt;
  };
  const bool in_turn = from_input && rpc.method->server_streaming();
  const CallStatus status = session->channel().Stream(rpc.path, next, in_turn, [&](const std::string& bytes) {
    const auto answer = schema.New(rpc.method->output_type());
    if (!answer->ParseFromString(bytes)) return false;
    const bool is_book = answer->GetDescriptor()->name() == "OrderBook" && !session->json();
    PrintOutcome(is_book ? *follower.Follow(*answer) : *answer, view, session, *invocation.io.out);
    invocation.io.out->flush();
    return true;
  });
  if (!bad_line.ok()) return BadUsage(invocation, bad_line);
  return status.ok() ? kExitOk : session->Refused(status);
}

// Follows the pages into one answer; of JSON each page is printed as it comes.
CallStatus CallPages(const Invocation& invocation, const Rpc& rpc, pb::Message* request, Session* session, pb::Message* merged) {
  const Field* page = FindField(*request, "page");
  while (true) {
    std::string bytes;
    const CallStatus status = session->channel().Unary(rpc.path, request->SerializeAsString(), &bytes);
    if (!status.ok()) return status;
    const auto answer = Schema::Get().New(rpc.method->output_type());
    if (!answer->ParseFromString(bytes))
      return {13, "the answer cannot be read: this program and the service speak different versions", ""};
    if (session->json()) *invocation.io.out << ToJson(*answer) << '\n';
    merged->MergeFrom(*answer);
    const std::string token = GetString(*answer, "next_page_token");
    if (token.empty() || !invocation.arguments.IsSet("all")) {
      SetString(merged, "next_page_token", token);
      return status;
    }
    SetString(request->GetReflection()->MutableMessage(request, page), "page_token", token);
  }
}

int CallList(const Invocation& invocation, const Rpc& rpc, const View& view, pb::Message* request, Session* session) {
  const auto merged = Schema::Get().New(rpc.method->output_type());
  const CallStatus status = CallPages(invocation, rpc, request, session, merged.get());
  if (!status.ok()) return session->Refused(status);
  if (session->json()) return kExitOk;
  PrintAnswer(*merged, view, &session->units(), *invocation.io.out);
  const std::string token = GetString(*merged, "next_page_token");
  if (!token.empty()) *invocation.io.out << "there is more: --all, or --page-token " << token << '\n';
  return kExitOk;
}

int CallUnary(const Invocation& invocation, const Rpc& rpc, const View& view, const pb::Message& request, Session* session) {
  std::string bytes;
  const CallStatus status = session->channel().Unary(rpc.path, request.SerializeAsString(), &bytes);
  if (!status.ok()) {
    const int code = session->Refused(status, &request);
    if (MayHaveRun(status) && TakesRequestId(*invocation.verb)) {
      *invocation.io.err << "  whether it was carried out is not known. Say the same again with --request-id "
                         << GetString(request, "request_id") << ": it is never carried out twice\n";
    }
    return code;
  }
  const auto answer = Schema::Get().New(rpc.method->output_type());
  if (!answer->ParseFromString(bytes)) {
    return session->Refused({13, "the answer cannot be read: this program and the service speak different versions", ""});
  }
  const Field* validate_only = FindField(request, "validate_only");
  if (!session->json() && validate_only != nullptr && request.GetReflection()->GetBool(request, validate_only)) {
    *invocation.io.out << "it would be accepted; nothing was changed\n";
  }
  PrintOutcome(*answer, view, session, *invocation.io.out);
  return kExitOk;
}

// Flags that do not fill fields one by one.
std::vector<FlagSpec> CallingFlags(const Rpc& rpc) {
  std::vector<FlagSpec> flags;
  if (rpc.method->client_streaming()) return flags;
  if (rpc.method->input_type()->field_count() > 0) {
    flags.push_back({"request", "JSON", "The whole request as JSON or @FILE; other flags change what it says"});
  }
  if (IsPaged(rpc)) flags.push_back({"all", "", "Follow the pages to the end"});
  return flags;
}

// What the comment says after the sentence that is the summary; all of it where the summary leaves out an aside.
std::string DescriptionOf(const Rpc& rpc) {
  const std::string first = FirstSentence(rpc.comment);
  std::string text = first != WithoutAsides(first) ? rpc.comment : Trim(rpc.comment.substr(std::min(first.size() + 1, rpc.comment.size())));
  if (rpc.method->client_streaming() && !rpc.method->server_streaming()) {
    text += std::string(text.empty() ? "" : "\n\n") + "Reads messages from standard input, one JSON object a line, and prints the one answer to all of them.";
  } else if (rpc.method->client_streaming()) {
    text += std::string(text.empty() ? "" : "\n\n") +
            "Reads requests from standard input, one JSON object a line, and prints the answer to each before it sends the next.";
  } else if (rpc.method->server_streaming()) {
    text += std::string(text.empty() ? "" : "\n\n") + "Prints what the service sends until it is interrupted.";
  }
  return text;
}

// The verb of a method. One about a single thing takes its name in place too: `trades verify-trade 7`.
int CallByName(const Invocation& invocation, const Rpc& rpc) {
  Invocation filled = invocation;
  if (!filled.arguments.positionals.empty()) {
    if (filled.arguments.Has("name")) return BadUsage(invocation, absl::InvalidArgumentError("NAME and --name say the same; accepted: one of the two"));
    filled.arguments.Set("name", filled.arguments.positionals[0]);
  }
  return CallRpc(filled, rpc, View());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Invocation& invocation) {
  SONGHUA_CHECK(invocation.io.connect != nullptr);
  SONGHUA_ASSIGN_OR_RETURN(auto channel, invocation.io.connect(invocation.arguments));
  return std::unique_ptr<Session>(new Session(invocation, std::move(channel)));
}

Session::Session(const Invocation& invocation, std::unique_ptr<Channel> channel)
    : channel_(std::move(channel)), units_(channel_.get()), json_(invocation.arguments.IsSet("json")), err_(invocation.io.err) {}

CallStatus Session::JournalTime(Timestamp* time) {
  const Rpc& rpc = Schema::Get().Find("Operations/GetStatus");
  std::string bytes;
  const CallStatus status = channel_->Unary(rpc.path, "", &bytes);
  if (!status.ok()) return status;
  const auto answer = Schema::Get().New(rpc.method->output_type());
  if (!answer->ParseFromString(bytes)) return {13, "the answer to GetStatus cannot be read", ""};
  const pb::Message& header = answer->GetReflection()->GetMessage(*answer, FindField(*answer, "header"));
  const pb::Message& at = header.GetReflection()->GetMessage(header, FindField(header, "time"));
  const int64_t seconds = at.GetReflection()->GetInt64(at, FindField(at, "seconds"));
  const int64_t limit = kLastTimestamp.value() / kMicrosPerSecond;
  if (seconds < 0 || seconds > limit) return {13, "the answer to GetStatus has no time", ""};
  *time = Timestamp(seconds * kMicrosPerSecond);
  return status;
}

CallStatus Session::NewRequestId(std::string* request_id) {
  Timestamp time;
  const CallStatus status = JournalTime(&time);
  if (!status.ok()) return status;
  std::string date = FormatDate(LocalDate(time));
  std::erase(date, '-');
  *request_id = date + "-" + RandomHex(8);
  return status;
}

int Session::Refused(const CallStatus& status, const pb::Message* request) {
  constexpr int kUnauthenticated = 16;
  const ServiceError error = DescribeError(status);
  if (json_) {
    PrintErrorJson(error, *err_);
  } else {
    const bool counts = request != nullptr && IsQuantityField(error.field);
    PrintError(InPeoplesUnits(error, counts ? units_.Of(*request) : std::nullopt), *err_);
  }
  if (!json_ && status.code == kUnauthenticated) {
    const std::vector<std::string> people = PeopleWithTokens(TokenDirectory());
    *err_ << "  say who you are with --as PERSON; tokens in " << TokenDirectory() << ": " << (people.empty() ? "none" : Join(people, ", "))
          << '\n';
  }
  return ExitCodeOf(status);
}

int CallRpc(const Invocation& invocation, const Rpc& rpc, const View& view, std::unique_ptr<pb::Message> request, Session* session) {
  if (rpc.method->client_streaming() || rpc.method->server_streaming()) return CallStream(invocation, rpc, view, *request, session);
  if (IsPaged(rpc)) return CallList(invocation, rpc, view, request.get(), session);
  if (rpc.write && GetString(*request, "request_id").empty()) {
    std::string request_id;
    const CallStatus status = session->NewRequestId(&request_id);
    if (!status.ok()) return session->Refused(status);
    SetString(request.get(), "request_id", request_id);
  }
  return CallUnary(invocation, rpc, view, *request, session);
}

int CallRpc(const Invocation& invocation, const Rpc& rpc, const View& view) {
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  auto request = Schema::Get().New(rpc.method->input_type());
  absl::Status status;
  if (const std::string* whole = invocation.arguments.Get("request")) status = ParseMessageText(*whole, "request", request.get());
  if (status.ok()) status = FillRequest(invocation.arguments, FlagsOf(rpc), &(*session)->units(), request.get());
  // A unit that is not known because the service would not say: its reason is the one that helps.
  if (!status.ok() && !(*session)->units().failure().ok()) return (*session)->Refused((*session)->units().failure());
  if (!status.ok()) return BadUsage(invocation, status);
  return CallRpc(invocation, rpc, view, std::move(request), session->get());
}

std::vector<FlagSpec> FlagSpecsOf(const Rpc& rpc) {
  if (rpc.method->client_streaming()) return {};
  std::vector<FlagSpec> flags = SpecsOf(FlagsOf(rpc));
  // What belongs to calling rather than to the matter stands last.
  std::stable_partition(flags.begin(), flags.end(), [](const FlagSpec& flag) {
    return flag.name != "request-id" && flag.name != "validate-only" && flag.name != "at-least-sequence" &&
           flag.name.substr(0, 5) != "page-";
  });
  for (FlagSpec& flag : flags) {
    if (flag.name == "request-id")
      flag.help = "Names the command, so that it is carried out once however often it is sent. Default: a new one";
    if (flag.name == "validate-only") flag.help = "Check everything and change nothing";
  }
  for (FlagSpec& flag : CallingFlags(rpc)) flags.push_back(std::move(flag));
  return flags;
}

void AddRpcVerbs(Registry* registry) {
  const Schema& schema = Schema::Get();
  for (const RpcGroup& group : schema.groups()) registry->AddTopic(group.name, group.comment);
  for (const Rpc& rpc : schema.rpcs()) {
    Verb verb;
    verb.words = {rpc.group, rpc.name};
    verb.group = rpc.group;
    verb.summary = WithoutAsides(FirstSentence(rpc.comment));
    verb.description = DescriptionOf(rpc);
    verb.flags = FlagSpecsOf(rpc);
    verb.client = true;
    verb.listed = false;
    if (std::any_of(verb.flags.begin(), verb.flags.end(), [](const FlagSpec& flag) { return flag.name == "name"; })) {
      verb.arguments.push_back({"NAME", "The same as --name", false});
    }
    verb.run = [&rpc](const Invocation& invocation) { return CallByName(invocation, rpc); };
    registry->Add(std::move(verb));
  }
}

}  // namespace songhua::api::cli
