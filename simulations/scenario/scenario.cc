#include "simulations/scenario/scenario.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/cli/flags.h"
#include "api/cli/text.h"
#include "ledger/refusal.h"

namespace songhua::simulations {
namespace {

using api::cli::Split;
using api::cli::Trim;

constexpr int64_t kRepeatsMax = 10'000'000;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

int HexDigit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

// One line's words.
class Lexer {
 public:
  Lexer(const std::string& file, int line, std::string_view text) : file_(file), line_(line), text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() {
    while (SkipBlanks()) {
      if (text_[at_] == '"') {
        SONGHUA_RETURN_IF_ERROR(Quoted());
      } else {
        Word();
      }
    }
    return std::move(tokens_);
  }

 private:
  // False at the end of the line, or where a comment begins.
  bool SkipBlanks() {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
    return at_ < text_.size() && text_[at_] != '#';
  }

  void Add(std::string text, bool quoted) { tokens_.push_back({std::move(text), quoted, false, line_}); }

  void TakeComma() {
    if (at_ < text_.size() && text_[at_] == ',' && (at_ + 1 == text_.size() || IsBlank(text_[at_ + 1]))) {
      tokens_.back().comma = true;
      ++at_;
    }
  }

  absl::Status Quoted() {
    std::string content;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] != '\\') {
        content += text_[at_];
        continue;
      }
      SONGHUA_RETURN_IF_ERROR(Escape(&content));
    }
    if (at_ == text_.size()) return ScenarioError(file_, line_, "a quotation that does not end on its line");
    ++at_;
    if (at_ < text_.size() && text_[at_] == '*') SONGHUA_RETURN_IF_ERROR(Repeat(&content));
    Add(std::move(content), true);
    TakeComma();
    return absl::OkStatus();
  }

  absl::Status Escape(std::string* content) {
    const char c = ++at_ < text_.size() ? text_[at_] : ' ';
    if (c == 'x' && at_ + 2 < text_.size() && HexDigit(text_[at_ + 1]) >= 0 && HexDigit(text_[at_ + 2]) >= 0) {
      *content += static_cast<char>(HexDigit(text_[at_ + 1]) * 16 + HexDigit(text_[at_ + 2]));
      at_ += 2;
    } else if (c == 'n') {
      *content += '\n';
    } else if (c == '"' || c == '\\') {
      *content += c;
    } else {
      return ScenarioError(file_, line_, "after \\ comes n, \", \\ or x and two hexadecimal digits");
    }
    return absl::OkStatus();
  }

  absl::Status Repeat(std::string* content) {
    size_t end = ++at_;
    while (end < text_.size() && text_[end] >= '0' && text_[end] <= '9') ++end;
    const auto times = api::cli::ParseInteger(text_.substr(at_, end - at_), "times");
    if (!times.ok() || *times > kRepeatsMax) return ScenarioError(file_, line_, "after \"...\"* comes how often, at most ten million times");
    at_ = end;
    const std::string once = std::move(*content);
    content->clear();
    for (int64_t i = 0; i < *times; ++i) *content += once;
    return absl::OkStatus();
  }

  void Word() {
    size_t end = at_;
    while (end < text_.size() && !IsBlank(text_[end])) ++end;
    std::string_view word = text_.substr(at_, end - at_);
    at_ = end;
    while (word.size() > 1 && word.front() == '{') {
      Add("{", false);
      word.remove_prefix(1);
    }
    const bool comma = word.size() > 1 && word.back() == ',';
    if (comma) word.remove_suffix(1);
    size_t closing = 0;  // braces that nothing in the word has opened, as "${name}" does
    while (word.size() > 1 && word.back() == '}' && std::count(word.begin(), word.end(), '}') > std::count(word.begin(), word.end(), '{')) {
      word.remove_suffix(1);
      ++closing;
    }
    Add(std::string(word), false);
    for (size_t i = 0; i < closing; ++i) Add("}", false);
    tokens_.back().comma = comma;
  }

  const std::string& file_;
  const int line_;
  const std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

std::optional<BlockKind> KindOf(const std::string& keyword) {
  static constexpr std::pair<const char*, BlockKind> kKinds[] = {{"use", BlockKind::kUse},     {"let", BlockKind::kLet}, {"people", BlockKind::kPeople},
                                                                 {"clock", BlockKind::kClock}, {"as", BlockKind::kAs},   {"ledger", BlockKind::kLedger}};
  for (const auto& [name, kind] : kKinds) {
    if (keyword == name) return kind;
  }
  return std::nullopt;
}

bool HasLines(BlockKind kind) { return kind == BlockKind::kPeople || kind == BlockKind::kAs || kind == BlockKind::kLedger; }

class Parser {
 public:
  explicit Parser(const std::string& file) { scenario_.file = file; }

  absl::StatusOr<Scenario> Run(std::string_view text) {
    for (const std::string& line : Split(text, '\n')) {
      ++line_;
      SONGHUA_RETURN_IF_ERROR(Line(line));
    }
    if (scenario_.title.empty()) return Error("no title; accepted: a line such as \"scenario: A pledged right cannot be sold\"");
    for (const Block& block : scenario_.blocks) {
      if (HasLines(block.kind) && block.commands.empty()) return ScenarioError(scenario_.file, block.line, "a block with nothing in it");
    }
    return std::move(scenario_);
  }

 private:
  absl::Status Error(const std::string& text) const { return ScenarioError(scenario_.file, line_, text); }

  absl::Status Line(const std::string& line) {
    if (line.find('\t') != std::string::npos) return Error("a tab; accepted: blanks");
    const size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos || line[indent] == '#') return absl::OkStatus();
    return indent == 0 ? TopLine(line) : InnerLine(indent, line);
  }

  absl::Status TopLine(const std::string& line) {
    if (line.compare(0, 9, "scenario:") == 0) {
      scenario_.title = Trim(line.substr(9));
      return absl::OkStatus();
    }
    if (line.compare(0, 6, "rules:") == 0) {
      for (const std::string& rule : Split(line.substr(6), ',')) scenario_.rules.push_back(Trim(rule));
      return absl::OkStatus();
    }
    SONGHUA_ASSIGN_OR_RETURN(std::vector<Token> tokens, Lexer(scenario_.file, line_, line).Run());
    const std::optional<BlockKind> kind = KindOf(tokens.front().text);
    if (!kind.has_value()) {
      return Error("'" + tokens.front().text + "' at the margin; accepted: scenario:, rules:, use, let, people, clock, as, ledger");
    }
    tokens.erase(tokens.begin());
    const bool bare = *kind == BlockKind::kPeople || *kind == BlockKind::kLedger;
    if (tokens.empty() != bare) return Error(bare ? "nothing stands beside this word" : "something is missing after this word");
    scenario_.blocks.push_back({*kind, line_, std::move(tokens), {}});
    indent_ = 0;
    note_.clear();
    return absl::OkStatus();
  }

  absl::Status InnerLine(size_t indent, const std::string& line) {
    if (scenario_.blocks.empty() || !HasLines(scenario_.blocks.back().kind)) return Error("an indented line outside a block");
    Block& block = scenario_.blocks.back();
    if (indent_ == 0) indent_ = indent;
    if (indent < indent_) return Error("less indented than the lines of its block");
    if (indent == indent_) {
      const std::string text = Trim(line);
      if (text.compare(0, 5, "note ") == 0) {
        note_ = Trim(text.substr(5));
        return absl::OkStatus();
      }
      block.commands.push_back({line_, std::exchange(note_, ""), {}, {}});
    } else if (block.commands.empty()) {
      return Error("a line that continues nothing");
    }
    SONGHUA_ASSIGN_OR_RETURN(std::vector<Token> tokens, Lexer(scenario_.file, line_, line).Run());
    Command& command = block.commands.back();
    for (Token& token : tokens) {
      if (!token.quoted && token.text == "->") {
        command.expectations.emplace_back();
      } else {
        (command.expectations.empty() ? command.words : command.expectations.back()).push_back(std::move(token));
      }
    }
    return command.words.empty() ? Error("'->' that follows nothing") : absl::OkStatus();
  }

  Scenario scenario_;
  int line_ = 0;
  size_t indent_ = 0;  // of the lines of the block; 0: none came yet
  std::string note_;
};

}  // namespace

absl::StatusOr<Scenario> ParseScenario(const std::string& file, std::string_view text) { return Parser(file).Run(text); }

std::string JoinTokens(const std::vector<Token>& tokens) {
  std::string text;
  for (const Token& token : tokens) {
    if (!text.empty()) text += ' ';
    text += token.quoted ? '"' + token.text + '"' : token.text;
    if (token.comma) text += ',';
  }
  return text;
}

absl::Status ScenarioError(const std::string& file, int line, const std::string& text) {
  return absl::InvalidArgumentError(file + ":" + std::to_string(line) + ": " + text);
}

}  // namespace songhua::simulations
