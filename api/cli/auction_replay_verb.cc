#include "api/cli/auction_replay_verb.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "api/cli/aliases.h"
#include "api/cli/call.h"
#include "api/cli/units.h"
#include "exchange/auction_replay.h"
#include "google/protobuf/util/json_util.h"
#include "ledger/amounts.h"
#include "songhua/v1/auctions.pb.h"

namespace songhua::api::cli {
namespace {

constexpr char kService[] = "/songhua.v1.Auctions/";
constexpr int32_t kRowsPerPage = 1'000;

template <class Request, class Answer>
CallStatus Call(Session& session, const std::string& method, const Request& request, Answer* answer) {
  std::string bytes;
  CallStatus status = session.channel().Unary(kService + method, request.SerializeAsString(), &bytes);
  if (status.ok() && !answer->ParseFromString(bytes)) status = {13, "the answer cannot be read", ""};
  return status;
}

// All pages of a list, into `rows`.
template <class Request, class Answer, class Rows, class Take>
CallStatus ReadAll(Session& session, const std::string& method, const std::string& auction, Rows* rows, Take take) {
  Request request;
  request.set_auction(auction);
  request.mutable_page()->set_page_size(kRowsPerPage);
  while (true) {
    Answer answer;
    const CallStatus status = Call(session, method, request, &answer);
    if (!status.ok()) return status;
    rows->MergeFrom(take(answer));
    if (answer.next_page_token().empty()) return status;
    request.mutable_page()->set_page_token(answer.next_page_token());
  }
}

CallStatus ReadRecord(Session& session, const std::string& name, v1::AuctionRecord* record) {
  v1::GetAuctionRequest get;
  get.set_name(name);
  v1::AuctionAnswer answer;
  CallStatus status = Call(session, "GetAuction", get, &answer);
  if (!status.ok()) return status;
  *record->mutable_auction() = std::move(*answer.mutable_auction());
  status = ReadAll<v1::ListBiddersRequest, v1::ListBiddersAnswer>(session, "ListBidders", name, record->mutable_bidders(),
                                                                  [](const v1::ListBiddersAnswer& page) { return page.bidders(); });
  if (!status.ok()) return status;
  status = ReadAll<v1::ListBidsRequest, v1::ListBidsAnswer>(session, "ListBids", name, record->mutable_bids(), [](const v1::ListBidsAnswer& page) { return page.bids(); });
  if (!status.ok()) return status;
  status = ReadAll<v1::ListConsignmentsRequest, v1::ListConsignmentsAnswer>(session, "ListConsignments", name, record->mutable_consignments(),
                                                                            [](const v1::ListConsignmentsAnswer& page) { return page.consignments(); });
  if (!status.ok()) return status;
  return ReadAll<v1::ListAwardsRequest, v1::ListAwardsAnswer>(session, "ListAwards", name, record->mutable_awards(),
                                                             [](const v1::ListAwardsAnswer& page) { return page.awards(); });
}

int Fail(const Invocation& invocation, int code, const std::string& message) {
  *invocation.io.err << "songhua auction replay: " << message << '\n';
  return code;
}

std::string QuantityOf(const v1::AuctionRecord& record, int64_t steps) {
  if (record.steps_per_tonne() <= 0) return FormatQuantity(steps, std::nullopt);
  return FormatQuantity(steps, UnitScale{record.steps_per_tonne(), record.a_year(), false});
}

// What each opened bidder bid and got.
void PrintOpened(const v1::AuctionRecord& record, const exchange::ReplayedAuction& replayed, std::ostream& out) {
  for (const exchange::OpenedBidder& opened : replayed.opened) {
    int64_t bids = 0, awarded = 0;
    for (const v1::Bid& bid : record.bids()) bids += bid.bidder() == opened.number && !bid.withdrawn() ? 1 : 0;
    for (const v1::Award& award : record.awards()) awarded += award.bidder() == opened.number && award.refused().empty() ? award.quantity() : 0;
    out << "bidder " << opened.number << "    is " << opened.account << ", as its commitment says: " << bids << (bids == 1 ? " bid" : " bids") << ", awarded " << QuantityOf(record, awarded) << '\n';
  }
}

int Run(const Invocation& invocation) {
  const std::string& what = invocation.arguments.positionals[0];
  const bool is_number = !what.empty() && what.find_first_not_of("0123456789") == std::string::npos;
  v1::AuctionRecord record;
  if (is_number || what.rfind("auctions/", 0) == 0) {
    auto session = Session::Open(invocation);
    if (!session.ok()) return BadUsage(invocation, session.status());
    const CallStatus status = ReadRecord(**session, is_number ? "auctions/" + what : what, &record);
    if (!status.ok()) return (*session)->Refused(status);
    if (const std::optional<UnitScale> scale = (*session)->units().Of(record.auction()); scale.has_value()) {
      record.set_steps_per_tonne(scale->steps_per_tonne);
      record.set_a_year(scale->a_year);
    }
  } else {
    std::ifstream file(what, std::ios::binary);
    if (!file.is_open()) return Fail(invocation, kExitUsage, "'" + what + "' is neither an auction's name or number nor a file that can be read");
    std::stringstream text;
    text << file.rdbuf();
    const auto parsed = google::protobuf::util::JsonStringToMessage(text.str(), &record);
    if (!parsed.ok()) return Fail(invocation, kExitUsage, "the file " + what + " is no record of an auction: " + std::string(parsed.message()));
  }
  if (const std::string* save = invocation.arguments.Get("save")) {
    std::ofstream file(*save, std::ios::binary | std::ios::trunc);
    file << ToJson(record) << '\n';
    if (!file.flush()) return Fail(invocation, kExitUsage, "the file " + *save + " cannot be written");
  }
  const auto replayed = exchange::ReplayAuction(record);
  if (absl::IsDataLoss(replayed.status())) return Fail(invocation, kExitRefused, record.auction().name() + " is NOT as it clears: " + std::string(replayed.status().message()));
  if (!replayed.ok()) return Fail(invocation, kExitRefused, std::string(replayed.status().message()));
  const v1::Auction& auction = record.auction();
  std::ostream& out = *invocation.io.out;
  out << "cleared     " << auction.name() << ": " << replayed->bids << " bids of " << record.bidders_size() << " bidders, " << record.consignments_size()
      << " consignments, " << record.awards_size() << " awards\n";
  if (!auction.seed().empty()) out << "seed        " << auction.seed() << ", sealed as " << auction.seed_sha256() << '\n';
  out << "bids        " << auction.bids_sha256() << '\n';
  PrintOpened(record, *replayed, out);
  out << "As it was told: sold " << QuantityOf(record, auction.sold_quantity());
  if (auction.clearing_price_fen() > 0) out << " at " << FormatDecimal(auction.clearing_price_fen(), 2) << " yuan";
  if (!auction.reason().empty()) out << " (" << auction.reason() << ")";
  out << ".\n";
  return kExitOk;
}

}  // namespace

Verb AuctionReplayVerb() {
  Verb verb;
  verb.words = {"auction", "replay"};
  verb.group = kTradeGroup;
  verb.summary = "Clear a sealed auction again from what is public of it, and compare";
  verb.description =
      "Reads the auction's rules, seed, bids, bidders, consignments and awards, clears it again on this machine, and compares the seed with its seal, the "
      "digest of the bids, the price and every award. Whose a bidder's number is only the bidder himself and the authorities see: of those the commitment is "
      "checked, too. With --save the record is kept as a file, which anybody can replay without the service.";
  verb.arguments = {{"AUCTION", "An auction's name or number, or the file of a record", true}};
  verb.flags = {{"save", "FILE", "Keep the record"}};
  verb.examples = {{"auction replay 4 --as PERSON --save auction-4.json", ""}, {"auction replay auction-4.json", "needs no service"}};
  verb.client = true;
  verb.run = Run;
  return verb;
}

}  // namespace songhua::api::cli
