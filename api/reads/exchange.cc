// Contracts, orders, books.
#include <limits>
#include <map>
#include <vector>

#include "exchange/surveillance.h"
#include "exchange/call_auction.h"
#include "exchange/exchange.h"
#include "exchange/negotiations.h"

#include "api/reads/lookup.h"
#include "api/reads/order_rows.h"
#include "api/reads/reads.h"
#include "ledger/journal_record.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

constexpr int32_t kDepthDefault = 5;  // CAR-29
constexpr int32_t kDepthMax = 1'000;

// Whose order an offer of a negotiation or its confirmation was: the seller's or the buyer's.
template <class Request>
absl::StatusOr<ledger::AccountNumber> PartyOf(ReadContext& context, const JournalRecord& record, Request request) {
  if (!request.ParseFromString(record.request)) return 0;
  const auto number = ledger::ParseNumberedName("name", "negotiations", request.name());
  if (!number.ok()) return 0;
  SONGHUA_ASSIGN_OR_RETURN(const auto negotiation, context.Get<exchange::NegotiationRow>(*number));
  if (!negotiation.has_value()) return 0;
  for (const ledger::AccountNumber account : {negotiation->seller, negotiation->buyer}) {
    SONGHUA_ASSIGN_OR_RETURN(const auto open, context.Get<exchange::OrderRow>({account, record.first_sequence}));
    SONGHUA_ASSIGN_OR_RETURN(const auto ended, context.Get<exchange::OrderHistoryRow>({account, record.first_sequence}));
    if (open.has_value() || ended.has_value()) return account;
  }
  return 0;
}

// The account that an order was placed for, 0 if the command of that number placed none. Orders are stored by account, and numbered by the
// command that placed them: the journal knows whose it was, however long ago.
absl::StatusOr<ledger::AccountNumber> AccountOfOrder(ReadContext& context, Lookup& lookup, uint64_t number) {
  if (number > context.moment().sequence) return 0;
  auto entry = context.side().store().ReadRecord(number);
  if (absl::IsNotFound(entry.status())) return 0;
  if (absl::IsOutOfRange(entry.status())) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "JOURNAL_ARCHIVED").Rule("GEN-08").Field("name").Value("orders/" + std::to_string(number))
        .Accepted("orders placed after sequence " + std::to_string(context.side().store().archived_sequence()) +
                  "; older ones are found by their account (ListOrders)");
  }
  SONGHUA_RETURN_IF_ERROR(entry.status());
  SONGHUA_ASSIGN_OR_RETURN(const JournalRecord record, DecodeRecord(entry->bytes));
  if (record.method == "songhua.v1.Exchange/SubmitOrders") {
    v1::OrderBatch batch;
    const uint64_t index = number - record.first_sequence;
    if (!batch.ParseFromString(record.request) || index >= static_cast<uint64_t>(batch.commands_size())) return 0;
    return batch.commands(static_cast<int>(index)).account();
  }
  const auto account_of = [&](auto request) -> ledger::AccountNumber {
    if (!request.ParseFromString(record.request)) return 0;
    const auto account = lookup.FindAccount("account", request.account());
    return account.ok() ? (*account)->number : 0;
  };
  if (record.method == "songhua.v1.Exchange/PlaceOrder") return account_of(v1::PlaceOrderRequest());
  if (record.method == "songhua.v1.Exchange/Take") return account_of(v1::TakeRequest());
  if (record.method == "songhua.v1.Listings/PostListing") return account_of(v1::PostListingRequest());
  if (record.method == "songhua.v1.Listings/TakeListing") return account_of(v1::TakeListingRequest());
  if (record.method == "songhua.v1.Negotiations/MakeOffer") return account_of(v1::MakeOfferRequest());
  if (record.method == "songhua.v1.Negotiations/CounterOffer") return PartyOf(context, record, v1::CounterOfferRequest());
  if (record.method == "songhua.v1.Negotiations/ConfirmOffer") return PartyOf(context, record, v1::ConfirmOfferRequest());
  return 0;
}

}  // namespace

// As the session runs by it.
static absl::StatusOr<Price> FloorOf(ReadContext& context, exchange::ContractNumber number) {
  SONGHUA_ASSIGN_OR_RETURN(const auto contract, context.Get<exchange::ContractRow>(number));
  return contract.has_value() ? contract->floor : Price();
}

absl::StatusOr<v1::Order> OpenOrderMessage(ReadContext& context, Lookup& lookup, const exchange::OrderRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string account, lookup.AccountName(row.account));
  SONGHUA_ASSIGN_OR_RETURN(const std::string contract, lookup.ContractName(row.contract));
  SONGHUA_ASSIGN_OR_RETURN(const Price floor, FloorOf(context, row.contract));
  return ToProto(row, contract, account, floor);
}

absl::StatusOr<std::optional<v1::Order>> OrderOf(ReadContext& context, Lookup& lookup, ledger::AccountNumber account, uint64_t number) {
  // An order ends between two looks at most once, so what is not in the first is in the second.
  SONGHUA_ASSIGN_OR_RETURN(const auto open, context.Get<exchange::OrderRow>({account, number}));
  if (open.has_value()) {
    SONGHUA_ASSIGN_OR_RETURN(v1::Order order, OpenOrderMessage(context, lookup, *open));
    return std::optional<v1::Order>(std::move(order));
  }
  SONGHUA_ASSIGN_OR_RETURN(const auto ended, context.Get<exchange::OrderHistoryRow>({account, number}));
  if (!ended.has_value()) return std::optional<v1::Order>();
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_name, lookup.AccountName(account));
  SONGHUA_ASSIGN_OR_RETURN(const std::string contract, lookup.ContractName(ended->contract));
  return std::optional<v1::Order>(ToProto(*ended, contract, account_name));
}

absl::StatusOr<v1::ContractAnswer> GetContract(ReadContext& context, const v1::GetContractRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractNumber number, Lookup(&context).FindContract("name", request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::ContractRow>(number));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::ContractAnswer answer;
  *answer.mutable_contract() = ToProto(*row, context.moment().now);
  return answer;
}

absl::StatusOr<v1::ListContractsAnswer> ListContracts(ReadContext& context, const v1::ListContractsRequest&) {
  v1::ListContractsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::ContractRow>(
      "",
      [&](const exchange::ContractRow& row) -> ReadContext::Added {
        *answer.add_contracts() = ToProto(row, context.moment().now);
        return answer.contracts().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListDailyBarsAnswer> ListDailyBars(ReadContext& context, const v1::ListDailyBarsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractNumber number, Lookup(&context).FindContract("contract", request.contract()));
  v1::ListDailyBarsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::DailyBarRow>(
      EncodeKey(number),
      [&](const exchange::DailyBarRow& row) -> ReadContext::Added {
        *answer.add_bars() = ToProto(row, request.contract());
        return answer.bars().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

// Versions are few and numbered without gaps, so the one that holds is found from the first on.
absl::StatusOr<v1::RulebookAnswer> GetRulebook(ReadContext& context, const v1::GetRulebookRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("name", "rulebooks", request.name()));
  std::optional<exchange::RulebookRow> found;
  for (uint32_t version = 1;; ++version) {
    SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<exchange::RulebookRow>({code, version}));
    if (!row.has_value()) break;
    if (request.version() == 0 ? row->effective <= context.today() : row->terms.version == request.version()) found = *std::move(row);
  }
  if (!found.has_value()) {
    if (request.version() == 0) return NotFound("name", request.name());
    return NotFound("version", std::to_string(request.version()));
  }
  v1::RulebookAnswer answer;
  *answer.mutable_rulebook() = ToProto(*found);
  return answer;
}

absl::StatusOr<v1::ListRulebooksAnswer> ListRulebooks(ReadContext& context, const v1::ListRulebooksRequest&) {
  v1::ListRulebooksAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::RulebookRow>(
      "",
      [&](const exchange::RulebookRow& row) -> ReadContext::Added {
        *answer.add_rulebooks() = ToProto(row);
        return answer.rulebooks().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

// Halts of contracts and programs are for all who trade; those of an account for its owner and the exchange, those of a participant for it and the exchange.
absl::StatusOr<v1::ListHaltsAnswer> ListHalts(ReadContext& context, const v1::ListHaltsRequest&) {
  Lookup lookup(&context);
  v1::ListHaltsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::MarketHaltRow>(
      "",
      [&](const exchange::MarketHaltRow& row) -> ReadContext::Added {
        std::string contract, account;
        if (row.contract != 0) {
          SONGHUA_ASSIGN_OR_RETURN(contract, lookup.ContractName(row.contract));
        }
        if (row.account != 0) {
          SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* of, lookup.Account(row.account));
          SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*of));
          if (!context.MaySee(target)) return size_t{0};
          account = ledger::AccountName(*of);
        }
        if (!row.participant.empty()) {
          SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(row.participant));
          if (!context.MaySee(target)) return size_t{0};
        }
        *answer.add_halts() = ToProto(row, contract, account);
        return answer.halts().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::OrderAnswer> GetOrder(ReadContext& context, const v1::GetOrderRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "orders", request.name()));
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountNumber of, AccountOfOrder(context, lookup, number));
  if (of == 0) return NotFound("name", request.name());
  // A batch may have named an account that does not exist; it placed nothing then.
  const auto account = lookup.Account(of);
  if (!account.ok()) return NotFound("name", request.name());
  SONGHUA_ASSIGN_OR_RETURN(auto order, OrderOf(context, lookup, of, number));
  if (!order.has_value()) return NotFound("name", request.name());
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(**account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  v1::OrderAnswer answer;
  *answer.mutable_order() = *std::move(order);
  return answer;
}

// Open orders first, then those that have ended; each by number.
absl::StatusOr<v1::ListOrdersAnswer> ListOrders(ReadContext& context, const v1::ListOrdersRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("account", request.account()));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfAccount(*account));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  const std::string name = ledger::AccountName(*account);
  const std::string prefix = EncodeKey(account->number);
  v1::ListOrdersAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.ListRanges(
      {{exchange::OrderRow::kTable, prefix}, {exchange::OrderHistoryRow::kTable, prefix}},
      [&](size_t range, std::string_view value) -> ReadContext::Added {
        exchange::OrderRow open;
        exchange::OrderHistoryRow ended;
        SONGHUA_RETURN_IF_ERROR(range == 0 ? DecodeValue(value, &open) : DecodeValue(value, &ended));
        if (range == 0) {
          SONGHUA_ASSIGN_OR_RETURN(*answer.add_orders(), OpenOrderMessage(context, lookup, open));
        } else {
          SONGHUA_ASSIGN_OR_RETURN(const std::string contract, lookup.ContractName(ended.contract));
          *answer.add_orders() = ToProto(ended, contract, name);
        }
        return answer.orders().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<size_t> ParseDepth(int32_t depth) {
  if (depth < 0 || depth > kDepthMax) {
    return InvalidField("depth", std::to_string(depth), "1 to " + std::to_string(kDepthMax) + ", or 0 for " + std::to_string(kDepthDefault))
        .Rule("CAR-29");
  }
  return static_cast<size_t>(depth == 0 ? kDepthDefault : depth);
}

// What the call auction would come to if it ended now: computed from all levels and the market orders of the book as it was published.
absl::Status AddIndicative(ReadContext& context, exchange::ContractNumber number, v1::OrderBook* book) {
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::ContractRow>(number));
  if (!row.has_value() || !row->collecting) return absl::OkStatus();
  const v1::OrderBook whole = context.side().books()->ReadBook(number, std::numeric_limits<size_t>::max());
  std::map<int64_t, exchange::CallLevel> levels;
  for (const v1::PriceLevel& level : whole.bids()) levels[level.price_fen()].bid_quantity = level.quantity();
  for (const v1::PriceLevel& level : whole.asks()) levels[level.price_fen()].ask_quantity = level.quantity();
  std::vector<exchange::CallLevel> list;
  for (auto& [price, level] : levels) {
    level.price = price;
    list.push_back(level);
  }
  const exchange::CallInterest interest{
      .levels = list, .market_bid_quantity = whole.market_bid_quantity(), .market_ask_quantity = whole.market_ask_quantity()};
  if (const auto clearing = exchange::FindClearing(interest, exchange::CallReferenceOf(*row), row->tick.value())) {
    book->set_indicative_price_fen(clearing->price);
    book->set_indicative_quantity(static_cast<int64_t>(clearing->volume));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::OrderBook> GetOrderBook(ReadContext& context, const v1::GetOrderBookRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractNumber number, Lookup(&context).FindContract("contract", request.contract()));
  SONGHUA_ASSIGN_OR_RETURN(const size_t depth, ParseDepth(request.depth()));
  v1::OrderBook book;
  if (context.side().books() != nullptr) {
    book = context.side().books()->ReadBook(number, depth);
    SONGHUA_RETURN_IF_ERROR(AddIndicative(context, number, &book));
  }
  book.set_contract(request.contract());
  return book;
}

absl::StatusOr<v1::ListSurveillanceFlagsAnswer> ListSurveillanceFlags(ReadContext& context, const v1::ListSurveillanceFlagsRequest& request) {
  if (!request.contract().empty()) SONGHUA_RETURN_IF_ERROR(ledger::ParseName("contract", "contracts", request.contract()).status());
  v1::ListSurveillanceFlagsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::SurveillanceFlagRow>(
      "",
      [&](const exchange::SurveillanceFlagRow& row) -> ReadContext::Added {
        if (request.open_only() && !row.acknowledged_by.empty()) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const auto contract, context.Get<exchange::ContractRow>(row.contract));
        if (!contract.has_value()) return absl::DataLossError("a flag of a contract that there is not");
        const std::string name = ledger::MakeName("contracts", contract->code);
        if (!request.contract().empty() && request.contract() != name) return 0;
        *answer.add_flags() = ToProto(row, name);
        return answer.flags().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
