#include "api/cli/token_verbs.h"

#include "api/cli/aliases.h"
#include "api/cli/call.h"
#include "api/cli/tokens.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

namespace pb = google::protobuf;

constexpr char kMethod[] = "Participants/CreateToken";

// The request for a token that ends when the flags say.
absl::Status BuildRequest(const Invocation& invocation, const std::string& token, Timestamp now, pb::Message* request) {
  SONGHUA_ASSIGN_OR_RETURN(const int64_t days, invocation.arguments.Integer("days", 90, 1, 366));
  SONGHUA_ASSIGN_OR_RETURN(const Timestamp end, AddMicros(now, days * kMicrosPerDay));
  Arguments fields;
  fields.Set("person", invocation.arguments.positionals[0]);
  fields.Set("token-sha256", TokenSha256(token));
  fields.Set("expire-time", FormatTimestamp(end));
  return FillRequest(fields, FlagsOf(Schema::Get().Find(kMethod)), nullptr, request);
}

int CreateToken(const Invocation& invocation) {
  const Rpc& rpc = Schema::Get().Find(kMethod);
  const auto path = TokenFile(TokenDirectory(), invocation.arguments.positionals[0]);
  if (!path.ok()) return BadUsage(invocation, path.status());
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  Timestamp now;
  const CallStatus reached = (*session)->JournalTime(&now);
  if (!reached.ok()) return (*session)->Refused(reached);

  const std::string token = DrawToken();
  auto request = Schema::Get().New(rpc.method->input_type());
  const absl::Status built = BuildRequest(invocation, token, now, request.get());
  if (!built.ok()) return BadUsage(invocation, built);
  const int code = CallRpc(invocation, rpc, View(), std::move(request), session->get());
  if (code != kExitOk) return code;

  std::ostream& out = *invocation.io.out;
  if (invocation.arguments.IsSet("save")) {
    const absl::Status saved = WriteTokenFile(*path, token);
    if (saved.ok()) {
      if (!(*session)->json()) out << "\nThe token is in " << *path << ": --as " << path->substr(path->rfind('/') + 1) << " uses it.\n";
      return kExitOk;
    }
    *invocation.io.err << "the token could not be saved (" << saved.message() << "), so here it is:\n";
  }
  if ((*session)->json()) {
    out << "{\"token\":\"" << token << "\"}\n";
  } else {
    out << "\n" << token << "\nThis is the token. It is shown this once; the service keeps only its hash.\n";
  }
  return kExitOk;
}

}  // namespace

Verb TokenCreateVerb() {
  Verb verb;
  verb.words = {"token", "create"};
  verb.group = kAccessGroup;
  verb.summary = "Draw a token for a person; it is shown once";
  verb.description =
      "The secret is drawn here, by the operating system's generator, and only its SHA-256 is sent: neither the journal nor the "
      "service ever holds it. It ends by itself after --days.";
  verb.arguments = {{"PERSON", "A person's name, with or without \"people/\""}};
  verb.flags = {{"days", "DAYS", "How long it holds, 1 to 366. Default: 90"},
                {"save", "", "Write it to the file that --as PERSON reads (mode 0600), instead of showing it"}};
  verb.examples = {{"token create officer-changchun --days 90 --as operator", "Shows the token"},
                   {"token create officer-changchun --save --as operator", "Keeps it where --as officer-changchun finds it"}};
  verb.client = true;
  verb.run = CreateToken;
  return verb;
}

}  // namespace songhua::api::cli
