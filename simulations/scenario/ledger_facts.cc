#include "simulations/scenario/ledger_facts.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/cli/request.h"
#include "api/cli/text.h"
#include "ledger/refusal.h"
#include "simulations/scenario/amounts_text.h"
#include "simulations/scenario/answers.h"

namespace songhua::simulations {
namespace {

namespace pb = google::protobuf;
using Message = std::unique_ptr<pb::Message>;
using Result = absl::StatusOr<std::optional<Difference>>;

// The words between two commas.
struct Fact {
  std::vector<std::string> words;
  int line = 0;

  std::string Text(size_t from = 0, size_t to = std::string::npos) const {
    std::string text;
    for (size_t i = from; i < std::min(to, words.size()); ++i) text += (text.empty() ? "" : " ") + words[i];
    return text;
  }
};

// "lot $lot: ..." taken apart.
struct LedgerLine {
  std::string kind;
  std::string name;
  int line = 0;
  std::vector<Fact> facts;
};

absl::StatusOr<LedgerLine> TakeApart(const std::vector<Token>& words) {
  LedgerLine line;
  line.kind = words[0].text;
  line.line = words[0].line;
  if (words.size() < 3 || words[1].text.size() < 2 || words[1].text.back() != ':') {
    return absl::InvalidArgumentError("'" + JoinTokens(words) + "'; accepted: a kind of thing, its name with a colon, and facts");
  }
  line.name = words[1].text.substr(0, words[1].text.size() - 1);
  bool begins = true;
  for (size_t i = 2; i < words.size(); ++i) {
    if (begins) line.facts.push_back({{}, words[i].line});
    line.facts.back().words.push_back(words[i].text);
    begins = words[i].comma;
  }
  return line;
}

ScaleFinder FinderOf(Conversation* conversation) {
  return [conversation](const pb::Message& message) { return conversation->ScaleOf(message); };
}

// nullopt where the field is what the fact says.
Result CompareField(Conversation* conversation, const pb::Message& answer, const std::string& path, const std::string& wanted, int line) {
  SONGHUA_ASSIGN_OR_RETURN(const FieldPlace place, FindPlace(answer, path));
  SONGHUA_ASSIGN_OR_RETURN(const bool is, ValueIs(place, wanted, FinderOf(conversation)));
  if (is) return std::optional<Difference>();
  return std::optional<Difference>({line, path + " " + ShownValue(place, FinderOf(conversation)), path + " " + wanted});
}

Result CompareSteps(int64_t found, const std::string& what, const std::string& wanted, const std::optional<api::cli::UnitScale>& scale, int line) {
  SONGHUA_ASSIGN_OR_RETURN(const int64_t steps, ParseSteps(wanted, scale, what));
  if (found == steps) return std::optional<Difference>();
  return std::optional<Difference>({line, what + " " + FormatSteps(found, scale), what + " " + wanted});
}

int64_t Integer(const pb::Message& message, const char* name) {
  return message.GetReflection()->GetInt64(message, message.GetDescriptor()->FindFieldByName(name));
}

std::string String(const pb::Message& message, const char* name) {
  return message.GetReflection()->GetString(message, message.GetDescriptor()->FindFieldByName(name));
}

std::vector<const pb::Message*> Rows(const pb::Message& answer, const char* name) {
  const pb::FieldDescriptor* field = answer.GetDescriptor()->FindFieldByName(name);
  std::vector<const pb::Message*> rows;
  for (int i = 0; i < answer.GetReflection()->FieldSize(answer, field); ++i) {
    rows.push_back(&answer.GetReflection()->GetRepeatedMessage(answer, field, i));
  }
  return rows;
}

bool IsEncumbrance(const std::string& word) {
  static constexpr const char* kKinds[] = {"ORDER", "TRADE", "LISTING", "PROVISIONAL_PLEDGE", "PLEDGE", "LEASE", "SURRENDER", "PROPOSAL", "RECOVERY", "ALLOCATION", "FREEZE"};
  return std::find(std::begin(kKinds), std::end(kKinds), word) != std::end(kKinds);
}

Result CheckLotFact(Conversation* conversation, const pb::Message& answer, const Fact& fact) {
  const pb::Message& lot = answer.GetReflection()->GetMessage(answer, answer.GetDescriptor()->FindFieldByName("lot"));
  const auto scale = conversation->ScaleOf(lot);
  if (IsEncumbrance(fact.words[0])) {
    int64_t sum = 0;
    for (const pb::Message* row : Rows(lot, "encumbrances")) sum += String(*row, "kind") == fact.words[0] ? Integer(*row, "quantity") : 0;
    return CompareSteps(sum, fact.words[0], fact.Text(1), scale, fact.line);
  }
  if (fact.words[0] == "year" && fact.words.size() > 2) {
    int64_t sum = 0;
    for (const pb::Message* row : Rows(lot, "entitlements")) {
      const int32_t year = row->GetReflection()->GetInt32(*row, row->GetDescriptor()->FindFieldByName("year"));
      if (std::to_string(year) == fact.words[1]) sum += Integer(*row, "quantity");
    }
    return CompareSteps(sum, "year " + fact.words[1], fact.Text(2), scale, fact.line);
  }
  return CompareField(conversation, answer, fact.words[0], fact.Text(1), fact.line);
}

Result CheckResource(Conversation* conversation, const std::string& method, const std::string& collection, const LedgerLine& line) {
  SONGHUA_ASSIGN_OR_RETURN(const Message answer, conversation->Read(method, {{"name", api::cli::CompleteName(line.name, collection)}}));
  for (const Fact& fact : line.facts) {
    SONGHUA_ASSIGN_OR_RETURN(auto difference, collection == "lots" ? CheckLotFact(conversation, *answer, fact)
                                                                  : CompareField(conversation, *answer, fact.words[0], fact.Text(1), fact.line));
    if (difference.has_value()) return difference;
  }
  return std::optional<Difference>();
}

Result CheckCash(Conversation* conversation, const LedgerLine& line) {
  const std::string account = api::cli::CompleteName(line.name.find('.') == std::string::npos ? line.name + ".cash" : line.name, "accounts");
  SONGHUA_ASSIGN_OR_RETURN(const Message answer, conversation->Read("Ledger/ListHoldings", {{"account", account}}));
  int64_t posted = 0, held = 0;
  for (const pb::Message* row : Rows(*answer, "holdings")) {
    posted += Integer(*row, "posted");
    held += Integer(*row, "held");
  }
  for (const Fact& fact : line.facts) {
    const std::string& word = fact.words[0];
    const bool named = word == "posted" || word == "held" || word == "free";
    const int64_t found = word == "held" ? held : word == "free" ? posted - held : posted;
    SONGHUA_ASSIGN_OR_RETURN(const int64_t wanted, ParseFen(fact.Text(named ? 1 : 0), "cash"));
    const std::string what = named ? word + " " : "";
    if (found != wanted) return std::optional<Difference>({fact.line, what + FormatFen(found), what + FormatFen(wanted)});
  }
  return std::optional<Difference>();
}

Result CheckHoldings(Conversation* conversation, const LedgerLine& line) {
  const std::string account = api::cli::CompleteName(line.name, "accounts");
  SONGHUA_ASSIGN_OR_RETURN(const Message answer, conversation->Read("Ledger/ListHoldings", {{"account", account}}));
  const auto rows = Rows(*answer, "holdings");
  for (const Fact& fact : line.facts) {
    const bool nothing = fact.Text() == "nothing";
    int64_t posted = 0, held = 0;
    std::optional<api::cli::UnitScale> scale;
    for (const pb::Message* row : rows) {
      if (!nothing && String(*row, "instrument") != fact.words[0]) continue;
      posted += Integer(*row, "posted");
      held += Integer(*row, "held");
      scale = conversation->ScaleOf(*row);
    }
    if (nothing) {
      if (posted != 0) return std::optional<Difference>({fact.line, std::to_string(posted) + " units", "nothing"});
      continue;
    }
    const auto at = std::find(fact.words.begin(), fact.words.end(), "held");
    const size_t split = static_cast<size_t>(at - fact.words.begin());
    SONGHUA_ASSIGN_OR_RETURN(auto difference, CompareSteps(posted, fact.words[0], fact.Text(1, split), scale, fact.line));
    if (!difference.has_value() && at != fact.words.end()) {
      SONGHUA_ASSIGN_OR_RETURN(difference, CompareSteps(held, fact.words[0] + " held", fact.Text(split + 1), scale, fact.line));
    }
    if (difference.has_value()) return difference;
  }
  return std::optional<Difference>();
}

Result CheckInstrument(Conversation* conversation, const LedgerLine& line) {
  SONGHUA_ASSIGN_OR_RETURN(const Message answer, conversation->Read("Ledger/ListInstruments", {}));
  for (const pb::Message* row : Rows(*answer, "instruments")) {
    if (String(*row, "code") != line.name) continue;
    for (const Fact& fact : line.facts) {
      SONGHUA_ASSIGN_OR_RETURN(auto difference, CompareField(conversation, *row, fact.words[0], fact.Text(1), fact.line));
      if (difference.has_value()) return difference;
    }
    return std::optional<Difference>();
  }
  return std::optional<Difference>({line.line, "no instrument " + line.name, line.name});
}

// "PAYMENT -200.00 yuan"
std::string PostingText(Conversation* conversation, const pb::Message& posting) {
  const int64_t change = Integer(posting, "change");
  const std::string amount = FormatSteps(change, conversation->ScaleOf(posting));
  return String(posting, "type") + " " + (change > 0 ? "+" : "") + amount;
}

Result CheckStatement(Conversation* conversation, const LedgerLine& line) {
  const std::string account = api::cli::CompleteName(line.name, "accounts");
  SONGHUA_ASSIGN_OR_RETURN(const Message answer, conversation->Read("Ledger/ListPostings", {{"account", account}}));
  const auto rows = Rows(*answer, "postings");
  const size_t skipped = rows.size() - std::min(rows.size(), line.facts.size());
  for (size_t i = 0; i < line.facts.size(); ++i) {
    const Fact& fact = line.facts[i];
    if (skipped + i >= rows.size()) return std::optional<Difference>({fact.line, "only " + std::to_string(rows.size()) + " postings", fact.Text()});
    const pb::Message& row = *rows[skipped + i];
    SONGHUA_ASSIGN_OR_RETURN(const int64_t change, ParseSteps(fact.Text(1), conversation->ScaleOf(row), "posting"));
    if (String(row, "type") == fact.words[0] && Integer(row, "change") == change) continue;
    return std::optional<Difference>({fact.line, PostingText(conversation, row), fact.Text()});
  }
  return std::optional<Difference>();
}

// The side of a book as `buy 5 t at 5,100.00 yuan, buy ...`, without the units' name for a year.
std::vector<std::string> LevelsOf(Conversation* conversation, const pb::Message& book, const char* side, const char* word) {
  const auto scale = conversation->ScaleOf(book);
  std::vector<std::string> levels;
  for (const pb::Message* level : Rows(book, side)) {
    std::string quantity = FormatSteps(Integer(*level, "quantity"), scale);
    if (quantity.size() > 2 && quantity.substr(quantity.size() - 2) == "/a") quantity.resize(quantity.size() - 2);
    levels.push_back(std::string(word) + " " + quantity + " at " + FormatFen(Integer(*level, "price_fen")));
  }
  return levels;
}

Result CheckBook(Conversation* conversation, const LedgerLine& line) {
  const std::string contract = api::cli::CompleteName(line.name, "contracts");
  SONGHUA_ASSIGN_OR_RETURN(const Message book, conversation->Read("Exchange/GetOrderBook", {{"contract", contract}, {"depth", "1000"}}));
  std::vector<std::string> levels = LevelsOf(conversation, *book, "bids", "buy");
  for (std::string& level : LevelsOf(conversation, *book, "asks", "sell")) levels.push_back(std::move(level));
  std::vector<std::string> wanted;
  for (const Fact& fact : line.facts) {
    if (fact.Text() != "empty") wanted.push_back(fact.Text());
  }
  if (levels == wanted) return std::optional<Difference>();
  const auto text = [](const std::vector<std::string>& all) { return all.empty() ? "empty" : api::cli::Join(all, ", "); };
  return std::optional<Difference>({line.line, text(levels), text(wanted)});
}

}  // namespace

Result CheckLedgerLine(Conversation* conversation, const std::vector<Token>& words) {
  static const auto* kResources = new std::map<std::string, std::pair<std::string, std::string>>{
      {"lot", {"Ledger/GetLot", "lots"}},           {"trade", {"Trades/GetTrade", "trades"}},
      {"order", {"Exchange/GetOrder", "orders"}},   {"permit", {"Permits/GetPermit", "permits"}},
      {"pledge", {"Pledges/GetPledge", "pledges"}}, {"contract", {"Exchange/GetContract", "contracts"}},
      {"site", {"Participants/GetSite", "sites"}},
  };
  SONGHUA_ASSIGN_OR_RETURN(const LedgerLine line, TakeApart(words));
  const auto resource = kResources->find(line.kind);
  if (resource != kResources->end()) return CheckResource(conversation, resource->second.first, resource->second.second, line);
  if (line.kind == "cash") return CheckCash(conversation, line);
  if (line.kind == "holdings") return CheckHoldings(conversation, line);
  if (line.kind == "instrument") return CheckInstrument(conversation, line);
  if (line.kind == "statement") return CheckStatement(conversation, line);
  if (line.kind == "book") return CheckBook(conversation, line);
  return absl::InvalidArgumentError("the ledger has no '" + line.kind +
                                    "'; accepted: lot, cash, holdings, instrument, statement, book, trade, order, permit, pledge, contract, site");
}

}  // namespace songhua::simulations
