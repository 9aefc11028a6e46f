#include "api/cli/audit_verb.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "api/auditor.h"
#include "api/cli/call.h"
#include "api/cli/proof_aliases.h"
#include "api/cli/serve.h"
#include "api/engine/clock.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/refusal.h"
#include "songhua/v1/transparency.pb.h"

namespace songhua::api::cli {
namespace {

constexpr char kLogService[] = "/songhua.v1.Transparency/";
constexpr auto kFollowInterval = std::chrono::seconds(1);
constexpr auto kLookForEnd = std::chrono::milliseconds(100);

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) return absl::InvalidArgumentError("the file " + path + " cannot be read");
  return text;
}

// Written beside it and moved there, so that it is whole or the old one.
absl::Status WriteText(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) return absl::UnavailableError("the file " + beside + " cannot be written");
  }
  std::error_code error;
  std::filesystem::rename(beside, path, error);
  return error ? absl::UnavailableError("the file " + path + " cannot be written: " + error.message()) : absl::OkStatus();
}

struct AuditFiles {
  proofs::Trust trust;
  std::optional<proofs::SignerKey> key;  // nullopt: nothing is signed
  std::string memory;                    // empty: nothing is remembered
  std::optional<proofs::Checkpoint> expected;
};

absl::StatusOr<AuditFiles> ReadFiles(const Arguments& arguments) {
  AuditFiles files;
  SONGHUA_ASSIGN_OR_RETURN(const std::string trust, ReadText(*arguments.Get("keys")));
  SONGHUA_ASSIGN_OR_RETURN(files.trust, proofs::ParseTrust(trust));
  if (const std::string* path = arguments.Get("key")) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string text, ReadText(*path));
    SONGHUA_ASSIGN_OR_RETURN(files.key, proofs::ParseSignerKey(std::string_view(text).substr(0, text.find('\n'))));
    if (files.key->type != proofs::KeyType::kWitness) return absl::InvalidArgumentError(*path + " is a log's key; accepted: a witness's, as `songhua witness key` draws it");
  }
  files.memory = arguments.GetOr("memory", "");
  if (!files.memory.empty() && std::filesystem::exists(files.memory)) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string text, ReadText(files.memory));
    SONGHUA_ASSIGN_OR_RETURN(const proofs::SignedNote note, proofs::ParseNote(text));
    SONGHUA_ASSIGN_OR_RETURN(files.expected, proofs::ParseCheckpoint(note.text));
  }
  return files;
}

class AuditRun {
 public:
  AuditRun(const Invocation& invocation, Session* session, AuditFiles files) : invocation_(invocation), session_(*session), files_(std::move(files)) {}

  // One round: takes in what is new, and vouches for the newest checkpoint. nullopt: in order; otherwise the exit code.
  std::optional<int> Round() {
    if (const auto code = TakeIn(); code.has_value()) return code;
    v1::GetCheckpointAnswer answer;
    const CallStatus status = Ask("GetCheckpoint", v1::GetCheckpointRequest(), &answer);
    if (status.code == static_cast<int>(absl::StatusCode::kNotFound)) return std::nullopt;  // none was made yet
    if (!status.ok()) return session_.Refused(status);
    auto checkpoint = auditor_->Check(answer.note());
    if (absl::IsOutOfRange(checkpoint.status())) {  // made since the journal was read
      if (const auto code = TakeIn(); code.has_value()) return code;
      checkpoint = auditor_->Check(answer.note());
    }
    if (!checkpoint.ok()) return Alarm(checkpoint.status());
    if (checkpoint->size == vouched_) return std::nullopt;
    return Vouch(*checkpoint);
  }

 private:
  template <class Request, class Answer>
  CallStatus Ask(const std::string& method, const Request& request, Answer* answer) {
    std::string bytes;
    CallStatus status = session_.channel().Unary(kLogService + method, request.SerializeAsString(), &bytes);
    if (status.ok() && !answer->ParseFromString(bytes)) status = {13, "the answer cannot be read", ""};
    return status;
  }

  int Alarm(const absl::Status& status) {
    *invocation_.io.err << "songhua audit: NOT in order, and not cosigned: " << status.message() << '\n';
    return kExitRefused;
  }

  std::optional<int> TakeIn() {
    while (true) {
      v1::ReadJournalRequest request;
      request.set_from_sequence(auditor_ == nullptr ? 1 : auditor_->next_sequence());
      v1::ReadJournalAnswer answer;
      if (const CallStatus status = Ask("ReadJournal", request, &answer); !status.ok()) return session_.Refused(status, &request);
      if (auditor_ == nullptr) {
        auditor_ = std::make_unique<Auditor>(answer.clock_mode() == "VIRTUAL" ? ClockMode::kVirtual : ClockMode::kSystem, files_.trust);
        if (files_.expected.has_value()) auditor_->Expect(*files_.expected);
      }
      if (answer.groups().empty()) return std::nullopt;
      for (const v1::JournalGroup& group : answer.groups()) {
        if (const absl::Status status = auditor_->TakeIn(group); !status.ok()) return Alarm(status);
      }
    }
  }

  std::optional<int> Vouch(const proofs::Checkpoint& checkpoint) {
    std::ostream& out = *invocation_.io.out;
    out << "size " << checkpoint.size << "  root " << ToHex(checkpoint.root) << "  map roots " << auditor_->report().map_roots << "  computed here";
    if (files_.key.has_value()) {
      proofs::SignedNote note{checkpoint.Text(), {}};
      note.signatures.push_back(proofs::Cosign(*files_.key, note.text, static_cast<uint64_t>(Clock::Real()->Now().value() / kMicrosPerSecond)));
      const std::string text = proofs::FormatNote(note);
      // First what is remembered: what was signed is never forgotten.
      if (!files_.memory.empty()) {
        if (const absl::Status status = WriteText(files_.memory, text); !status.ok()) return Alarm(status);
      }
      v1::AddCosignatureRequest request;
      request.set_note(text);
      if (const CallStatus reached = session_.NewRequestId(request.mutable_request_id()); !reached.ok()) return session_.Refused(reached);
      v1::CosignatureAnswer answer;
      if (const CallStatus status = Ask("AddCosignature", request, &answer); !status.ok()) {
        out << std::endl;
        return session_.Refused(status, &request);
      }
      out << "  cosigned by " << files_.key->name;
    }
    out << std::endl;
    vouched_ = checkpoint.size;
    return std::nullopt;
  }

  const Invocation& invocation_;
  Session& session_;
  const AuditFiles files_;
  std::unique_ptr<Auditor> auditor_;
  uint64_t vouched_ = 0;
};

int RunAudit(const Invocation& invocation) {
  auto files = ReadFiles(invocation.arguments);
  if (!files.ok()) return BadUsage(invocation, files.status());
  const bool follow = invocation.arguments.IsSet("follow");
  std::optional<Interrupts> interrupts;
  if (follow) interrupts.emplace();
  auto session = Session::Open(invocation);
  if (!session.ok()) return BadUsage(invocation, session.status());
  AuditRun run(invocation, session->get(), *std::move(files));
  while (true) {
    if (const auto code = run.Round(); code.has_value()) return *code;
    if (!follow) return kExitOk;
    const auto next = std::chrono::steady_clock::now() + kFollowInterval;
    while (std::chrono::steady_clock::now() < next) {
      if (interrupts->Come()) return kExitOk;
      std::this_thread::sleep_for(kLookForEnd);
    }
  }
}

}  // namespace

Verb AuditVerb() {
  Verb verb;
  verb.words = {"audit"};
  verb.group = kProofGroup;
  verb.summary = "Replay a service's journal here, and cosign only checkpoints that it leads to";
  verb.description =
      "Fetches the journal from its first record, replays every command in a state machine of its own, and compares outcomes, rows, the tree and the state map. Then it looks at the "
      "newest checkpoint: where the service shows the root that was computed here, and one of the log's trusted keys signed it, it is cosigned with --key and handed in. "
      "With --follow it goes on, a second at a time, until SIGINT or SIGTERM.\n\n"
      "With --memory the last checkpoint that was cosigned is kept in a file: a log that does not begin with it is refused, also after a restart. All rows are kept in memory. The "
      "token is an auditor's.";
  verb.flags = {{"keys", "FILE", "The keys of the log, as `songhua log keys` writes them", false, true},
                {"key", "FILE", "The witness's private key (`songhua witness key`); without it nothing is signed"},
                {"memory", "FILE", "Keeps the last checkpoint that was cosigned"},
                {"follow", "", "Go on until told to stop"}};
  verb.examples = {{"audit --keys songhua.keys --key audit.key --memory audit.checkpoint --follow --as auditor", ""},
                   {"audit --keys songhua.keys --as auditor", "Look once, sign nothing"}};
  verb.client = true;
  verb.run = RunAudit;
  return verb;
}

}  // namespace songhua::api::cli
