#include "simulations/scenario/runner.h"

#include <algorithm>
#include <utility>

#include "api/cli/request.h"
#include "api/cli/text.h"
#include "api/cli/tokens.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "simulations/scenario/answers.h"
#include "simulations/scenario/ledger_facts.h"
#include "simulations/scenario/request_fields.h"

namespace songhua::simulations {
namespace {

namespace pb = google::protobuf;
using Tokens = std::vector<Token>;

constexpr char kOperator[] = "operator";
constexpr char kNobody[] = "nobody";
constexpr char kAuditor[] = "auditor";
constexpr int64_t kTokenDays = 365;  // from the store's beginning
// Whatever a scenario begins with, somebody must be able to look.
constexpr char kPreamble[] = "scenario: Somebody who looks\npeople\n  auditor of operator: AUDITOR\n";

bool IsVariableCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

std::string Text(const Tokens& tokens, size_t from, size_t to = std::string::npos) {
  std::string text;
  for (size_t i = from; i < std::min(to, tokens.size()); ++i) text += (text.empty() ? "" : " ") + tokens[i].text;
  return text;
}

Tokens Words(std::initializer_list<std::string> texts, int line) {
  Tokens tokens;
  for (const std::string& text : texts) tokens.push_back({text, true, false, line});
  for (size_t i = 0; i < tokens.size(); i += i == 0 ? 1 : 2) tokens[i].quoted = false;  // the command, then names and values in turn
  return tokens;
}

// What stands between commas.
std::vector<Tokens> Clauses(const Tokens& tokens) {
  std::vector<Tokens> clauses;
  bool begins = true;
  for (const Token& token : tokens) {
    if (begins) clauses.emplace_back();
    clauses.back().push_back(token);
    begins = token.comma;
  }
  return clauses;
}

bool IsWord(const Tokens& tokens, size_t at, const char* word) { return at < tokens.size() && !tokens[at].quoted && tokens[at].text == word; }

// "ROLE REGION" of a person's grant.
std::string GrantText(const pb::Message& grant) {
  const auto string = [&](const char* name) { return RawValue(*FindPlace(grant, name)); };
  return string("region").empty() ? string("role") : string("role") + " " + string("region");
}

}  // namespace

struct ScenarioRunner::Turn {
  const Scenario* scenario;
  const std::string* person;
  const Command* command;
  Tokens words;  // with their variables
  const Reply* reply;
  bool write;

  // What was expected is not what was answered.
  absl::Status Differs(int line, const std::string& answered, const std::string& expected) const {
    std::string text = *person + ": " + JoinTokens(words);
    if (!command->note.empty()) text = command->note + "\n    " + text;
    return absl::FailedPreconditionError(scenario->file + ":" + std::to_string(line) + ": " + text + "\n    answered: " + answered +
                                         "\n    expected: " + expected);
  }
};

ScenarioRunner::ScenarioRunner(const RunnerOptions& options) : options_(options), conversation_(options.client) {}

const std::string* ScenarioRunner::FindVariable(const std::string& name) const {
  const auto found = variables_.find(name);
  return found != variables_.end() ? &found->second : nullptr;
}

// ---- From the file down to the command ----

absl::Status ScenarioRunner::Begin() {
  begun_ = true;
  conversation_.set_now(options_.start);
  SONGHUA_ASSIGN_OR_RETURN(const std::string operator_token, options_.tokens->TokenOf(kOperator));
  conversation_.set_reader_token(operator_token);
  SONGHUA_ASSIGN_OR_RETURN(const auto status, conversation_.Read("Operations/GetStatus", {}));
  SONGHUA_ASSIGN_OR_RETURN(const FieldPlace sequence, FindPlace(*status, "header.sequence"));
  resumed_through_ = std::stoull(RawValue(sequence));
  if (options_.look_only) {
    SONGHUA_ASSIGN_OR_RETURN(const FieldPlace seconds, FindPlace(*status, "header.time.seconds"));
    conversation_.set_now(Timestamp(std::stoll(RawValue(seconds)) * kMicrosPerSecond));
  } else {
    SONGHUA_ASSIGN_OR_RETURN(const Scenario preamble, ParseScenario("preamble", kPreamble));
    SONGHUA_RETURN_IF_ERROR(RegisterPeople(preamble, preamble.blocks[0]));
  }
  SONGHUA_ASSIGN_OR_RETURN(std::string auditor_token, options_.tokens->TokenOf(kAuditor));
  conversation_.set_reader_token(std::move(auditor_token));
  return absl::OkStatus();
}

absl::Status ScenarioRunner::Look() { return begun_ ? absl::OkStatus() : Begin(); }

absl::Status ScenarioRunner::Play(const std::string& name) {
  SONGHUA_RETURN_IF_ERROR(Look());
  if (!played_.insert(name).second) return absl::OkStatus();
  SONGHUA_ASSIGN_OR_RETURN(const ScenarioLibrary::Text found, options_.library->Find(name));
  SONGHUA_ASSIGN_OR_RETURN(const Scenario scenario, ParseScenario(found.file, found.text));
  const bool uses_first = !scenario.blocks.empty() && scenario.blocks[0].kind == BlockKind::kUse;
  if (!uses_first && options_.on_scenario) options_.on_scenario(scenario);
  for (size_t i = 0; i < scenario.blocks.size(); ++i) {
    if (uses_first && i == 1 && options_.on_scenario) options_.on_scenario(scenario);
    SONGHUA_RETURN_IF_ERROR(PlayBlock(scenario, scenario.blocks[i]));
  }
  return absl::OkStatus();
}

absl::Status ScenarioRunner::PlayBlock(const Scenario& scenario, const Block& block) {
  switch (block.kind) {
    case BlockKind::kUse: {
      if (options_.look_only) return absl::OkStatus();  // it was played when all began
      const absl::Status used = Play(block.head[0].text);
      return absl::IsNotFound(used) ? ScenarioError(scenario.file, block.line, std::string(used.message())) : used;
    }
    case BlockKind::kLet: {
      if (block.head.size() < 3 || block.head[1].text != "=") return ScenarioError(scenario.file, block.line, "accepted: let NAME = VALUE");
      const auto value = Expand(Text(block.head, 2));
      if (!value.ok()) return ScenarioError(scenario.file, block.line, std::string(value.status().message()));
      variables_[block.head[0].text] = *value;
      return absl::OkStatus();
    }
    case BlockKind::kPeople: return RegisterPeople(scenario, block);
    case BlockKind::kClock: return MoveClock(scenario, block);
    case BlockKind::kAs: return PlayActs(scenario, block);
    case BlockKind::kLedger: return CheckLedger(scenario, block);
  }
  return absl::OkStatus();
}

absl::Status ScenarioRunner::PlayActs(const Scenario& scenario, const Block& block) {
  const std::string& person = block.head[0].text;
  const auto token = TokenFor(block.head);
  if (!token.ok()) return ScenarioError(scenario.file, block.line, std::string(token.status().message()));
  SONGHUA_RETURN_IF_ERROR(CheckRoles(scenario, block, *token));
  for (const Command& command : block.commands) {
    if (options_.interrupted && options_.interrupted()) return absl::CancelledError("interrupted");
    SONGHUA_RETURN_IF_ERROR(PlayCommand(scenario, person, *token, command));
  }
  return absl::OkStatus();
}

absl::Status ScenarioRunner::PlayCommand(const Scenario& scenario, const std::string& person, const std::string& token, const Command& command) {
  const auto wrong = [&](const absl::Status& status) { return ScenarioError(scenario.file, command.line, std::string(status.message())); };
  Turn turn{&scenario, &person, &command, {}, nullptr, false};
  auto words = Expand(command.words);
  if (words.ok() && IsWord(*words, 0, "admit")) words = Admission(*words);
  if (!words.ok()) return wrong(words.status());
  turn.words = *std::move(words);
  const auto reply = Send(token, turn.words, &turn.write);
  if (!reply.ok()) return wrong(reply.status());
  ++commands_;
  turn.reply = &*reply;
  if (!reply->ok()) {
    const api::cli::ServiceError error = api::cli::DescribeError(reply->status);
    refused_.push_back({person, command.note.empty() ? JoinTokens(turn.words) : command.note, reply->Reason(), error.rule, error.accepted});
  }
  return CheckExpectations(turn);
}

absl::StatusOr<Reply> ScenarioRunner::Send(const std::string& token, const Tokens& words, bool* write) {
  if (IsWord(words, 0, "call")) {
    if (words.size() < 2) return absl::InvalidArgumentError("accepted: call SERVICE/METHOD [BYTES]");
    return conversation_.CallRaw("/songhua.v1." + words[1].text, words.size() > 2 ? words[2].text : "", token);
  }
  const api::cli::Rpc* rpc = FindRpc(words[0].text);
  if (rpc == nullptr) return absl::InvalidArgumentError("there is no method '" + words[0].text + "'");
  if (rpc->method->client_streaming() || rpc->method->server_streaming()) return absl::InvalidArgumentError("a scenario plays no streams");
  const ScaleFinder scale_of = [this](const pb::Message& message) { return conversation_.ScaleOf(message); };
  SONGHUA_ASSIGN_OR_RETURN(const auto request, BuildRequest(*rpc, Tokens(words.begin() + 1, words.end()), scale_of));
  *write = rpc->write;
  if (options_.look_only && rpc->write) {
    request->GetReflection()->SetBool(request.get(), request->GetDescriptor()->FindFieldByName("validate_only"), true);
  }
  return conversation_.Call(*rpc, request.get(), token);
}

absl::Status ScenarioRunner::SendAsOperator(const Scenario& scenario, int line, const Tokens& words) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string token, options_.tokens->TokenOf(kOperator));
  bool write;
  const auto reply = Send(token, words, &write);
  if (!reply.ok()) return ScenarioError(scenario.file, line, std::string(reply.status().message()));
  if (reply->ok()) return absl::OkStatus();
  return absl::FailedPreconditionError(scenario.file + ":" + std::to_string(line) + ": " + JoinTokens(words) + "\n    answered: " + reply->Words() +
                                       "\n    expected: ok");
}

// ---- People, tokens, time ----

// "li-na of $mill "Li Na": ENT_OPERATOR, ENT_LEGAL_REP". The name may be left out.
absl::Status ScenarioRunner::RegisterPeople(const Scenario& scenario, const Block& block) {
  for (const Command& command : block.commands) {
    const auto wrong = [&](const std::string& text) { return ScenarioError(scenario.file, command.line, text); };
    const auto words = Expand(command.words);
    if (!words.ok()) return wrong(std::string(words.status().message()));
    size_t colon = 2;
    while (colon < words->size() && ((*words)[colon].quoted || (*words)[colon].text.back() != ':')) ++colon;
    if (words->size() < 4 || !IsWord(*words, 1, "of") || colon + 1 >= words->size()) return wrong("accepted: PERSON of PARTICIPANT [\"NAME\"]: ROLE [REGION], ...");
    const std::string& person = (*words)[0].text;
    std::string participant = (*words)[2].text;
    if (colon == 2) participant.pop_back();
    Tokens request = Words({"create-person", "name", person, "participant", participant, "display-name", colon > 2 ? (*words)[3].text : person}, command.line);
    request.push_back({"roles", false, false, command.line});
    request.insert(request.end(), words->begin() + static_cast<std::ptrdiff_t>(colon) + 1, words->end());
    SONGHUA_RETURN_IF_ERROR(SendAsOperator(scenario, command.line, request));
    const auto admission = Admission({{"admit", false, false, command.line}, {person, false, false, command.line}});
    if (!admission.ok()) return admission.status();
    SONGHUA_RETURN_IF_ERROR(SendAsOperator(scenario, command.line, *admission));
  }
  return absl::OkStatus();
}

absl::StatusOr<Tokens> ScenarioRunner::Admission(const Tokens& words) {
  if (words.size() < 2 || (words.size() > 2 && !IsWord(words, 2, "until"))) return absl::InvalidArgumentError("accepted: admit PERSON [until TIME]");
  const std::string& person = words[1].text;
  const int drawn = ++tokens_drawn_[person];
  const std::string name = drawn == 1 ? person : person + "." + std::to_string(drawn);
  SONGHUA_ASSIGN_OR_RETURN(const std::string token, options_.tokens->TokenOf(name));
  token_names_[person] = name;
  const std::string until = words.size() > 3 ? Text(words, 3) : FormatTimestamp(Timestamp(options_.start.value() + kTokenDays * kMicrosPerDay));
  return Words({"create-token", "person", person, "token-sha256", api::cli::TokenSha256(token), "expire-time", until}, words[0].line);
}

// "as li-na", "as li-na (ENT_OPERATOR)", "as li-na with token li-na.2".
absl::StatusOr<std::string> ScenarioRunner::TokenFor(const Tokens& head) {
  const std::string& person = head[0].text;
  if (person == kNobody) return std::string();
  if (IsWord(head, 1, "with") && IsWord(head, 2, "token") && head.size() == 4) {
    if (head[3].quoted) return head[3].text;
    return options_.tokens->TokenOf(head[3].text);
  }
  if (person == kOperator || person == kAuditor || options_.look_only) return options_.tokens->TokenOf(person);
  const auto name = token_names_.find(person);
  if (name == token_names_.end()) return absl::NotFoundError("'" + person + "' was not registered; accepted: a person of a people block, operator, auditor or nobody");
  return options_.tokens->TokenOf(name->second);
}

// The roles that stand in parentheses behind a person's name are held against what the service says.
absl::Status ScenarioRunner::CheckRoles(const Scenario& scenario, const Block& block, const std::string& token) {
  if (block.head.size() < 2 || block.head[1].quoted || block.head[1].text.front() != '(') return absl::OkStatus();
  std::string claimed = JoinTokens(Tokens(block.head.begin() + 1, block.head.end()));
  if (claimed.back() != ')') return ScenarioError(scenario.file, block.line, "accepted: as PERSON (ROLE [REGION], ...)");
  claimed = claimed.substr(1, claimed.size() - 2);
  const api::cli::Rpc& rpc = api::cli::Schema::Get().Find("Participants/WhoAmI");
  const auto request = api::cli::Schema::Get().New(rpc.method->input_type());
  const Reply reply = conversation_.Call(rpc, request.get(), token);
  if (!reply.ok()) return ScenarioError(scenario.file, block.line, block.head[0].text + " is " + reply.Words());
  SONGHUA_ASSIGN_OR_RETURN(const FieldPlace roles, FindPlace(*reply.answer, "person.roles"));
  std::vector<std::string> held;
  for (int i = 0; i < roles.size(); ++i) held.push_back(GrantText(roles.message->GetReflection()->GetRepeatedMessage(*roles.message, roles.field, i)));
  for (const std::string& role : api::cli::Split(claimed, ',')) {
    if (std::find(held.begin(), held.end(), api::cli::Trim(role)) == held.end()) {
      return ScenarioError(scenario.file, block.line, block.head[0].text + " is not " + api::cli::Trim(role) + " but " + api::cli::Join(held, ", "));
    }
  }
  return absl::OkStatus();
}

absl::Status ScenarioRunner::MoveClock(const Scenario& scenario, const Block& block) {
  if (options_.look_only) return absl::OkStatus();
  const auto target = api::cli::ReadTime(Text(block.head, 0), "clock");
  if (!target.ok()) return ScenarioError(scenario.file, block.line, std::string(target.status().message()));
  if (*target <= conversation_.now()) {
    return ScenarioError(scenario.file, block.line, "the clock moves forward only; it is " + FormatTimestamp(conversation_.now()));
  }
  while (conversation_.now() < *target) {
    const Timestamp to = std::min(*target, Timestamp(conversation_.now().value() + bounds::kClockAdvanceMaxUs));
    SONGHUA_RETURN_IF_ERROR(SendAsOperator(scenario, block.line, Words({"advance-clock", "to-time", FormatTimestamp(to)}, block.line)));
  }
  // What has fallen due is done before the next command, so that reads which wait for one see it: sessions that ended with their day.
  return SendAsOperator(scenario, block.line, Words({"confirm-clock"}, block.line));
}

// ---- Variables ----

absl::StatusOr<std::string> ScenarioRunner::Expand(const std::string& text) const {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const bool braces = text.compare(at, 2, "${") == 0;
    const size_t start = at + (braces ? 2 : 1);
    size_t end = start;
    while (text[at] == '$' && end < text.size() && IsVariableCharacter(text[end])) ++end;
    if (end == start || (text[at] != '$')) {
      out += text[at++];
      continue;
    }
    const std::string name = text.substr(start, end - start);
    if (name == "today") {
      out += FormatDate(LocalDate(conversation_.now()));
    } else if (const std::string* value = FindVariable(name)) {
      out += *value;
    } else {
      return absl::NotFoundError("$" + name + " is not known; accepted: what a let or a remember named before, or $today");
    }
    at = end + (braces && end < text.size() && text[end] == '}' ? 1 : 0);
  }
  return out;
}

absl::StatusOr<Tokens> ScenarioRunner::Expand(const Tokens& tokens) const {
  Tokens expanded = tokens;
  for (Token& token : expanded) {
    if (token.text.find('$') == std::string::npos) continue;
    SONGHUA_ASSIGN_OR_RETURN(token.text, Expand(token.text));
  }
  return expanded;
}

// ---- Expectations ----

absl::Status ScenarioRunner::CheckExpectations(const Turn& turn) {
  std::vector<Tokens> clauses;
  for (const Tokens& expectation : turn.command->expectations) {
    for (Tokens& clause : Clauses(expectation)) clauses.push_back(std::move(clause));
  }
  const auto is_refusal = [](const Tokens& clause) { return IsWord(clause, 0, "refused"); };
  const bool refusal = std::any_of(clauses.begin(), clauses.end(), is_refusal);
  if (options_.look_only) {
    if (refusal) return absl::OkStatus();
    std::erase_if(clauses, [](const Tokens& clause) { return !IsWord(clause, 0, "remember"); });
    if (turn.write) clauses.clear();
  }
  if (!refusal && !turn.reply->ok() && !(options_.look_only && turn.write)) return turn.Differs(turn.command->line, turn.reply->Words(), "ok");
  const bool later_moment = !turn.write && repeating();
  for (const Tokens& clause : clauses) {
    if (is_refusal(clause)) {
      SONGHUA_RETURN_IF_ERROR(CheckRefusal(turn, clause));
    } else if (IsWord(clause, 0, "remember")) {
      SONGHUA_RETURN_IF_ERROR(Remember(turn, clause));
    } else if (!(clause.size() == 1 && IsWord(clause, 0, "ok")) && !later_moment) {
      SONGHUA_RETURN_IF_ERROR(CheckField(turn, clause));
    }
  }
  return absl::OkStatus();
}

// refused REASON [by RULE] [at FIELD]
absl::Status ScenarioRunner::CheckRefusal(const Turn& turn, const Tokens& clause) const {
  const api::cli::ServiceError error = api::cli::DescribeError(turn.reply->status);
  bool is = !turn.reply->ok() && clause.size() > 1 && clause[1].text == turn.reply->Reason();
  for (size_t i = 2; i + 1 < clause.size(); i += 2) {
    if (IsWord(clause, i, "by")) {
      is = is && clause[i + 1].text == error.rule;
    } else if (IsWord(clause, i, "at")) {
      is = is && clause[i + 1].text == error.field;
    } else {
      return ScenarioError(turn.scenario->file, clause[0].line, "accepted: refused REASON [by RULE] [at FIELD]");
    }
  }
  return is ? absl::OkStatus() : turn.Differs(clause[0].line, turn.reply->Words(), Text(clause, 0));
}

// remember PATH as NAME
absl::Status ScenarioRunner::Remember(const Turn& turn, const Tokens& clause) {
  if (clause.size() != 4 || !IsWord(clause, 2, "as") || turn.reply->answer == nullptr) {
    return ScenarioError(turn.scenario->file, clause[0].line, "accepted: remember FIELD as NAME, of something that was answered");
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::string path, Expand(clause[1].text));
  const auto place = FindPlace(*turn.reply->answer, path);
  if (!place.ok()) return turn.Differs(clause[0].line, std::string(place.status().message()), Text(clause, 0));
  std::string name = clause[3].text;
  if (name.front() == '$') name.erase(0, 1);
  variables_[name] = RawValue(*place);
  return absl::OkStatus();
}

// PATH is [not] VALUE, PATH is empty, PATH has NUMBER
absl::Status ScenarioRunner::CheckField(const Turn& turn, const Tokens& clause) {
  const auto wrong = [&](const std::string& text) { return ScenarioError(turn.scenario->file, clause[0].line, text); };
  const auto expanded = Expand(clause);
  if (!expanded.ok()) return wrong(std::string(expanded.status().message()));
  const Tokens& words = *expanded;
  if (words.size() < 3 || turn.reply->answer == nullptr || (!IsWord(words, 1, "is") && !IsWord(words, 1, "has"))) {
    return wrong("'" + Text(words, 0) + "'; accepted: FIELD is VALUE, FIELD is not VALUE, FIELD is empty, FIELD has NUMBER, remember FIELD as NAME");
  }
  const auto place = FindPlace(*turn.reply->answer, words[0].text);
  if (!place.ok()) return turn.Differs(clause[0].line, std::string(place.status().message()), Text(words, 0));
  const ScaleFinder scale_of = [this](const pb::Message& message) { return conversation_.ScaleOf(message); };
  if (IsWord(words, 1, "has")) {
    if (std::to_string(place->size()) == words[2].text) return absl::OkStatus();
    return turn.Differs(clause[0].line, words[0].text + " has " + std::to_string(place->size()), Text(words, 0));
  }
  const bool negated = IsWord(words, 2, "not") && words.size() > 3;
  absl::StatusOr<bool> is = IsWord(words, 2, "empty") ? RawValue(*place).empty() : ValueIs(*place, Text(words, negated ? 3 : 2), scale_of);
  if (!is.ok()) return wrong(std::string(is.status().message()));
  return *is != negated ? absl::OkStatus() : turn.Differs(clause[0].line, words[0].text + " is " + ShownValue(*place, scale_of), Text(words, 0));
}

// ---- The ledger ----

absl::Status ScenarioRunner::CheckLedger(const Scenario& scenario, const Block& block) {
  if (repeating()) return absl::OkStatus();
  for (const Command& command : block.commands) {
    const auto words = Expand(command.words);
    if (!words.ok()) return ScenarioError(scenario.file, command.line, std::string(words.status().message()));
    const auto difference = CheckLedgerLine(&conversation_, *words);
    if (!difference.ok()) return ScenarioError(scenario.file, command.line, std::string(difference.status().message()));
    if (!difference->has_value()) continue;
    return absl::FailedPreconditionError(scenario.file + ":" + std::to_string((*difference)->line) + ": ledger: " + (*words)[0].text + " " +
                                         (*words)[1].text + "\n    it says:  " + (*difference)->found + "\n    expected: " + (*difference)->wanted);
  }
  return absl::OkStatus();
}

absl::Status ScenarioRunner::Reconcile() {
  SONGHUA_ASSIGN_OR_RETURN(const auto answer, conversation_.Read("Operations/Reconcile", {}));
  SONGHUA_ASSIGN_OR_RETURN(const FieldPlace differences, FindPlace(*answer, "differences"));
  if (differences.size() == 0) return absl::OkStatus();
  return absl::FailedPreconditionError("the ledger does not reconcile: " + RawValue(differences));
}

}  // namespace songhua::simulations
