#include "api/cli/command.h"

#include <algorithm>

#include "api/cli/table.h"
#include "api/cli/text.h"
#include "ledger/check.h"

namespace songhua::api::cli {
namespace {

constexpr size_t kPageWidth = 110;

bool IsHelpFlag(const std::string& word) { return word == "--help" || word == "-h"; }

std::vector<FlagSpec> AllFlags(const Verb& verb) {
  std::vector<FlagSpec> flags = verb.flags;
  if (verb.client) flags.insert(flags.end(), ClientFlags().begin(), ClientFlags().end());
  flags.insert(flags.end(), CommonFlags().begin(), CommonFlags().end());
  return flags;
}

absl::Status CheckPositionals(const Verb& verb, const Arguments& arguments) {
  const size_t given = arguments.positionals.size();
  const bool open_ended = !verb.arguments.empty() && verb.arguments.back().repeated;
  for (size_t i = given; i < verb.arguments.size(); ++i) {
    if (verb.arguments[i].required) return absl::InvalidArgumentError(verb.arguments[i].name + " is missing: " + verb.arguments[i].help);
  }
  if (given > verb.arguments.size() && !open_ended) {
    return absl::InvalidArgumentError("there is no place for '" + arguments.positionals[verb.arguments.size()] + "'");
  }
  if (arguments.Has("request")) return absl::OkStatus();  // the whole request: it says itself what it holds
  for (const FlagSpec& flag : verb.flags) {
    if (flag.required && !arguments.Has(flag.name) && !arguments.Has(flag.name + "-fen")) {
      return absl::InvalidArgumentError("--" + flag.name + " " + flag.value_name + " is missing: " + FirstSentence(flag.help));
    }
  }
  return absl::OkStatus();
}

void PrintUsage(const Verb& verb, std::ostream& out) {
  std::string line = "songhua " + verb.name();
  for (const Argument& argument : verb.arguments) {
    const std::string name = argument.name + (argument.repeated ? "..." : "");
    line += argument.required ? " " + name : " [" + name + "]";
  }
  for (const FlagSpec& flag : verb.flags) {
    if (flag.required) line += " --" + flag.name + " " + flag.value_name;
  }
  if (std::any_of(verb.flags.begin(), verb.flags.end(), [](const FlagSpec& flag) { return !flag.required; }) || verb.client)
    line += " [flags]";
  out << "  " << line << '\n';
}

// Two columns: the flag, and its help wrapped beside it.
void PrintEntries(const std::vector<std::pair<std::string, std::string>>& entries, std::ostream& out) {
  size_t widest = 0;
  for (const auto& entry : entries) {
    if (entry.first.size() <= 34) widest = std::max(widest, entry.first.size());
  }
  const size_t indent = widest + 4;
  for (const auto& [name, help] : entries) {
    out << "  " << name;
    if (name.size() > widest) {
      out << '\n' << std::string(indent, ' ');
    } else {
      out << std::string(widest - name.size() + 2, ' ');
    }
    out << Wrap(help, kPageWidth, indent) << '\n';
  }
}

void PrintFlags(const std::string& title, const std::vector<FlagSpec>& flags, std::ostream& out) {
  if (flags.empty()) return;
  out << '\n' << title << '\n';
  std::vector<std::pair<std::string, std::string>> entries;
  for (const FlagSpec& flag : flags) {
    std::string name = "--" + flag.name + (flag.value_name.empty() ? "" : " " + flag.value_name);
    if (flag.repeated) name += " ...";
    entries.emplace_back(std::move(name), flag.help);
  }
  PrintEntries(entries, out);
}

}  // namespace

std::string Verb::name() const { return Join(words, " "); }

const std::vector<FlagSpec>& CommonFlags() {
  static const auto* flags = new std::vector<FlagSpec>{{"help", "", "Show this page"}};
  return *flags;
}

const std::vector<FlagSpec>& ClientFlags() {
  static const auto* flags = new std::vector<FlagSpec>{
      {"server", "HOST:PORT", "The service. Default: $SONGHUA_SERVER, or 127.0.0.1:50051"},
      {"as", "PERSON", "Act as this person, with the token in $SONGHUA_TOKENS/PERSON. Default: var/tokens, or where only `./run` was, var/demo/tokens"},
      {"token", "TOKEN", "The bearer token itself. Default: $SONGHUA_TOKEN. A token in a file is safer: others see a command line"},
      {"token-file", "FILE", "A file that holds the token and nothing else"},
      {"ca", "FILE",
       "Call with TLS and trust the certificates in this PEM file. Needed beyond the loopback, where a token would be read by others"},
      {"deadline", "SECONDS", "How long to wait for an answer, 1 to 3600. Default: 30; streams: no limit"},
      {"json", "", "Print JSON, one object a line, with the field names of the proto; errors too"},
  };
  return *flags;
}

void Registry::Add(Verb verb) {
  SONGHUA_CHECK(!verb.words.empty() && !verb.summary.empty() && verb.run != nullptr);
  SONGHUA_CHECK(std::none_of(verbs_.begin(), verbs_.end(), [&](const Verb& other) { return other.words == verb.words; }));
  SONGHUA_CHECK(std::any_of(headings_.begin(), headings_.end(), [&](const Heading& heading) { return heading.group == verb.group; }) ||
                std::any_of(topics_.begin(), topics_.end(), [&](const Heading& topic) { return topic.group == verb.group; }));
  verbs_.push_back(std::move(verb));
}

void Registry::AddTopic(std::string name, std::string about) { topics_.push_back({std::move(name), std::move(about)}); }

const Verb* Registry::Find(const std::vector<std::string>& words, size_t* used) const {
  const Verb* found = nullptr;
  *used = 0;
  for (const Verb& verb : verbs_) {
    if (verb.words.size() <= *used || verb.words.size() > words.size()) continue;
    if (!std::equal(verb.words.begin(), verb.words.end(), words.begin())) continue;
    found = &verb;
    *used = verb.words.size();
  }
  return found;
}

bool Registry::IsTopic(const std::string& word) const {
  return std::any_of(topics_.begin(), topics_.end(), [&](const Heading& topic) { return topic.group == word; });
}

int Registry::Run(const std::vector<std::string>& words, const Io& io) const {
  // Flags of the client may stand before the verb: `songhua --server HOST:PORT status`.
  size_t first = 0;
  while (first < words.size() && words[first].size() > 2 && words[first].substr(0, 2) == "--" && !IsHelpFlag(words[first])) {
    const std::string name =
        words[first].substr(2, words[first].find('=') == std::string::npos ? std::string::npos : words[first].find('=') - 2);
    const auto flag = std::find_if(ClientFlags().begin(), ClientFlags().end(), [&](const FlagSpec& spec) { return spec.name == name; });
    const bool takes_next = flag != ClientFlags().end() && !flag->value_name.empty() && words[first].find('=') == std::string::npos;
    first += takes_next ? 2 : 1;
  }
  first = std::min(first, words.size());
  const std::vector<std::string> after(words.begin() + static_cast<ptrdiff_t>(first), words.end());
  if (after.empty() || IsHelpFlag(after[0])) return Help({}, io);
  if (after[0] == "help") return Help({after.begin() + 1, after.end()}, io);

  size_t used = 0;
  const Verb* verb = Find(after, &used);
  // `trades verfy-trade`: the verb `trades` has no place for a word, so a verb of the service was meant.
  if (verb != nullptr && verb->arguments.empty() && IsTopic(after[0]) && used == 1 && after.size() > 1 && after[1].substr(0, 1) != "-") {
    return UnknownVerb(after, io);
  }
  if (verb == nullptr) {
    if (after.size() > 1 && IsHelpFlag(after[1])) return Help({after[0]}, io);
    return UnknownVerb(after, io);
  }
  std::vector<std::string> rest(words.begin(), words.begin() + static_cast<ptrdiff_t>(first));
  rest.insert(rest.end(), after.begin() + static_cast<ptrdiff_t>(used), after.end());
  for (size_t i = first; i < rest.size() && rest[i] != "--"; ++i) {
    if (IsHelpFlag(rest[i])) {
      PrintVerb(*verb, *io.out);
      return kExitOk;
    }
  }

  Invocation invocation{verb, {}, io};
  auto arguments = ParseArguments(rest, AllFlags(*verb));
  if (!arguments.ok()) return BadUsage(invocation, arguments.status());
  invocation.arguments = *std::move(arguments);
  const absl::Status status = CheckPositionals(*verb, invocation.arguments);
  if (!status.ok()) return BadUsage(invocation, status);
  return verb->run(invocation);
}

int Registry::Help(const std::vector<std::string>& words, const Io& io) const {
  if (words.empty()) {
    PrintFrontPage(*io.out);
    return kExitOk;
  }
  size_t used = 0;
  const Verb* verb = Find(words, &used);
  if (verb != nullptr && used == words.size()) {
    PrintVerb(*verb, *io.out);
    if (used == 1 && IsTopic(words[0])) {  // `trades` is a verb, and a service with verbs
      *io.out << '\n';
      PrintTopic(words[0], *io.out);
    }
    return kExitOk;
  }
  if (words.size() == 1 && PrintTopic(words[0], *io.out)) return kExitOk;
  return UnknownVerb(words, io);
}

void Registry::PrintFrontPage(std::ostream& out) const {
  out << "songhua: a market in discharge rights and emission allowances\n\n"
         "  songhua VERB [arguments] [--flag value ...]\n"
         "  songhua help VERB          a verb's flags, with examples\n";
  for (const Heading& heading : headings_) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (const Verb& verb : verbs_) {
      if (verb.group == heading.group && verb.listed) entries.emplace_back(verb.name(), verb.summary);
    }
    if (entries.empty()) continue;
    out << '\n' << heading.about << '\n';
    PrintEntries(entries, out);
  }
  if (!topics_.empty()) {
    out << "\nEvery method of the API, by service (songhua help SERVICE lists its methods)\n";
    std::vector<std::pair<std::string, std::string>> entries;
    for (const Heading& topic : topics_) entries.emplace_back(topic.group, WithoutAsides(FirstSentence(topic.about)));
    PrintEntries(entries, out);
  }
  out << "\nExit code: 0 done, 1 refused by the service, 2 the command line was wrong, 3 no answer.\n";
}

bool Registry::PrintTopic(const std::string& name, std::ostream& out) const {
  std::vector<std::pair<std::string, std::string>> entries;
  std::string about;
  for (const Heading& topic : topics_) {
    if (topic.group == name) about = topic.about;
  }
  for (const Verb& verb : verbs_) {
    if (verb.group == name || (verb.words.size() > 1 && verb.words[0] == name)) entries.emplace_back(verb.name(), verb.summary);
  }
  if (entries.empty()) return false;
  out << (about.empty() ? "songhua " + name : Wrap(about, kPageWidth, 0)) << "\n\n";
  PrintEntries(entries, out);
  out << "\nsonghua help " << name << " VERB shows a verb's flags.\n";
  return true;
}

int Registry::UnknownVerb(const std::vector<std::string>& words, const Io& io) const {
  // Within a group the second word was wrong, otherwise the first.
  std::vector<std::string> first_words, second_words;
  for (const Verb& verb : verbs_) {
    first_words.push_back(verb.words[0]);
    if (verb.words.size() > 1 && verb.words[0] == words[0]) second_words.push_back(verb.words[1]);
  }
  first_words.emplace_back("help");
  first_words.erase(std::unique(first_words.begin(), first_words.end()), first_words.end());
  std::ostream& err = *io.err;
  if (!second_words.empty()) {
    if (words.size() == 1 || words[1].substr(0, 2) == "--") {
      err << "songhua: '" << words[0] << "' needs a verb after it; accepted: " << Join(second_words, ", ") << '\n';
      return kExitUsage;
    }
    const std::string nearest = NearestMatch(words[1], second_words);
    err << "songhua: there is no verb '" << words[0] << ' ' << words[1] << "'";
    if (!nearest.empty()) {
      err << "; did you mean '" << words[0] << ' ' << nearest << "'?\n";
    } else {
      err << "; accepted: " << Join(second_words, ", ") << '\n';
    }
    return kExitUsage;
  }
  const std::string nearest = NearestMatch(words[0], first_words);
  err << "songhua: there is no verb '" << words[0] << "'";
  err << (nearest.empty() ? "; `songhua help` lists what there is\n" : "; did you mean '" + nearest + "'?\n");
  return kExitUsage;
}

void PrintVerb(const Verb& verb, std::ostream& out) {
  out << verb.summary << "\n\n";
  PrintUsage(verb, out);
  if (!verb.description.empty()) {
    for (const std::string& paragraph : Split(verb.description, '\n')) {
      out << (paragraph.empty() ? "" : "\n") << Wrap(paragraph, kPageWidth, 0) << (paragraph.empty() ? "" : "\n");
    }
  }
  if (!verb.arguments.empty()) {
    out << "\nArguments\n";
    std::vector<std::pair<std::string, std::string>> entries;
    for (const Argument& argument : verb.arguments) entries.emplace_back(argument.name, argument.help);
    PrintEntries(entries, out);
  }
  PrintFlags("Flags", verb.flags, out);
  if (verb.client) PrintFlags("Flags of every call", ClientFlags(), out);
  if (!verb.examples.empty()) {
    out << "\nExamples\n";
    for (const Example& example : verb.examples) {
      out << "  songhua " << example.command << '\n';
      if (!example.shows.empty()) out << "      " << Wrap(example.shows, kPageWidth, 6) << '\n';
    }
  }
}

int BadUsage(const Invocation& invocation, const absl::Status& status) {
  *invocation.io.err << "songhua " << invocation.verb->name() << ": " << std::string(status.message()) << "\n  songhua help "
                     << invocation.verb->name() << '\n';
  return kExitUsage;
}

}  // namespace songhua::api::cli
